"""The eleven faults as lessons: what is wrong, the smallest program that shows it, the remedy."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.conformance.bootcamp import bootcamp
from workbench.conformance.grounds import Make, make_from, open_ground
from workbench.conformance.machine import EVERY_KIND, search
from workbench.conformance.program import read_steps
from workbench.conformance.session import Session, first_broken
from workbench.designs import Design
from workbench.designs.dual import Dual
from workbench.dynamodb.targets import Target, open_targets
from workbench.errors import FaultNotShown, PromiseBroken
from workbench.messaging.access_patterns import ESSENTIAL


class Lesson(NamedTuple):
    """What is wrong, and what our designs and handlers do instead."""

    fault: str
    remedy: str


LESSONS = {
    1: Lesson(
        "The handler reads only the first record of a batch; the updates of the others are lost.",
        "Handle every record of the event; one update does for all messages of a conversation.",
    ),
    2: Lesson(
        "NewImage is read on REMOVE records, which have none; the handler's own deletes come back.",
        "Filter for INSERT of message keys, in the mapping and again in the handler.",
    ),
    3: Lesson(
        "A MODIFY is treated as a new message.",
        "Only an INSERT is a new message: other records cause no request at all.",
    ),
    4: Lesson(
        "Delete, then put, is not atomic: a crash in between loses the conversation for good.",
        "Put first, then delete: a crash leaves one entry too many, which the retry removes.",
    ),
    5: Lesson(
        "There is no order guard: an older message that is handled again overwrites a newer one.",
        "Write only if the stored time is before the message's, as a condition or a comparison.",
    ),
    6: Lesson(
        "The group items are looked up in an index that lags, and what it shows is believed.",
        "Finding nothing is an error, so that the record comes again; deletes are conditional. "
        "Better: items found by key.",
    ),
    7: Lesson(
        "Region and endpoint are written into the handler, over plain http.",
        "Hand the client in: where requests go is decided in one place, outside the handler.",
    ),
    8: Lesson(
        "Lists are filtered by the current year, so last year's conversations vanish on 1 January.",
        "Query newest first with a limit, and go on with a cursor.",
    ),
    9: Lesson(
        "The time alone is the sort key, as it comes: two messages of one instant become one item.",
        "One form of time, in UTC; put only if the key is free, else move on by a microsecond.",
    ),
    10: Lesson(
        "BatchWriteItem is taken for a transaction, and UnprocessedItems are ignored.",
        "Start a conversation with TransactWriteItems: all of it or nothing.",
    ),
    11: Lesson(
        "Whoever knows a conversation's UUID can read it: nobody asks whether they take part.",
        "Open the conversation as the reader first, and refuse who has no group item there.",
    ),
}
TRIES = 2_000
LAG = frozenset({"stale_index"})  # the one fault of the world that lesson 6 is about


def find_lesson(
    number: int,
    target: Target,
    *,
    seed: int,
    progress: Callable[[int], None] = lambda programs: None,
) -> dict[str, Any]:
    """The smallest program found that shows this fault alone, as plain values.

    Raises
    ------
    FaultNotShown
        If none does.
    """
    with open_ground(Dual, target, bootcamp(frozenset({number}))) as ground:
        found = search(
            ground,
            patterns=frozenset(ESSENTIAL),
            kinds=LAG if number == 6 else EVERY_KIND,
            programs=TRIES,
            seed=seed,
            progress=progress,
        )
    if found.failure is None:
        raise FaultNotShown(number, TRIES)
    lines = [step.line() for step in found.failure.steps]
    lesson = LESSONS[number]._asdict()
    return {"number": number, **lesson, **found.failure.to_json(), "lines": lines}


def replay(
    faults: Iterable[int], stored: Sequence[Mapping[str, Any]], target: Target | None = None
) -> PromiseBroken | None:
    """The promise that a stored program breaks under these of the bootcamp's faults, if it does.

    Without a target a server is started for it.
    """
    return _replay(bootcamp(frozenset(faults)), stored, target)


def replay_on(
    design: type[Design], stored: Sequence[Mapping[str, Any]], target: Target | None = None
) -> PromiseBroken | None:
    """The same for a design with the handler made from its stream update."""
    return _replay(make_from(design), stored, target, design)


def _replay(
    make: Make,
    stored: Sequence[Mapping[str, Any]],
    target: Target | None,
    design: type[Design] = Dual,
) -> PromiseBroken | None:
    with contextlib.ExitStack() as stack:
        if target is None:
            [target] = stack.enter_context(open_targets(is_brief=True))
        ground = stack.enter_context(open_ground(design, target, make))
        return first_broken(Session(ground, ESSENTIAL), read_steps(stored))
