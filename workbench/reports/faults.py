"""The bootcamp's eleven faults, from stored schedules, to be read and guessed at."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.measurement.storage import read_stored

if TYPE_CHECKING:
    import pandas

FORMAT_VERSION = 1
Lesson = Mapping[str, Any]


def read_lessons(path: Path) -> dict[int, Lesson]:
    """Fault number -> its lesson, as `workbench faults --bootcamp --out` stores them.

    Raises
    ------
    RunNotReadable
        If the file is missing, is no stored run, or has another format version.
    """
    command = "faults --schedules 0 --bootcamp --out FILE"
    stored = read_stored(path, format_version=FORMAT_VERSION, command=command)
    return {lesson["number"]: lesson for lesson in stored["bootcamp"]}


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


def fault_lines(report: Mapping[str, Any]) -> list[str]:
    """What a run of `workbench faults` showed, line by line."""
    lines = []
    for each in report["designs"]:
        count = len(each["violations"])
        lines += [
            f"{each['design']:<12} {each['schedules']:>6,} schedules, {each['per_second']:>5} a "
            f"second, {count} violations",
            "  " + ", ".join(f"{kind} {times:,}" for kind, times in each["happened"].items()),
        ]
        if count:
            lines += [f"{broken['promise']}: {broken['what']}" for broken in each["violations"]]
            lines += [*each["lines"], "to run it again:"]
            lines += ["  from workbench.conformance.machine import replay"]
            lines += [f"  replay({each['design']!r}, {each['schedule']})"]
    for lesson in report["bootcamp"]:
        lines += ["", f"fault {lesson['number']}: {lesson['fault']}"]
        lines += [f"  {line}" for line in lesson["lines"]]
        first = lesson["violations"][0]
        lines += [f"  breaks {first['promise']}: {first['what']}", f"  remedy: {lesson['remedy']}"]
    return lines
