import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.streams.fakes import NOON, STREAM_ARN, api_record
from workbench.errors import RecordsDiscarded
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.runner import POLL_SECONDS, StreamRunner


class FakeReader:
    """Gives the records of one poll after another: shard -> records, or those of one shard."""

    stream_arn = STREAM_ARN

    def __init__(self, *polls: Any, parents: dict[str, str] | None = None) -> None:
        self.polls = [poll if isinstance(poll, dict) else {"shard": poll} for poll in polls]
        self.parents = parents or {}
        self.full: list[set[str]] = []

    def poll(self, full: Any = frozenset()) -> dict[str, list[Any]]:
        self.full.append(set(full))
        found = self.polls.pop(0) if self.polls and not full else {}
        return {shard: records for shard, records in found.items() if records}

    def parent_of(self, shard_id: str) -> str | None:
        return self.parents.get(shard_id)


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Recorder:
    """A handler that writes down its batches, and fails as often as it is told for a record."""

    def __init__(self, failing: dict[int, int] | None = None, *, reports: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.failing = dict(failing or {})
        self.reports = reports

    def __call__(self, event: Any, context: Any) -> Any:
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]]
        self.batches.append(numbers)
        for number in numbers:
            if self.failing.get(number, 0):
                self.failing[number] -= 1
                if self.reports:
                    return {"batchItemFailures": [{"itemIdentifier": str(number)}]}
                raise ValueError(number)
        return None


ALWAYS = 10**9


def records(*numbers: int, **options: Any) -> list[dict[str, Any]]:
    return [api_record(number, **options) for number in numbers]


def runner_of(
    reader: FakeReader, handler: Any, time: FakeTime | None = None, **options: Any
) -> StreamRunner:
    time = time or FakeTime()
    settings = {
        name: options.pop(name) for name in list(options) if hasattr(EventSourceMapping, name)
    }
    times = {"clock": time, "sleep": time.sleep, "now": lambda: NOON + time.seconds}
    return StreamRunner(reader, handler, EventSourceMapping(**settings), **times, **options)  # type: ignore[arg-type]


def deliver(runner: StreamRunner) -> None:
    runner.fetch()
    runner.deliver()


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
    runner = runner_of(FakeReader(records(1), [], records(2, 3)), handler)

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
    time = FakeTime()

    def take_half_a_second(event: Any, context: Any) -> None:
        time.sleep(0.5)

    runner = runner_of(FakeReader(records(1), [], records(2)), take_half_a_second, time)
    runner.fetch()

    assert runner.deliver().handler_ms == pytest.approx(1_000)


def test_nothing_fetched_is_nothing_delivered() -> None:
    delivery = runner_of(FakeReader(), Recorder()).deliver()

    assert (delivery.caused, delivery.handler_ms) == (0, 0.0)


def test_lagging_stream_is_read_until_it_is_quiet() -> None:
    time = FakeTime()
    reader = FakeReader([], [], records(1), [], records(2))
    runner = runner_of(reader, Recorder(), time, quiet_seconds=1.0)

    assert runner.fetch() == 2
    assert time.seconds == pytest.approx(1.0 + 3 * POLL_SECONDS)


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
        FakeReader(records(1, 2, 3), [], records(4)),
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
    time = FakeTime()
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


def test_attempts_come_after_growing_pauses() -> None:
    time = FakeTime()
    at: list[float] = []

    def fail_often(event: Any, context: Any) -> None:
        at.append(time.seconds)
        if len(at) < 9:
            raise ValueError

    deliver(runner_of(FakeReader(records(1)), fail_often, time))

    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])


# --- Shards, lanes, checkpoints -----------------------------------------------------------------


def test_child_waits_until_all_of_its_parent_is_done() -> None:
    handler = Recorder({1: 2})
    reader = FakeReader({"parent": records(1), "child": records(2)}, parents={"child": "parent"})

    deliver(runner_of(reader, handler))

    assert handler.batches == [[1], [1], [1], [2]]


def test_grandchild_waits_although_its_parent_had_no_records() -> None:
    handler = Recorder({1: 2})
    reader = FakeReader(
        {"old": records(1), "new": records(2)}, parents={"new": "between", "between": "old"}
    )

    deliver(runner_of(reader, handler))

    assert handler.batches == [[1], [1], [1], [2]]


