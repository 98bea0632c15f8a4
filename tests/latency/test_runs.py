"""Stored runs: what their blocks show, and which may be pooled."""

import base64
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram

from workbench.designs import BASELINE, Dual, Pointer, Single
from workbench.errors import InputFault, RunNotReadable, RunsDiffer
from workbench.latency import blocks as blocks_module
from workbench.latency import client as client_module
from workbench.latency.blocks import COUNTS, Plan
from workbench.latency.findings import all_times, findings
from workbench.latency.results import histograms_of, read_latency
from workbench.latency.rounds import compare_latency
from workbench.latency.sending import Timings
from workbench.measurement.exercise import draw_traffic
from workbench.messaging.generator import generate_messages
from workbench.messaging.logs import MessageLog
from workbench.reports.latency import latency_lines, verdict_figure, warm_up_figure

LOG = MessageLog("made", tuple(generate_messages(users=8, messages=60)))
SUBJECTS = {"dual": 1.0, "dual again": 1.0, "single": 0.5}  # name -> how long it takes
ENVIRONMENT = {"target": "embedded", "commit": "abc", "started_at": "2026-03-01T12:00:00+00:00"}


def block(subject: str, pair: int, scale: float, **changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(pair * 7 + sum(map(ord, subject)))
    times = [round(each) for each in 2_000 * scale * rng.lognormal(0, 0.1, 100)]
    entry = {"response": [each + 100 for each in times], "service": times,
             "busy": 0.3, "lateness": 0.001, "failures": {}, **changes}  # fmt: skip
    patterns = {letter: entry for letter in "ABCD"} | {"E": {"service": times}}
    return {"subject": subject, "start": 0, "pair": pair, "patterns": patterns}


def a_run(*, pairs: int = 12, seed: int = 1, **changes: Any) -> dict[str, Any]:
    counted = {**dict.fromkeys(COUNTS, 1.0), "operations": {"PutItem": 1.0}}
    blocks = [
        block(subject, pair, scale, **changes)
        for pair in range(1, pairs + 1)
        for subject, scale in SUBJECTS.items()
    ]
    return {
        "format_version": 1,
        "environment": ENVIRONMENT,
        "machine": {"processor": "x"},
        "log": {"messages": 60},
        "client": {"plain_ms": 1.2, "boto3_ms": 0.8, "bare_ms": 0.5},
        "parameters": {
            "designs": ["dual", "single"], "starts": 1, "rounds": pairs, "seed": seed,
            "calls": 100, "per_second": 25.0, "arrivals": "poisson",
        },
        "counted": {name: dict.fromkeys("ABCDE", counted) for name in ("dual", "single")},
        "warm_ups": [{"start": 0, "subject": name, "service_ms": dict.fromkeys("ABCD", [2.0] * 40)}
                     for name in SUBJECTS],
        "blocks": blocks,
    }  # fmt: skip


def stored(run: Mapping[str, Any], path: Path) -> Path:
    path.write_text(json.dumps(run))
    return path


# --- What is shown -----------------------------------------------------------------------------


def test_half_the_time_is_faster_in_every_pattern() -> None:
    found = list(findings(a_run()))

    assert [(each.pattern, each.statistic) for each in found] == [
        (pattern, statistic) for pattern in "ABCDE" for statistic in ("median", "p95")
    ]
    for each in found:
        assert each.verdict is not None
        assert each.verdict.answer == "faster"
        assert 0.45 < each.verdict.interval.ratio < 0.6


def test_p99_needs_a_thousand_samples() -> None:
    few, enough = list(all_times(a_run(pairs=9))), list(all_times(a_run(pairs=10)))

    assert {each.samples for each in few} == {900}
    assert all(each.p99 is None for each in few)
    assert all(each.p99 is not None for each in enough)
    assert "withheld (900 of 1,000 samples)" in "\n".join(latency_lines(a_run(pairs=9)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"busy": 0.97}, "schedule was not held"), ({"lateness": 0.2}, "generator fell behind")],
)
def test_schedule_that_was_not_held_has_no_percentiles(
    changes: Mapping[str, float], said: str
) -> None:
    run = a_run(**changes)

    times = {(each.pattern, each.subject): each for each in all_times(run)}
    assert times["A", "dual"].response is times["A", "dual"].p99 is None
    assert said in str(times["A", "dual"].fault)
    assert times["E", "dual"].fault is None
    for each in findings(run):
        assert (each.verdict is None) == (each.pattern != "E")
        assert (said in each.why_not) == (each.pattern != "E")
    assert said in "\n".join(latency_lines(run))


