"""Which design keeps which promise: the verdicts of `workbench check`, as text and as a table."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.reports.tables import Frame, frame_of
from workbench.storage import read_stored

SIGNS = {"kept": "yes", "broken": "NO", "not supported": "-", "not tried": "?"}


def read_verdicts(path: Path) -> dict[str, Any]:
    """A stored run of `workbench check --out`, or RunNotReadable."""
    return read_stored(path, command="check --out FILE")


def verdict_frame(report: Mapping[str, Any]) -> Frame:
    """A row for each design, a column for each pattern."""
    rows = {
        each["design"]: {pattern: SIGNS[verdict] for pattern, verdict in each["verdicts"].items()}
        for each in report["designs"]
    }
    return frame_of(rows, "design")


def rest_frame(report: Mapping[str, Any]) -> Frame:
    """A row for each design: what its verdicts rest on."""
    rows = {each["design"]: _rest(each) for each in report["designs"]}
    return frame_of(rows, "design")


def verdict_lines(report: Mapping[str, Any]) -> list[str]:
    """The verdicts, why some patterns are not supported, and a program for each broken promise."""
    lines = [
        "yes: every promise kept   NO: broken   -: not supported   ?: not tried",
        "states: different ones in which design and reference agreed; programs that led there",
        "",
    ]
    frame = verdict_frame(report).join(rest_frame(report)).reset_index()
    lines += frame.to_string(index=False).splitlines()
    for each in report["designs"]:
        lines += [
            f"{each['design']} does not support {pattern}, because {why}"
            for pattern, why in each["unsupported"].items()
        ]
    return [*lines, *_failures(report)]


def _rest(checked: Mapping[str, Any]) -> dict[str, Any]:
    rounds = checked["rounds"].values()
    return {
        "programs": sum(each["programs"] for each in rounds),
        "states": sum(each["states"] for each in rounds),
        "faults injected": sum(sum(each["faults"].values()) for each in rounds),
        "seconds": round(sum(each["seconds"] for each in rounds)),
    }


def _failures(report: Mapping[str, Any]) -> Iterator[str]:
    for each in report["designs"]:
        for found in each["rounds"].values():
            if failure := found["failure"]:
                yield ""
                yield f"{each['design']} breaks {failure['pattern']}: {failure['what']}"
                yield "to be pasted into a notebook:"
                yield from ["", *found["program"].splitlines()]
