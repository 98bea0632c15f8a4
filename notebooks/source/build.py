"""Make the notebooks from their sources: the learner's, and the solution of those with exercises.

    notebooks/source/02_two_groups.py  ->  notebooks/02_two_groups.ipynb
                                           notebooks/solutions/02_two_groups.ipynb

A source is a percent script, which jupytext reads. Where the two differ its lines are marked:

    answer = ...  #| learner
    answer = write_units(0, 1_100)  #| solution

    python notebooks/source/build.py                    all, executed anew
    python notebooks/source/build.py 02 06              those that begin so
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from workbench.dynamodb.server import STATE_VARIABLE
from workbench.dynamodb.targets import ENDPOINT_VARIABLE, open_targets

SOURCE = Path(__file__).resolve().parent
LESSONS = SOURCE.parent
SOLUTIONS = LESSONS / "solutions"
LEARNER, SOLUTION = "  #| learner", "  #| solution"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TIMEOUT_SECONDS = 300


def sources() -> list[Path]:
    """All sources of notebooks, in reading order."""
    return sorted(path for path in SOURCE.glob("*.py") if path.name != Path(__file__).name)


def notebook_of(source: Path, *, is_solution: bool) -> nbformat.NotebookNode:
    """The learner's notebook of a source, or the one with the solutions; not yet executed."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.source = chosen(cell.source, is_solution=is_solution)
            if is_solution and "parameters" in cell.metadata.get("tags", ()):
                cell.source = cell.source.replace('"../', '"../../')
        elif is_solution:
            cell.source = cell.source.replace("](", "](../").replace("](../http", "](http")
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cell.id = hashlib.sha256(f"{source.stem} {number}".encode()).hexdigest()[:8]
    return notebook


def chosen(code: str, *, is_solution: bool) -> str:
    """The lines of a cell that are for the learner, or those of the solution, without marks."""
    kept, left_out = (SOLUTION, LEARNER) if is_solution else (LEARNER, SOLUTION)
    lines = (line for line in code.splitlines() if not line.endswith(left_out))
    return "\n".join(line.removesuffix(kept) for line in lines)


def has_solutions(source: Path) -> bool:
    """Whether a source has exercises."""
    return SOLUTION in source.read_text()


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in a fresh kernel; outputs are those of this run."""
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    NotebookClient(
        notebook,
        timeout=TIMEOUT_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        config=config,
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran


def made(source: Path) -> Iterator[tuple[Path, nbformat.NotebookNode]]:
    """Where the notebooks of a source go, and what they are."""
    yield LESSONS / f"{source.stem}.ipynb", notebook_of(source, is_solution=False)
    if has_solutions(source):
        yield SOLUTIONS / f"{source.stem}.ipynb", notebook_of(source, is_solution=True)


def main() -> None:
    """Build and execute the notebooks whose names begin as asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="how their names begin, such as 02")
    names = tuple(parser.parse_args().names) or ("",)
    found = [path for path in sources() if path.name.startswith(names)]
    if not found:
        sys.exit(f"no source begins with {' or '.join(names)}")
    SOLUTIONS.mkdir(exist_ok=True)
    with open_targets() as [target], tempfile.TemporaryDirectory() as state:
        os.environ[ENDPOINT_VARIABLE] = str(target.endpoint_url)
        for source in found:
            for path, notebook in made(source):
                # Progress of its own: no output depends on what was built before.
                os.environ[STATE_VARIABLE] = str(Path(state) / path.parent.name / path.stem)
                execute(notebook, path.parent)
                nbformat.write(notebook, path)
                print(path.relative_to(LESSONS.parent), file=sys.stderr)


if __name__ == "__main__":
    main()
