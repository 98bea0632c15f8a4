"""Starting and stopping the embedded DynamoDB Local, for one command or shared by several."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psutil
from filelock import FileLock, Timeout

from workbench.dynamodb.install import LOCAL_HOME, LOCAL_VERSION, PROJECT_ROOT, find_java
from workbench.dynamodb.supervise import KEEP
from workbench.errors import ServerAlreadyRunning, ServerNotStarted

READY_SECONDS = 60
POLL_SECONDS = 0.02
STATE_VARIABLE = "WORKBENCH_STATE"
LOG_NAME = "server.log"
SUPERVISOR = Path(__file__).with_name("supervise.py")

# SerialGC serves as fast as the default collector, with 100 MB less memory.
JVM_FLAGS = ("-XX:+UseSerialGC", "-Djava.library.path=./DynamoDBLocal_lib")
# For servers that live for seconds: they answer sooner, and later calls take up to twice as long.
# npm has checked the files' integrity, so that of each class is not checked once more.
BRIEF_FLAGS = (
    "-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote", "-XX:TieredStopAtLevel=1",
)  # fmt: skip
SERVER_FLAGS = ("-disableTelemetry",)
# Any credentials then see the same tables. Without it each access key has a database of its own.
SHARED_FLAGS = ("-sharedDb", *SERVER_FLAGS)
# The server acknowledges a transaction before it has written it to its file.
SETTLE_SECONDS = 0.3
CLOCK_STEP_SECONDS = 2.0


@dataclass(frozen=True)
class Server:
    """A running DynamoDB Local; `data_dir` is None when it keeps its tables in memory."""

    endpoint_url: str
    port: int
    pid: int
    pid_created_at: float
    version: str
    data_dir: str | None
    started_at: str

    def is_alive(self) -> bool:
        """Whether this very process still runs; a reused pid does not count."""
        try:
            process = psutil.Process(self.pid)
            # The start time is told by the system clock, which may be set meanwhile.
            is_same = abs(process.create_time() - self.pid_created_at) < CLOCK_STEP_SECONDS
            return is_same and process.cmdline()[-2:] == ["-port", str(self.port)]
        except psutil.Error:  # gone, a zombie, or another user's
            return False


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_command(
    java: Path, port: int, data_dir: Path | None, flags: Sequence[str], jvm: Sequence[str] = ()
) -> list[str]:
    """The command line of DynamoDB Local, to be run in its own folder."""
    storage = ["-inMemory"] if data_dir is None else ["-dbPath", str(data_dir)]
    return [
        str(java), *jvm, *JVM_FLAGS, "-jar", "DynamoDBLocal.jar",
        *flags, *storage, "-port", str(port),
    ]  # fmt: skip


@contextlib.contextmanager
def private_servers(count: int = 1, *, is_brief: bool = False) -> Iterator[list[Server]]:
    """Servers in memory for this process alone, gone with it whatever way it ends.

    Brief ones start sooner and are slower later: see BRIEF_FLAGS. Tables of one access key are
    unknown to another.

    Raises
    ------
    ServerNotStarted
        If Java or DynamoDB Local is missing, or does not answer in time.
    """
    with contextlib.ExitStack() as stack:
        java, jvm = _java(), BRIEF_FLAGS if is_brief else ()
        starting = []
        for _ in range(count):  # all of them, then wait: they start side by side
            port, log = free_port(), stack.enter_context(tempfile.TemporaryFile())
            command = server_command(java, port, None, SERVER_FLAGS, jvm)
            process = stack.enter_context(_supervised(command, log))
            starting.append((process, port, log))
        yield [_wait_until_ready(process, port, None, log) for process, port, log in starting]


@contextlib.contextmanager
def _supervised(command: list[str], log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs the command and ends it with the block, unless it was `_keep`t."""
    supervisor = subprocess.Popen(
        [sys.executable, "-I", str(SUPERVISOR), *command],
        stdin=subprocess.PIPE, stdout=log, stderr=log,
        cwd=LOCAL_HOME, start_new_session=True,
    )  # fmt: skip
    assert supervisor.stdin is not None
    try:
        yield supervisor
    finally:
        if not supervisor.stdin.closed:
            supervisor.stdin.close()
            supervisor.wait()


def _keep(supervisor: subprocess.Popen[bytes]) -> None:
    """Let the command outlive this process."""
    assert supervisor.stdin is not None
    supervisor.stdin.write(KEEP)
    supervisor.stdin.close()
    supervisor.returncode = 0  # outlives its Popen on purpose, which need not warn of it


