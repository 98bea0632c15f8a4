"""A run as it is stored: one JSON object, with all that is needed to judge and repeat it."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.dynamodb.meter import Usage
from workbench.measurement.environment import Environment
from workbench.measurement.exercise import Sample
from workbench.storage import StoredRun
from workbench.trials.replay import ReplayResult

USAGE_MEANS = (
    "rows_touched", "estimated_rru", "estimated_wru", "consumed_rru", "consumed_wru",
    "items_read", "items_returned", "bytes_read", "bytes_returned",
)  # fmt: skip


@dataclass(frozen=True)
class PatternResult:
    """Means per call of one access pattern, and its latency in milliseconds.

    `estimated_*` are request units by rule, `consumed_*` those that the target reported, and
    `differences` counts the requests where the two differ, by the divergence that explains it.
    Quartiles are None for fewer than two calls. `rows_touched` are those of the relational
    baseline, returned or changed; it has no request units and items, and a table has no rows.
    """

    calls: int
    round_trips: float
    rows_touched: float | None
    estimated_rru: float | None
    estimated_wru: float | None
    consumed_rru: float | None
    consumed_wru: float | None
    items_read: float | None
    items_returned: float | None
    bytes_read: float | None
    bytes_returned: float | None
    stream_records: float
    differences: Mapping[str, int]
    median_latency_ms: float
    latency_quartiles_ms: tuple[float, float] | None
    latency_samples_ms: tuple[float, ...]


@dataclass(frozen=True)
class DesignResult:
    """What one design did: in the replay, and per access pattern that it supports.

    `unsupported` says of the others why they are not.
    """

    summary: str
    replay: ReplayResult
    patterns: Mapping[str, PatternResult]
    unsupported: Mapping[str, str]


@dataclass(frozen=True)
class Run(StoredRun):
    """A comparison of designs: one measured execution."""

    command = "compare"
    format_version = 3
    environment: Environment
    parameters: Mapping[str, Any]
    log: Mapping[str, Any]
    designs: Mapping[str, DesignResult]
    known_errors: tuple[str, ...]
    not_shown: tuple[str, ...]


read_run = Run.read


def summarise(samples: Sequence[Sample]) -> PatternResult:
    """Means and the median of at least one sample."""
    latencies = [round(sample.latency_ms, 4) for sample in samples]
    quartiles = None
    if len(latencies) > 1:
        low, _, high = statistics.quantiles(latencies, n=4, method="inclusive")
        quartiles = (low, high)
    usages = [sample.usage for sample in samples]
    differences = Counter(
        divergence.name
        for usage in usages
        if isinstance(usage, Usage)
        for difference in usage.differences
        for divergence in difference.causes
    )
    means = {name: _mean([getattr(usage, name, None) for usage in usages]) for name in USAGE_MEANS}
    return PatternResult(
        calls=len(samples),
        round_trips=statistics.fmean(usage.round_trips for usage in usages),
        **means,
        stream_records=statistics.fmean(sample.stream_records for sample in samples),
        differences=dict(sorted(differences.items())),
        median_latency_ms=statistics.median(latencies),
        latency_quartiles_ms=quartiles,
        latency_samples_ms=tuple(latencies),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """None where the meter has no such figure."""
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None
