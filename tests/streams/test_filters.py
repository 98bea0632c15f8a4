import json
from typing import Any

import pytest

from workbench.designs import DESIGNS
from workbench.errors import PatternRefused
from workbench.streams.filters import checked_patterns, matches

INSERTED = {
    "eventName": "INSERT",
    "dynamodb": {
        "Keys": {"pk": {"S": "MSG#1"}, "sk": {"S": "2026"}},
        "NewImage": {"message": {"S": "hi"}, "likes": {"N": "3"}},
    },
}
TTL = {
    "eventName": "REMOVE",
    "dynamodb": {"Keys": {"pk": {"S": "MSG#1"}}},
    "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
}


def image(rule: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {"message": {"S": [rule]}}}}


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "INSERT"]}, True),
        ({"eventName": ["MODIFY"]}, False),
        ({"eventName": ["INSERT"], **image("hi")}, True),
        ({"eventName": ["INSERT"], **image("ho")}, False),
        (image({"prefix": "h"}), True),
        (image({"prefix": "hi!"}), False),
        (image({"anything-but": ["ho"]}), True),
        (image({"anything-but": ["hi", "ho"]}), False),
        (image({"exists": True}), True),
        (image({"exists": False}), False),
        ({"dynamodb": {"OldImage": {"message": {"S": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"OldImage": {"message": {"S": [{"exists": True}]}}}}, False),
        ({"dynamodb": {"OldImage": {"message": {"S": [{"anything-but": ["x"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"likes": {"S": [{"prefix": ""}]}}}}, False),
        ({"userIdentity": {"type": ["Service"]}}, False),
    ],
)
def test_pattern_matches_as_documented(pattern: dict[str, Any], *, is_match: bool) -> None:
    assert matches(checked_patterns([pattern]), INSERTED) is is_match


def test_one_element_of_a_set_is_enough() -> None:
    record = {"dynamodb": {"NewImage": {"members": {"SS": ["ada", "bo"]}}}}

    assert matches([{"dynamodb": {"NewImage": {"members": {"SS": ["bo"]}}}}], record)
    assert not matches([{"dynamodb": {"NewImage": {"members": {"SS": ["cy"]}}}}], record)


def test_deletions_by_time_to_live_can_be_told() -> None:
    pattern = {"userIdentity": {"type": ["Service"], "principalId": [{"prefix": "dynamodb."}]}}

    assert matches([pattern], TTL)
    assert not matches([pattern], INSERTED)


def test_one_of_several_patterns_is_enough_and_none_lets_all_pass() -> None:
    patterns = [{"eventName": ["REMOVE"]}, {"eventName": ["INSERT"]}]

    assert matches(patterns, INSERTED) and matches(patterns, TTL)
    assert not matches(patterns, {"eventName": "MODIFY"})
    assert matches([], {"eventName": "MODIFY"})


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (image({"numeric": [">", 3]}), '"numeric"'),
        (image({"suffix": "i"}), '"suffix"'),
        (image({"equals-ignore-case": "HI"}), "equals-ignore-case"),
        (image({"prefix": "h", "suffix": "i"}), "suffix"),
        (image({"anything-but": {"prefix": "h"}}), "anything-but"),
        (image({"anything-but": []}), "anything-but"),
        (image({"exists": "yes"}), "exists"),
        (image(3), "3 at dynamodb.NewImage.message.S"),
        (image(None), "null"),
        ({"$or": [{"eventName": ["INSERT"]}]}, r"\$or"),
        ({"dynamodb": {"$or": [{}]}}, r"\$or"),
        ({"body": {"x": ["1"]}}, "'body'"),
        ({"eventName": "INSERT"}, "eventName needs a list"),
        ({"eventName": []}, "eventName needs a list"),
        ({"dynamodb": {}}, "dynamodb needs a list"),
        ({}, "a pattern needs"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(pattern: dict[str, Any], named: str) -> None:
    with pytest.raises(PatternRefused, match=named):
        checked_patterns([pattern])


def test_more_patterns_than_the_quota_are_refused() -> None:
    with pytest.raises(PatternRefused, match=r"at most 5 patterns \(got 6\)"):
        checked_patterns([{"eventName": ["INSERT"]}] * 6)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_filters_of_the_designs_are_supported_and_are_json(design: Any) -> None:
    [pattern] = checked_patterns([design.stream_filter])

    assert json.loads(json.dumps(pattern)) == pattern
    assert matches([pattern], INSERTED)
    assert not matches([pattern], TTL)
    assert not matches([pattern], {**INSERTED, "eventName": "MODIFY"})
    assert not matches([pattern], {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"N": "1"}}}})
