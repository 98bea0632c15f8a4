"""A run as it is stored: one JSON object, with all that is needed to judge and repeat it."""

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.measurement.environment import Environment
from workbench.measurement.exercise import Sample
from workbench.measurement.replay import ReplayResult
from workbench.measurement.storage import read_stored, store

FORMAT_VERSION = 2
USAGE_MEANS = (
    "round_trips", "estimated_rru", "estimated_wru", "consumed_rru", "consumed_wru",
    "items_read", "items_returned", "bytes_read", "bytes_returned",
)  # fmt: skip


@dataclass(frozen=True)
class PatternResult:
    """Means per call of one access pattern, and its latency in milliseconds.

    `estimated_*` are request units by rule, `consumed_*` those that the target reported, and
    `differences` counts the requests where the two differ, by the divergence that explains it.
    Quartiles are None for fewer than two calls.
    """

    calls: int
    round_trips: float
    estimated_rru: float
    estimated_wru: float
    consumed_rru: float
    consumed_wru: float
    items_read: float
    items_returned: float
    bytes_read: float
    bytes_returned: float
    stream_records: float
    differences: Mapping[str, int]
    median_latency_ms: float
    latency_quartiles_ms: tuple[float, float] | None
    latency_samples_ms: tuple[float, ...]


@dataclass(frozen=True)
class DesignResult:
    """What one design did: in the replay, and per access pattern."""

    summary: str
    replay: ReplayResult
    patterns: Mapping[str, PatternResult]


@dataclass(frozen=True)
class Run:
    """A comparison of designs: one measured execution."""

    environment: Environment
    parameters: Mapping[str, Any]
    log: Mapping[str, Any]
    designs: Mapping[str, DesignResult]
    known_errors: tuple[str, ...]
    not_shown: tuple[str, ...]
    format_version: int = FORMAT_VERSION

    def to_json(self) -> str:
        """The run as one JSON object."""
        return json.dumps(asdict(self), indent=2, default=str) + "\n"

    def write(self, path: Path) -> None:
        """Store the run, or raise OutputNotWritable."""
        store(path, self.to_json())


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
        for difference in usage.differences
        for divergence in difference.causes
    )
    means = {
        name: statistics.fmean(getattr(usage, name) for usage in usages) for name in USAGE_MEANS
    }
    return PatternResult(
        calls=len(samples),
        **means,
        stream_records=statistics.fmean(sample.stream_records for sample in samples),
        differences=dict(sorted(differences.items())),
        median_latency_ms=statistics.median(latencies),
        latency_quartiles_ms=quartiles,
        latency_samples_ms=tuple(latencies),
    )


def read_run(path: Path) -> dict[str, Any]:
    """A stored run, as the plain dictionaries of its JSON, or RunNotReadable."""
    return read_stored(path, format_version=FORMAT_VERSION, command="compare")
