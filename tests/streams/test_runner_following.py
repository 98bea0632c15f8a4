import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.streams.doubles import (
    ALWAYS,
    FakeReader,
    Recorder,
    deliver,
    records,
    run_for,
    runner_of,
)
from workbench.latency.fakes import VirtualClock


def test_window_waits_for_a_full_batch_or_its_end() -> None:
    time = VirtualClock()
    handler = Recorder()
    reader = FakeReader(records(1), records(2), [], records(3, 4, 5), [])
    runner = runner_of(reader, handler, time, batch_size=4, maximum_batching_window_in_seconds=1.0)

    run_for(runner, 4)
    assert handler.batches == [[1, 2, 3, 4]]

    run_for(runner, 10)
    assert handler.batches == [[1, 2, 3, 4], [5]]


def test_empty_polls_do_not_spin() -> None:
    time = VirtualClock()
    polls: list[float] = []
    reader = FakeReader()
    poll: Callable[[], Any] = reader.poll
    reader.poll = lambda full: polls.append(time.seconds) or poll()  # type: ignore[func-returns-value, method-assign]

    run_for(runner_of(reader, Recorder(), time), 5)

    assert polls == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_attempts_while_following_come_after_growing_pauses() -> None:
    time = VirtualClock()
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
    time = VirtualClock()
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
    time = VirtualClock()
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
