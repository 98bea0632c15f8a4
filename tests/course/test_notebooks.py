"""The committed notebooks: sources, lint, and how much of them is compared."""

import json
import re
import runpy
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.course.lessons import (
    NOTEBOOKS,
    SOLUTIONS,
    cells_of,
    code_of,
    coverage_of,
    faults,
    source_of,
    tags_of,
)
from workbench.course.tasks import EXERCISES

BUILD = runpy.run_path(str(ROOT / "notebooks" / "source" / "build.py"))
LEAST_COMPARED = 0.7
of_a_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
of_any = pytest.mark.parametrize(
    "path", [*NOTEBOOKS, *SOLUTIONS], ids=lambda path: f"{path.parent.name}-{path.stem}"
)


@of_any
def test_committed_notebook_has_no_fault(path: Path) -> None:
    assert list(faults(path)) == []


@of_a_notebook
def test_most_cells_that_show_something_are_compared(path: Path) -> None:
    assert coverage_of(cells_of(path)).share >= LEAST_COMPARED


def test_notebooks_are_those_that_their_sources_make() -> None:
    made = {
        path: [cell.source for cell in notebook.cells]
        for source in BUILD["sources"]()
        for path, notebook in BUILD["made"](source)
    }

    committed = {path: [source_of(cell) for cell in cells_of(path)] for path in made}

    assert set(made) == {*NOTEBOOKS, *SOLUTIONS}
    assert committed == made


def test_every_exercise_is_in_a_notebook_with_its_solution() -> None:
    learner, solution = (sorted(checked_in(paths)) for paths in (NOTEBOOKS, SOLUTIONS))

    assert learner == solution == sorted(EXERCISES)


def checked_in(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths:
        for cell in code_of(cells_of(path)):
            yield from re.findall(r'check\("([^"]+)"', source_of(cell))


# --- The lint itself -------------------------------------------------------------------------


def exercise(code: list[dict[str, object]]) -> dict[str, object]:
    return next(cell for cell in code if "exercise" in tags_of(cell))


STDERR = {"output_type": "stream", "name": "stderr", "text": "oh"}
ERROR = {"output_type": "error"}
PICTURE = {"output_type": "display_data", "data": {"image/png": ""}, "metadata": {}}


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("not executed in order", lambda code: code[1].update(execution_count=7)),
        ("not one parameters cell", lambda code: code[1]["metadata"].update(tags=["parameters"])),
        ("is no literal", lambda code: code[0].update(source="endpoint = open('x')")),
        ("import os is no literal", lambda code: code[0].update(source="import os")),
        ("lines of code", lambda code: code[1].update(source="x = 1\n" * 16)),
        ("a path of one machine", lambda code: code[1].update(source="open('/home/me/x')")),
        ("a magic", lambda code: code[1].update(source="%matplotlib inline")),
        ("a magic", lambda code: code[1].update(source="!pip install boto3")),
        ("check without the tag", lambda code: code[1].update(source='check("00.long_text", 2)')),
        ("no exercise 'x.y'", lambda code: code[1].update(source='check("x.y", 2)')),
        ("does not say", lambda code: exercise(code)["outputs"].clear()),
        ("something on stderr", lambda code: code[1].update(outputs=[STDERR])),
        ("an error that is not meant", lambda code: code[1].update(outputs=[ERROR])),
        ("a picture without a text", lambda code: code[1].update(outputs=[PICTURE])),
    ],
)  # fmt: skip
def test_lint_finds_a_fault(fault: str, change: object, tmp_path: Path) -> None:
    notebook = json.loads(NOTEBOOKS[0].read_text())
    change(code_of(notebook["cells"]))  # type: ignore[operator]
    path = tmp_path / "worse.ipynb"
    path.write_text(json.dumps(notebook))

    assert [each for each in faults(path) if fault in each]


def test_coverage_tells_what_is_compared_from_what_is_not() -> None:
    def cell(outputs: list[object], *tags: str) -> dict[str, object]:
        return {"cell_type": "code", "outputs": outputs, "metadata": {"tags": list(tags)}}

    text, picture = {"data": {"text/plain": "1"}}, {"data": {"image/png": "", "text/plain": "x"}}
    cells = [
        cell([text]), cell([text, picture]), cell([picture]), cell([]),
        cell([text], "nbval-ignore-output"), cell([text], "nbval-skip"),
    ]  # fmt: skip

    found = coverage_of(cells)

    assert (found.compared, found.pictures, found.ignored, found.skipped, found.silent) == (
        2,
        1,
        1,
        1,
        1,
    )
    assert found.share == pytest.approx(2 / 5)
