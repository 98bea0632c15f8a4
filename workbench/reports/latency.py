"""A latency comparison for people: what was used first, then times, then verdicts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.capacity.service_latency import estimate, read_published
from workbench.latency.blocks import COUNTS
from workbench.latency.findings import (
    LEAST_SAMPLES_P99,
    NOT_SHOWN,
    STATISTICS,
    Finding,
    all_times,
    findings,
    kind_of,
)
from workbench.reports.figures import COLOURS, Picture, panels, picture_of
from workbench.reports.tables import COUNTS as HEADINGS
from workbench.reports.tables import Frame, frame_of

TICKS = (0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 10)
WINDOW_CALLS = 20  # of a warm-up curve


def count_frame(run: Mapping[str, Any]) -> Frame:
    """Means per call of what a pattern used: a row for each pattern and design."""
    rows = {
        (pattern, design): {HEADINGS[key]: round(found[pattern][key], 2) for key in COUNTS}
        for pattern in "ABCDE"
        for design, found in run["counted"].items()
    }
    return frame_of(rows, "pattern", "design")


def times_frame(run: Mapping[str, Any]) -> Frame:
    """Milliseconds on this machine's DynamoDB Local: a row for each pattern and subject."""
    rows = {}
    for each in all_times(run):
        withheld = f"withheld ({each.samples:,} of {LEAST_SAMPLES_P99:,} samples)"
        response = each.response or {}
        is_waited_for = kind_of(each.pattern) == "response"
        refused = "refused" if is_waited_for else "nobody waits"
        rows[(each.pattern, each.subject)] = {
            "samples": each.samples,
            **{
                f"response {name}": f"{response[name]:.2f}" if response else refused
                for name in STATISTICS
            },
            **{f"service {name}": f"{each.service[name]:.2f}" for name in STATISTICS},
            "p99": withheld if each.p99 is None and not each.fault else _told(each.p99),
            "throttled": each.throttles,
            "failed": each.errors,
        }
    return frame_of(rows, "pattern", "subject")


def _told(milliseconds: float | None) -> str:
    return "refused" if milliseconds is None else f"{milliseconds:.2f}"


def verdict_frame(run: Mapping[str, Any]) -> Frame:
    """Each design against the first: the ratio, its interval, the noise, and what that says."""
    rows = {}
    for each in findings(run):
        row = {"verdict": "not measured", "ratio": "", "95% interval": "", "noise (A/A)": ""}
        if each.verdict is not None:
            interval = each.verdict.interval
            row = {
                "verdict": each.verdict.answer,
                "ratio": f"{interval.ratio:.2f}",
                "95% interval": f"{interval.low:.2f} to {interval.high:.2f}",
                "noise (A/A)": f"x {each.verdict.floor:.2f}",
            }
        rows[(each.pattern, f"{each.subject} / {each.baseline}", each.statistic)] = row
    return frame_of(rows, "pattern", "designs", "of")


def latency_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """All of it as text."""
    parameters, client = run["parameters"], run["client"]
    yield "Used per call (counted apart from the timing):"
    yield count_frame(run).to_string()
    yield ""
    yield (
        f"Milliseconds, to be compared with each other only: {parameters['calls']} calls a block "
        f"at {parameters['per_second']:g}/s ({parameters['arrivals']} arrivals), "
        f"{parameters['starts']} server starts of {parameters['rounds']} rounds"
    )
    yield times_frame(run).to_string()
    yield ""
    yield "Response times (E: service times) against the first design's, block by block:"
    yield verdict_frame(run).to_string()
    yield from sorted({f"not measured, {each.pattern}: {each.why_not}" for each in _without(run)})
    yield ""
    yield client_sentence(client)
    yield "Not shown by this run:"
    yield from (f"- {each}" for each in NOT_SHOWN)


def _without(run: Mapping[str, Any]) -> Iterator[Finding]:
    return (each for each in findings(run) if each.verdict is None)