def test_few_pairs_have_no_verdict() -> None:
    assert {each.why_not for each in findings(a_run(pairs=5))} == {
        "5 pairs of blocks, and 6 are needed"
    }


def test_throttles_and_errors_are_told_apart() -> None:
    run = a_run(failures={"ThrottlingException": 2, "ValidationException": 1})

    times = next(iter(all_times(run)))

    assert (times.throttles, times.errors) == (24, 12)


def test_histograms_hold_the_samples() -> None:
    blocks: Sequence[Mapping[str, Any]] = a_run(pairs=10)["blocks"]

    encoded = histograms_of(blocks)["single"]["B"]["response"]

    assert base64.b64decode(encoded)
    histogram = HdrHistogram.decode(encoded)
    samples = [
        sample for each in blocks if each["subject"] == "single"
        for sample in each["patterns"]["B"]["response"]
    ]  # fmt: skip
    assert histogram.get_total_count() == len(samples) == 1_000
    assert histogram.get_value_at_percentile(50) == pytest.approx(np.median(samples), rel=0.01)
    assert "response" not in histograms_of(blocks)["single"]["E"]


def test_report_begins_with_what_was_used_and_ends_with_what_is_not_shown() -> None:
    lines = list(latency_lines(a_run()))

    assert lines[0].startswith("Used per call")
    assert "Not shown by this run:" in lines
    assert lines[-1].startswith("- ")
    assert "A  single / dual, median: faster" in verdict_figure(a_run()).alt
    assert warm_up_figure(a_run()).png.startswith(b"\x89PNG")


# --- Pooling -----------------------------------------------------------------------------------


def test_runs_of_other_seeds_are_pooled(tmp_path: Path) -> None:
    paths = [stored(a_run(seed=seed), tmp_path / f"{seed}.json") for seed in (1, 2, 3)]

    pooled = read_latency(paths)

    assert pooled["parameters"]["seed"] == [1, 2, 3]
    assert {each.pairs for each in findings(pooled)} == {36}


@pytest.mark.parametrize(
    ("part", "name"),
    [("environment", "commit"), ("machine", "processor"), ("parameters", "calls"),
     ("log", "messages"), ("environment", "target")],
)  # fmt: skip
def test_runs_that_differ_are_never_pooled(tmp_path: Path, part: str, name: str) -> None:
    other = a_run(seed=2)
    other[part] = {**other[part], name: "another"}
    paths = [stored(a_run(), tmp_path / "one.json"), stored(other, tmp_path / "two.json")]

    with pytest.raises(RunsDiffer, match=f"differ in {part}.{name}"):
        read_latency(paths)


def test_a_run_is_not_pooled_with_its_repetition(tmp_path: Path) -> None:
    path = stored(a_run(), tmp_path / "one.json")

    with pytest.raises(RunsDiffer, match="no new sample"):
        read_latency([path, path])


def test_file_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunNotReadable, match="workbench latency --out"):
        read_latency([stored({"format_version": 99}, tmp_path / "one.json")])


# --- Measuring -----------------------------------------------------------------------------------


def plan(**changes: Any) -> Plan:
    given = {"calls": 6, "per_second": 60.0, "arrivals": "poisson", "page_size": 20, "seed": 1}
    return Plan(LOG, **{**given, **changes})


def test_calls_arrive_at_random_or_as_the_logs_messages_did() -> None:
    traffic = draw_traffic(LOG, 6, random.Random(1))
    seconds = sorted(message.sent_at.timestamp() for message in traffic.drawn)

    drawn, again, as_logged = (
        blocks_module._times(plan(arrivals=arrivals), traffic, 5)
        for arrivals in ("poisson", "poisson", "log")
    )

    assert drawn.tolist() == again.tolist() != as_logged.tolist()
    scale = as_logged[-1] / (seconds[-1] - seconds[0])
    assert as_logged == pytest.approx([(each - seconds[0]) * scale for each in seconds])


