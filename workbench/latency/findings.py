"""What the blocks of a stored run show: percentiles, where they may be shown, and verdicts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.latency.blocks import ON_SCHEDULE
from workbench.latency.results import pooled
from workbench.latency.rounds import AGAIN
from workbench.latency.sending import THROTTLES, schedule_fault
from workbench.latency.verdicts import LEAST_PAIRS, Verdict, judge

LEAST_SAMPLES_P99 = 1_000
STATISTICS = {"median": 50, "p95": 95}
NOT_SHOWN = (
    "the latency of AWS: milliseconds are those of this machine, good only for comparing designs",
    "the stream update's wait for its record: E is the time of the handler alone",
    "requests of many users at once: one connection sends them, one after another",
    "other rates, other logs, other sizes of inboxes and conversations than these",
    "throttling, lagging indexes and lagging streams: DynamoDB Local has none of them",
)


@dataclass(frozen=True)
class Times:
    """Percentiles in ms of one subject and pattern, or in `fault` why there are none.

    `p99` is None below 1,000 samples. The stream update, E, is only ever timed as a service.
    """

    subject: str
    pattern: str
    samples: int
    response: Mapping[str, float] | None
    service: Mapping[str, float]
    p99: float | None
    throttles: int
    errors: int
    fault: str | None


@dataclass(frozen=True)
class Finding:
    """A design against the baseline in one pattern and statistic, or `why_not`."""

    subject: str
    baseline: str
    pattern: str
    statistic: str
    pairs: int
    verdict: Verdict | None
    why_not: str = ""


def kind_of(pattern: str) -> str:
    """Which times of a pattern are compared: what a user waits, where a user does."""
    return "response" if pattern in ON_SCHEDULE else "service"


def all_times(run: Mapping[str, Any]) -> Iterator[Times]:
    """Percentiles over all blocks, per pattern and subject."""
    for pattern in (*ON_SCHEDULE, "E"):
        for subject in subjects_of(run):
            entries = _entries(run, subject, pattern)
            service = pooled(run["blocks"], subject, pattern, "service")
            response = pooled(run["blocks"], subject, pattern, "response")
            failures = [item for each in entries for item in each.get("failures", {}).items()]
            throttles = sum(count for code, count in failures if code in THROTTLES)
            compared = response or service
            fault = _fault(entries)
            yield Times(
                subject,
                pattern,
                len(service),
                _percentiles(response) if response and not fault else None,
                _percentiles(service),
                _p99(compared) if not fault else None,
                throttles,
                sum(count for _, count in failures) - throttles,
                fault,
            )


def findings(run: Mapping[str, Any]) -> Iterator[Finding]:
    """Each design against the first, in each pattern, by median and by p95 of its blocks."""
    baseline, *others = run["parameters"]["designs"]
    for pattern in (*ON_SCHEDULE, "E"):
        faults = [
            f"{subject}: {fault}"
            for subject in subjects_of(run)
            if (fault := _fault(_entries(run, subject, pattern)))
        ]
        for subject in others:
            for statistic, percent in STATISTICS.items():
                series = [
                    _by_pair(run, each, pattern, percent)
                    for each in (subject, baseline, baseline + AGAIN)
                ]
                pairs = sorted(set.intersection(*map(set, series)))
                why_not = "; ".join(faults)
                if len(pairs) < LEAST_PAIRS:
                    why_not = f"{len(pairs)} pairs of blocks, and {LEAST_PAIRS} are needed"
                verdict = None
                if not why_not:
                    verdict = judge(*([each[pair] for pair in pairs] for each in series))
                yield Finding(subject, baseline, pattern, statistic, len(pairs), verdict, why_not)


def subjects_of(run: Mapping[str, Any]) -> list[str]:
    """The designs, and behind the first one itself again."""
    baseline, *others = run["parameters"]["designs"]
    return [baseline, baseline + AGAIN, *others]


def _entries(run: Mapping[str, Any], subject: str, pattern: str) -> list[Mapping[str, Any]]:
    return [block["patterns"][pattern] for block in run["blocks"] if block["subject"] == subject]


def _fault(entries: Sequence[Mapping[str, Any]]) -> str | None:
    """Of a schedule; the stream update has none, and takes as long as it takes."""
    if not any(each["service"] for each in entries):
        return "no request succeeded"
    if "busy" not in entries[0]:
        return None
    return schedule_fault(
        *(float(np.mean([e[key] for e in entries])) for key in ("busy", "lateness"))
    )


def _by_pair(
    run: Mapping[str, Any], subject: str, pattern: str, percent: float
) -> dict[int, float]:
    return {
        block["pair"]: float(np.percentile(times, percent))
        for block in run["blocks"]
        if block["subject"] == subject and (times := block["patterns"][pattern][kind_of(pattern)])
    }


def _percentiles(microseconds: Sequence[int]) -> dict[str, float]:
    if not microseconds:
        return {}
    return {
        name: float(np.percentile(microseconds, percent)) / 1_000
        for name, percent in STATISTICS.items()
    }


def _p99(microseconds: Sequence[int]) -> float | None:
    if len(microseconds) < LEAST_SAMPLES_P99:
        return None
    return float(np.percentile(microseconds, 99)) / 1_000
