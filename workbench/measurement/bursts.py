"""What a stream update costs when messages come in bursts, and how far inboxes lag behind.

A function that takes all new messages of a conversation in a batch as one update pays once for a
burst; the floor is one update for each group item and burst.
"""

import contextlib
import json
import multiprocessing
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.designs import Design
from workbench.dynamodb.meter import Meter, Usage
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target
from workbench.errors import SenderFailed
from workbench.measurement.environment import Environment, describe_environment
from workbench.measurement.live import lag_ms, send_live
from workbench.measurement.storage import read_stored, store
from workbench.messaging.logs import MessageLog, user_named
from workbench.streams.filters import matches
from workbench.streams.handlers import stream_handler
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.reader import StreamReader
from workbench.streams.runner import Delivery, Handler, Observer, StreamRunner

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FORMAT_VERSION = 1
FIRST_INSTANT = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = "a message of some forty characters or so"
SENDER, RECIPIENT = user_named("1"), user_named("2")
NOT_SHOWN = (
    "throttling, cold starts, several shards: DynamoDB Local has none of them",
    "lag and speed of the service: milliseconds are this machine's, to be compared with each other",
    "what Lambda charges for invocations",
)

Progress = Callable[[str, int, int], None]


class Subject(NamedTuple):
    """What is measured: messages sent with a design, and a function on the stream."""

    name: str
    design_class: type[Design]
    make_handler: Callable[["DynamoDBClient", str], Handler]
    mapping: EventSourceMapping
    on_discard: Callable[[Mapping[str, Any]], None] | None = None


def subject_of(design_class: type[Design]) -> Subject:
    """A design with its own stream update, in batches of up to 100, filtered as when deployed."""
    return Subject(
        design_class.name,
        design_class,
        lambda client, table_name: stream_handler(design_class(client, table_name)),
        EventSourceMapping(patterns=[design_class.stream_filter], maximum_retry_attempts=0),
    )


@dataclass(frozen=True)
class BurstResult:
    """Means per message of the stream update alone (E), for bursts of so many messages.

    `records_per_second` is the median over bursts, of the function's time alone. `shown_right` is
    how many bursts left both inboxes with their last message.
    """

    subject: str
    burst: int
    batch_size: int
    round_trips: float
    wru: float
    rru: float
    stream_records: float
    records_per_second: float
    bursts: int
    shown_right: int


@dataclass(frozen=True)
class LagResult:
    """Milliseconds from the sending of a message until the function that shows it has returned."""

    subject: str
    messages: int
    per_second: float
    median_ms: float
    p95_ms: float


