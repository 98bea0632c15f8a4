"""What lesson 08 asks of a model: what breaks it, and what its patterns cost beside others."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.cards.collecting import collect_card
from workbench.cards.scenario import ADA
from workbench.conformance.grounds import open_ground
from workbench.conformance.machine import search
from workbench.conformance.program import Failure
from workbench.course.stage import Stage
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL
from workbench.messaging.logs import user_named
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame

PAGE_SIZE = 20


def smallest_failure(
    design: type[Design],
    target: Target,
    *,
    patterns: str = ESSENTIAL,
    programs: int = 15,
    seed: int = 1,
) -> Failure | None:
    """The smallest program found that breaks a promise of these patterns; None if none did.

    Drawing 15 programs takes seconds. `workbench check` draws 100, and each pattern by itself.
    """
    with open_ground(design, target) as ground:
        wanted = frozenset(patterns)
        return search(ground, patterns=wanted, programs=programs, seed=seed).failure


def failure_text(failure: Failure) -> str:
    """A program and the promise it breaks, as Markdown."""
    lines = (step.line() for step in failure.steps)
    return "\n".join(["```python", *lines, "```", f"breaks {failure.broken}"])


def units_frame(designs: Sequence[type[Design]], target: Target) -> "DataFrame":
    """Request units by rule of one call: a row per pattern, a column per design.

    The scale is that of cards: ada's inbox has two conversations, the one with bo two messages.
    """
    import pandas

    columns = {design.name: _units(design, target) for design in designs}
    frame = pandas.DataFrame(columns)
    order = [row for row in _rows() if row in frame.index]
    return frame.loc[order].fillna("not supported").rename_axis("pattern")


def _rows() -> Sequence[str]:
    return [f"{letter}: {question}" for letter, question in ACCESS_PATTERNS.items()]


def _units(design: type[Design], target: Target) -> Mapping[str, str]:
    """Pattern -> what its calls took; F's two calls are one row, J is left out."""
    found: dict[str, list[float]] = {}
    for call in collect_card(design, target, programs=0).calls:
        if call.pattern != "J":
            sums = found.setdefault(call.pattern, [0.0, 0.0])
            sums[0] += call.rru
            sums[1] += call.wru
    return {
        f"{letter}: {ACCESS_PATTERNS[letter]}": _told(rru, wru)
        for letter, (rru, wru) in found.items()
    }


def _told(rru: float, wru: float) -> str:
    parts = [f"{format_mean(n)} {unit}" for n, unit in ((rru, "RRU"), (wru, "WRU")) if n]
    return " + ".join(parts) or "nothing"


def inbox_rru(design: type[Design], conversations: int, *, endpoint: str | None = None) -> float:
    """RRU by rule to list the first page, 20 entries, of an inbox of so many conversations."""
    stage = Stage(design, endpoint=endpoint)
    for number in range(conversations):
        stage.start(ADA, user_named(f"friend {number}"), f"Hello, friend {number}!")
    with stage.watching() as usage:
        stage.design.list_conversations(ADA, limit=PAGE_SIZE)
    stage.close()
    return usage.estimated_rru
