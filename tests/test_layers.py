"""Imports go downhill only, and only two rooms create clients."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LEVELS = {
    "errors": 0, "units": 0, "storage": 1, "endpoints": 1,
    "messaging": 1, "capacity": 1,
    "dynamodb": 2, "streams": 3, "designs": 4,
    "conformance": 5, "trials": 5, "measurement": 6,
    "costs": 7, "dax": 7, "growth": 7, "iam": 7, "latency": 7, "live": 7,
    "cards": 8, "reports": 8, "course": 9, "interchange": 9, "review": 9,
    "cli": 10, "lambda_function": 10,
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
def test_clients_are_created_in_two_rooms_and_on_lambda_only(path: Path) -> None:
    if room_of(path) not in {"dynamodb", "streams", "lambda_function"}:
        assert created_clients(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "boto3.client('dynamodb')",
        "boto3.session.Session().client('s3')",
        "session.create_client(service)",
        "boto3.resource('dynamodb')",
    ],
)
def test_created_client_would_be_found(line: str) -> None:
    assert created_clients(ast.parse(line))


def created_clients(tree: ast.AST) -> list[str]:
    """Calls that make a client by naming a service; a target's `client()` names none."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"client", "create_client", "resource"}
        and node.args
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
