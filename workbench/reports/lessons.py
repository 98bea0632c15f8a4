"""The bootcamp's eleven faults, from stored programs, to be read and guessed at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.reports.tables import Frame, frame_of
from workbench.storage import read_stored

Lesson = Mapping[str, Any]
HUNTED = {"P": 5, "Q": 4, "R": 6}


def read_lessons(path: Path) -> dict[int, Lesson]:
    """Fault number -> its lesson, as `workbench check --bootcamp --out` stores them.

    Raises
    ------
    RunNotReadable
        If the file is missing, is no stored run, or has another format version.
    """
    stored = read_stored(path, command="check --bootcamp --out FILE")
    return {lesson["number"]: lesson for lesson in stored["lessons"]}


def program_text(lesson: Lesson) -> str:
    """What happens, step by step, without what comes of it; Markdown."""
    return "\n".join(["```python", *lesson["lines"], "```"])


def outcome_text(lesson: Lesson) -> str:
    """What everybody sees in the end, which fault shows, and the remedy; Markdown."""
    return (
        f"Pattern {lesson['pattern']}: {lesson['what']}\n\n"
        f"**Fault {lesson['number']}.** {lesson['fault']}\n\n*Remedy:* {lesson['remedy']}"
    )


def faults_text(lessons: Mapping[int, Lesson], part: str = "fault") -> str:
    """A numbered list of what is wrong, or of each `remedy`; Markdown."""
    return "\n".join(f"{number}. {lesson[part]}" for number, lesson in lessons.items())


def hunted(lessons: Mapping[int, Lesson]) -> dict[str, Lesson]:
    """Lessons under letters that do not tell their numbers, to be guessed."""
    return {letter: lessons[number] for letter, number in HUNTED.items()}


def lesson_frame(lessons: Mapping[int, Lesson]) -> Frame:
    """A row for each fault: how many steps show it, which pattern's promise breaks, and how."""
    rows = {
        number: {
            "fault": lesson["fault"],
            "steps": len(lesson["lines"]),
            "pattern": lesson["pattern"],
            "what is seen": lesson["what"],
        }
        for number, lesson in lessons.items()
    }
    return frame_of(rows, "number")


def lesson_lines(report: Mapping[str, Any]) -> list[str]:
    """What a run of `workbench check --bootcamp` showed, line by line."""
    lines = []
    for lesson in report["lessons"]:
        lines += [f"fault {lesson['number']}: {lesson['fault']}"]
        lines += [f"  {line}" for line in lesson["lines"]]
        lines += [f"  breaks {lesson['pattern']}: {lesson['what']}"]
        lines += [f"  remedy: {lesson['remedy']}", ""]
    return lines
