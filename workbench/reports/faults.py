"""The bootcamp's eleven faults, from stored schedules, to be read and guessed at."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import RunNotReadable

if TYPE_CHECKING:
    import pandas

Lesson = Mapping[str, Any]


def read_lessons(path: Path) -> dict[int, Lesson]:
    """Fault number -> its lesson, as `workbench faults --bootcamp --out` stores them.

    Raises
    ------
    RunNotReadable
        If the file is missing or holds no lessons.
    """
    try:
        return {lesson["number"]: lesson for lesson in json.loads(path.read_text("utf-8"))}
    except (OSError, ValueError, KeyError, TypeError) as error:
        way_out = "make it with `workbench faults --bootcamp --out FILE`"
        raise RunNotReadable(f"{path} holds no schedules of faults: {way_out}") from error


def schedule_text(lesson: Lesson) -> str:
    """What happens, step by step, without what comes of it; Markdown."""
    return "\n".join(lesson["lines"])


def outcome_text(lesson: Lesson) -> str:
    """What everybody sees in the end, which fault shows, and the remedy; Markdown."""
    seen = "\n".join(f"- {each['what']}" for each in lesson["violations"])
    return (
        f"{seen}\n\n**Fault {lesson['number']}.** {lesson['fault']}\n\n*Remedy:* {lesson['remedy']}"
    )


def lesson_frame(lessons: Mapping[int, Lesson]) -> "pandas.DataFrame":
    """A row for each fault: how many steps show it, which promise breaks, and how."""
    import pandas

    rows = {
        number: {
            "fault": lesson["fault"],
            "steps": len(lesson["lines"]),
            "promise": lesson["violations"][0]["promise"],
            "what is seen": lesson["violations"][0]["what"],
        }
        for number, lesson in lessons.items()
    }
    return pandas.DataFrame.from_dict(rows, orient="index").rename_axis(index="number")
