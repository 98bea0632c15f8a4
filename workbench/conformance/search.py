"""Looking for schedules that break a promise: drawn at random, then shrunk to the smallest.

A schedule is data of which any step may be left out, so shrinking is dropping steps and making
what is left plainer, as long as some promise is still broken.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from random import Random
from typing import Any

from workbench.conformance.application import Violation
from workbench.conformance.machine import Machine, open_machine, subject_of
from workbench.conformance.schedules import (
    FAULT_KINDS,
    Change,
    Deliver,
    Fault,
    FaultKind,
    Look,
    Redeliver,
    Restart,
    Schedule,
    Send,
    Start,
    Step,
    Stranger,
)
from workbench.designs import Design
from workbench.dynamodb.targets import Target

MOST_STEPS = 10
WRITE_FAULTS: tuple[FaultKind, ...] = ("crash_before", "crash_after", "throttle", "half_written")
HANDLER_FAULTS = tuple(kind for kind in FAULT_KINDS if kind != "half_written")
SIMPLEST = {"zone": "UTC", "fault": None, "is_reversed": False}
LEAST = {"count": 1, "first": 1, "years": 1, "request": 1, "lag": 1}

Steps = tuple[Step, ...]
Found = tuple[Schedule, tuple[Violation, ...]]


def search(
    machine: Machine,
    *,
    tries: int,
    seed: int,
    clocks_agree: bool = False,
    progress: Callable[[int], None] = lambda tried: None,
) -> Found | None:
    """A smallest schedule that breaks a promise, and what it breaks; None if none was found.

    So many schedules are drawn with the seed; shrinking tries more.
    """
    rng = Random(seed)
    for number in range(1, tries + 1):
        schedule = draw_schedule(rng, clocks_agree=clocks_agree)
        violations = machine.run(schedule)
        progress(number)
        if violations:
            return _shrunk(machine, (schedule, violations), clocks_agree=clocks_agree)
    return None


def try_design(
    design: type[Design],
    target: Target,
    *,
    schedules: int,
    seed: int,
    progress: Callable[[str, int, int], None] = lambda task, done, total: None,
) -> dict[str, Any]:
    """What so many schedules showed on one design, as plain values."""
    with open_machine(subject_of(design), target) as machine:
        started = time.perf_counter()
        found = search(
            machine,
            tries=schedules,
            seed=seed,
            progress=lambda tried: progress(design.name, tried, schedules),
        )
        seconds = time.perf_counter() - started
    return {
        "design": design.name,
        "schedules": machine.tried,
        "per_second": round(machine.tried / seconds, 1),
        "happened": dict(sorted(machine.happened.items())),
        **(as_found(found) if found else {"violations": []}),
    }


def as_found(found: Found) -> dict[str, Any]:
    """A schedule, what it reads like, and what it breaks, as plain values."""
    schedule, violations = found
    return {
        "schedule": schedule.to_json(),
        "lines": schedule.describe(),
        "violations": [asdict(violation) for violation in violations],
    }


# --- Drawing -------------------------------------------------------------------------------------


def draw_schedule(rng: Random, *, clocks_agree: bool = False) -> Schedule:
    """A schedule of a few steps; where clocks agree, the times of messages grow with the steps."""
    participants = rng.choice((2, 2, 3))
    steps: list[Step] = [Start(*_writing(rng, participants))]
    draws = (_send, _send, _send, _deliver, _deliver, _deliver, _redeliver, _other)
    steps += [rng.choice(draws)(rng, participants) for _ in range(rng.randint(1, MOST_STEPS - 1))]
    if rng.random() < 0.3:
        steps.append(_redeliver(rng, participants))  # with nothing behind it that would heal
    return _timed(Schedule(tuple(steps), participants), clocks_agree=clocks_agree)


def _writing(rng: Random, participants: int) -> tuple[int, int, Any, Fault | None]:
    zone = rng.choice(("UTC", "UTC", "UTC", "UTC", "+02:00", "naive"))
    fault = Fault(rng.choice(WRITE_FAULTS)) if rng.random() < 0.2 else None
    return rng.randrange(participants), rng.randrange(4), zone, fault


def _handling(rng: Random) -> Fault | None:
    if rng.random() < 0.5:
        return None
    kind = rng.choice(HANDLER_FAULTS)
    most = 2 if kind == "stale_index" else 6  # a handler queries an index once for a conversation
    return Fault(kind, min(rng.randint(1, most), rng.randint(1, most)), rng.randint(1, 3))


def _send(rng: Random, participants: int) -> Step:
    return Send(rng.choice((0, 0, 1)), *_writing(rng, participants))


def _deliver(rng: Random, _: int) -> Step:
    return Deliver(rng.randint(1, 7), _handling(rng))


def _redeliver(rng: Random, _: int) -> Step:
    return Redeliver(
        rng.choice((1, 1, 2, 3, 4, 5)), rng.randint(1, 4), rng.random() < 0.5, _handling(rng)
    )


def _other(rng: Random, participants: int) -> Step:
    return rng.choice((
        Start(*_writing(rng, participants)),
        Change(rng.choice(("modify", "remove", "expire", "other")), rng.choice((0, 0, 1))),
        Restart(rng.randint(1, 6)),
        Look(),
        Stranger(rng.choice((0, 0, 1))),
    ))  # fmt: skip


def _timed(schedule: Schedule, *, clocks_agree: bool) -> Schedule:
    if not clocks_agree:
        return schedule
    steps = [
        replace(step, second=number, zone="UTC") if isinstance(step, Start | Send) else step
        for number, step in enumerate(schedule.steps)
    ]
    return replace(schedule, steps=tuple(steps))


# --- Shrinking -----------------------------------------------------------------------------------


def _shrunk(machine: Machine, found: Found, *, clocks_agree: bool) -> Found:
    """What is left when nothing plainer breaks a promise any more."""
    for candidate in _plainer(found[0]):
        schedule = _timed(candidate, clocks_agree=clocks_agree)
        if schedule != found[0] and (violations := machine.run(schedule)):
            return _shrunk(machine, (schedule, violations), clocks_agree=clocks_agree)
    return found


def _plainer(schedule: Schedule) -> Iterator[Schedule]:
    """Schedules with a step less, or one of its values nearer to the plainest."""
    steps = schedule.steps
    for place in reversed(range(len(steps))):
        for left in _without(steps, place):
            yield replace(schedule, steps=left)
    if not any(isinstance(step, Start | Send) and step.sender > 1 for step in steps):
        yield replace(schedule, participants=2)
    yield replace(schedule, steps=tuple(map(_at_noon, steps)))
    yield replace(schedule, steps=_earlier(steps))
    for place, step in enumerate(steps):
        for plainer in _plainer_values(step):
            yield replace(schedule, steps=(*steps[:place], plainer, *steps[place + 1 :]))


def _without(steps: Steps, place: int) -> Iterator[Steps]:
    """The steps without one of them, and with others that make up for it."""
    before, step, after = steps[:place], steps[place], steps[place + 1 :]
    yield before + after
    match step:
        case Deliver():
            yield from (before + rest for rest in _taking_over(step, after))
        case Start(sender, second, zone, fault) if before:
            yield before + tuple(map(_renumbered, after))
            yield (*before, Send(0, sender, second, zone, fault), *after)


def _renumbered(step: Step) -> Step:
    """The step where there is a conversation less before it, and so other records."""
    if isinstance(step, Send | Change | Stranger) and step.conversation:
        return replace(step, conversation=step.conversation - 1)
    return Redeliver() if isinstance(step, Redeliver) else step


def _at_noon(step: Step) -> Step:
    return replace(step, second=0, zone="UTC") if isinstance(step, Start | Send) else step


def _earlier(steps: Steps) -> Steps:
    """The steps with all times moved on to the first one possible."""
    earliest = min((step.second for step in steps if isinstance(step, Start | Send)), default=0)
    return tuple(
        replace(step, second=step.second - earliest) if isinstance(step, Start | Send) else step
        for step in steps
    )


def _taking_over(step: Deliver, after: Steps) -> Iterator[Steps]:
    """Steps of which a later delivery takes this one's records over, and meets its fault later."""
    for place, later in enumerate(after):
        if isinstance(later, Deliver):
            more = replace(later, count=step.count + later.count)
            faults = [more.fault]
            if more.fault:
                faults += [replace(more.fault, request=more.fault.request + n) for n in (1, 2)]
            for fault in faults:
                yield (*after[:place], replace(more, fault=fault), *after[place + 1 :])


def _plainer_values(value: Any) -> Iterator[Any]:
    """The same step or fault with one value plainer."""
    for name, given in vars(value).items():
        if name in SIMPLEST and given != SIMPLEST[name]:
            yield replace(value, **{name: SIMPLEST[name]})
        if isinstance(given, Fault):
            yield from (replace(value, fault=plainer) for plainer in _plainer_values(given))
        elif type(given) is int:
            yield from (replace(value, **{name: n}) for n in range(LEAST.get(name, 0), given))
