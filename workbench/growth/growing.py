"""Reading a page of 20 while the table, an inbox or a conversation grows.

One table is filled step by step, tenfold each. Before each step a tenth of it is put as one inbox
and as one conversation; the rest are conversations of others. A reader whose own inbox and
conversation stay as they are looks again after each step: that is what the table's size does. In
the end the inboxes and conversations of all lengths are read in turns.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workbench.designs import Design
from workbench.dynamodb.bulk import put_items
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import silent_table
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable
from workbench.messaging.entities import User, pair_uuid
from workbench.trials.replay import Progress
from workbench.trials.templates import (
    KeyedItem,
    Sent,
    Templates,
    make_templates,
    numbered_uuid,
)

PAGE_SIZE = 20
CALLS = 50
MOST_SECONDS = 8.0  # for all calls at one size: what takes long is called less often
WARM_UP_CALLS = 1_500
SMALLEST_TABLE = 1_000
SHORTEST = 10
TEXT = "a text of forty characters, as it may be"
IN_TABLE, IN_CONVERSATION, IN_INBOX = AXES = (
    "items in the table", "messages in the conversation", "conversations in the inbox",
)  # fmt: skip
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

Call = Callable[[], None]


@dataclass(frozen=True)
class Point:
    """A page read at one size: median and quartiles in ms, units by rule, requests, items read."""

    design: str
    pattern: str
    axis: str
    size: int
    calls: int
    median_ms: float
    quartiles_ms: tuple[float, float]
    rru: float
    round_trips: int
    items_read: int


def powers_of_ten(smallest: int, largest: int) -> list[int]:
    """1, 10, 100, ... within these bounds."""
    return [10**power for power in range(12) if smallest <= 10**power <= largest]


def grow(
    design_class: type[Design],
    target: Target,
    *,
    most_items: int,
    progress: Progress = lambda task, done, total: None,
) -> Iterator[Point]:
    """Points of one design, on a table of up to so many items.

    Raises
    ------
    DesignNotUsable
        If its pages do not show what the table was filled with.
    """
    client = target.client()
    templates = make_templates(design_class, target)
    with silent_table(client, design_class.name, design_class.table_definition) as table_name:
        reading = Reading(design_class(client, table_name), Meter(client))
        filling = Filling(
            target,
            table_name,
            templates,
            lambda done: progress(design_class.name, done, most_items),
        )
        keeper, conversation = filling.add_inbox(PAGE_SIZE), filling.add_conversation(PAGE_SIZE)
        inboxes = {SHORTEST: filling.add_inbox(SHORTEST)}
        conversations = {SHORTEST: filling.add_conversation(SHORTEST)}
        pages = {"A": reading.of_conversation(*conversation), "B": reading.of_inbox(keeper)}
        for _ in range(WARM_UP_CALLS // 2):
            pages["A"](), pages["B"]()
        for size in powers_of_ten(SMALLEST_TABLE, most_items):
            entries = size // 10
            inboxes[entries] = filling.add_inbox(entries)
            conversations[entries] = filling.add_conversation(entries)
            filling.fill_up_to(size)
            for pattern, page in pages.items():
                yield from reading.measure(pattern, IN_TABLE, {size: page})
        yield from reading.measure(
            "A",
            IN_CONVERSATION,
            {
                length: reading.of_conversation(*each, length)
                for length, each in conversations.items()
            },
        )
        yield from reading.measure(
            "B",
            IN_INBOX,
            {length: reading.of_inbox(each, length) for length, each in inboxes.items()},
        )


class Reading:
    """A design's pages, timed and metered."""

    def __init__(self, design: Design, meter: Meter) -> None:
        self.design = design
        self.meter = meter

    def of_inbox(self, reader: User, length: int = PAGE_SIZE) -> Call:
        """Lists the first page of an inbox of so many conversations, and sees that it is full."""

        def page() -> None:
            found = self.design.list_conversations(reader, limit=PAGE_SIZE)
            self._check(len(found.entries), length)

        return page

    def of_conversation(self, reader: User, group_uuid: str, length: int = PAGE_SIZE) -> Call:
        """Lists the first page of a conversation of so many messages, and sees that it is full."""

        def page() -> None:
            found = self.design.list_messages(reader, group_uuid, limit=PAGE_SIZE)
            self._check(len(found.messages), length)

        return page

    def _check(self, entries: int, length: int) -> None:
        if entries != min(PAGE_SIZE, length):
            what = f"a page of {PAGE_SIZE} shows {entries} of {length} entries that were put"
            raise DesignNotUsable(self.design.name, what)

    def measure(self, pattern: str, axis: str, pages: Mapping[int, Call]) -> Iterator[Point]:
        """A point for each size; the calls at different sizes take turns."""
        times: dict[int, list[float]] = {size: [] for size in pages}
        for _ in range(CALLS):
            for size, page in pages.items():
                if sum(times[size]) < MOST_SECONDS * 1_000:
                    started = time.perf_counter()
                    page()
                    times[size].append((time.perf_counter() - started) * 1_000)
        for size, page in pages.items():
            with self.meter.watching() as usage:
                page()
            low, median_ms, high = statistics.quantiles([*times[size]] * 2, n=4)
            yield Point(
                self.design.name, pattern, axis, size, len(times[size]),
                round(median_ms, 4), (round(low, 4), round(high, 4)),
                usage.estimated_rru, usage.round_trips, usage.items_read,
            )  # fmt: skip


class Filling:
    """Puts conversations on a table, as the design would."""

    def __init__(
        self, target: Target, table_name: str, templates: Templates, note: Callable[[int], None]
    ) -> None:
        self.items = 0
        self._post = target.post()
        self._table_name = table_name
        self._templates = templates
        self._note = note
        self._numbers = itertools.count(1)

    def add_inbox(self, length: int) -> User:
        """Somebody with so many conversations of one message."""
        owner = self._new_user()
        self._put(
            item for _ in range(length) for item in self._conversation(owner, self._new_user(), 1)
        )
        return owner

    def add_conversation(self, length: int) -> tuple[User, str]:
        """Who takes part in a conversation of so many messages, and its UUID."""
        reader, other = self._new_user(), self._new_user()
        self._put(self._conversation(other, reader, length))
        return reader, pair_uuid(reader, other)

    def fill_up_to(self, items: int) -> None:
        """Add conversations of others."""
        self._put(self._conversations_of_others(items - self.items))

    def _conversations_of_others(self, items: int) -> Iterator[KeyedItem]:
        left = items
        while left > 0:
            started = list(self._conversation(self._new_user(), self._new_user(), 1))
            left -= len(started)
            yield from started

    def _conversation(self, starter: User, other: User, length: int) -> Iterator[KeyedItem]:
        numbers = itertools.islice(self._numbers, length)
        sent = [
            Sent(is_by_starter=True, text=TEXT, at=_moment(n), message_uuid=numbered_uuid(n))
            for n in numbers
        ]
        return self._templates.items(starter, other, sent)

    def _new_user(self) -> User:
        return numbered_user(next(self._numbers))

    def _put(self, items: Iterator[KeyedItem]) -> None:
        before = self.items
        for written in put_items(self._post, self._table_name, (each.item for each in items)):
            self.items = before + written
            self._note(self.items)


def numbered_user(number: int) -> User:
    """A user of whom nothing else is known."""
    return User(numbered_uuid(number), f"user{number}", f"User {number}")


def _moment(number: int) -> datetime:
    """No two are alike."""
    return FIRST + timedelta(seconds=number)