@dataclass(frozen=True)
class BurstRun:
    """One measurement of several subjects, on one server."""

    environment: Environment
    seed: int
    bursts: Sequence[BurstResult]
    lags: Sequence[LagResult]
    not_shown: Sequence[str] = NOT_SHOWN
    format_version: int = FORMAT_VERSION

    def to_json(self) -> str:
        """The run as one JSON object."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def write(self, path: Path) -> None:
        """Store the run, or raise OutputNotWritable."""
        store(path, self.to_json())


def read_bursts(path: Path) -> dict[str, Any]:
    """A stored run, or RunNotReadable."""
    return read_stored(path, format_version=FORMAT_VERSION, command="bursts --out FILE")


def measure(
    subjects: Sequence[Subject],
    target: Target,
    log: MessageLog,
    *,
    sizes: Sequence[int],
    repeats: int,
    per_second: float,
    seed: int,
    progress: Progress = lambda task, done, total: None,
) -> BurstRun:
    """Bursts of each size, then the lag behind a log that another process sends.

    The subjects take turns in seeded random order, so that a slow moment of the machine falls on
    all of them; each one's first burst of a size is a warm-up and does not count.
    """
    bursts = measure_bursts(subjects, target, sizes, repeats, random.Random(seed), progress)
    lags = []
    for number, subject in enumerate(subjects):
        progress("lag", number, len(subjects))
        lags.append(measure_lag(subject, target, log, per_second=per_second))
    progress("lag", len(subjects), len(subjects))
    return BurstRun(describe_environment(target), seed, bursts, lags)


def measure_bursts(
    subjects: Sequence[Subject],
    target: Target,
    sizes: Sequence[int],
    repeats: int,
    rng: random.Random,
    progress: Progress = lambda task, done, total: None,
) -> list[BurstResult]:
    """A result for each size and subject, from so many bursts that count."""
    results = []
    with contextlib.ExitStack() as stack:
        talks = [stack.enter_context(open_talk(subject, target)) for subject in subjects]
        for number, size in enumerate(sizes):
            for turn in range(1 + repeats):
                progress("bursts", number * (1 + repeats) + turn, len(sizes) * (1 + repeats))
                for talk in rng.sample(talks, len(talks)):
                    talk.burst(size, counts=turn > 0)
            results += [talk.conclude(size) for talk in talks]
    progress("bursts", len(sizes), len(sizes))
    return results


class _Burst(NamedTuple):
    usage: Usage
    delivery: Delivery
    is_shown: bool


@dataclass
class Talk:
    """One conversation of a subject, in which bursts are sent."""

    subject: Subject
    design: Design
    meter: Meter
    runner: StreamRunner
    sent: int = 0
    measured: list[_Burst] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._conversation = self.design.start_conversation(SENDER, RECIPIENT, TEXT, FIRST_INSTANT)
        self.runner.fetch()
        self.runner.deliver()

    def burst(self, size: int, *, counts: bool) -> None:
        """Send so many messages, then bring them to the function as fast as it takes them."""
        for _ in range(size):
            self.sent += 1
            self.design.send_message(
                self._conversation,
                f"{TEXT} {self.sent}",
                FIRST_INSTANT + timedelta(seconds=self.sent),
            )
        self.runner.fetch()
        with self.meter.watching() as usage:
            delivery = self.runner.deliver()
        if counts:
            self.measured.append(_Burst(usage, delivery, self._is_shown()))

    def _is_shown(self) -> bool:
        pages = [self.design.list_conversations(user) for user in (SENDER, RECIPIENT)]
        last = [f"{TEXT} {self.sent}"]
        return all([entry.last_text for entry in page.entries] == last for page in pages)

    def conclude(self, size: int) -> BurstResult:
        """Means of the bursts measured since the last conclusion, all of this size."""
        bursts, self.measured = self.measured, []
        messages = size * len(bursts)
        usages = [burst.usage for burst in bursts]
        seconds = [b.delivery.handler_ms / 1_000 - b.usage.side_seconds for b in bursts]
        return BurstResult(
            subject=self.subject.name,
            burst=size,
            batch_size=self.subject.mapping.batch_size,
            round_trips=sum(usage.round_trips for usage in usages) / messages,
            wru=sum(usage.estimated_wru for usage in usages) / messages,
            rru=sum(usage.estimated_rru for usage in usages) / messages,
            stream_records=sum(burst.delivery.caused for burst in bursts) / messages,
            records_per_second=statistics.median(size / each for each in seconds),
            bursts=len(bursts),
            shown_right=sum(burst.is_shown for burst in bursts),
        )


@contextlib.contextmanager
def open_talk(subject: Subject, target: Target) -> Iterator[Talk]:
    """A conversation on a new table, which is deleted when the block ends."""
    client = target.client()
    with _open_runner(subject, target, client) as (name, runner):
        yield Talk(subject, subject.design_class(client, name), Meter(client), runner)


@contextlib.contextmanager
def _open_runner(
    subject: Subject,
    target: Target,
    client: "DynamoDBClient",
    observe: Observer = lambda outcome, records, why: None,
) -> Iterator[tuple[str, StreamRunner]]:
    """A new table's name, and the subject's function at its stream."""
    definition = subject.design_class.table_definition
    with temporary_table(client, subject.design_class.name, definition) as table:
        yield (
            table.name,
            StreamRunner(
                StreamReader(target.streams_client(), table.stream_arn),
                subject.make_handler(client, table.name),
                subject.mapping,
                observe=observe,
                on_discard=subject.on_discard,
            ),
        )


def measure_lag(
    subject: Subject, target: Target, log: MessageLog, *, per_second: float
) -> LagResult:
    """The lag while another process sends a log's messages at a steady rate.

    Messages that are discarded have none: `messages` in the result are those that were shown.

    Raises
    ------
    SenderFailed
        If the other process fails.
    """
    lags_ms: list[float] = []

    def note(outcome: str, records: Sequence[Mapping[str, Any]], why: str) -> None:
        if outcome == "handled":
            now = datetime.now(UTC)
            pattern = subject.design_class.stream_filter
            messages = [record for record in records if matches([pattern], record)]
            lags_ms.extend(lag_ms(message, now) for message in messages)

    with _open_runner(subject, target, target.client(), note) as (name, runner):
        sender = multiprocessing.get_context("spawn").Process(
            target=_send, args=(subject.design_class, target, name, log, per_second), daemon=True
        )
        sender.start()
        try:
            is_more = True
            while is_more:
                is_sending = sender.is_alive()
                is_more = runner.step() or is_sending or not runner.is_idle
        finally:
            sender.terminate()
            sender.join()
    if sender.exitcode:
        raise SenderFailed(sender.exitcode)
    return LagResult(
        subject=subject.name,
        messages=len(lags_ms),
        per_second=per_second,
        median_ms=statistics.median(lags_ms),
        p95_ms=statistics.quantiles(lags_ms, n=20, method="inclusive")[-1],
    )


def _send(
    design_class: type[Design], target: Target, table_name: str, log: MessageLog, per_second: float
) -> None:
    send_live(design_class(target.client(), table_name), log, per_second=per_second)
