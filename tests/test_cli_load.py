"""`workbench load` as a user meets it: in a process of its own."""

import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.test_cli import WORKBENCH, run
from tests.test_cli_stream import PATIENCE_SECONDS, wait_until
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target

pytestmark = pytest.mark.local


@pytest.fixture
def arguments(target: Target, tmp_path: Path) -> Sequence[str]:
    """So many messages that they take seconds."""
    log = tmp_path / "log.csv"
    log.write_text(run("generate", "--messages", "10000").stdout)
    return (
        "load", "--design", "single", "--endpoint", str(target.endpoint_url),
        "--table", "interrupted", "--log", str(log), "--checkpoint", str(tmp_path / "load.json"),
    )  # fmt: skip


def test_interrupted_load_says_how_far_it_got_and_goes_on(
    target: Target, arguments: Sequence[str]
) -> None:
    process = subprocess.Popen([WORKBENCH, *arguments], stderr=subprocess.PIPE, text=True)
    client = target.client()
    wait_until(lambda: "interrupted" in client.list_tables()["TableNames"])
    wait_until(lambda: client.scan(TableName="interrupted", Limit=500)["Count"] == 500)

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130
    [line] = said.splitlines()
    assert re.fullmatch(
        r"interrupted: some [\d,]+ of 10,000 messages are on interrupted. "
        "The same command goes on from there",
        line,
    )
    there = sum(1 for _ in all_items(client, "interrupted"))

    done = run(*arguments)

    assert done.returncode == 0, done.stderr
    [put] = re.findall(r"^10,000 messages are on interrupted on .* put ([\d,]+) items", done.stdout)
    items = list(all_items(client, "interrupted"))
    assert sum(item["pk"]["S"].startswith("MSG#") for item in items) == 10_000
    assert 0 < there < len(items)
    assert int(put.replace(",", "")) < len(items)


def test_load_needs_a_running_server(tmp_path: Path) -> None:
    done = run("load", environ={"WORKBENCH_STATE": str(tmp_path)})

    assert done.returncode == 1
    assert "workbench up" in done.stderr
