"""Fixtures: one DynamoDB Local for the session, a table for each test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.dynamodb.targets import Target, open_targets
from workbench.messaging.entities import User

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No server that a user shares is touched, and two runs of the tests do not meet."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_STATE", str(folder))
        patch.delenv("WORKBENCH_ENDPOINT", raising=False)
        yield folder


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    with open_targets(environ={}) as [target]:
        yield target


def user(name: str) -> User:
    """A user whose names all come from one."""
    return User(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), name, name.title())
