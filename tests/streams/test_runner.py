from typing import Any

import pytest

from workbench.streams.runner import Delivery, StreamRunner


class FakeReader:
    """Gives one batch of records a poll."""

    def __init__(self, *batches: list[Any]) -> None:
        self.batches = list(batches)

    def poll(self) -> list[Any]:
        return self.batches.pop(0) if self.batches else []


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def runner_of(reader: FakeReader, handler: Any, **options: Any) -> StreamRunner:
    return StreamRunner(reader, handler, **options)  # type: ignore[arg-type]


def test_records_are_handled_in_order_once() -> None:
    handled: list[Any] = []
    runner = runner_of(FakeReader(["a", "b"]), handled.append)

    assert runner.fetch() == 2
    runner.deliver()
    runner.deliver()

    assert handled == ["a", "b"]


def test_records_that_the_handler_causes_are_delivered_too() -> None:
    handled: list[Any] = []
    runner = runner_of(FakeReader(["a"], ["caused", "caused too"], []), handled.append)

    runner.fetch()
    delivery = runner.deliver()

    assert delivery.caused == 2
    assert handled == ["a", "caused", "caused too"]


def test_handler_time_is_the_sum_of_all_batches_in_ms() -> None:
    time = FakeTime()

    def take_half_a_second(record: Any) -> None:
        time.sleep(0.5)

    runner = runner_of(FakeReader(["a"], ["b"]), take_half_a_second, clock=time, sleep=time.sleep)
    runner.fetch()

    assert runner.deliver().handler_ms == pytest.approx(1_000)


def test_nothing_fetched_is_nothing_delivered() -> None:
    assert runner_of(FakeReader(), print).deliver() == Delivery(0, 0.0)


def test_lagging_stream_is_read_until_it_is_quiet() -> None:
    time = FakeTime()
    runner = runner_of(
        FakeReader([], [], ["late"], [], ["later"]),
        print,
        quiet_seconds=1.0,
        clock=time,
        sleep=time.sleep,
    )

    assert runner.fetch() == 2
    assert time.now == pytest.approx(1.0 + 4 * 0.25)


def test_failing_handler_is_not_hidden() -> None:
    def fail(record: Any) -> None:
        raise ValueError(record)

    runner = runner_of(FakeReader(["a"]), fail)
    runner.fetch()

    with pytest.raises(ValueError, match="a"):
        runner.deliver()
