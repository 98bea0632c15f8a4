"""Each known divergence of DynamoDB Local, by its smallest request; red means that it has gone.

Then DynamoDB Local has come closer to the service: take out what the message names.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.dynamodb.conftest import all_of, item, key
from workbench.capacity.indexes import read_schema, size_or_zero
from workbench.dynamodb.divergences import LOCAL_DIVERGENCES
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import Table
from workbench.dynamodb.targets import Target
from workbench.errors import UnexplainedDifference

pytestmark = [pytest.mark.local, pytest.mark.canary]
WHERE = "workbench/dynamodb/divergences.py"


@dataclass(frozen=True)
class Canary:
    """A request on stored items, its units by rule, and those that DynamoDB Local reports."""

    divergence: str
    method: str
    arguments: dict[str, Any]
    by_rule: float
    reported: float
    stored: tuple[dict[str, Any], ...] = ()


def transaction(verb: str, *bodies: dict[str, Any]) -> dict[str, Any]:
    return {"TransactItems": [{verb: {"TableName": "T", **body}} for body in bodies]}


def query(index: str, equal: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "IndexName": index,
        "KeyConditionExpression": " AND ".join(f"{name} = :{name}" for name in equal),
        "ExpressionAttributeValues": {f":{name}": {"S": text} for name, text in equal.items()},
        **more,
    }


IF_THERE = {"ConditionExpression": "attribute_exists(pk)"}
MISSING = {"Key": key("missing")}
CANARIES = (
    Canary("failed condition", "put_item", {"Item": item("new", 1_500), **IF_THERE}, 2, 0),
    Canary(
        "failed condition",
        "transact_write_items",
        transaction("Put", {"Item": item("new", 1_500), **IF_THERE}),
        4,
        0,
    ),
    Canary("empty page", "query", all_of("nobody"), 0.5, 0),
    Canary("empty page", "scan", {"ConsistentRead": True}, 1, 0),
    Canary(
        "missing batch keys",
        "batch_get_item",
        {"RequestItems": {"T": {"Keys": [key("missing"), key("there")]}}},
        0.5 + 0.5,
        0.5,
        stored=(item("there"),),
    ),
    Canary(
        "delete of a missing item",
        "batch_write_item",
        {"RequestItems": {"T": [{"DeleteRequest": MISSING}]}},
        1,
        2,
    ),
    Canary(
        "delete of a missing item", "transact_write_items", transaction("Delete", MISSING), 2, 1
    ),
    Canary(
        "condition check as a read",
        "transact_write_items",
        transaction("ConditionCheck", {"Key": key("there"), **IF_THERE}),
        4,
        2,
        stored=(item("there", 1_500),),
    ),
    Canary(
        "entry of two images",
        "update_item",
        {
            "Key": key("half"),
            "UpdateExpression": "SET b = :b REMOVE a",
            "ExpressionAttributeValues": {":b": {"S": "1"}},
        },
        1,
        1 + 1,
        stored=(item("half", a="1"),),
    ),
    Canary(
        "overhead in local indexes",
        "put_item",
        {"Item": item("new", 1_020, l="1", included="x" * 930)},
        1 + 1,
        1 + 2,
    ),
    Canary(
        "needless fetch",
        "query",
        query("local", {"pk": "p", "l": "1"}, ProjectionExpression="pk"),
        0.5,
        0.5 + 1,
        stored=(item("there", 5_000, l="1"),),
    ),
    Canary(
        "scan by whole items",
        "scan",
        {"IndexName": "global"},
        0.5,
        1,
        stored=(item("there", 5_000, a="1", b="1"),),
    ),
    Canary(
        "collapsed transaction",
        "transact_write_items",
        transaction("Put", {"Item": item("one")}, {"Item": item("two")}),
        2 + 2,
        2,
    ),
    Canary(
        "collapsed transaction",
        "transact_write_items",
        transaction("Put", {"Item": item("one", a="1", b="1")}),
        2 + 1,
        2 + 2,
    ),
)


def test_every_divergence_has_a_canary() -> None:
    names = [divergence.name for divergence in LOCAL_DIVERGENCES]

    assert list(dict.fromkeys(canary.divergence for canary in CANARIES)) == names


@pytest.mark.parametrize(
    "canary", CANARIES, ids=lambda canary: f"{canary.divergence}-{canary.method}"
)
def test_dynamodb_local_still_misreports(client: Any, table: Table, canary: Canary) -> None:
    for stored in canary.stored:
        client.put_item(TableName=table.name, Item=stored)
    meter = Meter(client)
    known = [each for each in LOCAL_DIVERGENCES if each.name == canary.divergence]

    try:
        with meter.watching() as usage:
            send(client, table.name, canary)
    except UnexplainedDifference as found:
        pytest.fail(f"{found} Correct the divergence {canary.divergence!r} in {WHERE}.")

    reported = usage.consumed_rru + usage.consumed_wru
    assert reported == canary.reported, (
        f"DynamoDB Local now reports {reported} units for {canary.method}, no longer "
        f"{canary.reported}: remove the divergence {canary.divergence!r} from {WHERE}"
    )
    assert usage.estimated_rru + usage.estimated_wru == canary.by_rule
    assert [difference.causes for difference in usage.differences] == [tuple(known)]


def send(client: Any, table_name: str, canary: Canary) -> None:
    arguments = json.loads(json.dumps(canary.arguments).replace('"T"', f'"{table_name}"'))
    if canary.method in ("put_item", "query", "scan", "update_item"):
        arguments["TableName"] = table_name
    refusals = (
        client.exceptions.ConditionalCheckFailedException,
        client.exceptions.TransactionCanceledException,
    )
    if canary.divergence == "failed condition":
        with pytest.raises(refusals, match=r"[Cc]ondition"):
            getattr(client, canary.method)(**arguments)
    else:
        getattr(client, canary.method)(**arguments)


# --- What is not about units -----------------------------------------------------------------


def test_index_pages_still_hold_whole_items(client: Any, table: Table) -> None:
    items = [item(f"{number:03}", 5_120, a="1", b=f"{number:03}") for number in range(400)]
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": each}} for each in items[start : start + 25]]
        client.batch_write_item(RequestItems={table.name: requests})
    schema = read_schema(client.describe_table(TableName=table.name)["Table"])

    pages = client.get_paginator("query").paginate(
        TableName=table.name, **query("global", {"a": "1"})
    )
    counts = [page["Count"] for page in pages]

    entries = [schema.entry(schema.index("global"), each) for each in items]
    entries_bytes = sum(map(size_or_zero, entries))
    assert entries_bytes < 2**20, "the service answers with a single page"
    assert counts == [205, 195], (
        f"DynamoDB Local now cuts an index of keys into pages of {counts} items, no longer at 1 MB "
        "of whole items: round trips of queries on such indexes can be taken from it"
    )


def test_index_size_still_counts_whole_items(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("a", 5_000, a="1", b="1"))

    description = client.describe_table(TableName=table.name)["Table"]

    [index] = description["GlobalSecondaryIndexes"]
    assert index["IndexSizeBytes"] == 5_000, (
        f"DynamoDB Local now gives IndexSizeBytes {index['IndexSizeBytes']} for an entry of 10 "
        "bytes, no longer the whole item's: if it is 110, storage can be taken from DescribeTable"
    )


def test_stream_reads_still_report_no_units(client: Any, table: Table, target: Target) -> None:
    client.put_item(TableName=table.name, Item=item("a"))
    streams: Any = target.streams_client()
    bodies: list[bytes] = []
    streams.meta.events.register(
        "before-parse.dynamodb-streams.GetRecords",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    stream = {"StreamArn": table.stream_arn}
    [shard] = streams.describe_stream(**stream)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        **stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )

    streams.get_records(ShardIterator=start["ShardIterator"])

    [body] = map(json.loads, bodies)
    assert set(body) == {"Records", "NextShardIterator"}, (
        f"DynamoDB Local now answers GetRecords with {sorted(body)}: let workbench/streams/ count "
        "what it reports, and workbench/capacity/assumptions.py no longer assume the reads"
    )


def test_index_reads_are_still_never_stale(client: Any, table: Table) -> None:
    stale = 0

    for number in range(100):
        client.put_item(TableName=table.name, Item=item(f"{number}", a="1", b=f"{number}"))
        page = client.query(TableName=table.name, **query("global", {"a": "1", "b": f"{number}"}))
        stale += page["Count"] == 0

    assert stale == 0, (
        f"DynamoDB Local now answers {stale} of 100 index reads before the index has the item: "
        "change NOT_SHOWN in workbench/measurement/comparison.py, which says that it never lags"
    )
