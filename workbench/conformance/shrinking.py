"""Making a program that breaks a promise small, by leaving out what it can do without.

Hypothesis draws programs, and could shrink what it drew; but each of its attempts costs a tenth of
a second here, and where many steps may go together, it gives up early. A program is data, so it
takes few attempts to try it without each step, and with plainer values.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from workbench.conformance.grounds import Ground
from workbench.conformance.program import PLAIN, Failure, Fault, Step
from workbench.conformance.session import Session, first_broken
from workbench.messaging.access_patterns import ACCESS_PATTERNS

MOST_ATTEMPTS = 400
UNUSABLE = (AttributeError, LookupError, TypeError, ValueError)  # what an answer may cause
LEAST = {"count": 0, "number": 1, "first": 1, "conversation": 1, "second": 0, "years": 1}

Steps = tuple[Step, ...]


def smallest(
    ground: Ground, failure: Failure, patterns: Collection[str] = ACCESS_PATTERNS
) -> Failure:
    """The failure of a program of which nothing more can be left out or made plainer."""
    tried: set[str] = {repr(failure.steps)}
    while (smaller := _smaller(ground, failure, patterns, tried)) is not None:
        failure = smaller
    return failure


def _smaller(
    ground: Ground, failure: Failure, patterns: Collection[str], tried: set[str]
) -> Failure | None:
    for steps in _plainer(failure.steps):
        if repr(steps) in tried or len(tried) > MOST_ATTEMPTS:
            continue
        tried.add(repr(steps))
        with contextlib.suppress(*UNUSABLE):
            if broken := first_broken(Session(ground, patterns), steps):
                return Failure(steps, broken)
    return None


def _plainer(steps: Steps) -> Iterator[Steps]:
    """Programs with fewer steps, from many fewer to one; then with one value plainer."""
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -1):
            left = steps[:start] + steps[start + size :]
            yield left
            yield tuple(_with(step, conversation=1) for step in left)
        size //= 2
    for place, step in enumerate(steps):
        for plainer in _plainer_steps(step):
            yield (*steps[:place], plainer, *steps[place + 1 :])


def _plainer_steps(step: Step) -> Iterator[Step]:
    for name, value in step.arguments.items():
        if name in PLAIN and value != PLAIN[name]:
            yield _with(step, **{name: PLAIN[name]})
        if isinstance(value, Fault):
            yield from (_with(step, fault=fault) for fault in _plainer_faults(value))
        elif type(value) is int:
            for less in range(LEAST[name], value):
                yield _with(step, **{name: less})


def _plainer_faults(fault: Fault) -> Iterator[Fault]:
    if fault.by is not None:
        yield replace(fault, by=None)
        yield from (replace(fault, by=by) for by in _plainer_steps(fault.by))
    yield from (replace(fault, request=less) for less in range(1, fault.request))
    yield from (replace(fault, lag=less) for less in range(1, fault.lag))


def _with(step: Step, **changes: Any) -> Step:
    known = {name: value for name, value in changes.items() if name in step.arguments}
    return replace(step, arguments={**step.arguments, **known})
