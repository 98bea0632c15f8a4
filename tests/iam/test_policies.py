import json
from dataclasses import replace
from typing import Any

import pytest

from workbench.errors import PolicyNotUnderstood
from workbench.iam.calls import Call
from workbench.iam.policies import (
    CALLER_VARIABLE,
    LEADING_KEYS,
    Policy,
    Statement,
    evaluate,
    minimal_policy,
    read_policy,
)

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/T"
INDEX = f"{TABLE}/index/I"
ME, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
QUERY = Call("dynamodb:Query", TABLE, (f"GRP#{ME}",), ME)
SCAN = Call("dynamodb:Scan", TABLE, (), ME)


def allow(*resources: str, action: str = "dynamodb:Query", **conditions: Any) -> Statement:
    return Statement("Allow", (action,), resources, conditions)


def on_keys(*patterns: str, is_null_asked: bool = True) -> dict[str, Any]:
    null = {"Null": {LEADING_KEYS: ("false",)}} if is_null_asked else {}
    return {"ForAllValues:StringLike": {LEADING_KEYS: patterns}, **null}


# --- Evaluating ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("dynamodb:Query", TABLE, True),
        ("DynamoDB:query", TABLE, True),
        ("dynamodb:*", TABLE, True),
        ("*", "*", True),
        ("dynamodb:Que?y", TABLE, True),
        ("dynamodb:Query", f"{TABLE[:-1]}*", True),
        ("dynamodb:Query", TABLE.replace("us-east-1", "*"), True),
        ("dynamodb:Query", TABLE.lower(), False),
        ("dynamodb:Query", f"{TABLE}/*", False),
        ("dynamodb:Query", f"{TABLE}2", False),
        ("dynamodb:Query", "arn.aws.dynamodb.us-east-1.123456789012.table/T", False),
        ("dynamodb:QueryItems", TABLE, False),
        ("dynamodb:Get*", TABLE, False),
    ],
)
def test_statement_allows_what_is_like_it(action: str, resource: str, *, allowed: bool) -> None:
    policy = Policy((allow(resource, action=action),))

    assert evaluate(policy, QUERY).allowed == allowed


@pytest.mark.parametrize(
    ("resources", "call", "reason"),
    [
        ((TABLE,), replace(QUERY, resource=INDEX), "an index has an ARN of its own"),
        ((f"{TABLE}/index/J",), replace(QUERY, resource=INDEX), f"not on {INDEX}"),
        ((INDEX,), QUERY, f"is allowed on {INDEX}, not on {TABLE}"),
        ((TABLE,), SCAN, "no statement allows dynamodb:Scan"),
    ],
)
def test_denial_names_the_nearest_miss(resources: Any, call: Call, reason: str) -> None:
    other = Statement("Allow", ("dynamodb:GetItem",), ("*",))

    decision = evaluate(Policy((allow(*resources), other)), call)

    assert not decision.allowed
    assert decision.reason.endswith(reason)


def test_right_on_all_names_covers_indexes_too() -> None:
    assert evaluate(Policy((allow(f"{TABLE}*"),)), replace(QUERY, resource=INDEX)).allowed


@pytest.mark.parametrize("order", [1, -1])
def test_denial_wins_over_permission(order: int) -> None:
    statements = (allow("*"), Statement("Deny", ("dynamodb:*",), (TABLE,)))

    decision = evaluate(Policy(statements[::order]), QUERY)

    assert not decision.allowed
    assert decision.reason.endswith("denies it")


def test_denial_under_a_condition_needs_it_to_hold() -> None:
    deny = Statement("Deny", ("dynamodb:*",), ("*",), on_keys("MSG#*"))

    assert evaluate(Policy((allow("*"), deny)), QUERY).allowed
    assert not evaluate(Policy((allow("*"), deny)), replace(QUERY, leading_keys=("MSG#1",))).allowed


def test_policy_without_statements_allows_nothing() -> None:
    assert evaluate(Policy(()), QUERY).reason == "no statement allows dynamodb:Query"


@pytest.mark.parametrize(
    ("pattern", "keys", "caller", "allowed"),
    [
        ("GRP#*", (f"GRP#{OTHER}",), ME, True),
        ("GRP#*", (f"GRP#{OTHER}", "MSG#1"), ME, False),
        (f"GRP#{CALLER_VARIABLE}", (f"GRP#{ME}",), ME, True),
        (f"GRP#{CALLER_VARIABLE}", (f"GRP#{OTHER}",), ME, False),
        (f"GRP#{CALLER_VARIABLE}", ("GRP#",), "", False),  # no such tag: the variable has no value
        (f"GRP#{CALLER_VARIABLE}", (f"GRP#{OTHER}",), "*", False),  # a value is no pattern
    ],
)
def test_condition_guards_leading_keys(
    pattern: str, keys: tuple[str, ...], caller: str, *, allowed: bool
) -> None:
    policy = Policy((allow(TABLE, **on_keys(pattern)),))

    assert evaluate(policy, replace(QUERY, leading_keys=keys, caller=caller)).allowed == allowed


@pytest.mark.parametrize(
    ("wanted", "caller", "allowed"),
    [
        (f"GRP#{ME}", "", True),
        (f"GRP#{CALLER_VARIABLE}", ME, True),
        (f"GRP#{CALLER_VARIABLE}", "", False),
        ("GRP#*", ME, False),  # a star is a star
        (f"GRP#{ME}X", ME, False),
    ],
)
def test_string_equals_takes_every_letter_as_it_stands(
    *, wanted: str, caller: str, allowed: bool
) -> None:
    exactly = {"ForAllValues:StringEquals": {LEADING_KEYS: (wanted,)}}
    policy = read_policy(Policy((allow(TABLE, **exactly),)).to_json())

    assert evaluate(policy, replace(QUERY, caller=caller)).allowed == allowed
    assert evaluate(policy, replace(QUERY, leading_keys=(), caller=caller)).allowed


