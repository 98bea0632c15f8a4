"""Doubles of what a stream runner stands between: a reader, time, and a handler."""

from typing import Any

from tests.streams.fakes import NOON, STREAM_ARN, api_record
from workbench.latency.fakes import VirtualClock
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.runner import StreamRunner


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
    reader: FakeReader, handler: Any, time: VirtualClock | None = None, **options: Any
) -> StreamRunner:
    time = time or VirtualClock()
    settings = {
        name: options.pop(name) for name in list(options) if hasattr(EventSourceMapping, name)
    }
    times = {"clock": time.now, "sleep": time.sleep, "now": lambda: NOON + time.seconds}
    return StreamRunner(reader, handler, EventSourceMapping(**settings), **times, **options)  # type: ignore[arg-type]


def deliver(runner: StreamRunner) -> None:
    runner.fetch()
    runner.deliver()


def run_for(runner: StreamRunner, steps: int) -> None:
    for _ in range(steps):
        runner.step()
