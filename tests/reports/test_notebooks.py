import json
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT
from workbench.errors import NotebookFailed, OutputNotWritable, UnknownParameter
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


@pytest.mark.process
def test_failing_cell_is_reported(source: Path, tmp_path: Path) -> None:
    with pytest.raises(NotebookFailed, match="ZeroDivisionError"):
        execute_notebook(source, tmp_path / "out.ipynb", {"number": 0})


@pytest.mark.process
def test_notebook_that_cannot_be_stored_is_reported(source: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable):
        execute_notebook(source, tmp_path / "no-such-folder" / "out.ipynb", {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_page_on_a_full_disk_is_reported(source: Path) -> None:
    with pytest.raises(OutputNotWritable, match="No space left"):
        write_page(source, Path("/dev/full"), title="full")


def test_page_needs_no_network_and_shows_no_code(tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    write_page(ROOT / "notebooks" / "compare.ipynb", page, title="Compared")

    html = page.read_text()
    assert "cdnjs" not in html
    assert "cdn.jsdelivr" not in html
    assert "pattern_frame(run)" not in html
    assert 'alt="Bars of round trips' in html


def notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_committed_notebook_was_executed_in_order(path: Path) -> None:
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert code[0]["metadata"]["tags"] == ["parameters"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.process
@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_committed_notebook_runs_under_papermill(path: Path, tmp_path: Path) -> None:
    files = {
        "compare": {"run_file": "compare.json"},
        "where_it_flips": {"traces_file": "traces.json", "prices_file": "prices.csv"},
        "is_it_right": {
            "verdicts_file": "conformance.json",
            "faults_file": "faults.json",
            "cards_folder": "cards",
        },
        "is_it_faster": {
            "latency_file": "latency.json",
            "growth_file": "growth.json",
            "published_file": "published_latency.csv",
        },
        "stream_updates": {
            "faults_file": "faults.json",
            "bursts_file": "bursts.json",
            "first_policy": "policies/bootcamp_first.json",
            "fixed_policy": "policies/bootcamp_fixed.json",
        },
    }[path.stem]
    parameters = {name: str(ROOT / "data" / file) for name, file in files.items()}

    execute_notebook(path, tmp_path / path.name, parameters)

    assert (tmp_path / path.name).exists()
