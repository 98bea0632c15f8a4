"""Tracing a design's calls at chosen points, to learn how their charges grow.

On small tables made for it, every access pattern is called once at each point of three axes: the
reader's inbox grows, a conversation grows, and participants join; twice over, with short texts and
with long ones, and a little way with longer names. Nothing is told to the tracer about the design:
it sees requests and items only.
"""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workbench.capacity.growth import Curve, Growth, Slot
from workbench.capacity.requests import Charge
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.errors import NotSupported, TraceNotRepeatable
from workbench.messaging.entities import Conversation, User
from workbench.messaging.logs import user_named
from workbench.trials.trial import TableTrial, open_trial

SHORT_TEXT_BYTES, LONG_TEXT_BYTES = 40, 640
NAME_BYTES, MORE_NAME_BYTES = 7, 10
PARTICIPANTS = (2, 3, 4, 6)
FIRST_INSTANT = datetime(2026, 1, 5, tzinfo=UTC)

Progress = Callable[[str, int, int], None]
Place = tuple[str, float]  # axis and position


@dataclass
class Trace:
    """What one pattern's call did at one place."""

    stream_records: int
    charges: list[tuple[str, Charge]] = field(default_factory=list)


Traces = dict[tuple[Place, str], Trace]


def trace_growth(
    design_class: type[Design],
    target: Target,
    *,
    pages: tuple[int, int] = (20, 20),
    progress: Progress = lambda task, done, total: None,
) -> Growth:
    """How a design's access patterns grow, from its own calls on new tables.

    `pages` are the sizes of a page of an inbox, and of one of messages.
    D stands for a first message with its own stream update, be it to one or to several.

    Raises
    ------
    TraceNotRepeatable
        If the design makes other requests for long texts than for short ones.
    """
    steps = itertools.count(1)
    total = 1 + 2 * (2 + len(PARTICIPANTS))

    def done() -> None:
        progress(f"{design_class.name}: trace", next(steps), total)

    short, long = (
        _trace(design_class, target, size, pages, done)
        for size in (SHORT_TEXT_BYTES, LONG_TEXT_BYTES)
    )
    with open_trial(design_class, target) as trial:
        probe = Probe(trial, SHORT_TEXT_BYTES, pages, more_name="x" * MORE_NAME_BYTES)
        named = _traces_of(_grow_inbox(probe, until=3))
    done()
    return fit(design_class.name, short, long, named)


def _traces_of(places: Iterable[tuple[Place, dict[str, Trace]]]) -> Traces:
    return {(place, pattern): each for place, found in places for pattern, each in found.items()}


def knots(page_size: int) -> tuple[int, ...]:
    """Positions to trace: dense enough to find where pages fill, one list or two to a page."""
    shares = (0.5, 1, 1.5, 2, 2.5, 4)
    return tuple(sorted({1, 2, 3, *(round(page_size * share) for share in shares)} - {0}))


class Probe:
    """A design under trace: one reader, whose conversations it makes and grows."""

    def __init__(
        self, trial: TableTrial, text_bytes: int, pages: tuple[int, int], more_name: str = ""
    ) -> None:
        self.trial = trial
        self.more_name = more_name
        self.reader = self.user(0)
        self.text = "x" * text_bytes
        self.inbox_page_size, self.message_page_size = pages
        self.now = FIRST_INSTANT
        self.friends = 0

    def user(self, number: int) -> User:
        return user_named(f"user{number:03}{self.more_name}")

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def start(self) -> tuple[Conversation, Trace]:
        """D: a new conversation, which the reader and the other start in turn."""
        self.friends += 1
        pair = (self.reader, self.user(self.friends))
        sender, recipient = pair if self.friends % 2 else pair[::-1]
        conversation, trace = self._traced_start(
            lambda: self.trial.design.start_conversation(sender, recipient, self.text, self.tick())
        )
        if conversation.viewer != self.reader:
            conversation = conversation.seen_by_other()
        return conversation, trace

    def start_group(self, participants: int) -> tuple[Conversation, Trace]:
        """D, to several: a new group of so many, which the reader starts."""
        recipients = [self.user(900 + number) for number in range(1, participants)]
        return self._traced_start(
            lambda: self.trial.design.start_group(self.reader, recipients, self.text, self.tick())
        )

    def _traced_start(self, start: Callable[[], Conversation]) -> tuple[Conversation, Trace]:
        with self.trial.meter.watching() as usage:
            conversation = start()
            records = self.trial.settle()
        return conversation, Trace(records, usage.charges)

    def send(self, conversation: Conversation) -> dict[str, Trace]:
        """C and E."""
        with self.trial.meter.watching() as sending:
            self.trial.design.send_message(conversation, self.text, self.tick())
        sent = self.trial.stream.fetch()
        with self.trial.meter.watching() as updating:
            caused = self.trial.stream.deliver().caused
        return {"C": Trace(sent, sending.charges), "E": Trace(caused, updating.charges)}

    def patterns(self, conversation: Conversation) -> dict[str, Trace]:
        """A, B, C and E, of which the reads come first."""
        design, meter = self.trial.design, self.trial.meter
        with meter.watching() as reading:
            design.list_messages(self.reader, conversation.group_uuid, limit=self.message_page_size)
        with meter.watching() as listing:
            design.list_conversations(self.reader, limit=self.inbox_page_size)
        return {
            "A": Trace(0, reading.charges),
            "B": Trace(0, listing.charges),
            **self.send(conversation),
        }


