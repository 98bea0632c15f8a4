"""A log's read pattern through modelled clusters: hits, units saved, and answers out of date.

After each message its two users look: the recipient first, then the sender, in turns, each time at
the inbox and into that conversation. When they do is drawn, seconds to an hour later, many soon and
few late (the logarithm of the delay is evenly spread); a log does not tell. Writes go through DAX,
the stream update around it or through it, and always reads the table itself.
"""

import bisect
import itertools
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from workbench.dax.client import DaxModel
from workbench.dax.resting import Overheard, RestingTable, View
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.measurement.environment import Environment
from workbench.messaging.entities import Conversation, InboxPage, MessagePage
from workbench.messaging.logs import LoggedMessage, user_named
from workbench.storage import StoredRun
from workbench.trials.loading import open_loaded
from workbench.trials.trial import TableTrial

TTLS_SECONDS = (10.0, 60.0, 300.0, 900.0, 3600.0)
READS_PER_MESSAGE = (1, 2, 4, 8, 16)
SOONEST_SECONDS, LATEST_SECONDS = 1.0, 3600.0
SAME_INSTANT = timedelta(
    milliseconds=2
)  # a design moves a message by less, and no log by so little
NOT_SHOWN = (
    "time: a hit on DAX is answered in microseconds, and a miss later than without it",
    "several nodes, whose caches lag behind each other; failures of nodes; what a node can hold",
    "reads that come with sending, which go to the table here",
    "when people look: delays are drawn, from 1 second to an hour after a message",
    "caches that are warm from the days before: they begin empty",
)

Progress = Callable[[str, int, int], None]


class Looking(NamedTuple):
    """Somebody looks at an inbox and into a conversation: the `number`th after that message."""

    at: datetime
    number: int
    message: LoggedMessage

    @property
    def reader(self) -> str:
        """The recipient first, then in turns."""
        return self.message.sender if self.number % 2 else self.message.recipient

    @property
    def other(self) -> str:
        """The other one of the two."""
        return self.message.recipient if self.number % 2 else self.message.sender


@dataclass(frozen=True)
class Cell:
    """What one cluster did: a design, a TTL of both caches, and how often was looked a message.

    Units and requests are those of all looks at inbox and conversation, `with` DAX including what
    transactions are read again for. `stale` are answers that differ from the table's own at that
    moment, by pattern; `stale_seconds` how long these had been out of date, as median, 90th
    percentile and longest. Hit rates are None where nothing was asked of a cache.
    """

    design: str
    stream_update: str
    ttl_seconds: float
    reads_per_message: int
    messages: int
    looks: int
    rru_without: float
    rru_with: float
    requests_without: int
    requests_with: int
    item_hit_rate: float | None
    query_hit_rate: float | None
    stale: dict[str, int]
    stale_seconds: tuple[float, float, float] | None
    peak_bytes: int


@dataclass(frozen=True)
class DaxRun(StoredRun):
    """Several designs under one log's pattern."""

    command = "dax --out FILE"
    environment: Environment
    log: str
    messages_in_log: int
    seed: int
    cells: Sequence[Cell]
    not_shown: Sequence[str] = NOT_SHOWN


read_dax = DaxRun.read


@dataclass
class _Cluster:
    """A modelled cluster, with a design in front of it that reads."""

    ttl_seconds: float
    reads_per_message: int
    view: View
    dax: DaxModel
    design: Design
    ages: dict[str, list[float]] = field(default_factory=lambda: {"A": [], "B": []})


@dataclass
class _Direct:
    """What the same looks take without a cluster, for one number of looks a message."""

    rru: float = 0.0
    requests: int = 0
    looks: int = 0


def try_design(
    design_class: type[Design],
    target: Target,
    messages: Sequence[LoggedMessage],
    *,
    replayed: int,
    seed: int,
    ttls_seconds: Sequence[float] = TTLS_SECONDS,
    reads_per_message: Sequence[int] = READS_PER_MESSAGE,
    through: bool = False,
    progress: Progress = lambda task, done, total: None,
) -> list[Cell]:
    """A cell for each TTL and number of looks, from the log's last messages; the others are there.

    The clock is the log's: nothing waits. With `through`, the stream update writes through DAX.
    """
    earlier, later = messages[:-replayed], messages[-replayed:]
    with open_loaded(design_class, target, earlier, progress=progress) as (trial, missing):
        assert isinstance(trial, TableTrial)
        for message in missing:
            trial.send(message)
        trial.settle()
        grid = list(itertools.product(ttls_seconds, reads_per_message))
        replay = _Replay(trial, design_class, grid, through=through)
        events = list(_events(later, max(reads_per_message), random.Random(seed)))
        for number, event in enumerate(events):
            if number % 100 == 0:
                progress(f"{design_class.name}: looks", number, len(events))
            replay.take(event)
        progress(f"{design_class.name}: looks", len(events), len(events))
        return replay.cells(len(later), "through" if through else "around")


def _events(
    messages: Sequence[LoggedMessage], most_reads: int, rng: random.Random
) -> Iterator[LoggedMessage | Looking]:
    """Messages and looks in order of time; fewer looks a message are the first ones of these."""
    span = math.log(LATEST_SECONDS / SOONEST_SECONDS)
    timed: list[tuple[datetime, int, LoggedMessage | Looking]] = []
    for message in messages:
        timed.append((message.sent_at, 0, message))
        for number in range(most_reads):
            delay = SOONEST_SECONDS * math.exp(rng.random() * span)
            at = message.sent_at + timedelta(seconds=delay)
            timed.append((at, 1, Looking(at, number, message)))
    yield from (event for _, _, event in sorted(timed, key=lambda each: each[:2]))


