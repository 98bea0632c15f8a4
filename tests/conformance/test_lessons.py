"""The eleven stored schedules: each shows its fault, and none breaks a design of ours."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.conformance.bootcamp import ALL_FAULTS, bootcamp
from workbench.conformance.lessons import LESSONS, find_lesson
from workbench.conformance.machine import Machine, Subject, subject_of
from workbench.conformance.schedules import Schedule
from workbench.designs import DESIGNS
from workbench.dynamodb.targets import Target, is_loopback
from workbench.errors import FaultNotShown
from workbench.reports.faults import read_lessons

STORED = list(read_lessons(ROOT / "data" / "faults.json").values())
MachineOf = Callable[[Subject], Machine]
each_lesson = pytest.mark.parametrize("lesson", STORED, ids=lambda lesson: str(lesson["number"]))


@each_lesson
def test_stored_lesson_reads_as_its_schedule(lesson: Any) -> None:
    schedule = Schedule.from_json(lesson["schedule"])

    assert lesson["lines"] == schedule.describe()
    assert (lesson["fault"], lesson["remedy"]) == LESSONS[lesson["number"]]


def test_every_fault_has_a_lesson() -> None:
    assert [lesson["number"] for lesson in STORED] == list(LESSONS) == sorted(ALL_FAULTS)


@pytest.mark.local
@each_lesson
def test_schedule_shows_its_fault_alone(machine_of: MachineOf, lesson: Any) -> None:
    machine = machine_of(bootcamp(frozenset({lesson["number"]})))

    violations = machine.run(Schedule.from_json(lesson["schedule"]))

    # Who loses depends on the index, which gives items of one time in any order; and so does
    # whether a list is lacking besides the inbox.
    stored = {violation["promise"] for violation in lesson["violations"]}
    assert stored & {violation.promise for violation in violations}


@pytest.mark.local
@each_lesson
def test_schedule_needs_its_fault(machine_of: MachineOf, lesson: Any) -> None:
    machine = machine_of(bootcamp(frozenset()))

    assert machine.run(Schedule.from_json(lesson["schedule"])) == ()


@pytest.mark.local
@pytest.mark.parametrize("faults", [ALL_FAULTS, ALL_FAULTS - {7}], ids=["all", "all but 7"])
@each_lesson
def test_schedule_breaks_the_whole_bootcamp(
    machine_of: MachineOf, lesson: Any, faults: frozenset[int]
) -> None:
    violations = machine_of(bootcamp(faults)).run(Schedule.from_json(lesson["schedule"]))

    assert violations or lesson["number"] not in faults


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
@each_lesson
def test_schedule_breaks_no_design(machine_of: MachineOf, lesson: Any, design: Any) -> None:
    assert machine_of(subject_of(design)).run(Schedule.from_json(lesson["schedule"])) == ()


@pytest.mark.local
def test_no_request_leaves_this_machine(
    machine_of: MachineOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def watch(host: Any, *rest: Any, **options: Any) -> Any:
        asked.append(str(host))
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watch)
    machine = machine_of(bootcamp(frozenset({7})))

    [first, *_] = machine.run(Schedule.from_json(STORED[0]["schedule"]))

    assert first.promise == "elsewhere"
    assert all(is_loopback(f"http://{host}") for host in asked)


@pytest.mark.local
def test_lesson_found_again_is_the_stored_one(target: Target) -> None:
    assert find_lesson(1, target, seed=1) == STORED[0]


@pytest.mark.local
def test_fault_that_does_not_show_is_an_error(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.conformance.lessons.TRIES", 1)

    with pytest.raises(FaultNotShown, match="fault 6") as error:
        find_lesson(6, target, seed=1)

    assert error.value.tries == 1
