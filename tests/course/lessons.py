"""What the committed notebooks have to be: a lint, and how much of them nbval compares."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from workbench.course.tasks import EXERCISES
from workbench.errors import UnknownParameter
from workbench.reports.notebooks import declared_parameters, execute_notebook

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
MOST_CELLS, MOST_LINES, MOST_WORDS = 50, 15, 130
PICTURES = ("image/png", "application/vnd.jupyter.widget-view+json")
Cell = Mapping[str, Any]


def cells_of(path: Path) -> list[Cell]:
    return list(json.loads(path.read_text())["cells"])


def source_of(cell: Cell) -> str:
    return "".join(cell["source"])


def tags_of(cell: Cell) -> list[str]:
    return list(cell["metadata"].get("tags", ()))


def code_of(cells: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


# --- Lint ------------------------------------------------------------------------------------


def faults(path: Path) -> Iterator[str]:
    """What is wrong with a committed notebook, in words."""
    notebook = json.loads(path.read_text())
    cells = notebook["cells"]
    yield from _order_faults(cells)
    yield from _parameter_faults(path, cells)
    yield from _text_faults(cells)
    yield from _exercise_faults(cells)
    yield from _answer_faults(cells, "**Right.**" if path in SOLUTIONS else "**Not yet: unanswered")
    yield from _output_faults(cells)
    if notebook["metadata"]["kernelspec"]["name"] != "python3":
        yield "another kernel"


def _order_faults(cells: Sequence[Cell]) -> Iterator[str]:
    counts = [cell["execution_count"] for cell in code_of(cells)]
    if counts != list(range(1, len(counts) + 1)):
        yield "not executed in order, from a fresh kernel"
    if len(cells) > MOST_CELLS:
        yield f"{len(cells)} cells, more than {MOST_CELLS}"


def _parameter_faults(path: Path, cells: Sequence[Cell]) -> Iterator[str]:
    tagged = [cell for cell in cells if "parameters" in tags_of(cell)]
    if tagged != code_of(cells)[:1]:
        yield "not one parameters cell, the first of the code"
        return
    try:
        declared_parameters(path)
    except UnknownParameter as error:
        yield str(error)


def _text_faults(cells: Sequence[Cell]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        text = source_of(cell)
        if cell["cell_type"] == "code" and len(text.splitlines()) > MOST_LINES:
            yield f"cell {number}: {len(text.splitlines())} lines of code"
        if cell["cell_type"] == "markdown" and len(text.split()) > MOST_WORDS:
            yield f"cell {number}: {len(text.split())} words"
        if re.search(r"(?<![\w.])/(?:home|work|tmp|Users)/", text):
            yield f"cell {number}: a path of one machine"
        if re.search(r"^\s*(?:[!%]|import sys\b)|sys\.path|\bpip install", text, re.M):
            yield f"cell {number}: an installation, a magic or a change of the path"


def _exercise_faults(cells: Sequence[Cell]) -> Iterator[str]:
    for number, cell in enumerate(cells):
        checks = re.findall(r"\bcheck\(\"([^\"]+)\"", source_of(cell))
        if ("exercise" in tags_of(cell)) != bool(checks):
            yield f"cell {number}: an exercise without a check, or a check without the tag"
        yield from (
            f"cell {number}: no exercise {name!r}" for name in checks if name not in EXERCISES
        )


def _answer_faults(cells: Sequence[Cell], begins: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        told = [each.get("data", {}).get("text/markdown", "") for each in cell.get("outputs", ())]
        if "exercise" in tags_of(cell) and not "".join((told or [""])[-1]).startswith(begins):
            yield f"cell {number}: an exercise that does not say {begins!r}"


def _output_faults(cells: Sequence[Cell]) -> Iterator[str]:
    for number, cell in enumerate(code_of(cells), start=1):
        for output in cell["outputs"]:
            if output["output_type"] == "error" and "raises-exception" not in tags_of(cell):
                yield f"[{number}]: an error that is not meant"
            if output.get("name") == "stderr":
                yield f"[{number}]: something on stderr"
            if "image/png" in output.get("data", {}) and not _alt_of(output):
                yield f"[{number}]: a picture without a text"
            text = json.dumps(output.get("data", {}).get("text/plain", output.get("text", "")))
            if re.search(r"/(?:home|work|tmp|Users)/| at 0x[0-9a-f]{6,}", text):
                yield f"[{number}]: a path of one machine, or an address, in the output"


def _alt_of(output: Mapping[str, Any]) -> str:
    return str(output["metadata"].get("image/png", {}).get("alt", ""))


# --- Runs ------------------------------------------------------------------------------------


def checked_in_a_run(path: Path, target: Path) -> list[str]:
    """What the checks of a notebook tell, in order, when it is run where it lies."""
    execute_notebook(path, target, {}, folder=path.parent)
    cells = [cell for cell in cells_of(target) if "exercise" in tags_of(cell)]
    return ["".join(cell["outputs"][-1]["data"]["text/markdown"]) for cell in cells]


# --- Coverage --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """Code cells of a notebook, by what nbval makes of their outputs.

    Cells without output are `silent`: they are run, and nothing of them is compared. Of pictures
    only the texts are, so they do not count.
    """

    compared: int
    pictures: int
    ignored: int
    skipped: int
    silent: int

    @property
    def share(self) -> float:
        """Compared cells among those that show something."""
        return self.compared / (self.compared + self.pictures + self.ignored + self.skipped)


def coverage_of(cells: Sequence[Cell]) -> Coverage:
    kinds = [_kind(cell) for cell in code_of(cells)]
    return Coverage(
        *(kinds.count(kind) for kind in ("compared", "pictures", "ignored", "skipped", "silent"))
    )


def _kind(cell: Cell) -> str:
    tags = tags_of(cell)
    if "nbval-skip" in tags:
        return "skipped"
    if "nbval-ignore-output" in tags:
        return "ignored"
    if not cell["outputs"]:
        return "silent"
    is_picture = all(any(kind in o.get("data", {}) for kind in PICTURES) for o in cell["outputs"])
    return "pictures" if is_picture else "compared"
