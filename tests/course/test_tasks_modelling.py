"""Lesson 08: each wrong answer is told why, the right one passes; its models are what they say."""

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.course.checking import find_exercise
from workbench.course.exercises import RIGHT
from workbench.course.lessons.models import inbox_rru, smallest_failure, units_frame
from workbench.course.tasks.modelling import PAGE_RRU, WHOLE_INBOX_RRU
from workbench.designs import find_design
from workbench.designs.messages import EVER
from workbench.designs.skeleton import MyDesign, group_key
from workbench.dynamodb.targets import Target
from workbench.errors import NotAParticipant
from workbench.messaging.entities import Conversation

MODELS = ROOT / "notebooks" / "models"


@pytest.fixture
def endpoint(server: Target, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WORKBENCH_ENDPOINT", str(server.endpoint_url))
    return str(server.endpoint_url)


def reason(name: str, answer: Any) -> str:
    return find_exercise(name).judge(answer).reason


def key(pk: str, sk: str) -> Callable[[str, str], dict[str, str]]:
    """A function that puts its arguments into two texts."""
    return lambda owner, talk: {
        "pk": pk.format(owner=owner, talk=talk),
        "sk": sk.format(owner=owner, talk=talk),
    }


def ever_new(owner: str, talk: str, numbers: Any = itertools.count()) -> dict[str, str]:  # noqa: B008
    return {"pk": owner, "sk": f"{talk}{next(numbers)}"}


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("08.mend", 3, "no condition"),
        ("08.pays", 1.6, "forgot the prices"),
        ("08.pays", 14, "took all of a message"),
        ("08.pays", 20 / 3.5, "forgot the page"),
        ("08.pays", 0.125, "upside down"),
        ("08.pays", 8, RIGHT),
        ("08.random_uuid", "A", "all can be read"),
        ("08.random_uuid", "B", "the inbox is right"),
        ("08.random_uuid", "C", "sending goes on"),
        ("08.random_uuid", "E", "updates go on"),
        ("08.random_uuid", "D", RIGHT),
        ("08.mark_key", "pk", "no function"),
        ("08.mark_key", lambda owner: {}, "no key"),
        ("08.mark_key", lambda owner, talk: {"pk": owner}, "no key"),
        ("08.mark_key", ever_new, "cannot be found again"),
        ("08.mark_key", key("READ#{talk}", "MARK"), "shared by both"),
        ("08.mark_key", key("READ#{owner}", "MARK"), "one for all"),
        ("08.mark_key", key("MSG#{talk}", "READ#{owner}"), "among the messages"),
        ("08.mark_key", key("READ#{talk}", "{owner}"), "not read together"),
        ("08.mark_key", key("READ", "{owner}#{talk}"), "one partition for everybody"),
        ("08.mark_key", key("INBOX#{owner}", "GROUP#{talk}"), RIGHT),
        ("08.mark_key", key("READ#{owner}", "{talk}"), RIGHT),
        ("08.unread", "functions", "not two functions"),
        ("08.unread", (1, 2), "not two functions"),
    ],
)
def test_answer_is_told_what_is_wrong(name: str, answer: Any, told: str) -> None:
    assert reason(name, answer) == told


@pytest.mark.local
@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("attribute_exists(pk)", "breaks B"),
        ("attribute_not_exists(last_reply_at)", "breaks B"),
        ("last_reply_at > :created_at", "breaks B"),
        ("last_reply_at <", "breaks E"),
        ("last_reply_at < :created_at", RIGHT),
    ],
)
def test_condition_is_tried_on_programs(condition: str, told: str) -> None:
    assert reason("08.mend", condition) == told


# --- Unread messages -------------------------------------------------------------------------


def count_unread(self: Any, conversation: Conversation) -> int:
    viewer, group_uuid = conversation.viewer, conversation.group_uuid
    mark = self._membership(viewer, group_uuid).get("read_at", {"S": EVER})["S"]
    return int(self._count_messages_of_others(group_uuid, viewer, mark))


def mark_read(self: Any, conversation: Conversation, read_at: Any) -> None:
    viewer, group_uuid = conversation.viewer, conversation.group_uuid
    if not self._raise_mark(group_key(viewer.uuid, group_uuid), "read_at", read_at):
        raise NotAParticipant(viewer.uuid, group_uuid)


def mark_without_asking(self: Any, conversation: Conversation, read_at: Any) -> None:
    viewer, group_uuid = conversation.viewer, conversation.group_uuid
    self._raise_mark(group_key(viewer.uuid, group_uuid), "read_at", read_at)


def mark_for_the_other(self: Any, conversation: Conversation, read_at: Any) -> None:
    mark_read(self, conversation.seen_by_other(), read_at)


@pytest.mark.local
@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("functions", "told"),
    [
        ((lambda self, conversation: 0, mark_read), "breaks F"),
        ((count_unread, lambda self, conversation, read_at: None), "breaks F"),
        ((count_unread, mark_without_asking), "breaks F"),
        ((count_unread, mark_for_the_other), "breaks F"),
        ((count_unread, mark_read), RIGHT),
    ],
)
def test_unread_counts_are_tried_on_programs(functions: Any, told: str) -> None:
    assert reason("08.unread", functions) == told


# --- What the lesson says ----------------------------------------------------------------------


@pytest.mark.local
def test_models_break_what_the_lesson_says(target: Target) -> None:
    broken = {
        name: smallest_failure(find_design(str(MODELS / f"{name}.py")), target)
        for name in ("my_design", "with_index", "late_wins")
    }

    patterns = {name: each and each.broken.pattern for name, each in broken.items()}
    assert patterns == {"my_design": None, "with_index": None, "late_wins": "B"}


@pytest.mark.local
def test_random_uuid_breaks_first_messages(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def random_uuid(*_: object) -> str:
        return str(uuid.uuid4())

    monkeypatch.setattr("workbench.designs.skeleton.pair_uuid", random_uuid)

    failure = smallest_failure(MyDesign, target)

    assert failure is not None
    assert failure.broken.pattern == "D"


@pytest.mark.local
def test_index_costs_and_saves_what_the_exercise_takes(target: Target, endpoint: str) -> None:
    mine, indexed = (
        find_design(str(MODELS / f"{name}.py")) for name in ("my_design", "with_index")
    )

    frame = units_frame([mine, indexed], target)

    assert [str(each) for each in frame.loc["E: stream update after a message"]] == [
        "2 WRU",
        "6 WRU",
    ]
    measured = [inbox_rru(each, 100, endpoint=endpoint) for each in (mine, indexed)]
    assert measured == [WHOLE_INBOX_RRU, PAGE_RRU]
