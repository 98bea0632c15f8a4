"""The template declares what the design does, and allows what its stream update calls."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from workbench.designs import Dual
from workbench.dynamodb.targets import Target
from workbench.iam.evidence import record_calls
from workbench.iam.policies import Statement, minimal_policy, read_policy

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-messages"
ATTRIBUTES = {
    "Table.Arn": TABLE,
    "Table.StreamArn": f"{TABLE}/stream/*",  # of this table, whatever its label will be
    "Failures.Arn": "arn:aws:sqs:us-east-1:123456789012:failures",
    "Logs.Arn": "arn:aws:logs:us-east-1:123456789012:log-group:logs:*",
}


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's tags, ARNs put in their place."""


Template.add_constructor("!Ref", lambda loader, node: f"the {loader.construct_scalar(node)}")
Template.add_constructor(
    "!GetAtt", lambda loader, node: ATTRIBUTES.get(loader.construct_scalar(node), node.value)
)
Template.add_constructor(
    "!Sub",
    lambda loader, node: re.sub(
        r"\$\{(.*?)\}", lambda found: ATTRIBUTES[found[1]], loader.construct_scalar(node)
    ),
)


TEXT = (ROOT / "deploy" / "template.yaml").read_text()
RESOURCES: dict[str, Any] = {
    name: resource["Properties"]
    for name, resource in yaml.load(TEXT, Template)["Resources"].items()
}
MAPPING = RESOURCES["Function"]["Events"]["NewMessages"]["Properties"]


def statements() -> list[Statement]:
    return [
        statement
        for policy in RESOURCES["Role"]["Policies"]
        for statement in read_policy(json.dumps(policy["PolicyDocument"])).statements
    ]


def test_table_is_as_the_design_declares_it() -> None:
    stream = RESOURCES["Table"]["StreamSpecification"]

    assert {
        **RESOURCES["Table"],
        "StreamSpecification": {"StreamEnabled": True, **stream},
    } == Dual.table_definition


def test_filter_is_the_one_that_the_design_declares() -> None:
    [pattern] = MAPPING["FilterCriteria"]["Filters"]

    assert json.loads(pattern["Pattern"]) == Dual.stream_filter


def test_function_is_told_design_and_table() -> None:
    function = RESOURCES["Function"]

    assert function["Environment"]["Variables"] == {"DESIGN": Dual.name, "TABLE_NAME": "the Table"}
    assert function["Handler"] == "workbench.lambda_function.handler"


@pytest.mark.local
def test_role_allows_what_the_stream_update_calls_and_no_more(target: Target) -> None:
    minimal = minimal_policy(record_calls(Dual, target, TABLE)["stream"])

    on_dynamodb = [each for each in statements() if each.actions[0].startswith("dynamodb:")]

    assert sorted(on_dynamodb, key=str) == sorted(minimal.statements, key=str)


def test_role_besides_may_log_and_report_failures_only() -> None:
    others = [each for each in statements() if not each.actions[0].startswith("dynamodb:")]

    assert {each.actions: each.resources for each in others} == {
        ("sqs:SendMessage",): (ATTRIBUTES["Failures.Arn"],),
        ("logs:CreateLogStream", "logs:PutLogEvents"): (ATTRIBUTES["Logs.Arn"],),
    }
    assert "ManagedPolicyArns" not in RESOURCES["Role"]


def test_failed_records_hold_nothing_up_and_are_kept() -> None:
    assert MAPPING["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert MAPPING["BisectBatchOnFunctionError"] is True
    assert 0 < MAPPING["MaximumRetryAttempts"] <= 100
    assert 60 <= MAPPING["MaximumRecordAgeInSeconds"] < 24 * 3_600  # less than the stream keeps
    assert MAPPING["DestinationConfig"]["OnFailure"]["Destination"] == ATTRIBUTES["Failures.Arn"]
    assert RESOURCES["Failures"]["MessageRetentionPeriod"] == 14 * 24 * 3_600


def test_template_names_no_region_and_no_account() -> None:
    assert not re.search(r"\b\d{12}\b|\b(us|eu|ca|ap|sa)-[a-z]+-\d\b", TEXT)