@pytest.mark.local
def test_comparison_measures_every_subject_in_every_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "WARM_UP_CALLS", 200)  # a client's share is seen at once
    monkeypatch.setattr(client_module, "ROUNDS", 10)
    shown = []
    run = compare_latency(
        [Single, Pointer], plan(), starts=1, rounds=1,
        progress=lambda task, done, total: shown.append((task, done, total)),
    )  # fmt: skip
    path = tmp_path / "run.json"
    run.write(path)

    found = read_latency([path])

    subjects = {"single", "single again", "pointer"}
    assert {each["subject"] for each in found["blocks"] if each["pair"] == 0} == subjects
    assert {each["subject"] for each in found["warm_ups"]} == subjects
    for each in found["blocks"]:
        assert {letter: len(of["service"]) for letter, of in each["patterns"].items()} == {
            "A": 6, "B": 6, "C": 6, "D": 6, "E": 6,
        }  # fmt: skip
        assert all(
            response >= service > 0
            for letter in "ABCD"
            for response, service in zip(
                each["patterns"][letter]["response"], each["patterns"][letter]["service"],
                strict=True,
            )
        )  # fmt: skip
    assert found["counted"]["pointer"]["E"]["estimated_wru"] == 1
    assert found["machine"]["max_heap_mb"] > 0
    assert 0 < found["client"]["bare_ms"] < found["client"]["plain_ms"]
    assert shown[-1] == ("rounds", 1, 1)
    assert "1 pairs of blocks, and 6 are needed" in "\n".join(latency_lines(found))


def test_subjects_take_turns_of_a_few_calls_on_one_schedule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, list[float]]] = []

    def send(calls: Sequence[Any], intended: Any, **options: Any) -> Timings:
        sent.append((calls[0](), list(intended)))
        return Timings(intended, intended, intended + 0.001, ("",) * len(calls))

    monkeypatch.setattr(blocks_module, "send_on_schedule", send)
    settled = []
    names = ("one", "two", "three")
    trials: Any = {
        name: SimpleNamespace(settle=lambda name=name: settled.append(name)) for name in names
    }
    calls = {name: [lambda name=name: name] * 25 for name in names}
    times = np.arange(1, 26) * 0.02

    found = blocks_module._in_turns(trials, calls, times, random.Random(3))

    assert [name for name, _ in sent] == settled
    turns = [[name for name, _ in sent[first : first + 3]] for first in (0, 3, 6)]
    assert [sorted(turn) for turn in turns] == [sorted(names)] * 3
    assert len({tuple(turn) for turn in turns}) > 1
    assert [len(each) for _, each in sent[::3]] == [10, 10, 5]
    assert all(each == pytest.approx(times[: len(each)]) for _, each in sent)
    assert {len(each.codes) for each in found.values()} == {25}


@pytest.mark.local
def test_blocks_begin_with_the_same_items_and_leave_nothing(target: Any) -> None:
    prepared = blocks_module.prepare(Dual, target, plan(), lambda task, done, total: None)
    seen = []
    for _ in range(2):
        with blocks_module.open_filled(prepared, target, []) as trial:
            seen.append(blocks_module.all_items(target.client(), trial.table_name))
            assert trial.stream.fetch() == 0  # what was put is no news

    assert len(seen[0]) == len(prepared.items) > 60
    assert {json.dumps(each, sort_keys=True) for each in seen[0]} == {
        json.dumps(each, sort_keys=True) for each in seen[1]
    }
    assert target.client().list_tables()["TableNames"] == []


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputFault, match="two different designs"):
        compare_latency([Dual], plan(), starts=1, rounds=1)
    with pytest.raises(InputFault, match="SQLite"):
        compare_latency([Dual, BASELINE], plan(), starts=1, rounds=1)  # type: ignore[list-item]
