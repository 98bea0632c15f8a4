from typing import Any

import pytest

from tests.dynamodb.conftest import DEFINITION, all_of, item, key
from workbench.capacity.indexes import read_schema
from workbench.errors import NoPermissionRule
from workbench.iam.calls import KNOWN, Call, calls_of

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/T"
STREAM = "arn:aws:dynamodb:ddblocal:000000000000:table/other/stream/2026-01-05T00:00:00.000"
LABELLED = f"{TABLE}/stream/2026-01-05T00:00:00.000"


def needs(operation: str, **params: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    found = list(calls_of(operation, params, read_schema(DEFINITION), TABLE, "me"))
    assert all(call.caller == "me" for call in found)
    return [(call.action, call.resource, call.leading_keys) for call in found]


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("GetItem", {"Key": key("a")}, [("GetItem", "", ("p",))]),
        ("PutItem", {"Item": item("a")}, [("PutItem", "", ("p",))]),
        ("UpdateItem", {"Key": key("a")}, [("UpdateItem", "", ("p",))]),
        ("DeleteItem", {"Key": key("a")}, [("DeleteItem", "", ("p",))]),
        ("Query", all_of("p"), [("Query", "", ("p",))]),
        ("Scan", {}, [("Scan", "", ())]),
        ("Scan", {"IndexName": "global"}, [("Scan", "/index/global", ())]),
        ("DescribeTable", {}, [("DescribeTable", "", ())]),
        (
            "BatchGetItem",
            {"RequestItems": {"T": {"Keys": [key("a"), {**key("b"), "pk": {"S": "q"}}]}}},
            [("BatchGetItem", "", ("p", "q"))],
        ),
        (
            "BatchWriteItem",
            {
                "RequestItems": {
                    "T": [
                        {"PutRequest": {"Item": item("a")}},
                        {"DeleteRequest": {"Key": {**key("b"), "pk": {"S": "q"}}}},
                    ]
                }
            },
            [("BatchWriteItem", "", ("p", "q"))],
        ),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"Item": item("a")}},
                    {"Update": {"Key": key("b")}},
                    {"Delete": {"Key": key("c")}},
                    {"ConditionCheck": {"Key": key("d")}},
                ]
            },
            [
                ("PutItem", "", ("p",)),
                ("UpdateItem", "", ("p",)),
                ("DeleteItem", "", ("p",)),
                ("ConditionCheckItem", "", ("p",)),
            ],
        ),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"Key": key("a")}}]},
            [("GetItem", "", ("p",))],
        ),
    ],
)
def test_request_needs_rights_of_its_items(operation: str, params: Any, expected: Any) -> None:
    assert needs(operation, TableName="anything", **params) == [
        (f"dynamodb:{action}", TABLE + place, keys) for action, place, keys in expected
    ]


def test_query_of_an_index_needs_its_arn_alone() -> None:
    condition = {
        "KeyConditionExpression": "#b > :low AND #a = :mine",
        "ExpressionAttributeNames": {"#a": "a", "#b": "b"},
        "ExpressionAttributeValues": {":mine": {"S": "me"}, ":low": {"S": "x"}},
    }

    assert needs("Query", IndexName="global", **condition) == [
        ("dynamodb:Query", f"{TABLE}/index/global", ("me",))
    ]


def test_local_index_has_the_keys_of_its_table() -> None:
    assert needs("Query", IndexName="local", **all_of("p")) == [
        ("dynamodb:Query", f"{TABLE}/index/local", ("p",))
    ]


@pytest.mark.parametrize(
    ("operation", "params", "resource"),
    [
        ("DescribeStream", {"StreamArn": STREAM}, LABELLED),
        ("GetShardIterator", {"StreamArn": STREAM, "ShardId": "s"}, LABELLED),
        ("GetRecords", {"ShardIterator": f"{STREAM}|1|AAAA=="}, LABELLED),
        ("GetRecords", {"ShardIterator": f"000|{STREAM}/shard|AAAA=="}, LABELLED),
        ("ListStreams", {}, "*"),
    ],
)
def test_reading_a_stream_needs_rights_on_it(operation: str, params: Any, resource: str) -> None:
    assert needs(operation, **params) == [(f"dynamodb:{operation}", resource, ())]


@pytest.mark.parametrize(
    ("operation", "params", "named"),
    [
        ("UpdateTable", {}, "UpdateTable"),
        ("Query", {**all_of("p"), "KeyConditionExpression": "other = :p"}, "'other = :p'"),
    ],
)
def test_request_without_a_rule_is_refused(operation: str, params: Any, named: str) -> None:
    with pytest.raises(NoPermissionRule, match=named) as caught:
        needs(operation, **params)

    assert caught.value.known == KNOWN


def test_every_known_operation_has_a_rule() -> None:
    empty = {"TransactItems": [], "RequestItems": {}, "StreamArn": STREAM, "Key": key("a")}

    for operation in KNOWN:
        found = needs(operation, **empty, **all_of("p"))
        assert all(isinstance(each[0], str) for each in found)


def test_calls_are_equal_if_their_parts_are() -> None:
    assert Call("a", "r", ("k",), "c") == Call("a", "r", ("k",), "c")
