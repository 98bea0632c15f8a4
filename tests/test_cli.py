"""The command line as a user meets it: in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.conftest import ROOT
from tests.dynamodb.test_targets import HOSTILE
from workbench.dynamodb.targets import Target, connection_errors

WORKBENCH = Path(sys.executable).with_name("workbench")
SMALL = ("--messages", "25", "--calls", "3")


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


def servers_of(process: subprocess.Popen[str]) -> set[int]:
    """Pids of the DynamoDB Local processes that a process has started, itself or through others."""
    return {
        child.pid
        for child in psutil.Process(process.pid).children(recursive=True)
        if child.name() == "java"
    }


@pytest.mark.local
def test_compare_prints_one_json_object_and_stores_all(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"

    done = run("compare", *SMALL, "--json", "--out", str(out))

    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert list(printed["designs"]) == ["dual", "single"]
    assert list(printed["designs"]["single"]["patterns"]) == list("ABCDEFGHI")
    assert list(printed["designs"]["single"]["unsupported"]) == ["J"]
    assert printed["log"]["messages"] == 25
    assert json.loads((out / "run.json").read_text()) == printed
    assert "Two message groups" in (out / "compare.html").read_text()
    executed = json.loads((out / "compare.ipynb").read_text())
    assert all(cell["execution_count"] for cell in executed["cells"] if cell["cell_type"] == "code")
    assert str(tmp_path) not in (out / "compare.ipynb").read_text().replace(
        json.dumps(str(out))[1:-1], "", 2
    )  # papermill's own note of input and output path apart
    assert "stored:" in done.stderr


@pytest.mark.local
def test_compare_prints_a_table_for_people(tmp_path: Path) -> None:
    done = run("compare", *SMALL, "--designs", "single", "--out", str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "One message sent under single: 6 WRU + 1 RRU" in done.stdout
    assert "Not shown by this run" in done.stdout
    assert "\x1b[" not in done.stdout + done.stderr  # no terminal, no colours, no bars


@pytest.mark.local
def test_compare_ignores_hostile_aws_settings(tmp_path: Path) -> None:
    done = run("compare", *SMALL, "--json", "--out", str(tmp_path), environ=HOSTILE)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["environment"]["target"] == "embedded"


@pytest.mark.local
def test_compare_on_a_given_endpoint_leaves_no_table(tmp_path: Path, target: Target) -> None:
    done = run(
        "compare", *SMALL, "--json", "--out", str(tmp_path), "--endpoint", str(target.endpoint_url)
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["environment"]["target"] == "endpoint"
    assert target.client().list_tables()["TableNames"] == []


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


@pytest.mark.local
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("name", ["run.json", "compare.ipynb", "compare.html"])
def test_full_disk_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/dev/full")

    done = run("compare", *SMALL, "--out", str(tmp_path))

    assert done.returncode == 1
    assert f"{name} cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def start_long_compare(out: Path) -> tuple[subprocess.Popen[str], set[int]]:
    """A comparison under way, and the pids of its servers."""
    process = subprocess.Popen(
        [WORKBENCH, "compare", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        own = servers_of(process)
        if len(own) == 2 and all(map(has_table, own)):
            return process, own
        time.sleep(0.1)
    process.kill()
    raise AssertionError("the comparison did not get under way")


def has_table(pid: int) -> bool:
    """Whether a server is up and holds the table of a design."""
    try:
        port = int(psutil.Process(pid).cmdline()[-1])
    except (psutil.Error, IndexError, ValueError):  # it has just ended, or only told its version
        return False
    target = Target("endpoint", "us-east-1", f"http://127.0.0.1:{port}")
    try:
        return bool(target.client().list_tables()["TableNames"])
    except (*connection_errors(), ClientError):  # it is about to be ready, or to end
        return False


@pytest.mark.local
def test_server_killed_in_the_middle_is_reported(tmp_path: Path) -> None:
    process, own = start_long_compare(tmp_path)

    for pid in own:
        psutil.Process(pid).kill()
    _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "does not answer. It was stopped, or it crashed: run the command again." in said
    assert "Traceback" not in said
    assert not (tmp_path / "run.json").exists()


@pytest.mark.local
def test_interrupt_ends_quietly_and_leaves_nothing(tmp_path: Path) -> None:
    process, own = start_long_compare(tmp_path / "out")

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said.splitlines()[1:] == ["", "Aborted!"]  # behind the note of what is replayed
    assert not any(map(psutil.pid_exists, own))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.local
def test_two_comparisons_at_once_do_not_collide(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [
                WORKBENCH,
                "compare",
                *SMALL,
                "--designs",
                "single",
                "--json",
                "--out",
                tmp_path / name,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for name in ("one", "two")
    ]

    printed = [json.loads(process.communicate(timeout=120)[0]) for process in processes]

    assert all(list(run["designs"]) == ["single"] for run in printed)


def test_data_describes_the_shipped_log() -> None:
    as_text, as_json = run("data"), run("data", "--json")

    assert "3,000 messages, 60 users" in as_text.stdout
    assert json.loads(as_json.stdout)["users"] == 60


def test_generate_writes_the_shipped_log() -> None:
    assert run("generate").stdout == (ROOT / "data" / "messages.csv").read_text()


@pytest.mark.parametrize(
    "command",
    "compare cost data doctor down generate install lab status trace up".split(),
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
        lab.kill()
        lab.communicate()


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
