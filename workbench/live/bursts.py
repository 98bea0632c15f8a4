"""What a stream update costs when messages come in bursts, and how far inboxes lag behind.

A function that takes all new messages of a conversation in a batch as one update pays once for a
burst; the floor is one update for each group item and burst.
"""

import contextlib
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from workbench.designs import Design
from workbench.dynamodb.meter import Usage
from workbench.dynamodb.targets import Target
from workbench.live.lag import LagResult, measure_lag
from workbench.measurement.environment import Environment, describe_environment
from workbench.messaging.logs import MessageLog, user_named
from workbench.storage import StoredRun
from workbench.streams.handlers import stream_handler
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.runner import Delivery
from workbench.trials.trial import StreamFunction, TableTrial, open_trial

FIRST_INSTANT = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = "a message of some forty characters or so"
SENDER, RECIPIENT = user_named("1"), user_named("2")
NOT_SHOWN = (
    "throttling, cold starts, several shards: DynamoDB Local has none of them",
    "lag and speed of the service: milliseconds are this machine's, to be compared with each other",
    "what Lambda charges for invocations",
)

Progress = Callable[[str, int, int], None]


def function_of(design_class: type[Design]) -> StreamFunction:
    """A design's own function, in batches of up to 100, filtered as when deployed."""
    return StreamFunction(
        design_class.name,
        design_class,
        lambda client, name: stream_handler(design_class(client, name)),
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
class BurstRun(StoredRun):
    """One measurement of several functions, on one server."""

    command = "bursts --out FILE"
    environment: Environment
    seed: int
    bursts: Sequence[BurstResult]
    lags: Sequence[LagResult]
    not_shown: Sequence[str] = NOT_SHOWN


read_bursts = BurstRun.read


def measure(
    functions: Sequence[StreamFunction],
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

    The functions take turns in seeded random order, so that a slow moment of the machine falls on
    all of them; each one's first burst of a size is a warm-up and does not count.
    """
    bursts = measure_bursts(functions, target, sizes, repeats, random.Random(seed), progress)
    lags = []
    for number, function in enumerate(functions):
        progress("lag", number, len(functions))
        lags.append(measure_lag(function, target, log, per_second=per_second))
    progress("lag", len(functions), len(functions))
    return BurstRun(describe_environment(target), seed, bursts, lags)


def measure_bursts(
    functions: Sequence[StreamFunction],
    target: Target,
    sizes: Sequence[int],
    repeats: int,
    rng: random.Random,
    progress: Progress = lambda task, done, total: None,
) -> list[BurstResult]:
    """A result for each size and function, from so many bursts that count."""
    results = []
    with contextlib.ExitStack() as stack:
        talks = [
            Talk(each, stack.enter_context(open_trial(each.design_class, target, function=each)))
            for each in functions
        ]
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
    """One conversation, in which bursts are sent."""

    function: StreamFunction
    trial: TableTrial
    sent: int = 0
    measured: list[_Burst] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._conversation = self.trial.design.start_conversation(
            SENDER, RECIPIENT, TEXT, FIRST_INSTANT
        )
        self.trial.settle()

    def burst(self, size: int, *, counts: bool) -> None:
        """Send so many messages, then bring them to the function as fast as it takes them."""
        for _ in range(size):
            self.sent += 1
            self.trial.design.send_message(
                self._conversation,
                f"{TEXT} {self.sent}",
                FIRST_INSTANT + timedelta(seconds=self.sent),
            )
        self.trial.stream.fetch()
        with self.trial.meter.watching() as usage:
            delivery = self.trial.stream.deliver()
        if counts:
            self.measured.append(_Burst(usage, delivery, self._is_shown()))

    def _is_shown(self) -> bool:
        pages = [self.trial.design.list_conversations(user) for user in (SENDER, RECIPIENT)]
        last = [f"{TEXT} {self.sent}"]
        return all([entry.last_text for entry in page.entries] == last for page in pages)

    def conclude(self, size: int) -> BurstResult:
        """Means of the bursts measured since the last conclusion, all of this size."""
        bursts, self.measured = self.measured, []
        messages = size * len(bursts)
        usages = [burst.usage for burst in bursts]
        seconds = [b.delivery.handler_ms / 1_000 - b.usage.side_seconds for b in bursts]
        return BurstResult(
            subject=self.function.name,
            burst=size,
            batch_size=self.function.mapping.batch_size,
            round_trips=sum(usage.round_trips for usage in usages) / messages,
            wru=sum(usage.estimated_wru for usage in usages) / messages,
            rru=sum(usage.estimated_rru for usage in usages) / messages,
            stream_records=sum(burst.delivery.caused for burst in bursts) / messages,
            records_per_second=statistics.median(size / each for each in seconds),
            bursts=len(bursts),
            shown_right=sum(burst.is_shown for burst in bursts),
        )