def start_shared(*, port: int | None = None, data_dir: Path | None = None) -> Server:
    """Start the server that commands and notebooks of this project share.

    Raises
    ------
    ServerAlreadyRunning
        If one is up.
    ServerNotStarted
        If the port is taken, the folder cannot be written, or it does not answer in time.
    """
    with _alone_at_work():
        return _start_shared(port, data_dir)


def shared_server() -> Server | None:
    """The shared server if it is up; a stale state file counts as none."""
    server = recorded_server()
    return server if server is not None and server.is_alive() else None


def recorded_server() -> Server | None:
    """What the state file says, alive or not."""
    try:
        return Server(**json.loads(_state_path().read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def stop_shared() -> Server | None:
    """Stop the shared server and return what it was, or None if none was up.

    Raises
    ------
    ServerAlreadyRunning
        If one is being started or stopped at this moment.
    """
    with _alone_at_work():
        server = shared_server()
        if server is not None:
            time.sleep(SETTLE_SECONDS)
            _end(psutil.Process(server.pid))
        _state_path().unlink(missing_ok=True)
        return server


@contextlib.contextmanager
def _alone_at_work() -> Iterator[None]:
    """Hold the lock of the state folder, so that no two processes start or stop a server."""
    try:
        state_folder().mkdir(parents=True, exist_ok=True)
        with FileLock(state_folder() / "up.lock", timeout=0):
            yield
    except Timeout as error:
        raise ServerAlreadyRunning(
            "another `workbench up` or `down` is at work: wait for it"
        ) from error
    except OSError as error:
        raise ServerNotStarted(
            f"{state_folder()} cannot hold the server's state ({error.strerror}): "
            f"choose another {STATE_VARIABLE}"
        ) from error


def port_is_taken(port: int) -> bool:
    """Whether something answers on this port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _start_shared(port: int | None, data_dir: Path | None) -> Server:
    running = shared_server()
    if running is not None:
        raise ServerAlreadyRunning(
            f"a shared server is up at {running.endpoint_url} (pid {running.pid}): "
            "use it, or stop it with `workbench down`"
        )
    if port is not None and port_is_taken(port):
        raise ServerNotStarted(
            f"port {port} is taken by another program: leave --port out to get a free one"
        )
    if data_dir is not None:
        data_dir = _writable_folder(data_dir)
    command = server_command(_java(), port := port or free_port(), data_dir, SHARED_FLAGS)
    with (
        (state_folder() / LOG_NAME).open("w+b") as log,
        _supervised(command, log) as supervisor,
    ):
        server = _wait_until_ready(supervisor, port, data_dir, log)
        _state_path().write_text(json.dumps(asdict(server), indent=2) + "\n")
        # Up to here the server would have ended with this process, however that ends.
        _keep(supervisor)
    return server


def _wait_until_ready(
    process: subprocess.Popen[bytes], port: int, data_dir: Path | None, log: IO[bytes]
) -> Server:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        listener = _listener(process.pid, port)
        if listener is not None and _answers(port):
            return _described(listener, port, data_dir)
        time.sleep(POLL_SECONDS)
    log.seek(0)
    said = "\n".join(log.read().decode(errors="replace").strip().splitlines()[:4])
    raise ServerNotStarted(
        f"DynamoDB Local did not start on port {port}. It said:\n{said}\n"
        "`workbench doctor` looks for the cause."
    )


def _described(process: psutil.Process, port: int, data_dir: Path | None) -> Server:
    return Server(
        endpoint_url=f"http://127.0.0.1:{port}",
        port=port,
        pid=process.pid,
        pid_created_at=process.create_time(),
        version=LOCAL_VERSION,
        data_dir=None if data_dir is None else str(data_dir),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _listener(pid: int, port: int) -> psutil.Process | None:
    """Our own process that listens on the port: another program's answer must not count."""
    try:
        started = psutil.Process(pid)
        for process in (started, *started.children()):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return process
    except psutil.Error:
        pass
    return None


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _end(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(timeout=5)
        except psutil.TimeoutExpired:
            process.kill()


def _java() -> Path:
    java = find_java()
    if java is None or not (LOCAL_HOME / "DynamoDBLocal.jar").is_file():
        missing = "Java 17+" if java is None else "DynamoDB Local"
        raise ServerNotStarted(f"{missing} is not installed: run `make set-up`")
    return java


def _writable_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(1_000_000))
    except OSError as error:
        raise ServerNotStarted(
            f"{folder} cannot hold the tables ({os.strerror(error.errno or 0)}): "
            "choose another --data"
        ) from error
    return folder.resolve()


def state_folder() -> Path:
    """Where the shared server is recorded: WORKBENCH_STATE, else .workbench/ in the project."""
    return Path(os.environ.get(STATE_VARIABLE, PROJECT_ROOT / ".workbench"))


def _state_path() -> Path:
    return state_folder() / "server.json"