def test_grandchild_waits_although_its_parent_was_filtered() -> None:
    handler = Recorder({1: 2})
    between = records(2, name="MODIFY")
    reader = FakeReader(
        {"old": records(1), "between": between, "new": records(3)},
        parents={"new": "between", "between": "old"},
    )

    deliver(runner_of(reader, handler, patterns=[{"eventName": ["INSERT"]}]))

    assert handler.batches == [[1], [1], [1], [3]]


def test_blocked_shard_is_not_read_on() -> None:
    reader = FakeReader(records(1, 2), records(3, 4), records(5, 6), records(7))
    handler = Recorder({1: 3}, reports=True)
    runner = runner_of(reader, handler, batch_size=2)

    run_for(runner, 4)
    assert reader.full[2:] == [{"shard"}] * 2

    run_for(runner, 20)
    assert runner.handled == {"shard": "7"}


def test_lane_in_its_pause_waits_for_it_while_another_goes_on() -> None:
    time = FakeTime()
    at: list[tuple[int, float]] = []

    def fail_first(event: Any, context: Any) -> None:
        for record in event["Records"]:
            number = int(record["dynamodb"]["SequenceNumber"])
            at.append((number, time.seconds))
            if number == 1 and len([n for n, _ in at if n == 1]) < 3:
                raise ValueError

    polls = {"a": records(1), "b": records(2, 3, 4)}
    deliver(runner_of(FakeReader(polls), fail_first, time, batch_size=1))

    assert [round(seconds, 1) for number, seconds in at if number == 1] == [0.0, 0.1, 0.3]
    assert sorted(number for number, _ in at) == [1, 1, 1, 2, 3, 4]


def test_blocked_shard_does_not_hold_up_another() -> None:
    time = FakeTime()
    handler = Recorder({1: ALWAYS})
    runner = runner_of(FakeReader({"a": records(1), "b": records(2)}), handler, time)

    for _ in range(3):
        runner.step()

    assert [2] in handler.batches
    assert runner.handled == {"b": "2"}


def test_checkpoint_stays_before_the_first_record_that_is_not_done() -> None:
    handler = Recorder({2: ALWAYS}, reports=True)
    runner = runner_of(FakeReader(records(1, 2, 3)), handler)

    runner.step()

    assert runner.handled == {"shard": "1"}
    assert not runner.is_idle


def test_lanes_keep_the_order_of_each_item_and_the_checkpoint_that_of_the_shard() -> None:
    seen: dict[str, list[int]] = {}
    lock = threading.Lock()

    def remember(event: Any, context: Any) -> None:
        for record in event["Records"]:
            with lock:
                key = record["dynamodb"]["Keys"]["pk"]["S"]
                seen.setdefault(key, []).append(int(record["dynamodb"]["SequenceNumber"]))

    read = [api_record(number, key=f"MSG#{number % 7}") for number in range(1, 200)]
    for record in read:
        record["dynamodb"]["Keys"]["sk"]["S"] = "same"
    runner = runner_of(FakeReader(read), remember, parallelization_factor=4, batch_size=3)

    deliver(runner)

    assert seen == {f"MSG#{k}": [n for n in range(1, 200) if n % 7 == k] for k in range(7)}
    assert runner.handled == {"shard": "199"}


def test_lanes_of_a_shard_are_handled_at_once() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def meet(event: Any, context: Any) -> None:
        meeting.wait()  # breaks, unless two batches are under way

    read = [api_record(number, key=f"MSG#{number}") for number in (1, 5)]
    runner = runner_of(FakeReader(read), meet, parallelization_factor=10, maximum_retry_attempts=0)

    deliver(runner)

    assert runner.handled == {"shard": "5"}


def test_error_in_one_lane_leaves_what_others_did() -> None:
    handler = Recorder({1: 1})
    read = [api_record(number, key=f"MSG#{number}") for number in range(1, 9)]
    runner = runner_of(FakeReader(read), handler, parallelization_factor=3, batch_size=1)

    deliver(runner)

    flat = sorted(number for batch in handler.batches for number in batch)
    assert flat == [1, *range(1, 9)]


