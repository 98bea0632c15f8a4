import json
from random import Random

import pytest

from workbench.conformance.schedules import (
    FAULT_KINDS,
    Change,
    Deliver,
    Fault,
    Look,
    Redeliver,
    Restart,
    Schedule,
    Send,
    Start,
    Step,
    Stranger,
)
from workbench.conformance.search import draw_schedule


@pytest.mark.parametrize("seed", range(50))
def test_schedule_survives_storing_as_json(seed: int) -> None:
    schedule = draw_schedule(Random(seed))

    stored = json.loads(json.dumps(schedule.to_json()))

    assert Schedule.from_json(stored) == schedule


def test_draws_repeat_with_their_seed_and_cover_every_fault() -> None:
    drawn = [[draw_schedule(rng) for _ in range(300)] for rng in (Random(1), Random(1))]

    faults = {getattr(step, "fault", None) for schedule in drawn[0] for step in schedule.steps}

    assert drawn[0] == drawn[1]
    assert {fault.kind for fault in faults if fault} == set(FAULT_KINDS)


def test_times_ascend_where_clocks_agree() -> None:
    schedule = draw_schedule(Random(3), clocks_agree=True)

    times = [step.second for step in schedule.steps if isinstance(step, Start | Send)]

    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Start(1, 2), "1. bo starts conversation 1 with cy and ada: m1, at 12:00:02"),
        (
            Send(0, 0, 3, "naive", Fault("crash_after")),
            "1. ada sends m1 in conversation 1, at 12:00:03 without UTC offset; "
            "the process dies after request 1",
        ),
        (Send(1, 2, 0, "+02:00"), "1. cy sends m1 in conversation 2, at 14:00:00+02:00"),
        (
            Deliver(3, Fault("stale_index", 1, 2)),
            "1. the next 3 records are delivered; index query 1 sees the index of 2 steps ago",
        ),
        (
            Redeliver(2, 3, is_reversed=True, fault=Fault("throttle", 2)),
            "1. records 2 to 4 are delivered again, the last one first; request 2 is throttled",
        ),
        (Restart(2), "1. the runner restarts with an old checkpoint: record 2 is next"),
        (Change("expire", 1), "1. the oldest message of conversation 2 expires (TTL)"),
        (Change("other"), "1. an item of another kind is written"),
        (Look(), "1. everybody reads a year later"),
        (Stranger(), "1. a stranger reads conversation 1"),
    ],
)
def test_step_reads_as_one_line(step: Step, line: str) -> None:
    assert Schedule((step,), participants=3).describe() == [line]