class _Replay:
    """A design's table, and all clusters of a grid in front of it."""

    def __init__(
        self,
        trial: TableTrial,
        design_class: type[Design],
        grid: Sequence[tuple[float, int]],
        *,
        through: bool,
    ) -> None:
        self._trial = trial
        self._through = through
        self._now = 0.0
        self._table = RestingTable(trial.client, trial.meter)
        self._sent: dict[str, list[datetime]] = defaultdict(list)  # by conversation
        self._view = View(self._table)
        self._reader = design_class(self._view, trial.table_name)  # type: ignore[arg-type]
        self._direct = {reads: _Direct() for _, reads in grid}
        self._clusters = [
            self._cluster(design_class, ttl_seconds, reads) for ttl_seconds, reads in grid
        ]
        self._overheard = Overheard(trial.client, self._tell)

    def _cluster(self, design_class: type[Design], ttl_seconds: float, reads: int) -> _Cluster:
        view = View(self._table)
        dax = DaxModel(
            view,
            clock=lambda: self._now,
            item_ttl_seconds=ttl_seconds,
            query_ttl_seconds=ttl_seconds,
        )
        design = design_class(dax, self._trial.table_name)  # type: ignore[arg-type]
        return _Cluster(ttl_seconds, reads, view, dax, design)

    def _tell(self, operation: str, request: Any, response: Any) -> None:
        self._table.forget()
        for cluster in self._clusters:
            cluster.dax.written(operation, request, response)

    def take(self, event: LoggedMessage | Looking) -> None:
        """Send a message, or look in front of each cluster and at the table itself."""
        if isinstance(event, Looking):
            self._now = event.at.timestamp()
            self._look(event)
            return
        self._now = event.sent_at.timestamp()
        self._overheard.is_on = True
        self._trial.send(event)
        self._overheard.is_on = self._through
        self._trial.settle()
        self._overheard.is_on = False
        self._table.forget()
        conversation = self._conversation(event.sender, event.recipient)
        self._sent[conversation.group_uuid].append(event.sent_at)

    def _conversation(self, viewer: str, other: str) -> Conversation:
        conversation = self._trial.conversation(viewer, other)
        assert conversation is not None, "a message was sent in it"
        return conversation

    def _look(self, look: Looking) -> None:
        reader = user_named(look.reader)
        group_uuid = self._conversation(look.reader, look.other).group_uuid
        rru, requests = self._view.rru, self._view.requests
        inbox = self._reader.list_conversations(reader)
        talk = self._reader.list_messages(reader, group_uuid)
        for reads, direct in self._direct.items():
            if look.number < reads:
                direct.looks += 1
                direct.rru += self._view.rru - rru
                direct.requests += self._view.requests - requests
        for cluster in self._clusters:
            if look.number < cluster.reads_per_message:
                seen = cluster.design.list_conversations(reader)
                if seen.entries != inbox.entries:
                    since = self._inbox_since(seen, inbox)
                    cluster.ages["B"].append((look.at - since).total_seconds())
                read = cluster.design.list_messages(reader, group_uuid)
                if read.messages != talk.messages:
                    since = self._since(group_uuid, _newest(read))
                    cluster.ages["A"].append((look.at - since).total_seconds())

    def _inbox_since(self, seen: InboxPage, true: InboxPage) -> datetime:
        """Since when an inbox is out of date: the first message that it lacks."""
        shown = {each.conversation.group_uuid: each.last_message_at for each in seen.entries}
        top = max(shown.values(), default=None)
        return min(
            self._since(group_uuid, shown.get(group_uuid, top))
            for each in true.entries
            if shown.get(group_uuid := each.conversation.group_uuid) != each.last_message_at
        )

    def _since(self, group_uuid: str, shown: datetime | None) -> datetime:
        """When the first message of a conversation later than the one that is shown was sent."""
        sent = self._sent[group_uuid]
        place = 0 if shown is None else bisect.bisect(sent, shown + SAME_INSTANT)
        return sent[min(place, len(sent) - 1)]

    def cells(self, messages: int, stream_update: str) -> list[Cell]:
        """What all clusters did."""
        return [self._cell(each, messages, stream_update) for each in self._clusters]

    def _cell(self, cluster: _Cluster, messages: int, stream_update: str) -> Cell:
        direct = self._direct[cluster.reads_per_message]
        ages = sorted(age for found in cluster.ages.values() for age in found)
        return Cell(
            design=self._reader.name,
            stream_update=stream_update,
            ttl_seconds=cluster.ttl_seconds,
            reads_per_message=cluster.reads_per_message,
            messages=messages,
            looks=direct.looks,
            rru_without=direct.rru,
            rru_with=cluster.view.rru,
            requests_without=direct.requests,
            requests_with=cluster.view.requests,
            item_hit_rate=cluster.dax.hit_rate("GetItem", "BatchGetItem"),
            query_hit_rate=cluster.dax.hit_rate("Query", "Scan"),
            stale={letter: len(found) for letter, found in cluster.ages.items()},
            stale_seconds=_spread(ages) if ages else None,
            peak_bytes=cluster.dax.items.peak_bytes + cluster.dax.queries.peak_bytes,
        )


def _newest(page: MessagePage) -> datetime | None:
    return page.messages[0].created_at if page.messages else None


def _spread(ages: Sequence[float]) -> tuple[float, float, float]:
    place = math.ceil(0.9 * len(ages)) - 1
    return round(statistics.median(ages), 1), round(ages[place], 1), round(ages[-1], 1)