def client_sentence(client: Mapping[str, float]) -> str:
    """How much of a call is the client's own."""
    shares = {name: 1 - client["bare_ms"] / client[name] for name in ("plain_ms", "boto3_ms")}
    return (
        f"The same bytes of a GetItem take {client['bare_ms']:.2f} ms over an open connection and "
        f"{client['boto3_ms']:.2f} ms by the clients used here: {shares['boto3_ms']:.0%} are the "
        f"client's own. With boto3 as it comes it is {client['plain_ms']:.2f} ms, and "
        f"{shares['plain_ms']:.0%}."
    )


def service_frame(run: Mapping[str, Any], published: Path) -> Frame:
    """An estimate for AWS itself, of published percentiles: a row for each pattern and design."""
    rows = {}
    known = read_published(published)
    for pattern in "ABCDE":
        for design, found in run["counted"].items():
            each = estimate(found[pattern]["operations"], known)
            rows[(pattern, design)] = {
                "writes": f"{each.writes:g}",
                "p50 ms": "not estimated" if each.p50_ms is None else f"{each.p50_ms:.0f}",
                "p99 ms": "not estimated" if each.p99_ms is None else f"{each.p99_ms:.0f}",
                "reads besides, of unknown time": f"{each.reads:.2g}",
            }
    return frame_of(rows, "pattern", "design")


def verdict_figure(run: Mapping[str, Any]) -> Picture:
    """Ratios with their intervals, a row for each pattern and design, over the noise floor."""
    found = [each for each in findings(run) if each.verdict is not None]
    figure, [axis] = panels(9, 1.2 + 0.32 * len(found))
    for place, each in enumerate(found):
        assert each.verdict is not None
        interval, floor = each.verdict.interval, each.verdict.floor
        axis.barh(place, floor - 1 / floor, left=1 / floor, height=0.8, color="#E8E8E8")
        colour = COLOURS[0] if each.statistic == "median" else COLOURS[1]
        axis.plot([interval.low, interval.high], [place, place], color=colour, linewidth=2)
        axis.plot([interval.ratio], [place], "o", color=colour)
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set_xscale("log")
    bounds = axis.get_xlim()
    ticks = [tick for tick in TICKS if bounds[0] <= tick <= bounds[1]]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    labels = [
        f"{each.pattern}  {each.subject} / {each.baseline}, {each.statistic}" for each in found
    ]
    axis.set_yticks(range(len(found)), labels)
    axis.invert_yaxis()
    axis.set_xlabel("ratio of times, 95% interval; grey: how far the baseline differs from itself")
    told = "; ".join(
        f"{label}: {each.verdict.answer}"
        for label, each in zip(labels, found, strict=True)
        if each.verdict
    )
    return picture_of(figure, f"Ratios of times with their intervals and the noise floor. {told}.")


def warm_up_figure(run: Mapping[str, Any]) -> Picture:
    """The first calls after each server start, in windows of 20 calls: a line for each start."""
    figure, [axis] = panels(9, 3.6)
    for start in sorted({each["start"] for each in run["warm_ups"]}):
        calls = [
            call
            for each in run["warm_ups"]
            if each["start"] == start
            for call in each["service_ms"]["A"]
        ]
        windows = [calls[at : at + WINDOW_CALLS] for at in range(0, len(calls), WINDOW_CALLS)]
        numbers = [(at + 1) * WINDOW_CALLS for at in range(len(windows))]
        axis.plot(numbers, [np.median(each) for each in windows], ".-",
                  color=COLOURS[start % len(COLOURS)], label=f"start {start + 1}")  # fmt: skip
    axis.set_ylim(bottom=0)
    axis.set_xlabel("calls of A since the server's start (other patterns' calls between them)")
    axis.set_ylabel(f"ms, median of {WINDOW_CALLS} calls")
    axis.legend(frameon=False)
    return picture_of(figure, "Calls get faster while Java warms up: not among the samples.")
