from typing import Any

import pytest

from tests.streams.fakes import FakeStreams
from workbench.designs import Single
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target
from workbench.streams.reader import StreamReader

EMPTY = 0


def records(*numbers: int) -> list[dict[str, Any]]:
    return [{"number": n, "dynamodb": {"SequenceNumber": str(n)}} for n in numbers]


def reader_of(fake: FakeStreams) -> StreamReader:
    return StreamReader(fake, "arn")  # type: ignore[arg-type]


def test_poll_reads_all_pages_and_continues_where_it_ended() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1, 2, 3), False)
    reader = reader_of(fake)

    first = reader.poll()
    fake.shards["s1"] = (records(1, 2, 3, 4), False)
    second = reader.poll()

    assert (first, second) == (records(1, 2, 3), records(4))


@pytest.mark.parametrize(("read", "expired"), [((), "s1:0"), ((1, 2, 3), "s1:3")])
def test_expired_iterator_is_replaced_where_reading_stood(
    read: tuple[int, ...], expired: str
) -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(*read), False)
    reader = reader_of(fake)
    reader.poll()

    fake.shards["s1"] = (records(*read, 4, 5), False)
    fake.expired = {expired}

    assert reader.poll() == records(4, 5)
    assert fake.expired == set()


def test_children_of_a_closed_shard_are_read_after_it() -> None:
    fake = FakeStreams()
    fake.shards["parent"] = (records(1), False)
    reader = reader_of(fake)
    reader.poll()

    fake.shards["parent"] = (records(1, 2), True)
    fake.shards["left"] = (records(3), False)
    fake.shards["right"] = (records(4), False)
    fake.parents = {"left": "parent", "right": "parent"}

    assert reader.poll() + reader.poll() == records(2, 3, 4)


def test_child_waits_for_a_parent_with_an_empty_page() -> None:
    fake = FakeStreams()
    fake.shards = {"child": (records(3), False), "parent": (records(EMPTY, EMPTY, 1, 2), True)}
    fake.parents = {"child": "parent"}
    reader = reader_of(fake)

    found = reader.poll() + reader.poll() + reader.poll()

    assert found == records(1, 2, 3)


def test_child_that_is_listed_late_is_found() -> None:
    fake = FakeStreams()
    fake.shards = {"parent": (records(1), True), "other": (records(), False)}
    reader = reader_of(fake)
    assert reader.poll() == records(1)
    assert reader.poll() == []

    fake.shards["child"] = (records(2), False)
    fake.parents = {"child": "parent"}

    assert reader.poll() == records(2)


def test_all_pages_of_shards_are_read() -> None:
    fake = FakeStreams(shards_per_page=1)
    fake.shards = {f"s{n}": (records(n), False) for n in (1, 2, 3)}

    assert reader_of(fake).poll() == records(1, 2, 3)


def test_shards_are_not_listed_again_while_they_are_open() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake)

    for _ in range(5):
        reader.poll()

    assert fake.calls.count("describe_stream") == 1


@pytest.mark.local
def test_writes_on_dynamodb_local_are_read_in_order(target: Target) -> None:
    client = target.client()
    with temporary_table(client, "reader", Single.table_definition) as table:
        reader = StreamReader(target.streams_client(), table.stream_arn)
        for number in range(1_200):  # more than one page of the API
            key = {"pk": {"S": "p"}, "sk": {"S": f"{number:04}"}}
            client.put_item(TableName=table.name, Item=key)

        found = [record["dynamodb"]["Keys"]["sk"]["S"] for record in reader.poll()]

    assert found == [f"{number:04}" for number in range(1_200)]
