import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.designs import DESIGNS, Dual, Single
from workbench.dynamodb.tables import create_table, find_table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.errors import RunNotReadable, SenderFailed, TableNotEmpty, TableNotFound
from workbench.latency.fakes import VirtualClock
from workbench.live.bursts import (
    function_of,
    measure,
    measure_bursts,
    read_bursts,
)
from workbench.live.lag import measure_lag
from workbench.live.sending import open_empty_table, open_table, send_live
from workbench.messaging.logs import read_log
from workbench.reports.bursts import burst_frame, burst_lines, speed_frame
from workbench.trials.trial import StreamFunction

LOG = read_log(ROOT / "data" / "messages.csv")

# design -> round trips, WRU, RRU, stream records of one update for two group items
ONE_UPDATE = {
    "dual": (5, 8.0, 0.5, 4),
    "single": (1, 5.0, 0.0, 1),
    "dual_fixed": (2, 6.0, 0.0, 2),
    "dual_sorted": (2, 2.0, 0.0, 2),
    "pointer": (1, 1.0, 0.0, 1),
    "multikey": (3, 6.0, 1.0, 2),
}


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_burst_costs_one_update_for_each_group_item(target: Target, design: Any) -> None:
    results = measure_bursts([function_of(design)], target, [1, 10], 2, random.Random(1))

    for result in results:
        per_burst = (result.round_trips, result.wru, result.rru, result.stream_records)
        assert [each * result.burst for each in per_burst] == pytest.approx(ONE_UPDATE[design.name])
        assert (result.bursts, result.shown_right) == (2, 2)
        assert result.records_per_second > 0
    assert [result.burst for result in results] == [1, 10]


@pytest.mark.local
def test_burst_that_leaves_inboxes_wrong_is_told(target: Target) -> None:
    def first_only(client: Any, table_name: str) -> Callable[..., Any]:
        whole = function_of(Single).make_handler(client, table_name)
        return lambda event, context: whole({"Records": event["Records"][:1]}, context)

    subject = function_of(Single)._replace(name="first only", make_handler=first_only)

    [one, ten] = measure_bursts([subject], target, [1, 10], 2, random.Random(1))

    assert (one.shown_right, ten.shown_right) == (2, 0)


@pytest.mark.local
def test_lag_is_measured_behind_another_process(target: Target) -> None:
    result = measure_lag(function_of(Single), target, LOG.first(20), per_second=100)

    assert result.messages == 20
    assert 0 < result.median_ms <= result.p95_ms


@pytest.mark.local
def test_lag_is_of_those_messages_that_were_not_discarded(target: Target) -> None:
    def fails_once(client: Any, table_name: str) -> Callable[..., Any]:
        whole = function_of(Single).make_handler(client, table_name)
        batches = iter(range(10_000))

        def handler(event: Any, context: Any) -> Any:
            if next(batches) == 1:
                raise ValueError("once")
            return whole(event, context)

        return handler

    discarded: list[Any] = []
    subject = function_of(Single)._replace(make_handler=fails_once, on_discard=discarded.append)

    result = measure_lag(subject, target, LOG.first(30), per_second=60)

    [metadata] = discarded
    assert result.messages == 30 - metadata["DDBStreamBatchInfo"]["batchSize"]


class CannotSend(Single):
    """A design of which the sending process fails."""

    def start_conversation(self, *_: Any) -> Any:
        raise SystemExit(3)


@pytest.mark.local
def test_sender_that_fails_ends_the_measurement(
    target: Target, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SenderFailed, match=r"the sending process failed \(exit code 3\)"):
        measure_lag(function_of(CannotSend), target, LOG.first(5), per_second=100)


@pytest.mark.local
def test_run_is_stored_read_and_shown(target: Target, tmp_path: Path) -> None:
    subjects: list[StreamFunction] = [function_of(Single), function_of(Dual)]

    run = measure(subjects, target, LOG.first(10), sizes=[1, 2], repeats=1, per_second=100, seed=7)
    run.write(tmp_path / "bursts.json")
    stored = read_bursts(tmp_path / "bursts.json")

    assert stored == json.loads(run.to_json())
    assert stored["seed"] == 7
    frame = burst_frame(stored)
    assert list(frame.index) == [(1, "single"), (1, "dual"), (2, "single"), (2, "dual")]
    assert list(frame["WRU"]) == [5.0, 8.0, 2.5, 4.0]
    assert list(frame["inboxes right"]) == ["1 of 1"] * 4
    assert list(speed_frame(stored).columns) == [
        "records/s, bursts of 1",
        "records/s, bursts of 2",
        "lag, median ms",
        "lag, p95 ms",
    ]
    text = "\n".join(burst_lines(stored))
    assert all(each in text for each in run.not_shown)


def test_run_of_another_format_is_refused(tmp_path: Path) -> None:
    shipped = json.loads((ROOT / "data" / "bursts.json").read_text())
    (tmp_path / "bursts.json").write_text(json.dumps({**shipped, "format_version": 99}))

    with pytest.raises(RunNotReadable, match="format version 99"):
        read_bursts(tmp_path / "bursts.json")


class SlowDesign:
    """Takes a while to send each message."""

    def __init__(self, time: VirtualClock, *costs: float) -> None:
        self.time = time
        self.costs = list(costs)
        self.sent_at: list[float] = []

    def start_conversation(self, *_: Any) -> None:
        self.sent_at.append(self.time.now())
        self.time.sleep(self.costs.pop(0))


def test_slow_answer_puts_off_no_later_message() -> None:
    time = VirtualClock()
    design: Any = SlowDesign(time, 0.05, 0.25, 0.05, 0.05, 0.05)

    late = send_live(design, LOG.first(5), per_second=10, clock=time.now, sleep=time.sleep)

    assert design.sent_at == pytest.approx([0.0, 0.1, 0.35, 0.4, 0.45])
    assert late == pytest.approx(0.05)


@pytest.mark.local
def test_table_is_found_or_made_and_known_when_made_anew(target: Target) -> None:
    client = target.client()

    made = open_table(client, "live-table", Single)
    found = open_table(client, "live-table", Single)
    client.delete_table(TableName="live-table")
    with pytest.raises(TableNotFound, match="no table 'live-table' to follow: there is none"):
        find_table(client, "live-table")
    anew = open_empty_table(client, "live-table", Single)

    assert found == made
    assert anew.table_id != made.table_id
    assert anew.stream_arn != made.stream_arn


@pytest.mark.local
def test_table_with_items_or_without_stream_is_refused(target: Target) -> None:
    client = target.client()
    with temporary_table(client, "full", Single.table_definition) as table:
        item = {"pk": {"S": "a"}, "sk": {"S": "b"}}
        client.put_item(TableName=table.name, Item=item)
        with pytest.raises(TableNotEmpty, match="name a new one"):
            open_empty_table(client, table.name, Single)
    still = {**Single.table_definition, "StreamSpecification": {"StreamEnabled": False}}
    with pytest.raises(TableNotFound, match="it has no stream"):
        create_table(client, "without-stream", still)
