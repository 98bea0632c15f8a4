"""Programs: what users do, what the stream delivers, and what goes wrong meanwhile.

A step is the name of one of a session's methods and its arguments, so a program can be stored,
run on any design, and pasted into a notebook.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, get_args

from workbench.errors import PromiseBroken

FaultKind = Literal[
    "crash_before", "crash_after", "throttle", "overtaken", "half_written", "stale_index"
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
ORDER = (
    "kind", "what", "who", "conversation", "whom", "to", "first", "number", "count", "order",
    "second", "zone", "years", "fault",
)  # fmt: skip
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAIN = {"second": 0, "zone": "UTC", "fault": None, "order": "forwards"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong at one request, the first, second, ... of those that it can hit.

    `overtaken`: just before the request another process takes the step `by`, from its first request
    to its last; without one, another copy of the handler handles the same batch. A `stale_index`
    hits queries of an index, which answers as it would have done `lag` steps ago; it has the writes
    of a step whole or not at all. `half_written` hits BatchWriteItem.
    """

    kind: FaultKind
    request: int = 1
    lag: int = 1
    by: "Step | None" = None

    def __repr__(self) -> str:
        lag = f", lag={self.lag}" if self.kind == "stale_index" else ""
        by = f", by={self.by!r}" if self.by else ""
        return f"Fault({self.kind!r}, {self.request}{lag}{by})"


@dataclass(frozen=True)
class Step:
    """A call of one of a session's methods."""

    name: str
    arguments: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Step({self.name!r}, {dict(self._told())!r})"

    def line(self) -> str:
        """The call as Python code."""
        given = (f"{name}={value!r}" for name, value in self._told())
        return f"session.{self.name}({', '.join(given)})"

    def _told(self) -> Iterator[tuple[str, Any]]:
        """The arguments in one order, without those that say what is so anyway."""
        for name in sorted(self.arguments, key=ORDER.index):
            if name not in PLAIN or self.arguments[name] != PLAIN[name]:
                yield name, self.arguments[name]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        arguments = {
            name: _fault_to_json(value) if isinstance(value, Fault) else value
            for name, value in self._told()
        }
        return {"step": self.name, **arguments}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Step":
        """The step that `to_json` stored."""
        arguments = {name: value for name, value in stored.items() if name != "step"}
        if given := arguments.get("fault"):
            by = cls.from_json(given["by"]) if "by" in given else None
            arguments["fault"] = Fault(**{**given, "by": by})
        return cls(stored["step"], arguments)


def _fault_to_json(fault: Fault) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": fault.kind, "request": fault.request}
    if fault.kind == "stale_index":
        found["lag"] = fault.lag
    return found | ({"by": fault.by.to_json()} if fault.by else {})


@dataclass(frozen=True)
class Failure:
    """A program that breaks a promise, and how."""

    steps: tuple[Step, ...]
    broken: PromiseBroken

    def program(self, design: str) -> str:
        """Python code that shows the failure on the design that `find_any` finds by this."""
        lines = [step.line() for step in self.steps]
        uses = [name for name in ("Fault", "Step") if any(f"{name}(" in line for line in lines)]
        return "\n".join((
            *([f"from workbench.conformance.program import {', '.join(uses)}"] if uses else []),
            "from workbench.conformance.session import open_session",
            "from workbench.designs import find_any",
            "",
            f"with open_session(find_any({design!r})) as session:",
            *(f"    {line}" for line in lines),
            "    session.settle()",
            f"# {self.broken}",
        ))  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "pattern": self.broken.pattern,
            "what": self.broken.what,
            "steps": [step.to_json() for step in self.steps],
        }


def read_steps(stored: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of a stored failure."""
    return tuple(map(Step.from_json, stored))


def moment(second: int, zone: str = "UTC") -> datetime:
    """The time at which something is done, as its user's clock writes it."""
    at = NOON + timedelta(seconds=second)
    if zone == "naive":
        return at.replace(tzinfo=None)
    return at.astimezone(timezone(timedelta(hours=2))) if zone == "+02:00" else at
