"""The documents name what there is."""

import csv
import re
import tomllib
from datetime import date

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT
from workbench.cli import main
from workbench.designs import DESIGNS

README = (ROOT / "README.md").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_readme_presents_every_design(design: type) -> None:
    assert f"| `{design.name}` |" in README
    assert (ROOT / "workbench" / "designs" / f"{design.name}.py").exists()
    assert design.__doc__


@pytest.mark.parametrize("command", main.commands)
def test_readme_names_every_command(command: str) -> None:
    assert re.search(rf"`(workbench )?{command}\b", README)


@pytest.mark.parametrize("line", PYPROJECT["project"]["dependencies"])
def test_readme_says_why_a_dependency_is_there(line: str) -> None:
    name = Requirement(line).name
    [table] = re.findall(r"\| dependency \|.*?\n\n", README, re.S)

    assert re.search(rf"^\|.*\b{name}\b.*\|.*\w.*\|$", table, re.M)


@pytest.mark.parametrize("document", ["README.md", "data/README.md", "tests/README.md"])
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\((?!http)([^)]+)\)", path.read_text())

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_data_readme_gives_the_origin_of_every_file() -> None:
    text = (ROOT / "data" / "README.md").read_text()

    names = {path.name for path in (ROOT / "data").iterdir()} - {"README.md"}

    assert [name for name in names if f"`{name}`" not in text] == []


def named_sources() -> set[str]:
    """What stands in quotes under a `Source` heading of a docstring."""
    found: set[str] = set()
    for path in (ROOT / "workbench").rglob("*.py"):
        for part in re.findall(r"Source\n *-+\n(.*?)\"\"\"", path.read_text(), re.DOTALL):
            text = " ".join(part.split())
            found |= set(re.findall(r'(?:Guide|reference|pricing), "([^"]+)"', text))
    return found


def test_every_named_source_is_dated() -> None:
    with (ROOT / "data" / "sources.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row["title"] for row in rows} | {"Free tier"}

    assert len(named_sources()) >= 8
    assert named_sources() - known == set()
    assert all(date.fromisoformat(row["read"]) for row in rows)
