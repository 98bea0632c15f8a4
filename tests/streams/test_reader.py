from typing import Any

import pytest

from tests.streams.fakes import FakeStreams
from workbench.designs import Single
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target
from workbench.streams.reader import POLLS_PER_LISTING, Gap, StreamReader

EMPTY = 0


def records(*numbers: int) -> list[dict[str, Any]]:
    return [{"number": n, "dynamodb": {"SequenceNumber": str(n)}} for n in numbers]


def reader_of(fake: FakeStreams, **options: Any) -> StreamReader:
    return StreamReader(fake, "arn", **options)  # type: ignore[arg-type]


def poll(reader: StreamReader) -> list[Any]:
    """What polls read of all shards, until one reads nothing."""
    pages = [page for polled in iter(reader.poll, {}) for page in polled.values()]
    return [record for page in pages for record in page]


def test_poll_reads_all_pages_and_continues_where_it_ended() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1, 2, 3), False)
    reader = reader_of(fake)

    first = poll(reader)
    fake.shards["s1"] = (records(1, 2, 3, 4), False)
    second = poll(reader)

    assert (first, second) == (records(1, 2, 3), records(4))


@pytest.mark.parametrize(("read", "expired"), [((), "s1:0"), ((1, 2, 3), "s1:3")])
def test_expired_iterator_is_replaced_where_reading_stood(
    read: tuple[int, ...], expired: str
) -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(*read), False)
    reader = reader_of(fake)
    poll(reader)

    fake.shards["s1"] = (records(*read, 4, 5), False)
    fake.expired = {expired}

    assert poll(reader) == records(4, 5)
    assert fake.expired == set()


def test_children_of_a_closed_shard_are_read_after_it() -> None:
    fake = FakeStreams()
    fake.shards["parent"] = (records(1), False)
    reader = reader_of(fake)
    poll(reader)

    fake.shards["parent"] = (records(1, 2), True)
    fake.shards["left"] = (records(3), False)
    fake.shards["right"] = (records(4), False)
    fake.parents = {"left": "parent", "right": "parent"}

    assert poll(reader) + poll(reader) == records(2, 3, 4)


def test_child_waits_for_a_parent_with_an_empty_page() -> None:
    fake = FakeStreams()
    fake.shards = {"child": (records(3), False), "parent": (records(EMPTY, EMPTY, 1, 2), True)}
    fake.parents = {"child": "parent"}
    reader = reader_of(fake)

    found = poll(reader) + poll(reader) + poll(reader)

    assert found == records(1, 2, 3)


def test_child_that_is_listed_late_is_found() -> None:
    fake = FakeStreams()
    fake.shards = {"parent": (records(1), True), "other": (records(), False)}
    reader = reader_of(fake)
    assert poll(reader) == records(1)
    assert poll(reader) == []

    fake.shards["child"] = (records(2), False)
    fake.parents = {"child": "parent"}

    assert poll(reader) == records(2)


def test_all_pages_of_shards_are_read() -> None:
    fake = FakeStreams(shards_per_page=1)
    fake.shards = {f"s{n}": (records(n), False) for n in (1, 2, 3)}

    assert poll(reader_of(fake)) == records(1, 2, 3)


def test_shards_are_not_listed_again_while_they_are_open() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake)

    for _ in range(5):
        poll(reader)

    assert fake.calls.count("describe_stream") == 1


def test_poll_tells_which_shard_records_are_of() -> None:
    fake = FakeStreams()
    fake.shards = {"s1": (records(1), False), "s2": (records(2), False), "s3": (records(), False)}

    assert reader_of(fake).poll() == {"s1": records(1), "s2": records(2)}


def test_latest_skips_what_is_there_but_no_shard_of_later() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake, start="LATEST")
    assert poll(reader) == []

    fake.shards["s1"] = (records(1, 2), True)
    fake.shards["child"] = (records(3), False)
    fake.parents = {"child": "s1"}

    assert poll(reader) + poll(reader) == records(2, 3)


def test_reading_goes_on_behind_what_was_handled() -> None:
    fake = FakeStreams()
    fake.shards = {"s1": (records(1, 2, 3), False), "s2": (records(4), False)}

    reader = reader_of(fake, handled={"s1": "2"}, start="LATEST")

    assert poll(reader) == records(3, 4)


def test_handled_parent_is_passed_over_to_its_child() -> None:
    fake = FakeStreams()
    fake.shards = {"parent": (records(1, 2), True), "child": (records(3), False)}
    fake.parents = {"child": "parent"}

    reader = reader_of(fake, handled={"parent": "2"})

    assert poll(reader) + poll(reader) == records(3)


