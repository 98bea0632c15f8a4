"""Is a design right? Pattern by pattern, with the smallest program for each promise that breaks."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.conformance.grounds import Ground, open_ground
from workbench.conformance.machine import search
from workbench.conformance.program import Failure
from workbench.designs import AnyDesign, source_of
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL

TOGETHER = "all"


@dataclass(frozen=True)
class Round:
    """What a search showed whose programs had steps of these patterns.

    `states` counts those that differ, after each of which design and reference agreed; `faults`
    what was injected, by kind.
    """

    patterns: str
    programs: int
    states: int
    seconds: float
    faults: Mapping[str, int]
    failure: Failure | None


@dataclass(frozen=True)
class Checked:
    """The rounds of one design, by the pattern that each adds; A to E are one."""

    design: str
    source: str  # what `find_any` finds it by
    unsupported: Mapping[str, str]
    rounds: Mapping[str, Round]

    @property
    def failures(self) -> list[Failure]:
        """What was broken, if anything."""
        return [each.failure for each in self.rounds.values() if each.failure]

    def verdict(self, pattern: str) -> str:
        """`kept`, `broken`, `not supported` or `not tried`, which is no answer."""
        if pattern in self.unsupported:
            return "not supported"
        broken = {failure.broken.pattern for failure in self.failures}
        broken |= {name for name, found in self.rounds.items() if found.failure}
        if pattern in broken:
            return "broken"
        found = self.rounds.get(ESSENTIAL if pattern in ESSENTIAL else pattern)
        return "not tried" if found is None or found.failure else "kept"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "design": self.design,
            "verdicts": {pattern: self.verdict(pattern) for pattern in ACCESS_PATTERNS},
            "unsupported": dict(self.unsupported),
            "rounds": {
                name: {
                    **{key: value for key, value in vars(each).items() if key != "failure"},
                    "failure": each.failure.to_json() if each.failure else None,
                    "program": each.failure.program(self.source) if each.failure else None,
                }
                for name, each in self.rounds.items()
            },
        }


def check_design(
    design: AnyDesign,
    target: Target,
    *,
    programs: int,
    seed: int,
    progress: Callable[[str, int, int], None] = lambda task, done, total: None,
) -> Checked:
    """A to E first; then, if they hold, each further pattern; if these do, all together.

    So many programs are drawn for each round.
    """
    rounds: dict[str, Round] = {}
    known = {*ESSENTIAL, *design.unsupported}
    further = [letter for letter in ACCESS_PATTERNS if letter not in known]
    with open_ground(design, target) as ground:
        for name, patterns in _rounds_of(further):
            if name == TOGETHER and any(found.failure for found in rounds.values()):
                break

            def show(done: int, task: str = f"{design.name}: {name}") -> None:
                progress(task, done, max(programs, done))

            rounds[name] = _round(ground, patterns, programs=programs, seed=seed, progress=show)
            if name == ESSENTIAL and rounds[name].failure:
                break
    return Checked(design.name, source_of(design), design.unsupported, rounds)


def _rounds_of(further: list[str]) -> Iterator[tuple[str, str]]:
    yield ESSENTIAL, ESSENTIAL
    for letter in further:
        yield letter, ESSENTIAL + letter
    if len(further) > 1:
        yield TOGETHER, ESSENTIAL + "".join(further)


def _round(
    ground: Ground, patterns: str, *, programs: int, seed: int, progress: Callable[[int], None]
) -> Round:
    ground.injector.happened.clear()
    started = time.perf_counter()
    found = search(
        ground, patterns=frozenset(patterns), programs=programs, seed=seed, progress=progress
    )
    return Round(
        patterns,
        found.programs,
        len(found.states),
        round(time.perf_counter() - started, 1),
        dict(sorted(ground.injector.happened.items())),
        found.failure,
    )
