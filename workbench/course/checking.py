"""What a learner calls: `check` judges an answer, `hint` gives one step more each time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from workbench.course.exercises import UNANSWERED, Exercise, Finding
from workbench.course.predictions import Told
from workbench.course.progress import Progress, change_progress
from workbench.course.tasks import EXERCISES
from workbench.errors import BadParameter


@dataclass(frozen=True, repr=False)
class Checked(Told):
    """What became of an answer, shown as Markdown; `finding` says it to a program."""

    finding: Finding


def check(name: str, answer: Any) -> Checked:
    """Judge an answer, say why it is wrong, and keep that it is right.

    An answer of `...`, as notebooks begin with, is unanswered.

    Raises
    ------
    BadParameter
        If there is no such exercise.
    """
    exercise = find_exercise(name)
    finding = _judge(exercise, answer)
    if finding.reason != UNANSWERED:
        change_progress(lambda progress: _counted(progress, name, finding))
    if finding.is_right:
        return Checked(f"**Right.** {finding.text}", finding)
    return Checked(f'**Not yet: {finding.reason}.** {finding.text} (`hint("{name}")`)', finding)


def _judge(exercise: Exercise, answer: Any) -> Finding:
    if answer is ...:
        return Finding(UNANSWERED, "Write your answer in place of the three dots.")
    return exercise.judge(answer)


def _counted(progress: Progress, name: str, finding: Finding) -> Progress:
    before = progress.exercises.get(name, {"tries": 0, "is_right": False})
    if before["is_right"]:
        return progress
    after = {"tries": before["tries"] + 1, "is_right": finding.is_right}
    return replace(progress, exercises={**progress.exercises, name: after})


def hint(name: str) -> Told:
    """The next hint for an exercise; after the last one, all of them again.

    Raises
    ------
    BadParameter
        If there is no such exercise.
    """
    hints = find_exercise(name).hints
    progress = change_progress(
        lambda progress: replace(
            progress, hints={**progress.hints, name: progress.hints.get(name, 0) + 1}
        )
    )
    asked = progress.hints[name]
    if asked > len(hints):
        return Told("\n".join(f"{number}. {each}" for number, each in enumerate(hints, start=1)))
    return Told(f"**Hint {asked} of {len(hints)}.** {hints[asked - 1]}")


def find_exercise(name: str) -> Exercise:
    """The exercise of this name, or BadParameter with those of its lesson."""
    if name in EXERCISES:
        return EXERCISES[name]
    raise BadParameter("exercise", name, f"one of {', '.join(_alike(name)) or 'those there are'}")


def _alike(name: str) -> Iterable[str]:
    return (each for each in EXERCISES if each[:2] == name[:2])
