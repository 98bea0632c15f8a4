"""`workbench policy` as a user meets it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_cli import call
from workbench.dynamodb.targets import Target

FIRST, FIXED = (ROOT / "data" / "policies" / f"bootcamp_{name}.json" for name in ("first", "fixed"))


@pytest.mark.local
def test_policy_is_printed_for_the_table_named(target: Target) -> None:
    place = ("--table", "chat", "--account", "210987654321", "--region", "eu-west-1")

    done = call(
        "policy", "--design", "single", "--role", "stream", *place,
        "--endpoint", str(target.endpoint_url),
    )  # fmt: skip

    assert done.exit_code == 0, done.stderr
    arn = "arn:aws:dynamodb:eu-west-1:210987654321:table/chat"
    assert [
        (each["Action"], each["Resource"]) for each in json.loads(done.stdout)["Statement"]
    ] == [
        (["dynamodb:ListStreams"], ["*"]),
        (["dynamodb:UpdateItem"], [arn]),
        (
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            [f"{arn}/stream/*"],
        ),
    ]


@pytest.mark.local
@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_regions_apart_have_arns_of_their_own(target: Target, region: str, partition: str) -> None:
    place = ("--region", region, "--endpoint", str(target.endpoint_url))

    done = call("policy", "--role", "api", *place)

    arn = f"arn:{partition}:dynamodb:{region}:123456789012:table/cruddur-messages"
    statements = json.loads(done.stdout)["Statement"]
    assert {name.partition("/index/")[0] for each in statements for name in each["Resource"]} == {
        arn
    }


@pytest.mark.local
def test_printed_policy_passes_its_own_check(tmp_path: Path, target: Target) -> None:
    to = ("--role", "api", "--endpoint", str(target.endpoint_url))
    path = tmp_path / "api.json"
    path.write_text(call("policy", *to).stdout)

    done = call("policy", *to, "--check", str(path))

    assert done.exit_code == 0, done.stderr
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"allowed"}
    assert "dynamodb:PutItem on table/cruddur-messages keys MSG#*: statement 1" in done.stdout


@pytest.mark.local
def test_check_says_that_the_first_policy_lacks_the_index(target: Target) -> None:
    to = ("--role", "stream", "--endpoint", str(target.endpoint_url))

    first, fixed = (call("policy", *to, "--check", str(path)) for path in (FIRST, FIXED))

    assert (first.exit_code, fixed.exit_code) == (1, 0)
    [denied] = [line for line in first.stdout.splitlines() if line.startswith("DENIED")]
    assert "dynamodb:Query on table/cruddur-messages/index/message-group-sk-index" in denied
    assert denied.endswith(": an index has an ARN of its own")
    assert len(first.stdout.splitlines()) == len(fixed.stdout.splitlines()) == 7


@pytest.mark.local
@pytest.mark.parametrize(
    ("name", "exit_code", "kinds"),
    [
        ("template", 0, []),
        ("poor", 1, ["LeadingKeys", "filter", "index", "stream", "too", "too"]),
    ],
)
def test_template_is_held_to_the_design(
    name: str, exit_code: int, kinds: list[str], target: Target
) -> None:
    template = str(ROOT / "deploy" / f"{name}.yaml")

    done = call("policy", "--template", template, "--endpoint", str(target.endpoint_url))

    assert done.exit_code == exit_code, done.stderr
    if kinds:
        assert sorted(line.split()[0] for line in done.stdout.splitlines()) == kinds
    else:
        assert done.stdout.startswith("template.yaml is what dual declares")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--role'"),
        (("--template", "none.yaml"), "File 'none.yaml' does not exist"),
        (("--role", "root"), "'root' is not one of 'api', 'stream', 'admin'"),
        (("--role", "api", "--account", "12"), "must be 12 digits (got '12')"),
        (("--role", "api", "--table", "a b"), "must be 3 to 255 letters, digits"),
        (("--role", "api", "--region", "mars"), "must be a region such as us-east-1 (got 'mars')"),
        (("--role", "api", "--region", "mars-north-1"), "no part of AWS has 'mars-north-1'"),
        (("--role", "api", "--check", "none.json"), "File 'none.json' does not exist"),
    ],
)
def test_wrong_usage_is_answered_with_usage(arguments: Sequence[str], said: str) -> None:
    done = call("policy", *arguments)

    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"{", "the policy's document 'Expecting property name"),
        (b"\xff\xff", "the policy's document"),
        (b'{"Version": "2012-10-17", "Statements": []}', "'Statements' is not understood here."),
    ],
)
def test_policy_not_understood_is_refused_before_work(
    tmp_path: Path, document: bytes, said: str
) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(document)

    done = call("policy", "--role", "api", "--check", str(path))

    assert done.exit_code == 1
    assert done.stderr.startswith("error: the policy's")
    assert said in done.stderr


def test_unknown_design_is_refused() -> None:
    done = call("policy", "--role", "api", "--design", "duel")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no design 'duel'" in done.stderr