def _trace(
    design_class: type[Design],
    target: Target,
    text_bytes: int,
    pages: tuple[int, int],
    progress: Callable[[], None],
) -> Traces:
    """Traces at every place with texts of one size; each axis, and each group, on a new table."""
    traces: Traces = {}

    def probe(grow: Callable[[Probe], Iterator[tuple[Place, dict[str, Trace]]]]) -> None:
        with open_trial(design_class, target) as trial:
            traces.update(_traces_of(grow(Probe(trial, text_bytes, pages))))
        progress()

    probe(_grow_inbox)
    probe(_grow_conversation)
    for participants in PARTICIPANTS:
        probe(functools.partial(_gather, participants=participants))
    return traces


def _grow_inbox(probe: Probe, until: int | None = None) -> Iterator[tuple[Place, dict[str, Trace]]]:
    wanted = knots(probe.inbox_page_size)
    for length in range(1, (until or wanted[-1]) + 1):
        conversation, started = probe.start()
        if length in wanted:
            yield ("inbox_length", length), {**probe.patterns(conversation), "D": started}


def _grow_conversation(probe: Probe) -> Iterator[tuple[Place, dict[str, Trace]]]:
    conversation, started = probe.start()
    wanted = knots(probe.message_page_size)
    for length in range(1, wanted[-1] + 1):
        if length in wanted:
            found = {**probe.patterns(conversation), "D": started}
            yield ("conversation_length", length), found
        else:
            probe.send(conversation)


def _gather(probe: Probe, participants: int) -> Iterator[tuple[Place, dict[str, Trace]]]:
    try:
        conversation, started = gather(probe, participants)
    except NotSupported:
        return
    for _ in range(probe.message_page_size):  # until a page holds only messages to all of them
        probe.send(conversation)
    yield ("participants", participants), {**probe.patterns(conversation), "D": started}


def gather(probe: Probe, participants: int) -> tuple[Conversation, Trace]:
    """D: a new conversation of so many.

    A group is asked for even where the design supports J only in part: if it can start one, that
    is enough.
    """
    return probe.start() if participants == 2 else probe.start_group(participants)


def units_of(trace: Trace, *, is_write: bool) -> float:
    """RRU or WRU of a call, by rule."""
    return sum(charge.units for _, charge in trace.charges if charge.is_write == is_write)


# --- Fitting ---------------------------------------------------------------------------------

# What a slot is known by; the last number parts items of one request that differ in size.
Key = tuple[str, str, str | None, bool, float, float, float, int]
SAME_SIZE_BYTES = 64
Figures = tuple[float, float, float, float]  # count, items, fixed bytes before and after


def fit(name: str, short: Traces, long: Traces, named: Traces) -> Growth:
    """The growth that traces with short texts, long texts, and longer names show."""
    found: dict[Key, dict[Place, Figures]] = defaultdict(dict)
    for (place, pattern), trace in short.items():
        other = long.get((place, pattern))
        if other is None or _shape(trace) != _shape(other):
            raise TraceNotRepeatable(name, pattern, place)
        for key, figures in _slots_at(pattern, trace, other).items():
            found[key][place] = figures
    places = list(dict.fromkeys(place for place, _ in short))
    per_name: dict[Key, tuple[float, float]] = {}
    for (place, pattern), trace in named.items():
        plain = short[place, pattern]
        if _shape(trace) != _shape(plain):
            raise TraceNotRepeatable(name, pattern, place)
        per_name |= _per_name(pattern, plain, long[place, pattern], trace)
    slots = []
    for key, at in _with_empty_pages(found).items():
        typical = next(iter(at.values()))
        filled = {place: at.get(place, (0.0, *typical[1:])) for place in places}
        names = per_name.get(key, (0.0, 0.0))
        shifts = (0.0, 0.0, names[0] * NAME_BYTES, names[1] * NAME_BYTES)
        count, items, before, after = (
            _curve({place: figures[number] - shift for place, figures in filled.items()})
            for number, shift in enumerate(shifts)
        )
        slots.append(Slot(*key[:-1], count, items, before, after, *names))
    patterns = sorted({pattern for _, pattern in short})
    most = max(position for axis, position in places if axis == "participants")
    return Growth(
        slots=tuple(slots),
        stream_records={
            p: _curve({at: short[at, p].stream_records for at in places}) for p in patterns
        },
        most_participants=None if most == PARTICIPANTS[-1] else int(most),
    )


