"""What a stream update costs when messages come in bursts, and how far inboxes lag behind.

A function that takes all new messages of a conversation in a batch as one update pays once for a
burst; the floor is one update for each group item and burst.
"""

import itertools
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from workbench.designs import Design
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.measurement.live import send_live
from workbench.messaging.entities import Conversation
from workbench.messaging.logs import MessageLog, user_named
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.reader import StreamReader
from workbench.streams.runner import Handler, Observer, StreamRunner

FIRST_INSTANT = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = "a message of some forty characters or so"
REPEATS = 5
SENDER, RECIPIENT = user_named("1"), user_named("2")


class Subject(NamedTuple):
    """A design, the function on its stream, and the batches that the function gets."""

    name: str
    design_class: type[Design]
    make_handler: Callable[[Any], Handler]
    mapping: EventSourceMapping


@dataclass(frozen=True)
class BurstResult:
    """Means per message of the stream update alone (E), for bursts of so many messages.

    `shown_right` says how many of the bursts left both inboxes with their last message.
    """

    subject: str
    batch_size: int
    burst: int
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


def measure_bursts(subject: Subject, target: Target, sizes: Sequence[int]) -> list[BurstResult]:
    """One result for each size of burst, of five bursts each; the first burst is a warm-up."""
    client = target.client()
    meter = Meter(client)
    definition = subject.design_class.table_definition
    with temporary_table(client, "bursts", definition) as table:
        design = subject.design_class(client, table.name)
        runner = _runner(subject, design, target, table)
        conversation = design.start_conversation(SENDER, RECIPIENT, TEXT, FIRST_INSTANT)
        runner.fetch()
        runner.deliver()
        times = (FIRST_INSTANT + timedelta(seconds=n) for n in itertools.count(1))
        texts = (f"{TEXT} {n}" for n in itertools.count(1))
        bursts = Bursts(subject, design, meter, runner, conversation)
        bursts.measure(zip(texts, times, strict=False), sizes[0], 1)
        return [bursts.measure(zip(texts, times, strict=False), size, REPEATS) for size in sizes]


@dataclass
class Bursts:
    """Bursts of messages in one conversation, each followed by its stream update."""

    subject: Subject
    design: Design
    meter: Meter
    runner: StreamRunner
    conversation: Conversation

    def measure(
        self, messages: Iterable[tuple[str, datetime]], size: int, repeats: int
    ) -> BurstResult:
        """What so many bursts of this size cost on the stream's side."""
        source = iter(messages)
        trips = wru = rru = seconds = 0.0
        caused = right = 0
        for _ in range(repeats):
            text = ""
            for text, sent_at in itertools.islice(source, size):
                self.design.send_message(self.conversation, text, sent_at)
            self.runner.fetch()
            with self.meter.watching() as usage:
                delivery = self.runner.deliver()
            trips += usage.round_trips
            wru += usage.estimated_wru
            rru += usage.estimated_rru
            seconds += delivery.handler_ms / 1_000 - usage.side_seconds
            caused += delivery.caused
            right += self._shows(text)
        count = size * repeats
        return BurstResult(
            subject=self.subject.name,
            batch_size=self.subject.mapping.batch_size,
            burst=size,
            round_trips=trips / count,
            wru=wru / count,
            rru=rru / count,
            stream_records=caused / count,
            records_per_second=count / seconds,
            bursts=repeats,
            shown_right=right,
        )

    def _shows(self, text: str) -> bool:
        pages = [self.design.list_conversations(user) for user in (SENDER, RECIPIENT)]
        return all([entry.last_text for entry in page.entries] == [text] for page in pages)


def measure_lag(
    subject: Subject, target: Target, log: MessageLog, *, per_second: float
) -> LagResult:
    """The lag while another process sends a log's messages at a steady rate."""
    client = target.client()
    lags_ms: list[float] = []

    def note(outcome: str, records: Sequence[Any], why: str) -> None:
        now = datetime.now(UTC)
        if outcome == "handled":
            sent = [datetime.fromisoformat(r["dynamodb"]["Keys"]["sk"]["S"]) for r in records]
            lags_ms.extend((now - sent_at).total_seconds() * 1_000 for sent_at in sent)

    with temporary_table(client, "lag", subject.design_class.table_definition) as table:
        design = subject.design_class(client, table.name)
        runner = _runner(subject, design, target, table, note)
        context = multiprocessing.get_context("spawn")
        arguments = (subject.design_class, target, table.name, log, per_second)
        sender = context.Process(target=_send, args=arguments, daemon=True)
        sender.start()
        try:
            runner.run(
                lambda: len(lags_ms) >= len(log.messages) or sender.exitcode not in (None, 0)
            )
        finally:
            sender.terminate()
            sender.join()
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


def _runner(
    subject: Subject,
    design: Design,
    target: Target,
    table: Table,
    observe: Observer = lambda outcome, records, why: None,
) -> StreamRunner:
    return StreamRunner(
        StreamReader(target.streams_client(), table.stream_arn),
        subject.make_handler(design),
        subject.mapping,
        observe=observe,
        clock=time.perf_counter,
    )
