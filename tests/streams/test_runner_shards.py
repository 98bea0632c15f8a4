import threading
from typing import Any

from tests.streams.doubles import (
    ALWAYS,
    FakeReader,
    Recorder,
    deliver,
    records,
    run_for,
    runner_of,
)
from tests.streams.fakes import api_record
from workbench.latency.fakes import VirtualClock


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
    time = VirtualClock()
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
    time = VirtualClock()
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
