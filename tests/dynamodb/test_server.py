"""The life of the embedded server: it starts, is shared, and never outlives its owner."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbench.dynamodb import server as server_module
from workbench.dynamodb.server import (
    Server,
    private_servers,
    recorded_server,
    server_command,
    shared_server,
    start_shared,
    stop_shared,
)
from workbench.dynamodb.targets import is_answering, open_targets
from workbench.errors import ServerAlreadyRunning, ServerNotStarted

OWNER = """
import sys, time
from workbench.dynamodb.server import private_servers
with private_servers() as [server]:
    print(server.pid, flush=True)
    {then}
"""


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A state folder of this test's own, so that a server the user shares is not touched."""
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    yield tmp_path / "state"
    stop_shared()


def wait_until(is_so: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def start_owner(then: str) -> tuple[subprocess.Popen[str], int]:
    """A process that owns a private server, and the server's pid."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(then=then)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    return owner, int(owner.stdout.readline())


@pytest.mark.local
def test_private_servers_are_apart_and_end_with_the_block() -> None:
    with private_servers(2) as servers:
        assert all(is_answering(server.endpoint_url) for server in servers)
        assert servers[0].port != servers[1].port

    assert not any(psutil.pid_exists(server.pid) for server in servers)


@pytest.mark.local
@pytest.mark.parametrize(
    "end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name
)
def test_killed_owner_leaves_no_server(end: signal.Signals) -> None:
    owner, pid = start_owner("time.sleep(60)")
    assert psutil.pid_exists(pid)

    owner.send_signal(end)
    owner.communicate()

    assert wait_until(lambda: not psutil.pid_exists(pid))


@pytest.mark.local
def test_crash_of_owner_leaves_no_server() -> None:
    owner, pid = start_owner("import os; os._exit(3)")

    assert owner.wait() == 3
    owner.communicate()

    assert wait_until(lambda: not psutil.pid_exists(pid))


@pytest.mark.local
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_killed_supervisor_leaves_no_server() -> None:
    with private_servers() as [server]:
        supervisor = psutil.Process(server.pid).parent()
        assert supervisor is not None

        supervisor.send_signal(signal.SIGKILL)

        assert wait_until(lambda: not psutil.pid_exists(server.pid))


@pytest.mark.local
def test_shared_server_is_found_until_it_is_stopped(own_state: Path) -> None:
    server = start_shared()

    found = shared_server()
    assert found is not None
    assert (found.pid, found.port) == (server.pid, server.port)
    with open_targets(environ={}) as [target]:
        assert target.endpoint_url == server.endpoint_url
    assert stop_shared() == found
    assert shared_server() is None
    assert wait_until(lambda: not psutil.pid_exists(server.pid))


@pytest.mark.local
def test_second_shared_server_is_refused(own_state: Path) -> None:
    first = start_shared()

    with pytest.raises(ServerAlreadyRunning, match=f"pid {first.pid}.*workbench down"):
        start_shared()

    found = shared_server()
    assert found is not None
    assert found.pid == first.pid


@pytest.mark.local
def test_tables_in_a_folder_outlive_the_server(own_state: Path, tmp_path: Path) -> None:
    definition = {
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    start_shared(data_dir=tmp_path / "tables")
    with open_targets(environ={}) as [target]:
        target.client().create_table(TableName="kept", **definition)

    stop_shared()
    start_shared(data_dir=tmp_path / "tables")

    with open_targets(environ={}) as [target]:
        assert target.client().list_tables()["TableNames"] == ["kept"]


def test_taken_port_is_refused(own_state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ServerNotStarted, match=f"port {port} is taken.*leave --port out"):
            start_shared(port=port)

    assert shared_server() is None


def test_folder_that_cannot_be_written_is_refused(own_state: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ServerNotStarted, match="choose another --data"):
        start_shared(data_dir=tmp_path / "file" / "tables")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_full_disk_is_refused(own_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = functools.partial(open, "/dev/full", "wb")
    monkeypatch.setattr(server_module.tempfile, "TemporaryFile", lambda dir: full())

    with pytest.raises(ServerNotStarted, match=r"No space left on device.*choose another --data"):
        start_shared(data_dir=own_state / "tables")


def test_state_of_a_dead_or_other_process_is_no_server(own_state: Path) -> None:
    own_state.mkdir()
    me = psutil.Process(os.getpid())
    gone = Server("http://127.0.0.1:1", 1, me.pid, me.create_time() - 5, "3.3.1", None, "")
    (own_state / "server.json").write_text(
        f'{{"endpoint_url": "{gone.endpoint_url}", "port": 1, "pid": {gone.pid}, '
        f'"pid_created_at": {gone.pid_created_at}, "version": "3.3.1", "data_dir": null, '
        '"started_at": ""}'
    )

    assert recorded_server() == gone
    assert shared_server() is None
    assert stop_shared() is None
    assert recorded_server() is None
    assert me.is_running()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_broken_state_file_is_no_server(own_state: Path, content: str) -> None:
    own_state.mkdir()
    (own_state / "server.json").write_text(content)

    assert recorded_server() is None


def test_command_line_turns_telemetry_off() -> None:
    command = server_command(Path("java"), 4567, None)

    assert {"-disableTelemetry", "-sharedDb", "-inMemory"} <= set(command)
    assert command[-2:] == ["-port", "4567"]


@pytest.mark.local
def test_server_that_cannot_start_shows_what_it_said(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SERVER_FLAGS", ("-noSuchFlag",))

    with pytest.raises(ServerNotStarted, match=r"(?s)noSuchFlag.*workbench doctor"):
        start_shared()

    assert shared_server() is None