def test_denial_by_a_condition_says_which_key() -> None:
    statements = (allow("*", action="dynamodb:Get*"), allow(TABLE, **on_keys("MSG#*")))

    decision = evaluate(Policy(statements), QUERY)

    assert decision.reason == (
        "dynamodb:Query is allowed if ForAllValues:StringLike dynamodb:LeadingKeys MSG#*, "
        f"but dynamodb:LeadingKeys is GRP#{ME}"
    )


def test_scan_slips_through_for_all_values_without_null() -> None:
    """The trap: it names no key, and of no keys all are like anything."""
    open_door = allow(TABLE, action="dynamodb:*", **on_keys("GRP#*", is_null_asked=False))
    closed = allow(TABLE, action="dynamodb:*", **on_keys("GRP#*"))

    assert evaluate(Policy((open_door,)), SCAN).allowed
    assert evaluate(Policy((open_door,)), QUERY).allowed
    assert evaluate(Policy((closed,)), SCAN).reason.endswith("but dynamodb:LeadingKeys is missing")
    assert evaluate(Policy((closed,)), QUERY).allowed


# --- Reading ---------------------------------------------------------------------------------

DOCUMENT: dict[str, Any] = {
    "Version": "2012-10-17",
    "Id": "any",
    "Statement": {"Sid": "One", "Effect": "Allow", "Action": "dynamodb:Query", "Resource": TABLE},
}


def with_element(name: str, value: Any) -> str:
    return json.dumps({**DOCUMENT, "Statement": [{**DOCUMENT["Statement"], name: value}]})


def test_single_values_are_read_as_lists_of_one() -> None:
    assert read_policy(json.dumps(DOCUMENT)) == Policy((allow(TABLE),))


def test_policy_is_read_as_it_was_written() -> None:
    policy = Policy((allow(TABLE, INDEX, **on_keys(f"GRP#{CALLER_VARIABLE}", "MSG#*")),))

    assert read_policy(policy.to_json()) == policy


@pytest.mark.parametrize(
    ("text", "part", "named"),
    [
        ("no json", "document", "Expecting value"),
        ("[]", "policy element", r"\[\]"),
        (json.dumps({**DOCUMENT, "Version": "2008-10-17"}), "Version", "2008-10-17"),
        (json.dumps({"Statement": []}), "Version", "2012-10-17"),
        (json.dumps({**DOCUMENT, "Statements": []}), "policy element", "Statements"),
        (json.dumps({**DOCUMENT, "Statement": ["Allow"]}), "statement element", "Allow"),
        (with_element("NotAction", "s3:*"), "statement element", "NotAction"),
        (with_element("NotResource", "*"), "statement element", "NotResource"),
        (with_element("Principal", "*"), "statement element", "Principal"),
        (with_element("Effect", "allow"), "Effect", "Allow, Deny"),
        (with_element("Effect", ["Allow"]), "Effect", "Allow, Deny"),
        (with_element("Action", 5), "Action", "a list of texts"),
        (with_element("Resource", None), "Resource", "a list of texts"),
        (with_element("Resource", "${aws:username}"), "variable", "aws:username"),
        (with_element("Condition", "none"), "operator", "none"),
        (with_element("Condition", {"StringLike": {}}), "operator", "ForAllValues:StringLike"),
        (
            with_element("Condition", {"Null": {"dynamodb:Attributes": "true"}}),
            "condition key",
            "dynamodb:Attributes",
        ),
        (
            with_element("Condition", {"Null": {LEADING_KEYS: ["false", "yes"]}}),
            "value of Null",
            "'yes' is not understood here. Known: true, false",
        ),
    ],
)
def test_unknown_part_is_refused_by_name(text: str, part: str, named: str) -> None:
    with pytest.raises(PolicyNotUnderstood, match=named) as caught:
        read_policy(text)

    assert caught.value.part == part


# --- Least privilege -------------------------------------------------------------------------


def keys_of(policy: Policy) -> list[Any]:
    return [
        each.conditions.get("ForAllValues:StringLike", {}).get(LEADING_KEYS)
        for each in policy.statements
    ]


@pytest.mark.parametrize(
    ("touched", "patterns"),
    [
        ([f"GRP#{ME}"], ("GRP#" + CALLER_VARIABLE,)),
        ([f"GRP#{ME}", f"MSG#{OTHER}"], ("GRP#" + CALLER_VARIABLE, "MSG#*")),
        ([f"GRP#{ME}", f"GRP#{OTHER}"], ("GRP#*",)),
        ([f"{ME}#{OTHER}"], (CALLER_VARIABLE + "#*",)),
        (["SETTINGS"], ("SETTINGS",)),
        ([ME], (CALLER_VARIABLE,)),
        ([OTHER], None),
        ([ME, OTHER], None),
    ],
)
def test_leading_keys_tell_what_is_the_callers_own(touched: list[str], patterns: Any) -> None:
    policy = minimal_policy([replace(QUERY, leading_keys=(key,)) for key in touched])

    assert keys_of(policy) == [patterns]


def test_call_without_keys_lifts_the_guard_of_its_action_only() -> None:
    policy = minimal_policy([QUERY, SCAN, replace(SCAN, action="dynamodb:Query")])

    assert keys_of(policy) == [None]
    assert policy.statements[0].actions == ("dynamodb:Query", "dynamodb:Scan")


def test_stream_of_any_label_is_meant() -> None:
    call = Call("dynamodb:GetRecords", f"{TABLE}/stream/2026-01-05T00:00:00.000")

    assert minimal_policy([call]).statements[0].resources == (f"{TABLE}/stream/*",)
