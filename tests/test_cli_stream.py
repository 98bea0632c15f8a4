"""`workbench stream` with processes that are stopped and killed."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import WORKBENCH, run
from workbench.designs import DESIGNS, Dual, Pointer, Single, find_design
from workbench.dynamodb.server import start_shared, stop_shared
from workbench.dynamodb.targets import LOCAL_REGION, Target
from workbench.messaging.logs import read_log, user_named

LOG = Path(__file__).resolve().parents[1] / "data" / "messages.csv"
PATIENCE_SECONDS = 60

pytestmark = pytest.mark.local


class Follower:
    """`workbench stream run` at work, its output in a file, for a full pipe would stop it."""

    def __init__(self, target: Target, table: str, *options: str) -> None:
        place = ("--endpoint", str(target.endpoint_url), "--table", table)
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [WORKBENCH, "stream", "run", *place, *options],
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        wait_until(lambda: f"following {table}" in self.said())

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def stop(self, how: int = signal.SIGINT) -> str:
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> str:
        self.process.wait(PATIENCE_SECONDS)
        with self._output:
            return self.said()


@pytest.fixture
def follow() -> Iterator[Callable[..., Follower]]:
    """Starts followers, none of which outlives the test."""
    started: list[Follower] = []

    def start(target: Target, table: str, *options: str) -> Follower:
        started.append(Follower(target, table, *options))
        return started[-1]

    yield start
    for follower in started:
        if follower.process.poll() is None:
            follower.stop(signal.SIGKILL)


def wait_until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends_at, "it did not happen"
        time.sleep(0.1)


def send(target: Target, table: str, count: int, *options: str) -> subprocess.CompletedProcess[str]:
    return run(
        "stream", "send", "--endpoint", str(target.endpoint_url), "--table", table,
        "--messages", str(count), "--per-second", "200", *options,
    )  # fmt: skip


def is_caught_up(target: Target, table: str, design_name: str, count: int) -> bool:
    """Whether every inbox shows the last message of each of its conversations, once."""
    log = read_log(LOG).first(count)
    last = {frozenset((m.sender, m.recipient)): m.text for m in log.messages}
    design = find_design(design_name)(target.client(), table)
    for name in {name for pair in last for name in pair}:
        texts = sorted(text for pair, text in last.items() if name in pair)
        page = design.list_conversations(user_named(name), limit=1_000)
        if sorted(entry.last_text for entry in page.entries) != texts:
            return False
    return True


def wait_until_caught_up(target: Target, table: str, design_name: str, count: int) -> None:
    wait_until(lambda: is_caught_up(target, table, design_name, count))


@pytest.mark.parametrize(
    "design",
    [
        pytest.param(each, marks=() if each in (Dual, Single, Pointer) else pytest.mark.slow)
        for each in DESIGNS
    ],
    ids=lambda design: design.name,
)
def test_inboxes_follow_while_another_process_sends(
    target: Target, follow: Any, design: Any
) -> None:
    table = f"follow-{design.name}"
    follower = follow(target, table, "--design", design.name, "--parallel", "3")

    sent = send(target, table, 120, "--design", design.name)
    wait_until_caught_up(target, table, design.name, 120)
    printed = follower.stop()

    assert sent.returncode == 0, sent.stderr
    assert follower.process.returncode == 0
    lines = printed.splitlines()
    assert sum(" handled after " in line for line in lines) == 120
    assert re.search(r"120 handled.*median [\d,]+ ms, p95 [\d,]+ ms$", lines[-1])


def test_killed_follower_is_followed_by_one_that_resumes(
    target: Target, follow: Any, tmp_path: Path
) -> None:
    options = (
        "--design",
        "dual",
        "--checkpoint",
        str(tmp_path / "point.json"),
        "--batch-size",
        "7",
    )
    follower = follow(target, "killed", *options)
    sender = threading.Thread(target=send, args=(target, "killed", 200, "--per-second", "80"))
    sender.start()
    kills = 0
    while sender.is_alive():
        time.sleep(0.4)
        follower.stop(signal.SIGKILL)
        kills += 1
        follower = follow(target, "killed", *options)
    wait_until_caught_up(target, "killed", "dual", 200)
    follower.stop()

    again = run(
        "stream", "run", "--endpoint", str(target.endpoint_url), "--table", "killed",
        "--for", "0.1", *options,
    )  # fmt: skip

    assert kills >= 2
    assert "resuming shardId-" in again.stderr
    assert again.stderr.endswith("no records\n")


def test_terminated_follower_finishes_and_sums_up(target: Target, follow: Any) -> None:
    follower = follow(target, "terminated")
    assert send(target, "terminated", 5).returncode == 0
    wait_until(lambda: follower.said().count(" handled after ") == 5)

    printed = follower.stop(signal.SIGTERM)

    assert follower.process.returncode == 0
    assert " 5 handled; from sending to inboxes: median" in printed.splitlines()[-1]


def test_interrupted_sender_has_sent_what_it_says(target: Target) -> None:
    sender = subprocess.Popen(
        [
            WORKBENCH, "stream", "send", "--endpoint", str(target.endpoint_url),
            "--table", "half-sent", "--messages", "500", "--per-second", "20",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    client = target.client()
    wait_until(lambda: "half-sent" in client.list_tables()["TableNames"])
    wait_until(lambda: client.scan(TableName="half-sent", Limit=1)["Items"])

    sender.send_signal(signal.SIGINT)
    _, said = sender.communicate(timeout=PATIENCE_SECONDS)

    assert sender.returncode == 130
    [sent] = re.findall(r"^sent (\d+) of 500 messages to half-sent, then interrupted", said)
    items = client.scan(TableName="half-sent")["Items"]
    written = sum(item["pk"]["S"].startswith("MSG#") for item in items)
    assert written - int(sent) in (0, 1)  # the last one may have been written, its answer unread


@contextlib.contextmanager
def server_on_disk(folder: Path) -> Iterator[tuple[Target, int]]:
    """A server, and its process."""
    server = start_shared(port=None, data_dir=folder)
    try:
        yield Target("shared", LOCAL_REGION, server.endpoint_url), server.pid
    finally:
        stop_shared()


def test_killed_server_loses_no_update_that_was_acknowledged(follow: Any, tmp_path: Path) -> None:
    checkpoint = str(tmp_path / "point.json")
    with server_on_disk(tmp_path) as (target, pid):
        follower = follow(target, "crash", "--checkpoint", checkpoint, "--batch-size", "3")
        assert send(target, "crash", 60).returncode == 0
        time.sleep(0.3)  # a transaction is acknowledged before it is on disk
        os.kill(pid, signal.SIGKILL)
        said = follower.ended()
    assert follower.process.returncode == 1
    assert said.splitlines()[-1].startswith("error: ")

    with server_on_disk(tmp_path) as (target, _):
        follower = follow(target, "crash", "--checkpoint", checkpoint)
        wait_until_caught_up(target, "crash", "dual", 60)
        follower.stop()


def test_records_that_always_fail_go_to_the_failure_file(
    target: Target, follow: Any, tmp_path: Path
) -> None:
    endpoint = ("--endpoint", str(target.endpoint_url), "--table", "poison")
    follower = follow(
        target, "poison", "--retries", "1", "--on-failure", str(tmp_path / "lost.jsonl")
    )
    key = {"pk": {"S": "MSG#no-conversation"}, "sk": {"S": "2026-01-01T00:00:00.000000+00:00"}}
    target.client().put_item(TableName="poison", Item={**key, "message": {"S": "x"}})

    wait_until((tmp_path / "lost.jsonl").exists)
    printed = follower.stop()
    replayed = run("stream", "replay", *endpoint)

    metadata = json.loads((tmp_path / "lost.jsonl").read_text())
    assert metadata["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert metadata["requestContext"]["approximateInvokeCount"] == 2
    assert "1 discarded, 2 failed" in printed
    assert replayed.returncode == 1
    assert "failed at" in replayed.stdout


def test_replay_changes_nothing_and_show_prints_what_it_takes(
    target: Target, tmp_path: Path
) -> None:
    endpoint = ("--endpoint", str(target.endpoint_url), "--table", "replayed")
    assert send(target, "replayed", 30).returncode == 0

    first = run("stream", "replay", *endpoint)
    records = run("stream", "show", "--json", *endpoint).stdout
    (tmp_path / "records.jsonl").write_text(records)
    options = ("--records", str(tmp_path / "records.jsonl"), "--batch-size", "4", "--reverse")
    again = run("stream", "replay", *endpoint, *options)
    shown = run("stream", "show", *endpoint).stdout

    assert not first.stderr.endswith(" 0 items changed\n")
    assert again.stderr.endswith(" 0 items changed\n"), again.stderr
    assert all(json.loads(line)["eventSource"] == "aws:dynamodb" for line in records.splitlines())
    assert len(shown.splitlines()) == len(records.splitlines()) >= 30
    assert " INSERT MSG#" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "--table", "not-there"), "no table 'not-there'"),
        (("replay", "--table", "not-there"), "no table 'not-there'"),
        (("show", "--table", "x"), "3 to 255"),
        (("run", "--batch-size", "0"), "0 is not in the range 1<=x<=10000"),
        (("replay", "--batch-size", "0"), "0 is not in the range 1<=x<=10000"),
        (("run", "--parallel", "11"), "parallelization_factor must be from 1 to 10"),
        (("run", "--design", "triple"), "no design 'triple'"),
        (("run", "--checkpoint", "/proc/none/point.json"), "choose another --checkpoint"),
        (("send", "--per-second", "0"), "--per-second"),
    ],
)
def test_wrong_input_is_refused_with_a_way_out(
    target: Target, arguments: tuple[str, ...], said: str
) -> None:
    done = run("stream", *arguments, "--endpoint", str(target.endpoint_url))

    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_replay_of_what_is_no_record_is_refused(target: Target, tmp_path: Path) -> None:
    assert send(target, "no-records", 3).returncode == 0
    (tmp_path / "records.jsonl").write_text("[1]\n")

    done = run(
        "stream", "replay", "--endpoint", str(target.endpoint_url), "--table", "no-records",
        "--records", str(tmp_path / "records.jsonl"),
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert "records.jsonl, line 1: no record with eventName" in done.stderr


@pytest.mark.parametrize("command", ["run", "send", "replay"])
def test_table_of_another_design_is_refused(target: Target, command: str) -> None:
    table = f"of-single-{command}"
    assert send(target, table, 3, "--design", "single").returncode == 0
    place = ("--endpoint", str(target.endpoint_url), "--table", table, "--design", "dual")

    done = run("stream", command, *place)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"error: table '{table}' was made for another design" in done.stderr
    assert "following" not in done.stderr


def test_sending_to_a_table_with_items_is_refused(target: Target) -> None:
    assert send(target, "sent-twice", 3).returncode == 0

    again = send(target, "sent-twice", 3)

    assert again.returncode == 1
    assert "name a new one with --table" in again.stderr
