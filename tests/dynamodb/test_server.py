"""The life of the embedded server: it starts, is shared, and never outlives its owner."""

import functools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from tests.conftest import WATCHDOG, watched_state
from workbench.dynamodb import server as server_module
from workbench.dynamodb.server import (
    SHARED_FLAGS,
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


KILLED_START = """
import os, signal
from workbench.dynamodb import server
def killed(process, *_):
    import psutil
    while not psutil.Process(process.pid).children():
        pass
    print(psutil.Process(process.pid).children()[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
server.{moment} = killed
server.start_shared()
"""


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A state folder of this test's own, whose server ends with the test, or with pytest itself."""
    folder = tmp_path / "below" / "state"
    with watched_state(folder, monkeypatch):
        yield folder


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
@pytest.mark.parametrize("moment", ["_wait_until_ready", "_keep"])
def test_start_that_is_killed_leaves_no_server(own_state: Path, moment: str) -> None:
    starting = subprocess.Popen(
        [sys.executable, "-c", KILLED_START.format(moment=moment)], stdout=subprocess.PIPE
    )
    output, _ = starting.communicate()

    assert starting.returncode == -signal.SIGKILL
    assert wait_until(lambda: not psutil.pid_exists(int(output)))
    assert shared_server() is None
    assert start_shared().endpoint_url


@pytest.mark.local
def test_killed_tests_leave_no_shared_server(own_state: Path) -> None:
    watchdog = subprocess.Popen([sys.executable, "-c", WATCHDOG], stdin=subprocess.PIPE)
    server = start_shared()

    watchdog.communicate()  # as when the process that holds the pipe is killed

    assert wait_until(lambda: not psutil.pid_exists(server.pid))


def test_two_at_work_on_one_server_are_refused(own_state: Path) -> None:
    own_state.mkdir(parents=True)

    with FileLock(own_state / "up.lock"):
        for work in (start_shared, stop_shared):
            with pytest.raises(ServerAlreadyRunning, match="is at work: wait for it"):
                work()


def test_state_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "file" / "state"))

    with pytest.raises(ServerNotStarted, match="choose another WORKBENCH_STATE"):
        start_shared()


@pytest.mark.local
def test_second_shared_server_is_refused(own_state: Path) -> None:
    first = start_shared()

    with pytest.raises(ServerAlreadyRunning, match=f"pid {first.pid}.*workbench down"):
        start_shared()

    found = shared_server()
    assert found is not None
    assert found.pid == first.pid


@pytest.mark.local
def test_tables_in_a_folder_outlive_the_server(
    own_state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nap(naps: list[float]) -> Callable[[float], None]:
        return lambda seconds, sleep=time.sleep: (naps.append(seconds), sleep(seconds))  # type: ignore[misc]

    definition = {
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    naps: list[float] = []
    monkeypatch.setattr(server_module.time, "sleep", nap(naps))
    start_shared(data_dir=tmp_path / "tables")
    with open_targets(environ={}) as [target]:
        target.client().create_table(TableName="kept", **definition)

    stop_shared()
    start_shared(data_dir=tmp_path / "tables")

    with open_targets(environ={}) as [target]:
        assert target.client().list_tables()["TableNames"] == ["kept"]
    assert max(naps) == server_module.SETTLE_SECONDS  # so long a write may be only in its memory


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


@pytest.mark.parametrize(
    ("command", "seconds_off"),
    [(["-port", "1"], -5.0), (["-port", "2"], 0.0), ([], 0.0)],
    ids=["older process", "server on another port", "no server"],
)
def test_process_that_took_over_the_pid_is_left_alone(
    own_state: Path, command: list[str], seconds_off: float
) -> None:
    own_state.mkdir(parents=True)
    other = subprocess.Popen([sys.executable, "-c", "input()", *command], stdin=subprocess.PIPE)
    created_at = psutil.Process(other.pid).create_time() + seconds_off
    recorded = Server("http://127.0.0.1:1", 1, other.pid, created_at, "3.3.1", None, "")
    (own_state / "server.json").write_text(json.dumps(asdict(recorded)))

    try:
        assert recorded_server() == recorded
        assert shared_server() is None
        assert stop_shared() is None
        assert recorded_server() is None
        assert other.poll() is None
    finally:
        other.communicate()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}'])
def test_broken_state_file_is_no_server(own_state: Path, content: str) -> None:
    own_state.mkdir(parents=True)
    (own_state / "server.json").write_text(content)

    assert recorded_server() is None


def test_command_line_turns_telemetry_off() -> None:
    command = server_command(Path("java"), 4567, None, SHARED_FLAGS)

    assert {"-disableTelemetry", "-sharedDb", "-inMemory"} <= set(command)
    assert command[-2:] == ["-port", "4567"]


@pytest.mark.local
def test_server_that_cannot_start_shows_what_it_said(
    own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SHARED_FLAGS", ("-noSuchFlag",))

    with pytest.raises(ServerNotStarted, match=r"(?s)noSuchFlag.*workbench doctor"):
        start_shared()

    assert shared_server() is None
