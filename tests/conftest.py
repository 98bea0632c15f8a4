"""Fixtures: one DynamoDB Local for each module, a table for each test."""

import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from workbench.dynamodb.server import BRIEF_FLAGS
from workbench.dynamodb.targets import Target, open_targets
from workbench.messaging.entities import User

# How long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No server that a user shares is touched, and two runs of the tests do not meet.

    Nor does any server compile at length what it then runs for seconds, be it a command's.
    """
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", " ".join(BRIEF_FLAGS))
        patch.delenv("WORKBENCH_ENDPOINT", raising=False)
        with watched_state(folder, patch):
            yield folder


WATCHDOG = """
import os, sys
os.setsid()
sys.stdin.read()
from workbench.dynamodb.server import stop_shared
stop_shared()
"""


@contextlib.contextmanager
def watched_state(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A state folder whose shared server ends with the block, even if pytest is killed in it."""
    patch.setenv("WORKBENCH_STATE", str(folder))
    watchdog = subprocess.Popen([sys.executable, "-c", WATCHDOG], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        watchdog.communicate()
    assert watchdog.returncode == 0


@pytest.fixture(scope="session")
def server() -> Iterator[Target]:
    """A server for all modules, which is warm after the first."""
    with open_targets(environ={}) as [target]:
        yield target


@pytest.fixture(scope="module")
def target(server: Target, request: pytest.FixtureRequest) -> Target:
    """A database that no other module has filled with records, which slow it down.

    Commands know of one only: those of the command line are tested on that.
    """
    if request.path.name.startswith("test_cli"):
        return server
    return replace(server, access_key="".join(filter(str.isalnum, request.node.nodeid)))


def user(name: str) -> User:
    """A user whose names all come from one."""
    return User(str(uuid.uuid5(uuid.NAMESPACE_OID, name)), name, name.title())
