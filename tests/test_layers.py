"""Imports go downhill only, and only two rooms create clients."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LEVELS = {
    "errors": 0, "units": 0,
    "messaging": 1, "capacity": 1,
    "dynamodb": 2, "streams": 3, "designs": 4,
    "conformance": 5, "measurement": 5,
    "reports": 6, "cli": 7, "lambda_function": 7,
}  # fmt: skip
PACKAGE = ROOT / "workbench"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [node.module or ""]
        for name in names:
            package, *rest = name.split(".")
            if package == "workbench" and rest:
                yield rest[0]


def uphill(room: str, tree: ast.AST) -> list[str]:
    return [
        other for other in imported_rooms(tree) if other != room and LEVELS[other] >= LEVELS[room]
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_from_below(path: Path) -> None:
    assert uphill(room_of(path), ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("messaging", "from workbench.designs import Dual"),
        ("messaging", "from workbench.capacity.item_size import item_size_bytes"),
        ("capacity", "import workbench.dynamodb.meter"),
    ],
)
def test_uphill_import_would_be_found(room: str, line: str) -> None:
    assert uphill(room, ast.parse(line))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_clients_are_created_in_two_rooms_only(path: Path) -> None:
    names = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    creates = names & {"client", "create_client", "resource", "streams_client"}

    if creates & {"create_client", "resource"}:
        assert room_of(path) in {"dynamodb", "streams"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
