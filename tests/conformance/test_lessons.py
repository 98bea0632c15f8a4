"""The bootcamp's eleven faults: a program shows each, needs it, and breaks no design of ours."""

import socket
from typing import Any

import pytest

from tests.conformance.conftest import SessionOf
from workbench.conformance.bootcamp import ALL_FAULTS, bootcamp
from workbench.conformance.lessons import LESSONS, find_lesson, replay
from workbench.conformance.program import Fault, Step, read_steps
from workbench.conformance.session import first_broken
from workbench.designs import DESIGNS, Dual
from workbench.dynamodb.targets import Target, is_loopback
from workbench.errors import FaultNotShown

START = Step("start", {"who": "ada", "whom": "bo"})
BEGUN = (START, Step("send", {"who": "ada", "conversation": 1, "second": 1}))
DELIVER = Step("deliver", {"count": 0})
# Fault: a program that shows it, the pattern that breaks, and a part of what is said.
PROGRAMS: dict[int, tuple[tuple[Step, ...], str, str]] = {
    1: ((*BEGUN, DELIVER), "B", "shows m1 last in 1, not m2"),
    2: ((START, Step("change", {"kind": "remove"})), "E", "KeyError: 'NewImage'"),
    3: ((START, Step("change", {"kind": "modify"})), "E", "no new message, and yet requests"),
    4: (
        (*BEGUN, Step("deliver", {"fault": Fault("crash_after", 3)})),
        "A",
        "takes no part",
    ),
    5: (
        (*BEGUN, Step("send", {"who": "bo", "conversation": 1, "second": 0})),
        "B",
        "shows m3 last in 1, not m2",
    ),
    6: (
        (*BEGUN, Step("deliver", {"fault": Fault("stale_index", 2, 2)})),
        "B",
        "shows m1 last in 1, not m2",
    ),
    7: ((START,), "E", ""),
    8: ((START, Step("look_later", {})), "A", "reads nothing in 1"),
    9: ((START, Step("send", {"who": "ada", "conversation": 1})), "A", "m2"),
    10: (
        (Step("start", {"who": "ada", "whom": "bo", "fault": Fault("half_written")}),),
        "A",
        "takes no part",
    ),
    11: ((START, Step("stranger", {"conversation": 1})), "A", "not refused with NotAParticipant"),
}
MAKES = {number: bootcamp(frozenset({number})) for number in PROGRAMS}
RIGHT = bootcamp(frozenset())
each_fault = pytest.mark.parametrize("number", PROGRAMS)


def test_every_fault_has_a_lesson_and_a_program() -> None:
    assert list(LESSONS) == list(PROGRAMS) == sorted(ALL_FAULTS)


@pytest.mark.local
@each_fault
def test_program_shows_its_fault_alone(session_of: SessionOf, number: int) -> None:
    steps, pattern, told = PROGRAMS[number]

    broken = first_broken(session_of(Dual, MAKES[number]), steps)

    assert broken is not None
    assert (broken.pattern, told in broken.what) == (pattern, True), str(broken)


@pytest.mark.local
@each_fault
def test_program_needs_its_fault(session_of: SessionOf, number: int) -> None:
    steps, _, _ = PROGRAMS[number]

    assert first_broken(session_of(Dual, RIGHT), steps) is None


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_no_program_of_them_breaks_a_design(session_of: SessionOf, design: Any) -> None:
    broken = {
        number: first_broken(session_of(design), steps)
        for number, (steps, _, _) in PROGRAMS.items()
    }

    assert set(broken.values()) == {None}, broken


@pytest.mark.local
def test_stored_program_is_replayed_with_all_faults() -> None:
    stored = [step.to_json() for step in PROGRAMS[11][0]]

    assert replay(ALL_FAULTS, stored) is not None
    assert replay([], stored) is None
    assert read_steps(stored) == PROGRAMS[11][0]


@pytest.mark.local
def test_no_request_leaves_this_machine(
    session_of: SessionOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    look_up = socket.getaddrinfo

    def watch(host: Any, *rest: Any, **options: Any) -> Any:
        asked.append(str(host))
        return look_up(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watch)

    broken = first_broken(session_of(Dual, MAKES[7]), BEGUN)

    assert broken is not None
    assert all(is_loopback(f"http://{host}") for host in asked)


@pytest.mark.local
def test_lesson_is_found_with_its_smallest_program(target: Target) -> None:
    lesson = find_lesson(11, target, seed=1)

    assert (lesson["number"], lesson["fault"]) == (11, LESSONS[11].fault)
    assert (lesson["pattern"], lesson["what"]) == (
        "A",
        "not refused with NotAParticipant: show the messages of a conversation",
    )
    assert [step["step"] for step in lesson["steps"]] == ["start", "stranger"]


@pytest.mark.local
def test_fault_that_does_not_show_is_an_error(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.conformance.lessons.TRIES", 1)

    with pytest.raises(FaultNotShown, match="fault 6") as error:
        find_lesson(6, target, seed=1)

    assert error.value.tries == 1
