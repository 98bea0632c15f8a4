import itertools
from typing import Any

import pytest

from tests.streams.doubles import (
    ALWAYS,
    FakeReader,
    Recorder,
    deliver,
    records,
    runner_of,
)
from workbench.errors import RecordsDiscarded
from workbench.latency.fakes import VirtualClock
from workbench.streams.reader import PAGE_SIZE
from workbench.streams.runner import POLL_SECONDS


def test_records_are_handled_in_order_once() -> None:
    handler = Recorder()
    runner = runner_of(FakeReader(records(1, 2)), handler)

    assert runner.fetch() == 2
    runner.deliver()
    runner.deliver()

    assert handler.batches == [[1, 2]]


def test_batches_are_as_large_as_they_may_be() -> None:
    handler = Recorder()

    deliver(runner_of(FakeReader(records(1, 2, 3, 4, 5)), handler, batch_size=2))

    assert handler.batches == [[1, 2], [3, 4], [5]]


def test_batch_closes_before_six_megabytes_but_never_empty() -> None:
    handler = Recorder()
    large = records(1, 2, 3, 4)
    for record, megabytes in zip(large, (2, 3, 2, 7), strict=True):
        record["dynamodb"]["NewImage"]["message"]["S"] = "x" * megabytes * 1024**2

    deliver(runner_of(FakeReader(large), handler))

    assert handler.batches == [[1, 2], [3], [4]]


def test_handler_cannot_spoil_what_comes_again() -> None:
    seen: list[str] = []

    def spoil(event: Any, context: Any) -> None:
        seen.append(event["Records"][0]["dynamodb"]["NewImage"].pop("message")["S"])
        if len(seen) == 1:
            raise ValueError

    deliver(runner_of(FakeReader(records(1)), spoil))

    assert seen == ["text 1", "text 1"]


def test_records_that_the_handler_causes_are_delivered_too() -> None:
    handler = Recorder()
    runner = runner_of(FakeReader(records(1), records(2, 3)), handler)

    runner.fetch()
    delivery = runner.deliver()

    assert delivery.caused == 2
    assert handler.batches == [[1], [2, 3]]


def test_filtered_records_reach_no_handler_and_move_the_checkpoint() -> None:
    handler = Recorder()
    told: list[Any] = []
    runner = runner_of(
        FakeReader([*records(1), *records(2, name="MODIFY"), *records(3)]),
        handler,
        patterns=[{"eventName": ["MODIFY"]}],
        observe=lambda outcome, which, why: told.append((outcome, len(which))),
    )

    deliver(runner)

    assert handler.batches == [[2]]
    assert runner.handled == {"shard": "3"}
    assert told == [("filtered", 1), ("filtered", 1), ("handled", 1)]


def test_handler_time_is_the_sum_of_all_batches_in_ms() -> None:
    time = VirtualClock()

    def take_half_a_second(event: Any, context: Any) -> None:
        time.sleep(0.5)

    runner = runner_of(FakeReader(records(1), records(2)), take_half_a_second, time)
    runner.fetch()

    assert runner.deliver().handler_ms == pytest.approx(1_000)


def test_nothing_fetched_is_nothing_delivered() -> None:
    delivery = runner_of(FakeReader(), Recorder()).deliver()

    assert (delivery.caused, delivery.handler_ms) == (0, 0.0)


def test_lagging_stream_is_read_until_it_is_quiet() -> None:
    time = VirtualClock()
    reader = FakeReader([], [], records(1), [], records(2))
    runner = runner_of(reader, Recorder(), time, quiet_seconds=1.0)

    assert runner.fetch() == 2
    assert time.seconds == pytest.approx(1.0 + 3 * POLL_SECONDS)


def test_full_page_has_others_behind_it() -> None:
    reader = FakeReader(records(*range(1, PAGE_SIZE + 1)), records(PAGE_SIZE + 1), records(7))

    assert runner_of(reader, Recorder()).fetch() == PAGE_SIZE + 1


# --- Failures --------------------------------------------------------------------------------


def test_failed_batch_comes_again_whole_until_it_succeeds() -> None:
    handler = Recorder({2: 2})

    deliver(runner_of(FakeReader(records(1, 2, 3)), handler))

    assert handler.batches == [[1, 2, 3]] * 3


def test_reported_record_is_where_the_batch_begins_again() -> None:
    handler = Recorder({2: 1, 3: 1}, reports=True)

    deliver(runner_of(FakeReader(records(1, 2, 3)), handler))

    assert handler.batches == [[1, 2, 3], [2, 3], [3]]


