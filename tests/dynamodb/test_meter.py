"""What is counted: units, items and bytes of each operation."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dynamodb.conftest import DEFINITION, GROW, all_of, item, key, named, put
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import Table, temporary_table

pytestmark = pytest.mark.local

# --- Units of each operation -----------------------------------------------------------------

STORED = item("a", 1_500), item("b", 5_000)
TWO_KEYS = [key("a"), key("b")]


@pytest.mark.parametrize(
    ("method", "arguments", "rru", "wru"),
    [
        ("get_item", {"TableName": "T", "Key": key("a")}, 0.5, 0),
        ("get_item", {"TableName": "T", "Key": key("none")}, 0.5, 0),
        ("get_item", {"TableName": "T", "Key": key("b"), "ConsistentRead": True}, 2, 0),
        ("query", {"TableName": "T", **all_of("p")}, 1, 0),
        ("scan", {"TableName": "T", "ConsistentRead": True}, 2, 0),
        ("batch_get_item", {"RequestItems": {"T": {"Keys": TWO_KEYS}}}, 0.5 + 1, 0),
        (
            "transact_get_items",
            {"TransactItems": [{"Get": {"TableName": "T", "Key": key}} for key in TWO_KEYS]},
            2 + 4,
            0,
        ),
        ("put_item", {"TableName": "T", "Item": item("c", 1_024)}, 0, 1),
        ("put_item", {"TableName": "T", "Item": item("c", 1_025)}, 0, 2),
        ("put_item", {"TableName": "T", "Item": item("b", 100)}, 0, 5),
        ("update_item", {"TableName": "T", "Key": key("a"), **GROW}, 0, 3),
        ("delete_item", {"TableName": "T", "Key": key("b")}, 0, 5),
        (
            "batch_write_item",
            {
                "RequestItems": {
                    "T": [
                        {"PutRequest": {"Item": item("c", 500)}},
                        {"DeleteRequest": {"Key": key("a")}},
                    ]
                }
            },
            0,
            1 + 2,
        ),
        (
            "transact_write_items",
            {"TransactItems": [{"Put": {"TableName": "T", "Item": item("c", 1_025)}}]},
            0,
            4,
        ),
    ],
)
def test_rule_and_report_agree_on_operation(
    client: Any, table: Table, method: str, arguments: Any, rru: float, wru: float
) -> None:
    for stored in STORED:
        client.put_item(TableName=table.name, Item=stored)
    meter = Meter(client)

    with meter.watching() as usage:
        getattr(client, method)(**named(arguments, table.name))

    assert (usage.estimated_rru, usage.estimated_wru) == (rru, wru)
    assert (usage.consumed_rru, usage.consumed_wru) == (rru, wru)
    assert (usage.round_trips, usage.differences) == (1, [])


def test_write_to_indexes_is_charged_for_each(client: Any, table: Table) -> None:
    meter = Meter(client)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=item("a", a="1", b="1", l="1"))

    arms = {charge.index: charge.units for _, charge in usage.charges}
    assert arms == {None: 1.0, "global": 1.0, "local": 1.0}
    assert (usage.estimated_wru, usage.consumed_wru) == (3.0, 3.0)


@pytest.mark.parametrize(
    ("return_values", "shown"),
    [
        ({}, None),
        ({"ReturnValues": "NONE"}, None),
        ({"ReturnValues": "ALL_OLD"}, {*item("a")}),
        ({"ReturnValues": "UPDATED_OLD"}, {"filler"}),
        ({"ReturnValues": "ALL_NEW"}, {*item("a")}),
        ({"ReturnValues": "UPDATED_NEW"}, {"filler"}),
    ],
)
def test_update_is_charged_whatever_it_returns(
    client: Any, table: Table, return_values: Any, shown: set[str] | None
) -> None:
    client.put_item(TableName=table.name, Item=item("a", 1_500))
    meter = Meter(client)

    with meter.watching() as usage:
        response = client.update_item(TableName=table.name, Key=key("a"), **GROW, **return_values)

    [(_, charge)] = usage.charges
    assert (charge.before_bytes, charge.after_bytes) == (1_500, 2_512)
    assert (set(response["Attributes"]) if "Attributes" in response else None) == shown


def test_batch_adds_units_of_two_tables(client: Any, table: Table) -> None:
    meter = Meter(client)

    with temporary_table(client, "other", DEFINITION) as other, meter.watching() as usage:
        client.batch_write_item(
            RequestItems={
                table.name: [{"PutRequest": {"Item": item("a", 1_025)}}],
                other.name: [{"PutRequest": {"Item": item("a", 5_000)}}],
            }
        )
        client.batch_get_item(
            RequestItems={name: {"Keys": [key("a")]} for name in (table.name, other.name)}
        )

    assert (usage.estimated_wru, usage.consumed_wru) == (2 + 5, 2 + 5)
    assert (usage.estimated_rru, usage.consumed_rru) == (0.5 + 1, 0.5 + 1)
    assert {charge.table for _, charge in usage.charges} == {table.name, other.name}


# --- What is read and what is returned -------------------------------------------------------


def test_query_counts_items_and_bytes_of_page(client: Any, table: Table) -> None:
    for name in ("a", "b", "c"):
        client.put_item(TableName=table.name, Item=item(name, 2_000))
    meter = Meter(client)

    with meter.watching() as usage:
        client.query(TableName=table.name, **all_of("p"))

    assert (usage.items_read, usage.items_returned) == (3, 3)
    assert (usage.bytes_read, usage.bytes_returned) == (6_000, 6_000)
    assert usage.consumed_rru == 1.0  # 6,000 bytes round up to 8 KB, halved


@pytest.mark.parametrize(
    ("method", "arguments", "items_returned", "bytes_returned"),
    [
        (
            "query",
            {
                "TableName": "T",
                **all_of(
                    "p",
                    FilterExpression="filler = :no",
                    ExpressionAttributeValues={":no": {"S": "-"}},
                ),
            },
            0,
            0,
        ),
        ("query", {"TableName": "T", **all_of("p", Select="COUNT")}, 1, 0),
        ("query", {"TableName": "T", **all_of("p", ProjectionExpression="sk")}, 1, 3),
        ("scan", {"TableName": "T", "FilterExpression": "attribute_exists(a)"}, 0, 0),
        ("get_item", {"TableName": "T", "Key": key("a"), "ProjectionExpression": "sk"}, 1, 3),
        (
            "batch_get_item",
            {"RequestItems": {"T": {"Keys": [key("a")], "ProjectionExpression": "sk"}}},
            1,
            3,
        ),
        (
            "transact_get_items",
            {
                "TransactItems": [
                    {"Get": {"TableName": "T", "Key": key("a"), "ProjectionExpression": "sk"}}
                ]
            },
            1,
            3,
        ),
    ],
)
def test_narrowed_read_still_knows_bytes_read(
    client: Any,
    table: Table,
    method: str,
    arguments: Any,
    items_returned: int,
    bytes_returned: int,
) -> None:
    client.put_item(TableName=table.name, Item=item("a", 5_000))
    meter = Meter(client)

    with meter.watching() as usage:
        getattr(client, method)(**named(arguments, table.name))

    assert (usage.items_read, usage.bytes_read) == (1, 5_000)
    assert (usage.items_returned, usage.bytes_returned) == (items_returned, bytes_returned)
    assert usage.differences == []


def test_index_scan_reads_entries_not_items(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("s", 5_000, a="1", b="1"))
    meter = Meter(client)

    with meter.watching() as usage:
        client.scan(TableName=table.name, IndexName="global")

    assert usage.bytes_read == usage.bytes_returned == len("pkpsksa1b1")


# --- Side reads ------------------------------------------------------------------------------


def test_side_reads_count_no_round_trip(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("a"))
    meter = Meter(client)

    with meter.watching() as usage:
        client.query(TableName=table.name, **all_of("p", Select="COUNT"))
        client.transact_write_items(TransactItems=[put(table, Item=item("a"))])

    assert usage.round_trips == 2
    assert usage.operations == ["Query", "TransactWriteItems"]


def test_requests_are_kept_as_they_were_given(client: Any, table: Table) -> None:
    stored = item("a")
    meter = Meter(client)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=stored)
        client.query(TableName=table.name, **all_of("p", Select="COUNT"))  # needs a side read
    stored.clear()

    assert usage.requests == [
        ("PutItem", {"TableName": table.name, "Item": item("a")}),
        ("Query", {"TableName": table.name, **all_of("p", Select="COUNT")}),
    ]


def test_side_reads_have_their_own_time(
    client: Any, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: next(ticks))
    monkeypatch.setattr("workbench.dynamodb.meter.time", clock)
    meter = Meter(client)

    with meter.watching() as usage:
        client.transact_write_items(TransactItems=[put(table, Item=item("a"))])

    assert usage.side_seconds == 2  # one tick before the request, one after it
