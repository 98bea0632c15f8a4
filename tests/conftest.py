"""Fixtures: one DynamoDB Local for the session, a table for each test."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.dynamodb.targets import Target, open_targets
from workbench.measurement.trial import Trial, open_trial
from workbench.messaging.entities import User

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    with open_targets(environ={}) as [target]:
        yield target


@pytest.fixture
def trial(request: pytest.FixtureRequest, target: Target) -> Iterator[Trial]:
    """A trial of the design class that the test is parametrised with."""
    with open_trial(request.param, target) as trial:
        yield trial


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_ENDPOINT", raising=False)


def user(name: str) -> User:
    """A user whose names all come from one."""
    return User(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), name, name.title())
