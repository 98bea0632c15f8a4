"""`workbench compare` as a user meets it: in a process of its own."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.dynamodb.test_targets import HOSTILE
from tests.test_cli import WORKBENCH, call, has_table, run, servers_of
from workbench.designs import Single
from workbench.dynamodb.targets import Target
from workbench.measurement.comparison import compare as measure
from workbench.measurement.results import Run
from workbench.messaging.generator import generate_messages
from workbench.messaging.logs import MessageLog

SMALL = ("--messages", "12", "--calls", "2")
SMALLEST = (*SMALL, "--designs", "single")


@pytest.mark.local
def test_compare_on_a_given_endpoint_leaves_no_table(tmp_path: Path, target: Target) -> None:
    before = target.client().list_tables()["TableNames"]  # of other tests on this server

    done = run(
        "compare",
        *SMALLEST,
        "--json",
        "--out",
        str(tmp_path),
        "--endpoint",
        str(target.endpoint_url),
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["environment"]["target"] == "endpoint"
    assert target.client().list_tables()["TableNames"] == before


@pytest.fixture(scope="module")
def measured(target: Target) -> Run:
    """A run that needs not be made again."""
    log = MessageLog("made", tuple(generate_messages(users=3, messages=12)))
    return measure([Single], log, [target], calls=2)


@pytest.mark.local
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize("name", ["run.json", "compare.ipynb", "compare.html"])
def test_full_disk_is_reported(
    tmp_path: Path, name: str, measured: Run, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.measurement.comparison.compare", lambda *_, **__: measured)
    (tmp_path / name).symlink_to("/dev/full")

    done = call("compare", "--out", str(tmp_path), "--endpoint", str(target.endpoint_url))

    assert done.exit_code == 1
    assert f"{name} cannot be written: No space left on device" in done.stderr


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
        if len(own) == 2 and any(map(has_table, own)):
            return process, own
        time.sleep(0.1)
    process.kill()
    raise AssertionError("the comparison did not get under way")


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
def test_comparisons_at_once_print_and_store_what_was_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    processes = [
        subprocess.Popen(
            [WORKBENCH, "compare", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **HOSTILE},
        )
        for options in (
            [*SMALL, "--json", "--out", out],
            [*SMALLEST, "--out", tmp_path / "for people"],
        )
    ]

    (as_json, noted), (table, said) = [process.communicate(timeout=120) for process in processes]

    assert [process.returncode for process in processes] == [0, 0], noted + said
    check_stored(json.loads(as_json), out)
    assert noted.endswith(f"stored: {out}/run.json, compare.ipynb, compare.html\n")
    assert "One message sent under single: 6 WRU + 1 RRU" in table
    assert "Not shown by this run" in table
    assert "\x1b[" not in table + said  # no terminal, no colours, no bars


def check_stored(printed: Any, out: Path) -> None:
    assert printed["environment"]["target"] == "embedded"  # whatever AWS's variables say
    assert list(printed["designs"]) == ["dual", "single"]
    assert list(printed["designs"]["single"]["patterns"]) == list("ABCDEFGHI")
    assert list(printed["designs"]["single"]["unsupported"]) == ["J"]
    assert printed["log"]["messages"] == 12
    assert json.loads((out / "run.json").read_text()) == printed
    assert "Two message groups" in (out / "compare.html").read_text()
    executed = json.loads((out / "compare.ipynb").read_text())
    assert all(cell["execution_count"] for cell in executed["cells"] if cell["cell_type"] == "code")
    assert str(out.parent) not in (out / "compare.ipynb").read_text().replace(
        json.dumps(str(out))[1:-1], "", 2
    )  # papermill's own note of input and output path apart
