from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT
from workbench.errors import BadParameter, NotebookFailed, OutputNotWritable, UnknownParameter
from workbench.reports.notebooks import execute_notebook, write_page


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A notebook that divides by its only parameter."""
    parameters = nbformat.v4.new_code_cell("number = 2", metadata={"tags": ["parameters"]})
    cells = [parameters, nbformat.v4.new_code_cell("print(10 / number)")]
    path = tmp_path / "source.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.mark.process
def test_notebook_runs_with_its_parameter(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.ipynb"

    execute_notebook(source, target, {"number": 4})

    assert nbformat.read(target, 4).cells[-1].outputs[0].text == "2.5\n"


def test_unknown_parameter_is_refused_with_the_known_ones(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.ipynb"

    with pytest.raises(UnknownParameter, match=r"no parameter 'nummer'.*are: number\."):
        execute_notebook(source, target, {"nummer": 4})

    assert not target.exists()


def test_parameter_of_another_type_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"number of source\.ipynb must be of type int"):
        execute_notebook(source, tmp_path / "out.ipynb", {"number": "4"})


def test_parameter_that_is_worked_out_is_refused(source: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(source, 4)
    notebook.cells[0].source = "number = 1 + len('x')"
    nbformat.write(notebook, source)

    with pytest.raises(UnknownParameter, match=r"number = 1 .* is no literal"):
        execute_notebook(source, tmp_path / "out.ipynb", {"number": 4})


@pytest.mark.process
def test_failing_cell_is_reported(source: Path, tmp_path: Path) -> None:
    with pytest.raises(NotebookFailed, match="ZeroDivisionError"):
        execute_notebook(source, tmp_path / "out.ipynb", {"number": 0})


def test_notebook_that_cannot_be_stored_is_reported(source: Path) -> None:
    with pytest.raises(OutputNotWritable):
        execute_notebook(source, source / "a-file-is-no-folder" / "out.ipynb", {})


@pytest.mark.process
def test_cells_of_a_tag_are_left_out(source: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(source, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("1 / 0", metadata={"tags": ["lesson"]}))
    nbformat.write(notebook, source)

    execute_notebook(source, tmp_path / "out.ipynb", {}, without="lesson")

    assert len(nbformat.read(tmp_path / "out.ipynb", 4).cells) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_page_on_a_full_disk_is_reported(source: Path) -> None:
    with pytest.raises(OutputNotWritable, match="No space left"):
        write_page(source, Path("/dev/full"), title="full")


def test_page_needs_no_network_and_shows_no_code(tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    write_page(ROOT / "notebooks" / "05_compare.ipynb", page, title="Compared")

    html = page.read_text()
    assert "cdnjs" not in html
    assert "cdn.jsdelivr" not in html
    assert "pattern_frame(run)" not in html
    assert 'alt="Bars of round trips' in html
