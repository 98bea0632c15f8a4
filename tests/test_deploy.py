"""The template declares what the design does, and allows what its stream update calls."""

import re

import pytest

from tests.conftest import ROOT
from workbench.designs import Dual
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter
from workbench.iam.calls import Call
from workbench.iam.evidence import record_calls
from workbench.iam.matrix import TABLE
from workbench.iam.policies import minimal_policy
from workbench.iam.template import Template, check_template

TEXT = (ROOT / "deploy" / "template.yaml").read_text()
POOR = (ROOT / "deploy" / "poor.yaml").read_text()
TEMPLATE = Template(TEXT)
MAPPING = TEMPLATE.mapping


@pytest.fixture(scope="module")
def calls(target: Target) -> list[Call]:
    return record_calls(Dual, target, TABLE)["stream"]


@pytest.mark.local
def test_template_is_what_the_design_declares_and_calls(calls: list[Call]) -> None:
    assert check_template(TEMPLATE, Dual, calls) == ()


@pytest.mark.local
def test_role_allows_what_the_stream_update_calls_and_no_more(calls: list[Call]) -> None:
    assert sorted(TEMPLATE.statements(), key=str) == sorted(
        minimal_policy(calls).statements, key=str
    )


@pytest.mark.local
def test_each_fault_of_the_poor_template_is_found(calls: list[Call]) -> None:
    findings = check_template(Template(POOR), Dual, calls)

    assert [(each.kind, each.resource) for each in findings] == [
        ("stream view", "Table"),
        ("filter", "Function"),
        ("index ARN", "Role"),
        ("too wide", "Role"),
        ("LeadingKeys", "Role"),
        ("too wide", "Role"),
    ]
    texts = [each.text for each in findings]
    assert "KEYS_ONLY" in texts[0]
    assert texts[3].startswith("DescribeStream, GetRecords, GetShardIterator on table/another")
    assert texts[4] == ("DeleteItem, PutItem on table/messages of any partition key are allowed")
    assert texts[5].startswith("Query, Scan on table/messages are allowed, which no call")


@pytest.mark.local
@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("KeyType: RANGE }\n      Global", "KeyType: HASH }\n      Global", "table", "KeySchema"),
        ("NEW_IMAGE", "NEW_AND_OLD_IMAGES", "stream view", "shows NEW_AND_OLD_IMAGES"),
        ('"INSERT"', '"INSERT", "MODIFY"', "filter", "not that of dual"),
        ("}/index/message-group-sk-index", "}", "index ARN", "an index has an ARN of its own"),
        ("}/index/message", "}/index/another", "denied", "index/another-group-sk-index, not on"),
        ("ALL }", "KEYS_ONLY }", "table", "GlobalSecondaryIndexes"),
        ('"GRP#*" }', '"*" }', "LeadingKeys", "DeleteItem, PutItem on table/messages"),
        ("Action: dynamodb:Query", "Action: dynamodb:*", "too wide", "7 actions on table/messages"),
        ("dynamodb:GetRecords, ", "", "denied", "no statement allows dynamodb:GetRecords"),
    ],
)  # fmt: skip
def test_one_fault_is_found(calls: list[Call], old: str, new: str, kind: str, said: str) -> None:
    assert TEXT.count(old) == 1

    findings = check_template(Template(TEXT.replace(old, new)), Dual, calls)

    assert kind in {each.kind for each in findings}
    assert said in " ".join(each.text for each in findings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "must be YAML with Resources"),
        ("Outputs: {}", "must be YAML with Resources"),
        ("Resources: {T: {Type: AWS::DynamoDB::Table}}", "one with one AWS::Serverless::Function"),
        (TEXT.replace("Role: !GetAtt Role.Arn", "Role: arn"), "one that makes its function's role"),
    ],
)
def test_template_without_the_parts_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadParameter, match=said):
        Template(text)


def test_function_is_told_design_and_table() -> None:
    variables = TEMPLATE.function["Environment"]["Variables"]

    assert variables == {"DESIGN": Dual.name, "TABLE_NAME": "<Ref Table>"}
    assert TEMPLATE.function["Handler"] == "workbench.lambda_function.handler"


def test_role_besides_may_log_report_failures_and_use_the_key_only() -> None:
    others = TEMPLATE.statements("")

    assert {each.actions: each.resources for each in others if "dynamodb" not in str(each)} == {
        (
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ): ("arn:Key.Arn",),
        ("sqs:SendMessage",): ("arn:Failures.Arn",),
        ("logs:CreateLogStream", "logs:PutLogEvents"): ("arn:Logs.Arn",),
    }
    assert "ManagedPolicyArns" not in TEMPLATE.properties("Role")


def test_table_is_protected() -> None:
    table = TEMPLATE.table

    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"]["KMSMasterKeyId"] == "<GetAtt Key.Arn>"
    assert TEMPLATE.properties("Key")["EnableKeyRotation"] is True


def test_failed_records_hold_nothing_up_and_are_kept() -> None:
    assert MAPPING["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert MAPPING["BisectBatchOnFunctionError"] is True
    assert 0 < MAPPING["MaximumRetryAttempts"] <= 100
    assert 60 <= MAPPING["MaximumRecordAgeInSeconds"] < 24 * 3_600  # less than the stream keeps
    assert MAPPING["DestinationConfig"]["OnFailure"]["Destination"] == "<GetAtt Failures.Arn>"
    assert TEMPLATE.properties("Failures")["MessageRetentionPeriod"] == 14 * 24 * 3_600


def test_template_names_no_region_and_no_account() -> None:
    assert not re.search(r"\b\d{12}\b|\b(us|eu|ca|ap|sa)-[a-z]+-\d\b", TEXT)


def test_every_exception_from_a_rule_is_argued() -> None:
    for name, resource in TEMPLATE.resources.items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ()):
            assert len(skip["comment"]) >= 20, name