def test_position_that_was_trimmed_continues_with_the_oldest_and_tells() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(7, 8), False)

    reader = reader_of(fake, handled={"s1": "3"})

    assert poll(reader) == records(7, 8)
    assert reader.gaps == [Gap("s1", after="3")]


def test_iterator_that_was_trimmed_continues_with_the_oldest_and_tells() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake)
    poll(reader)

    fake.shards["s1"] = (records(7), False)
    fake.trimmed = {"s1:1"}

    assert poll(reader) == records(7)
    assert reader.gaps == [Gap("s1", after="1")]


def test_shard_that_has_gone_is_passed_over_and_told() -> None:
    fake = FakeStreams()
    fake.shards = {"old": (records(1), True), "child": (records(2), False)}
    fake.parents = {"child": "old"}
    fake.gone = {"old"}
    reader = reader_of(fake)

    assert poll(reader) == records(2)
    assert reader.gaps == [Gap("old", after=None)]  # from its first record on


@pytest.mark.parametrize("limited", ["s1:0", "s1:2"])
def test_reader_who_is_one_too_many_goes_on_at_the_next_poll(limited: str) -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1, 2, 3), False)
    fake.limited = {limited}
    reader = reader_of(fake)

    assert (poll(reader) + poll(reader), reader.gaps) == (records(1, 2, 3), [])


def test_poll_reads_one_page_of_each_shard() -> None:
    fake = FakeStreams()
    fake.shards = {"s1": (records(1, 2, 3), False), "s2": (records(4), False)}
    reader = reader_of(fake)

    assert reader.poll() == {"s1": records(1, 2), "s2": records(4)}
    assert reader.poll() == {"s1": records(3)}


def test_full_shard_is_left_as_it_is() -> None:
    fake = FakeStreams()
    fake.shards = {"s1": (records(1), False), "s2": (records(2), False)}
    reader = reader_of(fake)

    assert reader.poll({"s1"}) == {"s2": records(2)}
    assert reader.poll() == {"s1": records(1)}


@pytest.mark.parametrize("fate", ["expired", "trimmed"])
def test_shard_that_has_gone_meanwhile_is_told_and_ends(fate: str) -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake)
    poll(reader)

    setattr(fake, fate, {"s1:1"})
    fake.gone = {"s1"}

    assert poll(reader) == []
    assert Gap("s1", after="1") in reader.gaps


def test_handled_shard_that_is_listed_no_more_is_told() -> None:
    fake = FakeStreams()
    fake.shards = {"new": (records(99), False)}
    fake.parents = {"new": "old"}

    reader = reader_of(fake, handled={"old": "5"})

    assert poll(reader) == records(99)
    assert reader.gaps == [Gap("old", after="5")]
    assert reader.shards == {"new"}


def test_second_child_that_is_listed_late_is_found_within_a_minute() -> None:
    fake = FakeStreams()
    fake.shards = {"parent": (records(1), True), "left": (records(2), False)}
    fake.parents = {"left": "parent", "right": "parent"}
    reader = reader_of(fake)
    assert poll(reader) == records(1, 2)

    fake.shards["right"] = (records(3), False)
    found = [page for _ in range(POLLS_PER_LISTING + 1) for page in reader.poll().values()]

    assert found == [records(3)]


def test_stream_that_was_switched_off_is_at_its_end_once_it_is_read() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1, 2, 3), False)
    reader = reader_of(fake)
    reader.poll()
    fake.shards["s1"] = (records(1, 2, 3), True)
    fake.status = "DISABLED"

    assert not reader.is_at_its_end
    assert poll(reader) == records(3)
    poll(reader)

    assert reader.is_at_its_end


def test_latest_stands_where_the_reader_was_opened() -> None:
    fake = FakeStreams()
    fake.shards["s1"] = (records(1), False)
    reader = reader_of(fake, start="LATEST")

    reader.open()
    fake.shards["s1"] = (records(1, 2), False)

    assert poll(reader) == records(2)


@pytest.mark.local
def test_writes_on_dynamodb_local_are_read_in_order(target: Target) -> None:
    client = target.client()
    with temporary_table(client, "reader", Single.table_definition) as table:
        reader = StreamReader(target.streams_client(), table.stream_arn)
        for number in range(1_200):  # more than one page of the API
            key = {"pk": {"S": "p"}, "sk": {"S": f"{number:04}"}}
            client.put_item(TableName=table.name, Item=key)

        found = [record["dynamodb"]["Keys"]["sk"]["S"] for record in poll(reader)]

    assert found == [f"{number:04}" for number in range(1_200)]
