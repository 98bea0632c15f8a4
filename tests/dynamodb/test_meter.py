from collections.abc import Iterator
from typing import Any

import pytest

from workbench.capacity.item_size import item_size_bytes
from workbench.designs import Single
from workbench.dynamodb.meter import Meter, Usage
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target

pytestmark = pytest.mark.local


@pytest.fixture
def client(target: Target) -> Any:
    return target.client()


@pytest.fixture
def table(client: Any) -> Iterator[Table]:
    with temporary_table(client, "meter", Single.table_definition) as table:
        yield table


def item(sort_key: str, size_bytes: int = 100) -> dict[str, Any]:
    """An item of exactly this size."""
    bare = {"pk": {"S": "p"}, "sk": {"S": sort_key}, "filler": {"S": ""}}
    return bare | {"filler": {"S": "x" * (size_bytes - item_size_bytes(bare))}}


def test_write_counts_a_round_trip_and_its_units(client: Any, table: Table) -> None:
    meter = Meter(client)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=item("a", 1_024))
        client.put_item(TableName=table.name, Item=item("b", 1_025))

    assert (usage.round_trips, usage.consumed_wru, usage.consumed_rru) == (2, 3.0, 0.0)
    assert usage.operations == ["PutItem", "PutItem"]


def test_query_counts_items_bytes_and_units_of_its_page(client: Any, table: Table) -> None:
    for name in ("a", "b", "c"):
        client.put_item(TableName=table.name, Item=item(name, 2_000))
    meter = Meter(client)

    with meter.watching() as usage:
        client.query(
            TableName=table.name,
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "p"}},
        )

    assert (usage.items_read, usage.items_returned) == (3, 3)
    assert (usage.bytes_read, usage.bytes_returned) == (6_000, 6_000)
    assert usage.consumed_rru == 1.0  # 6,000 bytes round up to 8 KB, halved


def test_filtered_query_reads_more_than_it_returns(client: Any, table: Table) -> None:
    for name in ("a", "b"):
        client.put_item(TableName=table.name, Item=item(name))
    meter = Meter(client)

    with meter.watching() as usage:
        client.query(
            TableName=table.name,
            KeyConditionExpression="pk = :p",
            FilterExpression="filler = :nothing",
            ExpressionAttributeValues={":p": {"S": "p"}, ":nothing": {"S": "-"}},
        )

    assert (usage.items_read, usage.items_returned) == (2, 0)
    assert usage.bytes_read is None  # what was filtered out is not in the response


def test_projected_read_does_not_claim_to_know_bytes_read(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("a"))
    meter = Meter(client)

    with meter.watching() as usage:
        client.get_item(
            TableName=table.name,
            Key={"pk": {"S": "p"}, "sk": {"S": "a"}},
            ProjectionExpression="sk",
        )

    assert usage.bytes_read is None
    assert usage.bytes_returned == 3


def test_count_alone_does_not_claim_to_know_bytes_read(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("a"))
    meter = Meter(client)

    with meter.watching() as usage:
        client.query(
            TableName=table.name,
            Select="COUNT",
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "p"}},
        )

    assert (usage.items_read, usage.bytes_read) == (1, None)


def test_units_of_all_tables_of_a_request_are_added() -> None:
    usage = Usage()

    consumed = [{"CapacityUnits": 1.0}, {"CapacityUnits": 2.5}]
    usage.add_response("BatchGetItem", {}, {"Responses": {}, "ConsumedCapacity": consumed})

    assert usage.consumed_rru == 3.5


def test_batch_and_transactional_reads_are_counted(client: Any, table: Table) -> None:
    client.put_item(TableName=table.name, Item=item("a"))
    key = {"pk": {"S": "p"}, "sk": {"S": "a"}}
    missing = {"pk": {"S": "p"}, "sk": {"S": "missing"}}
    meter = Meter(client)

    with meter.watching() as usage:
        client.batch_get_item(RequestItems={table.name: {"Keys": [key]}})
        client.transact_get_items(
            TransactItems=[{"Get": {"TableName": table.name, "Key": k}} for k in (key, missing)]
        )

    assert (usage.round_trips, usage.items_returned) == (2, 2)
    assert usage.consumed_rru == 0.5 + 2 * 2


def test_failed_condition_is_a_round_trip(client: Any, table: Table) -> None:
    meter = Meter(client)

    with (
        meter.watching() as usage,
        pytest.raises(client.exceptions.ConditionalCheckFailedException),
    ):
        client.put_item(
            TableName=table.name, Item=item("a"), ConditionExpression="attribute_exists(pk)"
        )

    assert (usage.round_trips, usage.consumed_wru) == (1, 0.0)  # charged, yet not reported


def test_empty_query_and_transaction_are_known_to_be_misreported(client: Any, table: Table) -> None:
    meter = Meter(client)

    with meter.watching() as reading:
        client.query(
            TableName=table.name,
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "nobody"}},
        )
    with meter.watching() as writing:
        client.transact_write_items(
            TransactItems=[{"Put": {"TableName": table.name, "Item": item("a")}}]
        )

    assert (reading.consumed_rru, reading.misreported) == (0.0, {"consumed_rru"})
    assert writing.misreported == {"consumed_wru"}


def test_retries_are_round_trips(target: Target, table: Table) -> None:
    from botocore.config import Config

    from workbench.dynamodb.targets import sealed_session

    client = sealed_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=target.endpoint_url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
    )
    meter = Meter(client)
    answers = iter([500, 500])

    def fail_twice(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        status = next(answers, None)
        if status is None:
            return None
        raw = type("Raw", (), {"stream": lambda *_, **__: iter([b"{}"])})()
        return AWSResponse(request.url, status, {}, raw)

    client.meta.events.register("before-send.dynamodb", fail_twice)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=item("a"))

    assert usage.round_trips == 3
    assert usage.consumed_wru == 1.0


def test_unwatched_requests_are_not_counted(client: Any, table: Table) -> None:
    meter = Meter(client)

    with meter.watching() as usage:
        pass
    client.put_item(TableName=table.name, Item=item("a"))

    assert usage.round_trips == 0


def test_blocks_do_not_nest(client: Any) -> None:
    meter = Meter(client)

    with (
        meter.watching(),
        pytest.raises(RuntimeError, match="one block at a time"),
        meter.watching(),
    ):
        pass
