from pathlib import Path

import pytest

from tests.test_cli import call
from workbench.course.checking import check, hint
from workbench.course.exercises import Mistake, digest_of, number, word
from workbench.course.progress import Progress, change_progress, read_progress, reset_progress
from workbench.course.tasks import EXERCISES
from workbench.errors import BadParameter, OutputNotWritable, RunNotReadable

pytestmark = pytest.mark.usefixtures("progress_file")


def test_number_is_judged_with_the_reason_of_a_known_mistake() -> None:
    judge = number(lambda: 9, "because", lambda: [Mistake(6, "forgot the index", "it is a copy")])

    found = [judge(answer).reason for answer in (9, 9.05, 6, 5, 12, "9", True)]

    assert found == [
        "right", "right", "forgot the index", "too few", "too many", "not a number", "not a number"
    ]  # fmt: skip


def test_word_is_judged_by_its_hash_whatever_its_case() -> None:
    judge = word(digest_of("item collection"), "because", [(digest_of("page"), "a page", "no")])

    found = [judge(answer).reason for answer in (" Item Collection", "page", "row", 3)]

    assert found == ["right", "a page", "another word", "not a word"]


def test_right_answer_is_kept_and_a_later_wrong_one_does_not_undo_it() -> None:
    for answer in (1, 2, 1):
        check("00.long_text", answer)

    assert read_progress().exercises["00.long_text"] == {"tries": 2, "is_right": True}


def test_unanswered_exercise_is_no_try() -> None:
    found = check("00.long_text", ...)

    assert found.finding.reason == "unanswered"
    assert read_progress() == Progress()


def test_wrong_answer_is_told_why_and_where_hints_are() -> None:
    assert repr(check("00.long_text", 1)).startswith("Not yet: forgot names and keys. 1,024 bytes")
    assert repr(check("00.long_text", 1)).endswith('(`hint("00.long_text")`)')


def test_hints_come_one_by_one_then_all() -> None:
    hints = EXERCISES["00.long_text"].hints

    told = [repr(hint("00.long_text")) for _ in range(len(hints) + 1)]

    assert told[0] == f"Hint 1 of {len(hints)}. {hints[0]}"
    assert all(each in told[-1] for each in hints)


def test_unknown_exercise_is_refused_with_those_of_its_lesson() -> None:
    with pytest.raises(BadParameter, match=r"one of 00\.long_text, "):
        check("00.no_such", 1)


@pytest.mark.parametrize("name", EXERCISES)
def test_exercise_has_hints_and_begins_with_its_lesson(name: str) -> None:
    exercise = EXERCISES[name]

    assert exercise.name == name
    assert name[:2].isdigit() and name[2] == "."
    assert len(exercise.hints) >= 2
    assert all(exercise.hints)
    assert not exercise.judge(object()).is_right


# --- The file --------------------------------------------------------------------------------


def test_broken_progress_is_told_with_the_way_out(progress_file: Path) -> None:
    progress_file.parent.mkdir()
    progress_file.write_text("{}")

    with pytest.raises(RunNotReadable, match="progress --reset"):
        read_progress()


def test_progress_that_cannot_be_stored_is_told(progress_file: Path) -> None:
    progress_file.parent.write_text("a file where a folder should be")

    with pytest.raises(OutputNotWritable, match="cannot be written"):
        change_progress(lambda progress: progress)


def test_interrupted_change_leaves_the_old_progress() -> None:
    def interrupted(progress: Progress) -> Progress:
        raise KeyboardInterrupt

    check("00.long_text", 2)
    with pytest.raises(KeyboardInterrupt):
        change_progress(interrupted)

    assert read_progress().exercises["00.long_text"]["is_right"]


def test_progress_is_forgotten_once() -> None:
    check("00.long_text", 2)

    assert [reset_progress(), reset_progress()] == [True, False]
    assert read_progress() == Progress()


# --- The command -----------------------------------------------------------------------------


def test_command_shows_what_is_solved() -> None:
    check("00.long_text", 2)

    done = call("progress")

    assert "00  1 of 3  long_text ✓, filtered, lie_together" in done.stdout
    assert "none yet" in done.stdout


def test_command_forgets_on_request() -> None:
    check("00.long_text", 2)

    assert call("progress", "--reset").stdout.startswith("forgotten: ")
    assert call("progress", "--reset").stdout == "there was none\n"