def _with_empty_pages(
    found: Mapping[Key, Mapping[Place, Figures]],
) -> dict[Key, dict[Place, Figures]]:
    """The slots; a page that found nothing belongs to the slot of those that found something."""
    slots: dict[Key, dict[Place, Figures]] = {}
    for key in sorted(found, key=lambda each: not any(f[1] for f in found[each].values())):
        is_empty = not any(figures[1] for figures in found[key].values())
        like = next((other for other in slots if is_empty and other[:5] == key[:5]), None)
        if like is None:
            slots[key] = dict(found[key])
            continue
        typical = next(iter(slots[like].values()))
        for place, figures in found[key].items():
            slots[like].setdefault(place, (*figures[:2], *typical[2:]))
    return slots


def _shape(trace: Trace) -> list[object]:
    return [
        (operation, charge.index, charge.is_write, charge.factor, charge.items)
        for operation, charge in trace.charges
    ]


def _slots_at(pattern: str, short: Trace, long: Trace) -> dict[Key, Figures]:
    """The charges of one call, those alike taken together."""
    alike: dict[Key, list[Figures]] = defaultdict(list)
    empty: dict[Key, list[Figures]] = defaultdict(list)
    for key, (_, one) in zip(_keys(pattern, short, long), short.charges, strict=True):
        if not one.factor:
            continue  # only DynamoDB Local counts it
        items = one.items or 1
        before = round(one.before_bytes - key[5] * SHORT_TEXT_BYTES, 6)
        after = round(one.after_bytes / items - key[6] * SHORT_TEXT_BYTES, 6)
        (alike if one.items else empty)[key].append((1.0, float(one.items), before, after))
    for key, figures in empty.items():  # a page that found nothing is one of its like
        like = next((other for other in alike if other[:5] == key[:5]), key)
        alike[like] += figures
    return {key: _together(figures) for key, figures in alike.items()}


def _keys(pattern: str, short: Trace, long: Trace) -> list[Key]:
    """What makes each charge of a call alike to others; its bytes for a byte of text among it."""
    more_bytes = LONG_TEXT_BYTES - SHORT_TEXT_BYTES
    keys: list[Key] = []
    first_sizes: dict[Key, int] = {}
    for (operation, one), (_, other) in zip(short.charges, long.charges, strict=True):
        per_before = (other.before_bytes - one.before_bytes) / more_bytes
        per_after = (other.after_bytes - one.after_bytes) / more_bytes / (one.items or 1)
        kind = (pattern, operation, one.index, one.is_write, one.factor)
        size_bytes = max(one.before_bytes, one.after_bytes) if one.is_write else 0
        for number in itertools.count():  # the first size that is near, else a new one
            key: Key = (*kind, round(per_before, 6), round(per_after, 6), number)
            if abs(first_sizes.setdefault(key, size_bytes) - size_bytes) <= SAME_SIZE_BYTES:
                break
        keys.append(key)
    return keys


def _per_name(
    pattern: str, short: Trace, long: Trace, named: Trace
) -> dict[Key, tuple[float, float]]:
    """Bytes before and after for each byte of a user's name, means of the charges alike."""
    alike: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    charges = zip(_keys(pattern, short, long), short.charges, named.charges, strict=True)
    for key, (_, one), (_, other) in charges:
        if one.factor and one.items:
            more = (other.before_bytes - one.before_bytes, other.after_bytes - one.after_bytes)
            alike[key].append((more[0] / MORE_NAME_BYTES, more[1] / MORE_NAME_BYTES / one.items))
    return {
        key: (
            sum(before for before, _ in each) / len(each),
            sum(after for _, after in each) / len(each),
        )
        for key, each in alike.items()
    }


def _together(figures: Sequence[Figures]) -> Figures:
    """Their count, and means; sizes are those of the charges that have items."""
    sized = [each for each in figures if each[1]] or figures
    items, before, after = (
        sum(each[number] for each in of) / len(of)
        for number, of in ((1, figures), (2, sized), (3, sized))
    )
    return float(len(figures)), items, before, after


def _curve(values: Mapping[Place, float]) -> Curve:
    """A figure's base and its differences from it along each axis that changes it."""
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (axis, position), value in values.items():
        pairs[axis].append((position, value))
    changing = {
        axis: [(position, value - along[0][1]) for position, value in along]
        for axis, along in pairs.items()
        if len({value for _, value in along}) > 1
    }
    return Curve(values["inbox_length", 1], changing)
