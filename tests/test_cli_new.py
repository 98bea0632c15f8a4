"""`workbench new`: the design that it writes, and the files that it refuses to write."""

from pathlib import Path

import pytest
from click.testing import Result

from tests.test_cli import call
from workbench.conformance.grounds import open_ground
from workbench.conformance.machine import search
from workbench.designs.loading import load_design
from workbench.dynamodb.targets import Target


def new(path: Path) -> Result:
    return call("new", str(path))


def test_new_writes_a_design_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "two_inboxes.py"

    done = new(path)

    design = load_design(path)
    assert done.exit_code == 0
    assert (design.__name__, design.name) == ("TwoInboxes", "two_inboxes")
    for command in ("check ", "compare --designs dual,", "card "):
        assert f"  workbench {command}{path}\n" in done.stdout


@pytest.mark.parametrize("name", ["conversation", "none", "message_items", "x", "user"])
def test_new_class_hides_no_other_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.py"

    done = new(path)

    assert done.exit_code == 0
    assert load_design(path).name == name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("my-design.py", "such as my_design.py"),
        ("2nd.py", "beginning with a letter"),
        ("class.py", "word of Python"),
        ("__.py", "beginning with a letter"),
        ("dual.py", "otherwise than the designs there are"),
        ("mine", "such as mine.py"),
        ("mine.txt", "such as mine.py"),
    ],
)
def test_new_refuses_a_name_that_is_none(tmp_path: Path, name: str, told: str) -> None:
    path = tmp_path / name

    done = new(path)

    assert done.exit_code == 1
    assert told in done.stderr
    assert not path.exists()


def test_new_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("precious")

    done = new(path)

    assert done.exit_code == 1
    assert "there already" in done.stderr
    assert path.read_text() == "precious"


def test_new_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no folder" / "mine.py"

    done = new(path)

    assert done.exit_code == 1
    assert f"mkdir -p '{path.parent}'" in done.stderr


def test_new_says_that_a_design_is_code() -> None:
    done = call("new", "--help")

    assert "A design file is code" in done.stdout


def test_compare_refuses_a_file_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    new(path)

    done = call("compare", "--designs", f"{path},{path}")

    assert done.exit_code == 1
    assert "both named 'mine'" in done.stderr


@pytest.mark.local
def test_new_design_keeps_the_essential_promises(tmp_path: Path, target: Target) -> None:
    path = tmp_path / "mine.py"
    new(path)
    design = load_design(path)

    with open_ground(design, target) as ground:
        found = search(ground, patterns=frozenset("ABCDE"), programs=30, seed=1)

    assert found.failure is None
    assert found.programs >= 30
