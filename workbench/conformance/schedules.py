"""Schedules: what users do, what the stream delivers, and what goes wrong meanwhile.

A schedule is plain data. It can be stored, read aloud one line a step, and run on any design.
Conversations are numbered in the order of their starts, stream records from 1 on; the message of
step 3 is m3.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, get_args

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = ("ada", "bo", "cy")

FaultKind = Literal[
    "crash_before", "crash_after", "throttle", "conditional_failure", "half_written", "stale_index"
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
Zone = Literal["UTC", "+02:00", "naive"]
ChangeKind = Literal["modify", "remove", "expire", "other"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one request, the first, second, ... of those that it can hit.

    A `conditional_failure` is brought about, not pretended: just before the request another copy
    of the handler handles the same batch, as when two runners are at work. A `stale_index` hits
    queries of an index, which answers as it would have done `lag` steps ago; it has the writes of
    a step whole or not at all. `half_written` hits BatchWriteItem.
    """

    kind: FaultKind
    request: int = 1
    lag: int = 1

    def __str__(self) -> str:
        nth = f"request {self.request}"
        ago = "one step" if self.lag == 1 else f"{self.lag} steps"
        return {
            "crash_before": f"the process dies before {nth}",
            "crash_after": f"the process dies after {nth}",
            "throttle": f"{nth} is throttled",
            "conditional_failure": f"another copy handles the same batch just before {nth}",
            "half_written": f"BatchWriteItem {self.request} writes only its first half",
            "stale_index": f"index query {self.request} sees the index of {ago} ago",
        }[self.kind]


@dataclass(frozen=True)
class Start:
    """A conversation begins; the sender's clock shows so many seconds after noon."""

    sender: int = 0
    second: int = 0
    zone: Zone = "UTC"
    fault: Fault | None = None


@dataclass(frozen=True)
class Send:
    """A message in a conversation; clocks of senders need not agree."""

    conversation: int = 0
    sender: int = 0
    second: int = 0
    zone: Zone = "UTC"
    fault: Fault | None = None


@dataclass(frozen=True)
class Deliver:
    """The next records of the stream that are not done yet reach the handler, as one batch."""

    count: int = 1
    fault: Fault | None = None


@dataclass(frozen=True)
class Redeliver:
    """Records that were done before reach the handler again, as one batch."""

    first: int = 1
    count: int = 1
    is_reversed: bool = False
    fault: Fault | None = None


@dataclass(frozen=True)
class Restart:
    """The runner starts again with an older checkpoint: from this record on all comes again."""

    first: int = 1


@dataclass(frozen=True)
class Change:
    """A record that announces no message: its oldest message changes or goes, or a foreign item."""

    kind: ChangeKind = "modify"
    conversation: int = 0


@dataclass(frozen=True)
class Look:
    """From now on everybody reads so many years later."""

    years: int = 1


@dataclass(frozen=True)
class Stranger:
    """Somebody who takes no part reads a conversation."""

    conversation: int = 0


Step = Start | Send | Deliver | Redeliver | Restart | Change | Look | Stranger
STEPS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in get_args(Step)}


def moment(step: Start | Send) -> datetime:
    """The time at which a message is sent, as its sender writes it."""
    at = NOON + timedelta(seconds=step.second)
    if step.zone == "naive":
        return at.replace(tzinfo=None)
    return at.astimezone(timezone(timedelta(hours=2))) if step.zone == "+02:00" else at


@dataclass(frozen=True)
class Schedule:
    """Steps, taken one after the other by two or three participants."""

    steps: tuple[Step, ...]
    participants: int = 2

    def to_json(self) -> dict[str, Any]:
        """Plain values, defaults left out."""
        return {
            "participants": self.participants,
            "steps": [
                {"step": type(step).__name__.lower(), **_changed(step)} for step in self.steps
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Schedule":
        """The schedule that `to_json` stored."""
        steps = []
        for fields in stored["steps"]:
            given = {name: value for name, value in fields.items() if name != "step"}
            if "fault" in given:
                given["fault"] = Fault(**given["fault"])
            steps.append(STEPS[fields["step"]](**given))
        return cls(tuple(steps), stored["participants"])

    def describe(self) -> list[str]:
        """One line for each step, to be read by people."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        starts = 0
        for number, step in enumerate(self.steps, 1):
            starts += isinstance(step, Start)
            fault = f"; {fault}" if (fault := getattr(step, "fault", None)) else ""
            yield f"{number}. {_told(step, number, starts, self.participants)}{fault}"


def _changed(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults."""
    found = {}
    for field in dataclasses.fields(value):
        given = getattr(value, field.name)
        if given != field.default:
            found[field.name] = _changed(given) if dataclasses.is_dataclass(given) else given
    return found


def _told(step: Step, number: int, starts: int, participants: int) -> str:
    match step:
        case Start(sender):
            others = (NAMES[(sender + k) % participants] for k in range(1, participants))
            who = f"{NAMES[sender]} starts conversation {starts} with {' and '.join(others)}"
            return f"{who}: m{number}, {_clock(step)}"
        case Send(conversation, sender):
            where = f"in conversation {conversation + 1}, {_clock(step)}"
            return f"{NAMES[sender]} sends m{number} {where}"
        case Deliver(count):
            which = "next record is" if count == 1 else f"next {count} records are"
            return f"the {which} delivered"
        case Redeliver(first, count, is_reversed):
            which = (
                f"record {first} is"
                if count == 1
                else f"records {first} to {first + count - 1} are"
            )
            order = ", the last one first" if is_reversed and count > 1 else ""
            return f"{which} delivered again{order}"
        case Restart(first):
            return f"the runner restarts with an old checkpoint: record {first} is next"
        case Change("other"):
            return "an item of another kind is written"
        case Change(kind, conversation):
            done = {
                "modify": "is marked as read",
                "remove": "is deleted",
                "expire": "expires (TTL)",
            }[kind]
            return f"the oldest message of conversation {conversation + 1} {done}"
        case Look(years):
            return f"everybody reads {'a year' if years == 1 else f'{years} years'} later"
        case Stranger(conversation):
            return f"a stranger reads conversation {conversation + 1}"


def _clock(step: Start | Send) -> str:
    zone = {"UTC": "", "+02:00": "+02:00", "naive": " without UTC offset"}[step.zone]
    return f"at {moment(step):%H:%M:%S}{zone}"
