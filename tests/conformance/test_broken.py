"""Designs that are wrong on purpose: the state machine finds each, within a hundred programs."""

import pytest

from tests.conformance import broken
from tests.conformance.conftest import SessionOf
from workbench.conformance.grounds import open_ground
from workbench.conformance.machine import search
from workbench.conformance.program import Fault, Step
from workbench.conformance.session import first_broken
from workbench.designs import Dual
from workbench.dynamodb.targets import Target

pytestmark = pytest.mark.local

# design, pattern to add to A to E, whose promise is seen to break, and what is said of it
CASES = (
    (broken.OpenToAll, "", "A", "not refused with NotAParticipant: show the messages"),
    (broken.OpenToWhoLeft, "J", "A", "not refused with NotAParticipant: show the messages"),
    (broken.SkipsOne, "", "B", "inbox lacks conversation"),
    (broken.LetsAllWrite, "", "C", "not refused with NotAParticipant: send a message"),
    (broken.CutsLongTexts, "", "C", "not refused with TextRefused"),
    (broken.OverwritesTheInstant, "", "A", "reads m2 in 1, not m1, m2"),
    (broken.BeginsAnew, "", "D", "a second first message makes a second conversation"),
    (broken.TakesNaiveTimes, "", "D", "not refused with ValueError"),
    (broken.PutsOneByOne, "", "A", "reads"),
    (broken.ShowsWhatComes, "", "B", "last in 1, not m"),
    (broken.ShowsTheFirstOfABatch, "", "B", "shows m1 last in 1, not m2"),
    (broken.CountsOwnMessages, "F", "F", "has 1 unread messages, not 0"),
    (broken.MarksBackwards, "F", "F", "unread messages, not"),
    (broken.HidesForBoth, "G", "B", "inbox lacks conversation 1"),
    (broken.HidesForEver, "G", "B", "inbox lacks conversation 1"),
    (broken.ForgetsOldMessages, "H", "H", "the sender of m1 is shown as"),
    (broken.ForgetsInboxesOfOthers, "H", "H", "inbox shows"),
    (broken.FindsFromOneSide, "I", "I", "found: none"),
    (broken.AddsAgain, "J", "B", "as the other in 1"),
    (broken.LeavesTheEntry, "J", "A", "not refused with NotAParticipant"),
    (broken.TellsTheFirstOnly, "J", "B", "last in 1, not m2"),
)


@pytest.mark.parametrize(
    ("design", "more", "pattern", "said"), CASES, ids=[each[0].__name__ for each in CASES]
)
def test_broken_design_is_found(
    target: Target, design: type, more: str, pattern: str, said: str
) -> None:
    with open_ground(design, target) as ground:
        found = search(ground, patterns=frozenset("ABCDE" + more), programs=100, seed=1)

    assert found.failure is not None
    assert (found.failure.broken.pattern, len(found.failure.steps) <= 4) == (pattern, True)
    assert said in found.failure.broken.what


def lost_mark(who: str, request: int) -> tuple[Step, ...]:
    """A program in which somebody has read all just before a request of the stream update."""
    mark = Step("mark_read", {"who": who, "conversation": 1, "second": 3})
    return (
        Step("start", {"who": "ada", "whom": "bo"}),
        Step("send", {"who": "ada", "conversation": 1, "second": 1}),
        Step("send", {"who": "bo", "conversation": 1, "second": 2}),
        Step("deliver", {"fault": Fault("overtaken", request, by=mark)}),
        Step("send", {"who": "ada", "conversation": 1, "second": 1}),
    )


@pytest.mark.parametrize("who", ["ada", "bo"])
def test_mark_written_before_a_delete_is_lost_without_its_condition(
    session_of: SessionOf, who: str
) -> None:
    programs = [lost_mark(who, request) for request in (2, 3, 4, 5)]

    careless = [first_broken(session_of(broken.DeletesWhatChanged), each) for each in programs]
    careful = [first_broken(session_of(Dual), each) for each in programs]

    assert {each.pattern for each in careless if each} == {"F"}
    assert careful == [None] * len(programs)
