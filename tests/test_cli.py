"""The command line as a user meets it: in a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from tests.conftest import ROOT
from workbench.cli import main
from workbench.dynamodb.targets import DUMMY_KEY, Target, connection_errors

pytestmark = pytest.mark.process
WORKBENCH = Path(sys.executable).with_name("workbench")


def run(
    *arguments: str, environ: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WORKBENCH, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **(environ or {})},
        cwd=cwd,
        timeout=120,
    )


def call(*arguments: str) -> Result:
    """The command line in this process, which is quicker, where a process is not the point."""
    return CliRunner().invoke(main, arguments, prog_name="workbench", catch_exceptions=False)


def servers_of(process: subprocess.Popen[str]) -> set[int]:
    """Pids of the DynamoDB Local processes that a process has started, itself or through others."""
    return {
        child.pid
        for child in psutil.Process(process.pid).children(recursive=True)
        if child.name() == "java"
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "--designs", "duel"), "no design 'duel'. The designs are: dual, single,"),
        (("compare", "--out", "{file}/out"), "choose another --out"),
        (("compare", "--log", "{bad}"), "bad.csv: 1 bad line, nothing was loaded"),
        (("data", "--log", "{bad}"), "line 2: has 1 values where the header has 4"),
        (("compare", "--endpoint", "https://dynamodb.us-east-1.amazonaws.com"), "--aws REGION"),
        (("compare", "--endpoint", "http://127.0.0.1:9"), "does not answer. Start it"),
        (("generate", "--users", "1"), "users must be 2 to"),
    ],
)
def test_fault_is_one_message_with_the_way_out(
    tmp_path: Path, arguments: Sequence[str], said: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "bad.csv").write_text("sender,recipient,sent_at,text\nnonsense\n")
    places = {"file": tmp_path / "file", "bad": tmp_path / "bad.csv"}

    done = run(*(argument.format_map(places) for argument in arguments), cwd=tmp_path)

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [("compare", "--messages", "0"), ("compare", "--log", "no-such-file"), ("no-such-command",)],
)
def test_wrong_usage_is_answered_with_usage(arguments: Sequence[str]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert "Usage: workbench" in done.stderr


def has_table(pid: int, access_key: str = DUMMY_KEY) -> bool:
    """Whether a server is up and holds the table of a design in this database."""
    try:
        port = int(psutil.Process(pid).cmdline()[-1])
    except (psutil.Error, IndexError, ValueError):  # it has just ended, or only told its version
        return False
    target = Target("endpoint", "us-east-1", f"http://127.0.0.1:{port}", access_key)
    try:
        return bool(target.client().list_tables()["TableNames"])
    except (*connection_errors(), ClientError):  # it is about to be ready, or to end
        return False


def test_data_describes_the_shipped_log() -> None:
    as_text, as_json = run("data"), run("data", "--json")

    assert "3,000 messages, 60 users" in as_text.stdout
    assert json.loads(as_json.stdout)["users"] == 60


def test_generate_writes_the_shipped_log() -> None:
    assert run("generate").stdout == (ROOT / "data" / "messages.csv").read_text()


@pytest.mark.parametrize(
    "command",
    "bursts card check compare cost data doctor down drive endpoints generate growth install lab "
    "latency load new policy progress status stream trace up".split(),
)
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")

    assert done.returncode == 0
    assert f"Usage: workbench {command}" in done.stdout
    assert len(done.stdout.splitlines()) >= 6
    assert command in (ROOT / "README.md").read_text()


@pytest.mark.local
def test_up_status_down_follow_each_other() -> None:
    up = run("up")
    try:
        status = run("status", "--json")
        second = run("up")
    finally:
        down = run("down")

    described = json.loads(status.stdout)
    assert described["up"] is True
    assert described["endpoint_url"] in up.stdout
    assert described["data_dir"] is None
    assert second.returncode == 1
    assert "use it, or stop it with `workbench down`" in second.stderr
    assert described["endpoint_url"] in down.stdout
    assert run("status").returncode == 3
    assert json.loads(run("status", "--json").stdout) == {"up": False}
    assert run("down").stdout == "nothing was up\n"


@pytest.mark.local
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_lab_takes_its_server_along(end: signal.Signals, tmp_path: Path) -> None:
    environ = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "BROWSER": "true"}
    lab = subprocess.Popen(
        [WORKBENCH, "lab"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        start_new_session=True,
    )
    assert lab.stderr is not None
    try:
        for line in lab.stderr:
            if "is running at" in line:
                break
        own = servers_of(lab)
        children = psutil.Process(lab.pid).children(recursive=True)
        assert len(own) == 1

        if end is signal.SIGINT:  # Ctrl-C reaches the whole group; without a terminal it is final
            os.killpg(lab.pid, end)
        else:
            lab.send_signal(end)
        lab.communicate(timeout=60)

        assert psutil.wait_procs(children, timeout=15)[1] == []
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(lab.pid, signal.SIGKILL)  # whoever is left would hold the pipe open
        lab.communicate()


@pytest.mark.local
def test_lab_hands_on_what_is_jupyterlabs_and_asks_nobody_else(tmp_path: Path) -> None:
    done = run("lab", "--notebook-dir", str(tmp_path), "--", "--port=8890", "--show-config-json")

    config = json.loads(done.stdout)
    assert config["ServerApp"]["root_dir"] == str(tmp_path)
    assert config["ServerApp"]["port"] == 8890
    assert config["LabApp"]["news_url"] == "None"
    assert config["LabApp"]["extension_manager"] == "readonly"


@pytest.mark.local
def test_doctor_finds_a_sound_set_up_and_a_fault() -> None:
    sound = run("doctor")
    broken = run("doctor", environ={"WORKBENCH_ENDPOINT": "http://127.0.0.1:9"})

    assert sound.returncode == 0, sound.stdout
    assert broken.returncode == 1
    assert "FAULT WORKBENCH_ENDPOINT: http://127.0.0.1:9 does not answer" in broken.stdout


def test_start_is_quick_because_heavy_packages_wait() -> None:
    code = "import sys, workbench.cli; print([m for m in ('boto3', 'botocore', 'pandas', " \
        "'matplotlib', 'papermill', 'rich') if m in sys.modules])"  # fmt: skip

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
