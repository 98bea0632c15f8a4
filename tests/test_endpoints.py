"""Addresses from botocore's rules, and the survey of all services."""

import json

import pytest

from tests.test_cli import call
from workbench.dynamodb.precedence import (
    Configured,
    address,
    chosen,
    chosen_by_workbench,
    everywhere,
)
from workbench.endpoints import (
    VARIANTS,
    endpoint_url,
    find_endpoint,
    partition_of,
    partitions,
    services,
    survey,
)
from workbench.errors import BadParameter
from workbench.reports.endpoints import survey_figure, survey_frame


@pytest.mark.parametrize(
    ("service", "region", "variant", "url"),
    [
        ("dynamodb", "eu-west-1", "standard", "https://dynamodb.eu-west-1.amazonaws.com"),
        ("dynamodb", "us-east-1", "fips", "https://dynamodb-fips.us-east-1.amazonaws.com"),
        ("dynamodb", "us-gov-west-1", "fips", "https://dynamodb.us-gov-west-1.amazonaws.com"),
        ("dynamodb", "eu-west-1", "dual-stack", "https://dynamodb.eu-west-1.api.aws"),
        ("dynamodb", "eu-west-1", "account", "https://123456789012.ddb.eu-west-1.amazonaws.com"),
        ("dynamodb", "cn-north-1", "standard", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ("dynamodbstreams", "eu-west-1", "standard",
         "https://streams.dynamodb.eu-west-1.amazonaws.com"),
        ("dynamodbstreams", "eu-west-1", "dual-stack", "https://streams-dynamodb.eu-west-1.api.aws"),
        ("dax", "eu-west-1", "standard", "https://dax.eu-west-1.amazonaws.com"),
        ("iam", "eu-west-1", "standard", "https://iam.amazonaws.com"),
        ("organizations", "eu-west-1", "standard", "https://organizations.us-east-1.amazonaws.com"),
    ],
)  # fmt: skip
def test_address_is_that_of_the_rules(service: str, region: str, variant: str, url: str) -> None:
    # Source: "DynamoDB endpoints and quotas", AWS General Reference; the rest is botocore's data.
    assert endpoint_url(service, region, variant=variant) == url


def test_missing_variant_has_its_reason() -> None:
    found = find_endpoint("dax", "eu-west-1", variant="account")

    assert (found.url, found.why_not) == (
        None, "its rules know no AccountId and AccountIdEndpointMode"
    )  # fmt: skip
    with pytest.raises(BadParameter, match="its rules know no AccountId"):
        endpoint_url("dax", "eu-west-1", variant="account")


@pytest.mark.parametrize(
    ("service", "region", "variant", "told"),
    [
        ("dynamo", "eu-west-1", "standard", "such as dynamodb, dynamodbstreams"),
        ("dynamodb", "eu-west-9", "standard", "such as eu-"),
        ("dynamodb", "eu-west-1", "ipv6", f"one of {', '.join(VARIANTS)}"),
    ],
)
def test_unknown_word_is_refused_with_the_known(
    service: str, region: str, variant: str, told: str
) -> None:
    with pytest.raises(BadParameter, match=told.replace("+", r"\+")):
        endpoint_url(service, region, variant=variant)


def test_survey_has_every_service_once() -> None:
    forms = survey()

    assert [form.service for form in forms] == list(services())
    assert len(forms) > 400
    kinds = {form.service: form.kind for form in forms}
    assert {name: kinds[name] for name in ("dynamodb", "iam", "organizations", "sdb", "s3")} == {
        "dynamodb": "regional", "iam": "global", "organizations": "in one Region",
        "sdb": "regional but one", "s3": "regional",
    }  # fmt: skip
    assert survey_frame(forms)["services"].sum() == len(forms)
    assert "regional, amazonaws.com" in survey_figure(forms).alt


@pytest.mark.parametrize("partition", partitions())
def test_survey_knows_every_partition(partition: str) -> None:
    assert len(survey(partition)) == len(services())
    assert all(partition_of(region) == partition for region in partitions()[partition])


def test_unknown_partition_is_refused() -> None:
    with pytest.raises(BadParameter, match="one of aws, aws-cn"):
        survey("aws-moon")


def test_command_tells_addresses_and_exceptions() -> None:
    assert (
        "dual-stack         https://dynamodb.eu-west-1.api.aws"
        in call("endpoints", "--service", "dynamodb", "--region", "eu-west-1").stdout
    )
    told = call("endpoints").stdout
    assert "iam" in told and "https://iam.amazonaws.com" in told
    assert len(json.loads(call("endpoints", "--json").stdout)) == len(services())


# --- Which of several is taken ---------------------------------------------------------------

OURS = "http://127.0.0.1:8000"


@pytest.mark.process
def test_nearest_configuration_wins_and_never_moves_the_workbench() -> None:
    found = [(chosen(each), chosen_by_workbench(OURS, each)) for _, each in everywhere()]

    assert [theirs for theirs, _ in found] == [
        address("argument"),
        address("environment-of-the-service"),
        address("environment"),
        address("profile-of-the-service"),
        address("profile"),
        "https://dynamodb.eu-west-1.amazonaws.com",
    ]
    assert {ours for _, ours in found} == {OURS}


@pytest.mark.process
def test_configured_endpoints_can_be_ignored() -> None:
    ignoring = Configured(environ={
        "AWS_ENDPOINT_URL": address("environment"), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    })  # fmt: skip

    assert chosen(ignoring) == "https://dynamodb.eu-west-1.amazonaws.com"
