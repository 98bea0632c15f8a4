"""What the designs call, the least policy for it, and the course's first policy."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import pytest

from tests.conftest import ROOT
from workbench.designs import DESIGNS, Design, Dual, Single
from workbench.dynamodb.targets import Target
from workbench.iam.calls import Call
from workbench.iam.evidence import ROLES, record_calls
from workbench.iam.policies import LEADING_KEYS, Policy, evaluate, minimal_policy, read_policy
from workbench.messaging.logs import user_named

pytestmark = pytest.mark.local

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-messages"


class Recorded(NamedTuple):
    design: type
    calls: dict[str, list[Call]]


@pytest.fixture(scope="module", params=DESIGNS, ids=lambda design: design.name)
def recorded(request: pytest.FixtureRequest, target: Target) -> Recorded:
    return Recorded(request.param, record_calls(request.param, target, TABLE))


def denied(policy: Policy, calls: list[Call]) -> list[Call]:
    return [call for call in calls if not evaluate(policy, call).allowed]


def reduced(policy: Policy) -> Iterator[Policy]:
    """The policy without one action, one resource or one pattern of keys."""
    for number, statement in enumerate(policy.statements):
        smaller = [
            *(replace(statement, actions=rest) for rest in without_one(statement.actions)),
            *(replace(statement, resources=rest) for rest in without_one(statement.resources)),
        ]
        if keys := statement.conditions.get("ForAllValues:StringLike"):
            smaller += [
                replace(statement, conditions={"ForAllValues:StringLike": {LEADING_KEYS: rest}})
                for rest in without_one(keys[LEADING_KEYS])
            ]
        for each in smaller:
            yield Policy((*policy.statements[:number], each, *policy.statements[number + 1 :]))


def without_one(texts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for number in range(len(texts)):
        yield texts[:number] + texts[number + 1 :]


@pytest.mark.parametrize("role", ROLES)
def test_minimal_policy_allows_every_recorded_call(recorded: Recorded, role: str) -> None:
    calls = recorded.calls[role]

    assert calls
    assert denied(minimal_policy(calls), calls) == []


@pytest.mark.parametrize("role", ROLES)
def test_minimal_policy_has_no_part_too_many(recorded: Recorded, role: str) -> None:
    calls = recorded.calls[role]

    for policy in reduced(minimal_policy(calls)):
        assert denied(policy, calls), policy


@pytest.mark.parametrize("role", ROLES)
def test_minimal_policy_is_the_same_each_time(recorded: Recorded, role: str) -> None:
    calls = recorded.calls[role]

    assert minimal_policy(reversed(calls)) == minimal_policy(calls)


def test_nobody_may_read_the_inbox_of_another(recorded: Recorded) -> None:
    """In each design, though by other keys: the caller's own UUID is what IAM can hold."""
    policy = minimal_policy(recorded.calls["api"])
    [mine, other] = (user_named(name).uuid for name in ("user0", "user1"))
    [inbox] = {
        (call.resource, call.leading_keys[0].replace(other, "{owner}"))
        for call in recorded.calls["api"]
        if call.action == "dynamodb:Query" and call.caller == other
        if call.leading_keys[0].endswith(other) and "inbox-b" not in call.resource
    }

    for owner, may in ((mine, True), (other, False)):
        keys = (inbox[1].format(owner=owner),)
        assert evaluate(policy, Call("dynamodb:Query", inbox[0], keys, mine)).allowed == may


def test_api_has_no_rights_on_the_stream_and_may_not_scan(recorded: Recorded) -> None:
    actions = {call.action for call in recorded.calls["api"]}

    assert not actions & {"dynamodb:Scan", "dynamodb:GetRecords", "dynamodb:DescribeTable"}


def test_stream_role_reads_its_stream_and_is_nobody(recorded: Recorded) -> None:
    calls = recorded.calls["stream"]
    reading = {call.action for call in calls if call.resource.startswith(f"{TABLE}/stream/2")}

    assert reading == {
        f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator")
    }
    assert Call("dynamodb:ListStreams", "*") in calls
    assert {call.caller for call in calls} == {""}
    assert {call.caller for call in recorded.calls["api"]} >= {user_named("user0").uuid}


def test_admin_is_nobody_and_reads_no_stream(recorded: Recorded) -> None:
    calls = recorded.calls["admin"]

    assert {call.caller for call in calls} == {""}
    assert {call.action for call in calls} >= {"dynamodb:Query", "dynamodb:UpdateItem"}
    assert not [call for call in calls if "/stream/" in call.resource]


class HasOnlyTheEssentials(Dual):
    """Supports A to E, and fails where it is asked for more."""

    unsupported: ClassVar[Mapping[str, str]] = dict.fromkeys("FGHIJ", "it is to be left alone")

    def __getattribute__(self, name: str) -> Any:
        assert name not in ("count_unread", "mark_read", "hide_conversation", "rename_user")
        return super().__getattribute__(name)


def test_unsupported_patterns_give_no_evidence(target: Target) -> None:
    calls = record_calls(HasOnlyTheEssentials, target, TABLE)

    assert calls["admin"] == []
    assert "dynamodb:UpdateItem" not in {call.action for call in calls["api"]}


# Those whose items of a participant lie under a key of that participant.
OWNED = [each for each in DESIGNS if "J" not in each.unsupported and each.name != "multikey"]


@pytest.mark.parametrize("design", OWNED)
def test_admin_lets_others_into_groups(design: type[Design], target: Target) -> None:
    newcomer = user_named("newcomer").uuid

    calls = record_calls(design, target, TABLE)

    for role, may in (("admin", True), ("api", False)):
        keys = [key for call in calls[role] for key in call.leading_keys]
        assert any(newcomer in key for key in keys) == may


@pytest.mark.parametrize(
    ("design", "keys"),
    [
        (Dual, [(f"{TABLE}/index/message-group-sk-index", None)]),
        (Single, []),
    ],
)
def test_stream_role_needs_an_index_where_it_looks_one_up(
    target: Target, design: type, keys: list[object]
) -> None:
    policy = minimal_policy(record_calls(design, target, TABLE)["stream"])

    assert [
        (each.resources[0], each.conditions.get("Null"))
        for each in policy.statements
        if "/index/" in each.resources[0]
    ] == keys


def test_first_policy_of_the_course_is_denied_for_the_index(target: Target) -> None:
    calls = record_calls(Dual, target, TABLE)["stream"]
    first, fixed = (
        read_policy((ROOT / "data" / "policies" / f"bootcamp_{name}.json").read_text())
        for name in ("first", "fixed")
    )

    assert {(call.action, call.resource) for call in denied(first, calls)} == {
        ("dynamodb:Query", f"{TABLE}/index/message-group-sk-index")
    }
    assert {evaluate(first, call).reason for call in denied(first, calls)} == {
        f"dynamodb:Query is allowed on {TABLE}, not on {TABLE}/index/message-group-sk-index: "
        "an index has an ARN of its own"
    }
    assert denied(fixed, calls) == []
