"""`workbench faults` as a user meets it."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from tests.test_cli import WORKBENCH, has_table, run, servers_of
from workbench.cli import main
from workbench.reports.faults import read_lessons

BROKEN = {
    "design": "single",
    "schedules": 7,
    "per_second": 12.5,
    "happened": {"Start": 7, "crash_after": 2},
    "violations": [{"promise": "inbox", "what": "ada has no entry of conversation 1"}],
    "lines": ["1. ada starts conversation 1 with bo: m1, at 12:00:00"],
    "schedule": {"participants": 2, "steps": [{"step": "start"}]},
}


@pytest.mark.local
def test_faults_prints_one_json_object() -> None:
    done = run("faults", "--designs", "single", "--schedules", "5", "--json")

    assert done.returncode == 0, done.stderr
    [tried] = json.loads(done.stdout)["designs"]
    assert (tried["design"], tried["schedules"], tried["violations"]) == ("single", 5, [])
    assert tried["happened"]["Deliver"] > 0


def test_violation_is_printed_to_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.conformance.search.try_design", lambda *_, **__: BROKEN)

    done = CliRunner().invoke(main, ["faults", "--designs", "single"])

    assert done.exit_code == 1
    assert "inbox: ada has no entry of conversation 1" in done.output
    assert "1. ada starts conversation 1 with bo" in done.output
    call = "replay('single', {'participants': 2, 'steps': [{'step': 'start'}]})"
    assert call in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "x.json"], "give --bootcamp too"),
        (["--designs", "tripel"], "there is no design 'tripel'"),
        (["--bootcamp", "--out", "/proc/no/x.json"], "cannot be written"),
    ],
)
def test_bad_options_are_refused_before_any_work(options: list[str], message: str) -> None:
    done = CliRunner().invoke(main, ["faults", *options])

    assert done.exit_code != 0
    assert message in done.output


def test_lessons_are_stored_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lesson: dict[str, Any] = {
        "number": 1,
        "fault": "Wrong.",
        "remedy": "Right.",
        "lines": ["1. it happens"],
        "violations": [{"promise": "inbox", "what": "bo sees nothing"}],
    }
    monkeypatch.setattr("workbench.conformance.lessons.LESSONS", {1: None})
    monkeypatch.setattr("workbench.conformance.lessons.find_lesson", lambda *_, **__: lesson)
    out = tmp_path / "faults.json"

    done = CliRunner().invoke(main, ["faults", "--schedules", "0", "--bootcamp", "--out", str(out)])

    stored = json.loads(out.read_text())
    assert (stored["bootcamp"], stored["seed"], stored["designs"]) == ([lesson], 1, [])
    assert stored["environment"]["dynamodb_local_version"] == "3.3.1"
    assert read_lessons(out) == {1: lesson}
    assert "fault 1: Wrong.\n  1. it happens\n  breaks inbox: bo sees nothing" in done.output


@pytest.mark.local
def test_replay_runs_a_stored_schedule() -> None:
    from workbench.conformance.machine import replay

    assert replay("dual_sorted", BROKEN["schedule"]) == ()


@pytest.mark.local
@pytest.mark.parametrize("is_killed", [False, True], ids=["interrupted", "server killed"])
def test_faults_end_quietly_and_leave_nothing(tmp_path: Path, is_killed: bool) -> None:  # noqa: FBT001
    command = [WORKBENCH, "faults", "--designs", "dual", "--schedules", "100000"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (own := {pid for pid in servers_of(process) if has_table(pid)}):
            assert time.monotonic() < deadline
            time.sleep(0.05)

        if is_killed:
            for pid in own:
                psutil.Process(pid).kill()
        else:
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 1
    assert ("does not answer" if is_killed else "Aborted!") in said
    assert "Traceback" not in said
    assert not any(map(psutil.pid_exists, own))
    assert list(tmp_path.iterdir()) == []
