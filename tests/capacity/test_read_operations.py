"""Reads: their charges, and how they are widened to be charged whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capacity.conftest import by_arm, item, schema_of, texts
from workbench.capacity.operations import is_narrowed, read_charges, widened
from workbench.capacity.requests import Consistency

ONE, TWO = item(1_500, sk="1"), item(6_500, sk="2")
KEYS = [texts(sk=name) for name in "123"]
QUERY = {"TableName": "t", "KeyConditionExpression": "#p = :p"}


@pytest.mark.parametrize(
    ("operation", "params", "response", "expected"),
    [
        ("GetItem", {"TableName": "t"}, {"Item": TWO}, [1.0]),
        ("GetItem", {"TableName": "t", "ConsistentRead": True}, {"Item": TWO}, [2.0]),
        ("GetItem", {"TableName": "t"}, {}, [0.5]),
        (
            "BatchGetItem",  # Developer Guide: 1.5 KB and 6.5 KB make 3
            {"RequestItems": {"t": {"Keys": KEYS[:2], "ConsistentRead": True}}},
            {"Responses": {"t": [ONE, TWO]}},
            [1.0, 2.0],
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"t": {"Keys": KEYS}, "none": {"Keys": KEYS[:1]}}},
            {"Responses": {"t": [ONE]}},
            [0.5, 0.5, 0.5, 0.5],
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"t": {"Keys": KEYS}}},
            {"Responses": {"t": [ONE]}, "UnprocessedKeys": {"t": {"Keys": KEYS[1:]}}},
            [0.5],
        ),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"TableName": "t", "Key": key}} for key in KEYS]},
            {"Responses": [{"Item": ONE}, {"Item": TWO}, {}]},
            [2.0, 4.0, 2.0],
        ),
        ("Query", QUERY, {"Items": [ONE, TWO]}, [1.0]),
        ("Query", {**QUERY, "ConsistentRead": True}, {"Items": [ONE, TWO]}, [2.0]),
        ("Query", QUERY, {"Items": []}, [0.5]),
        ("Scan", {"TableName": "t"}, {"Items": [ONE, TWO]}, [1.0]),
    ],
)
def test_read_is_charged_by_whole_items(
    operation: str, params: Any, response: Any, expected: list[float]
) -> None:
    charges = read_charges(operation, params, response, schema_of)

    assert [charge.units for charge in charges] == expected


THREE = [item(1_500, sk=name, g="1", l=name) for name in "123"]


# The last two: captures by nubo-db/dynoxide, three rows: table 1.5, index 0.5.
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"IndexName": "global"}, {"global": 0.5}),
        ({"IndexName": "local"}, {"local": 0.5}),
        ({"IndexName": "local", "ConsistentRead": True}, {"local": 1}),
        ({"IndexName": "local", "ProjectionExpression": "pk, l"}, {"local": 0.5}),
        ({"IndexName": "local", "ProjectionExpression": "pk, filler"}, {None: 1.5, "local": 0.5}),
        ({"IndexName": "local", "Select": "ALL_ATTRIBUTES"}, {None: 1.5, "local": 0.5}),
    ],
)
def test_index_query_is_charged_by_entries(more: Any, expected: Any) -> None:
    charges = read_charges("Query", {**QUERY, **more}, {"Items": THREE}, schema_of)

    assert by_arm(charges) == expected


@pytest.mark.parametrize(
    ("projection", "names", "expected"),
    [
        ("#f", {"#f": "filler"}, {None: 1.5, "local": 0.5}),
        ("#l", {"#l": "l"}, {"local": 0.5}),
        ("filler.part[0]", {}, {None: 1.5, "local": 0.5}),
    ],
)
def test_fetch_follows_names_and_paths(projection: str, names: Any, expected: Any) -> None:
    params = {
        **QUERY,
        "IndexName": "local",
        "ProjectionExpression": projection,
        "ExpressionAttributeNames": names,
    }

    assert by_arm(read_charges("Query", params, {"Items": THREE}, schema_of)) == expected


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetItem", {"ProjectionExpression": "sk"}),
        ("Query", {"FilterExpression": "sk = :s"}),
        ("Scan", {"Select": "COUNT"}),
        ("BatchGetItem", {"RequestItems": {"t": {}, "u": {"ProjectionExpression": "sk"}}}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"ProjectionExpression": "sk"}}]}),
    ],
)
def test_narrowed_read_is_recognised(operation: str, params: Any) -> None:
    assert is_narrowed(operation, params)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetItem", {}),
        ("Query", {"KeyConditionExpression": "pk = :p", "Select": "ALL_ATTRIBUTES"}),
        ("BatchGetItem", {"RequestItems": {"t": {}}}),
        ("TransactGetItems", {"TransactItems": [{"Get": {}}]}),
    ],
)
def test_whole_read_is_not_narrowed(operation: str, params: Any) -> None:
    assert not is_narrowed(operation, params)


def test_widened_query_keeps_only_its_key_condition() -> None:
    params = {
        **QUERY,
        "FilterExpression": "#f = :f",
        "Select": "COUNT",
        "Limit": 100,
        "ExclusiveStartKey": KEYS[0],
        "ExpressionAttributeNames": {"#p": "pk", "#f": "filler"},
        "ExpressionAttributeValues": {":p": {"S": "p"}, ":f": {"S": "x"}},
    }

    wider = widened("Query", params, {"ScannedCount": 7}, schema_of)

    assert wider == {
        **QUERY,
        "Limit": 7,  # the same page, however much longer it has grown
        "ExclusiveStartKey": KEYS[0],
        "ExpressionAttributeNames": {"#p": "pk"},
        "ExpressionAttributeValues": {":p": {"S": "p"}},
    }


@pytest.mark.parametrize(("index", "select"), [("global", None), ("local", "ALL_ATTRIBUTES")])
def test_widened_query_fetches_where_it_can(index: str, select: str | None) -> None:
    params = {**QUERY, "IndexName": index, "Select": "COUNT"}

    wider = widened("Query", params, {"ScannedCount": 1}, schema_of)

    assert wider.get("Select") == select


def test_widened_batch_leaves_out_unprocessed_keys() -> None:
    params = {
        "RequestItems": {
            "t": {"Keys": KEYS, "ProjectionExpression": "sk"},
            "u": {"Keys": KEYS[:1]},
        }
    }
    left = {"t": {"Keys": KEYS[1:]}, "u": {"Keys": KEYS[:1]}}

    wider = widened("BatchGetItem", params, {"UnprocessedKeys": left}, schema_of)

    assert wider == {"RequestItems": {"t": {"Keys": KEYS[:1]}}}


def test_widened_transaction_asks_for_whole_items() -> None:
    get = {"TableName": "t", "Key": KEYS[0]}
    params = {"TransactItems": [{"Get": {**get, "ProjectionExpression": "sk"}}]}

    assert widened("TransactGetItems", params, {}, schema_of) == {"TransactItems": [{"Get": get}]}


# --- Properties ------------------------------------------------------------------------------


@given(st.data(), st.lists(st.integers(100, 9_000), max_size=8))
def test_batch_costs_the_same_reordered(data: st.DataObject, sizes: list[int]) -> None:
    found = [item(size, sk=f"{number}") for number, size in enumerate(sizes)]
    params = {"RequestItems": {"t": {"Keys": [texts(sk="1")] * (len(found) + 2)}}}
    reordered = data.draw(st.permutations(found))

    def rru(items: list[Any]) -> float:
        response = {"Responses": {"t": items}}
        return sum(c.units for c in read_charges("BatchGetItem", params, response, schema_of))

    assert rru(found) == rru(reordered) >= Consistency.EVENTUAL.value * len(found)