# --- Following ------------------------------------------------------------------------------------


def run_for(runner: StreamRunner, steps: int) -> None:
    for _ in range(steps):
        runner.step()


def test_window_waits_for_a_full_batch_or_its_end() -> None:
    time = FakeTime()
    handler = Recorder()
    reader = FakeReader(records(1), records(2), [], records(3, 4, 5), [])
    runner = runner_of(reader, handler, time, batch_size=4, maximum_batching_window_in_seconds=1.0)

    run_for(runner, 4)
    assert handler.batches == [[1, 2, 3, 4]]

    run_for(runner, 10)
    assert handler.batches == [[1, 2, 3, 4], [5]]


def test_empty_polls_do_not_spin() -> None:
    time = FakeTime()
    polls: list[float] = []
    reader = FakeReader()
    poll: Callable[[], Any] = reader.poll
    reader.poll = lambda full: polls.append(time.seconds) or poll()  # type: ignore[func-returns-value, method-assign]

    run_for(runner_of(reader, Recorder(), time), 5)

    assert polls == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_attempts_while_following_come_after_growing_pauses() -> None:
    time = FakeTime()
    at: list[float] = []

    def fail_always(event: Any, context: Any) -> None:
        at.append(time.seconds)
        raise ValueError

    run_for(runner_of(FakeReader(records(1)), fail_always, time), 22)

    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert pauses == pytest.approx([0.25, 0.25, 0.5, 1.0, 1.75])


def test_six_megabytes_are_a_batch_before_the_window_ends() -> None:
    handler = Recorder()
    large = records(1, 2)
    for record in large:
        record["dynamodb"]["NewImage"]["message"]["S"] = "x" * 3 * 1024**2
    runner = runner_of(FakeReader(large), handler, maximum_batching_window_in_seconds=300)

    run_for(runner, 2)

    assert handler.batches == [[1]]  # the other waits for its window


def test_records_read_without_a_batch_due_cause_no_pause() -> None:
    time = FakeTime()
    reader = FakeReader(records(1), records(2), records(3))
    runner = runner_of(
        reader, Recorder(), time, batch_size=3, maximum_batching_window_in_seconds=300
    )

    run_for(runner, 3)

    assert (time.seconds, runner.handled) == (0.0, {"shard": "3"})


def test_failed_records_are_observed_with_the_reason() -> None:
    told: list[Any] = []
    runner = runner_of(
        FakeReader(records(1, 2)),
        Recorder({2: 1}),
        observe=lambda outcome, which, why: told.append((outcome, len(which), why)),
    )

    deliver(runner)

    assert told == [("failed", 2, "ValueError(2)"), ("handled", 2, "")]


def test_records_stay_open_where_the_destination_fails() -> None:
    def full(metadata: Any) -> None:
        raise OSError("disk full")

    runner = runner_of(
        FakeReader(records(1)), Recorder({1: ALWAYS}), maximum_retry_attempts=0, on_discard=full
    )

    with pytest.raises(OSError, match="disk full"):
        deliver(runner)

    assert (runner.handled, runner.is_idle) == ({}, False)


def test_age_limit_keeps_the_attempts_of_what_is_left() -> None:
    time = FakeTime()
    time.seconds = 61.5  # record n was created at n, and record 1 is too old
    handler = Recorder({2: ALWAYS})
    discarded: list[Any] = []
    runner = runner_of(
        FakeReader(records(1, 2)),
        handler,
        time,
        maximum_record_age_in_seconds=60,
        maximum_retry_attempts=2,
        on_discard=discarded.append,
    )

    deliver(runner)

    assert handler.batches == [[2]] * 3
    conditions = [each["requestContext"]["condition"] for each in discarded]
    assert conditions == ["RecordAgeExceeded", "RetryAttemptsExhausted"]
    assert "responseContext" not in discarded[0]  # nothing was invoked


def test_runner_stops_between_batches() -> None:
    handler = Recorder()
    runner = runner_of(FakeReader(records(1, 2, 3)), handler, batch_size=1)

    run_for(runner, 2)

    assert handler.batches == [[1], [2]]
    assert runner.handled == {"shard": "2"}
