"""What a review asks: which designs against which, for what workload, within what limits."""

import hashlib
import inspect
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from workbench.capacity.assumptions import Assumptions
from workbench.designs import Design
from workbench.errors import BadParameter, InputFault
from workbench.measurement.environment import PACKAGES
from workbench.messaging.logs import MessageLog
from workbench.messaging.workload import Workload

SCALES = (1, 100, 10_000)  # of the workload's users
REQUIREMENTS = ("conformance", "faults")


@dataclass(frozen=True)
class Limits:
    """What a design must keep to pass; None asks nothing.

    `max_cost_ratio` is of a month's bill to the baseline's, `max_round_trips` of any of the calls
    that a user waits for (A to D), means. `require` names what else has to hold: `conformance`, no
    promise broken and none untried, and `faults`, that faults were injected meanwhile.
    """

    max_cost_ratio: float | None = None
    max_round_trips: float | None = None
    require: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("max_cost_ratio", "max_round_trips"):
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise BadParameter(name, value, "a number above 0")
        for name in self.require:
            if name not in REQUIREMENTS:
                raise BadParameter("require", name, f"one of {', '.join(REQUIREMENTS)}")


@dataclass(frozen=True)
class Plan:
    """A review's inputs; the first of `designs` is the baseline."""

    designs: tuple[type[Design], ...]
    log: MessageLog
    workload: Workload
    limits: Limits = Limits()
    region: str = "us-east-1"
    seed: int = 1
    calls: int = 40
    replayed: int = 200
    programs: int = 5
    latency_starts: int = 2
    latency_calls: int = 15
    skip: tuple[str, ...] = ()  # names of sections

    @property
    def baseline(self) -> str:
        """The name of the design that the others are held against."""
        return self.designs[0].name

    @property
    def proposed(self) -> tuple[str, ...]:
        """Names of the others."""
        return tuple(design.name for design in self.designs[1:])

    def to_json(self) -> dict[str, Any]:
        """The plan in plain values: all of it in which two reviews may differ."""
        from importlib.metadata import version

        plain = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in ("designs", "log", "workload", "limits", "skip")
        }
        return {
            **plain,
            "designs": {design.name: digest(_source(design)) for design in self.designs},
            "log": {"name": self.log.name, "messages": len(self.log.messages)}
            | {"digest": digest(repr(self.log.messages))},
            "workload": asdict(self.workload),
            "limits": asdict(self.limits),
            "skip": self.skip,
            "assumptions": asdict(Assumptions()),
            "versions": {name: version(name) for name in PACKAGES},
        }

    def key(self) -> str:
        """What tells a stored section of this review from one of another."""
        asked = {n: value for n, value in self.to_json().items() if n not in ("limits", "skip")}
        return digest(json.dumps(asked, sort_keys=True, default=list))


def digest(text: str) -> str:
    """A short hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _source(design: type[Design]) -> str:
    return Path(inspect.getfile(design)).read_text()


def read_limits(path: Path) -> Mapping[str, Any]:
    """The table `limits` of a workload file, as arguments of `Limits`; empty where it has none.

    Raises
    ------
    InputFault
        If it names a limit that there is none of.
    """
    given = dict(tomllib.loads(path.read_text(encoding="utf-8")).get("limits", {}))
    known = [each.name for each in fields(Limits)]
    if unknown := sorted(given.keys() - set(known)):
        raise InputFault(
            f"{path} has unknown limits: {', '.join(unknown)}. The limits are: {', '.join(known)}."
        )
    if "require" in given:
        given["require"] = tuple(given["require"])
    return given