def test_what_was_reported_counts_as_done_where_the_rest_is_given_up() -> None:
    handler = Recorder({2: ALWAYS}, reports=True)
    discarded: list[Any] = []
    runner = runner_of(
        FakeReader(records(1, 2, 3), records(4)),
        handler,
        maximum_retry_attempts=1,
        on_discard=discarded.append,
    )

    deliver(runner)

    assert handler.batches == [[1, 2, 3], [2, 3], [4]]
    [metadata] = discarded
    assert metadata["requestContext"]["approximateInvokeCount"] == 2
    assert metadata["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert "functionError" not in metadata["responseContext"]
    info = metadata["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"]) == ("2", "3")
    assert (info["shardId"], info["batchSize"]) == ("shard", 2)
    assert runner.handled == {"shard": "4"}


def test_bisecting_leaves_only_the_poison_record_behind() -> None:
    handler = Recorder({3: ALWAYS})
    discarded: list[Any] = []
    runner = runner_of(
        FakeReader(records(1, 2, 3, 4)),
        handler,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=1,
        on_discard=discarded.append,
    )

    deliver(runner)

    assert handler.batches == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]]
    assert [each["DDBStreamBatchInfo"]["batchSize"] for each in discarded] == [1]
    assert discarded[0]["responseContext"]["functionError"] == "Unhandled"


def test_too_old_records_are_given_up_before_the_handler_sees_them() -> None:
    handler = Recorder()
    discarded: list[Any] = []
    time = VirtualClock()
    time.seconds = 63.5  # record n was created at n
    runner = runner_of(
        FakeReader(records(1, 2, 3, 4, 5)),
        handler,
        time,
        maximum_record_age_in_seconds=60,
        on_discard=discarded.append,
    )

    deliver(runner)

    assert handler.batches == [[4, 5]]
    [metadata] = discarded
    assert metadata["requestContext"]["condition"] == "RecordAgeExceeded"
    assert metadata["DDBStreamBatchInfo"]["endSequenceNumber"] == "3"


def test_without_a_destination_giving_up_raises_what_the_handler_raised() -> None:
    runner = runner_of(FakeReader(records(1)), Recorder({1: ALWAYS}), maximum_retry_attempts=0)

    with pytest.raises(ValueError, match="1"):
        deliver(runner)


def test_without_a_destination_giving_up_what_was_reported_is_an_error() -> None:
    handler = Recorder({1: ALWAYS}, reports=True)
    runner = runner_of(FakeReader(records(1, 2)), handler, maximum_retry_attempts=0)

    with pytest.raises(RecordsDiscarded, match="2 stream records were given up") as error:
        deliver(runner)

    assert error.value.condition == "RetryAttemptsExhausted"


def test_without_a_destination_what_was_given_up_is_tried_at_the_next_delivery() -> None:
    handler = Recorder({1: 1})
    runner = runner_of(FakeReader(records(1)), handler, maximum_retry_attempts=0)
    with pytest.raises(ValueError, match="1"):
        deliver(runner)

    runner.deliver()

    assert handler.batches == [[1], [1]]
    assert runner.is_idle


def test_without_a_destination_what_was_handled_beside_it_is_done() -> None:
    handler = Recorder({1: 1})
    reader = FakeReader({"one": records(1), "other": records(2)})
    runner = runner_of(reader, handler, maximum_retry_attempts=0)
    with pytest.raises(ValueError, match="1"):
        deliver(runner)

    runner.deliver()

    assert sorted(handler.batches) == [[1], [1], [2]]
    assert runner.handled == {"one": "1", "other": "2"}


def test_without_a_destination_records_behind_too_old_ones_are_handled() -> None:
    handler = Recorder()
    time = VirtualClock()
    time.seconds = 63.5  # record n was created at n
    runner = runner_of(
        FakeReader(records(3, 4, 5)), handler, time, maximum_record_age_in_seconds=60
    )

    for _ in range(2):  # the old one is met again each time
        with pytest.raises(RecordsDiscarded, match="1 stream record"):
            deliver(runner)

    assert handler.batches == [[4, 5]]


def test_attempts_come_after_growing_pauses() -> None:
    time = VirtualClock()
    at: list[float] = []

    def fail_often(event: Any, context: Any) -> None:
        at.append(time.seconds)
        if len(at) < 9:
            raise ValueError

    deliver(runner_of(FakeReader(records(1)), fail_often, time))

    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
