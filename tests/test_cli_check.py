"""`workbench check` as a user meets it."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.test_cli import WORKBENCH, call, has_table, run, servers_of
from workbench.conformance.check import Checked, Round
from workbench.conformance.program import Failure, Step
from workbench.errors import PromiseBroken
from workbench.reports.conformance import read_verdicts
from workbench.reports.lessons import read_lessons

STEPS = (Step("start", {"who": "ada", "whom": "bo"}), Step("hide", {"who": "bo", "second": 2}))
BROKEN = Checked(
    "single",
    "single",
    {"J": "it has places for two"},
    {
        "ABCDE": Round("ABCDE", 7, 20, 1.5, {"crash_after": 2}, None),
        "G": Round("ABCDEG", 3, 8, 0.5, {}, Failure(STEPS, PromiseBroken("B", "bo sees it"))),
    },
)
TOLD = ["single", "yes", "NO", *["yes"] * 3, "?", "NO", "?", "?", "-", "10", "28", "2", "2"]


@pytest.mark.local
def test_check_prints_one_json_object() -> None:
    done = run("check", "dual_sorted", "relational", "--programs", "2", "--json")

    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)["designs"]
    assert (first["design"], second["design"]) == ("dual_sorted", "relational")
    assert set(first["verdicts"].values()) == {"kept"}
    assert first["rounds"]["ABCDE"]["programs"] >= 2
    assert first["rounds"]["all"]["states"] > 0


@pytest.mark.local
def test_broken_promise_is_printed_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.conformance.check.check_design", lambda *_, **__: BROKEN)

    done = call("check", "single")

    assert done.exit_code == 1
    assert "single breaks B: bo sees it" in done.output
    assert "\nwith open_session(find_any('single')) as session:" in done.output
    assert "    session.hide(who='bo', second=2)\n    session.settle()" in done.output


@pytest.mark.local
def test_verdicts_are_told_by_pattern(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workbench.conformance.check.check_design", lambda *_, **__: BROKEN)
    out = tmp_path / "check.json"

    done = call("check", "single", "--out", str(out))

    [row] = [
        words
        for line in done.output.splitlines()
        if (words := line.split())[:1] == TOLD[:1] and "yes" in words
    ]
    assert row == TOLD
    assert "single does not support J, because it has places for two" in done.output
    [stored] = read_verdicts(out)["designs"]
    assert stored["rounds"]["G"]["failure"]["steps"][0]["step"] == "start"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["tripel"], "there is no design 'tripel'"),
        (["no_such_file.py"], "no_such_file.py"),
        (["dual", "--bootcamp"], "name no designs"),
        (["--bootcamp", "--out", "/proc/no/x.json"], "cannot be written"),
    ],
)
def test_bad_options_are_refused_before_any_work(options: list[str], message: str) -> None:
    done = call("check", *options)

    assert done.exit_code != 0
    assert message in done.output


@pytest.mark.local
def test_lessons_are_stored_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lesson: dict[str, Any] = {
        "number": 1, "fault": "Wrong.", "remedy": "Right.",
        "lines": ["session.start(who='ada', whom='bo')"], "pattern": "B", "what": "bo sees nothing",
    }  # fmt: skip
    monkeypatch.setattr("workbench.conformance.lessons.LESSONS", {1: None})
    monkeypatch.setattr("workbench.conformance.lessons.find_lesson", lambda *_, **__: lesson)
    out = tmp_path / "faults.json"

    done = call("check", "--bootcamp", "--out", str(out))

    stored = json.loads(out.read_text())
    assert (stored["lessons"], stored["seed"]) == ([lesson], 1)
    assert stored["environment"]["dynamodb_local_version"] == "3.3.1"
    assert read_lessons(out) == {1: lesson}
    assert "fault 1: Wrong.\n  session.start(who='ada', whom='bo')\n  breaks B" in done.output


@pytest.mark.local
@pytest.mark.parametrize("is_killed", [False, True], ids=["interrupted", "server killed"])
def test_check_ends_quietly_and_leaves_nothing(tmp_path: Path, is_killed: bool) -> None:  # noqa: FBT001
    command = [WORKBENCH, "check", "dual", "--programs", "100000"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (own := {pid for pid in servers_of(process) if has_table(pid, "design0")}):
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
