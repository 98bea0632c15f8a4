"""How long writes might take on AWS itself: published percentiles, added up by drawing.

An estimate, never mixed with what was measured: DynamoDB Local's milliseconds are no AWS latency.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PERCENTS = (50, 90, 95, 99)
# Their normal quantiles: a percentile is looked up, and drawn, on this scale.
QUANTILES = {50: 0.0, 90: 1.2816, 95: 1.6449, 99: 2.3263}
DRAWS = 100_000
# Nobody has published percentiles of these; they write one item, as PutItem does.
LIKE_PUT = frozenset({"DeleteItem", "UpdateItem"})
SMALL = 5  # actions in a published transaction or batch; ours have fewer


@dataclass(frozen=True)
class Published:
    """Percentiles in ms of one operation, and where they were measured."""

    operation: str
    requests: int
    percentiles_ms: Mapping[int, float]
    source: str


@dataclass(frozen=True)
class Estimate:
    """Milliseconds of the writes that a call makes, one after the other.

    `reads` are further requests of the call, on average, for which nothing is published: they are
    not in the times. The times are None for a call without writes.
    """

    writes: float
    reads: float
    p50_ms: float | None
    p99_ms: float | None


def read_published(path: Path) -> list[Published]:
    """The rows of `data/published_latency.csv`."""
    with path.open(newline="") as file:
        return [
            Published(
                row["operation"],
                int(row["requests"]),
                {each: float(found) for each in PERCENTS if (found := row[f"p{each}_ms"])},
                f"{row['source']} ({row['setting']})",
            )
            for row in csv.DictReader(file)
        ]


def estimate(
    operations: Mapping[str, float], published: list[Published], *, seed: int = 1
) -> Estimate:
    """The estimate for a call that makes so many requests of each operation, in sequence."""
    rng = np.random.default_rng(seed)
    total: NDArray[np.float64] = np.zeros(DRAWS)
    writes = reads = 0.0
    for operation, count in sorted(operations.items()):
        found = _published(operation, published)
        if found is None:
            reads += count
            continue
        writes += count
        for _ in range(int(count)):
            total += _draw(found, rng)
        total += _draw(found, rng) * (rng.random(DRAWS) < count % 1)
    if not writes:
        return Estimate(0.0, reads, None, None)
    p50_ms, p99_ms = np.percentile(total, [50, 99]).tolist()
    return Estimate(writes, reads, p50_ms, p99_ms)


def _published(operation: str, published: list[Published]) -> Published | None:
    name = "PutItem" if operation in LIKE_PUT else operation
    return next(
        (each for each in published if each.operation == name and each.requests <= SMALL), None
    )


def _draw(found: Published, rng: np.random.Generator) -> NDArray[np.float64]:
    """Times whose percentiles are the published ones.

    Between them, and beyond on both sides, their logarithms lie on straight lines over the normal
    quantiles, as those of a log-normal distribution all do.
    """
    known = sorted(found.percentiles_ms.items())
    places = np.array([QUANTILES[percent] for percent, _ in known])
    logs = np.log([time_ms for _, time_ms in known])
    slopes = np.diff(logs) / np.diff(places)
    drawn = rng.standard_normal(DRAWS)
    part = np.clip(np.searchsorted(places, drawn) - 1, 0, len(slopes) - 1)
    times_ms: NDArray[np.float64] = np.exp(logs[part] + slopes[part] * (drawn - places[part]))
    return times_ms
