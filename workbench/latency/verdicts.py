"""Is one faster? Blocks taken in turns are compared in pairs, and no claim is below the noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadParameter

CONFIDENCE = 0.95
RESAMPLES = 5_000
SEED = 1  # of the resampling: the same blocks always give the same interval
LEAST_PAIRS = 6

Answer = Literal["faster", "slower", "not distinguishable"]


@dataclass(frozen=True)
class Interval:
    """A ratio of times, and between which bounds it lies with 95% confidence."""

    ratio: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """The factor by which times may differ within it, in either direction."""
        return max(self.high, 1 / self.low)


@dataclass(frozen=True)
class Verdict:
    """What the pairs show of a subject against its baseline.

    `floor` is the factor by which the baseline differs from itself, measured likewise (A/A).
    """

    answer: Answer
    interval: Interval
    floor: float


def ratio_interval(times: Sequence[float], baseline: Sequence[float]) -> Interval:
    """The geometric mean of the ratios of paired blocks, with its bootstrap interval.

    Blocks of one pair were measured one soon after the other, so what slows the machine for a
    while falls on both. Pairs are drawn again with replacement (percentile bootstrap).

    Raises
    ------
    BadParameter
        If there are too few pairs for an interval.

    Source
    ------
    B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
    """
    if len(times) != len(baseline) or len(times) < LEAST_PAIRS:
        got = f"{len(times)} and {len(baseline)}"
        raise BadParameter("pairs of blocks", got, f"{LEAST_PAIRS} or more: measure more rounds")
    from scipy.stats import bootstrap

    differences: NDArray[np.float64] = np.log(times) - np.log(baseline)
    if np.ptp(differences) == 0:
        low = high = float(differences[0])
    else:
        low, high = bootstrap(
            (differences,),
            np.mean,
            confidence_level=CONFIDENCE,
            n_resamples=RESAMPLES,
            method="percentile",
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    ratio, low, high = np.exp([differences.mean(), low, high]).tolist()
    return Interval(ratio, low, high)


def judge(
    times: Sequence[float], baseline: Sequence[float], baseline_again: Sequence[float]
) -> Verdict:
    """Faster or slower than the baseline, if all of the interval is beyond the noise floor.

    The floor is how far the interval of the baseline against itself reaches. A ratio that is
    beyond it while its interval is not would be called otherwise by the next run.
    """
    interval = ratio_interval(times, baseline)
    floor = ratio_interval(baseline_again, baseline).width
    answer: Answer = "not distinguishable"
    if interval.high < 1 / floor:
        answer = "faster"
    elif interval.low > floor:
        answer = "slower"
    return Verdict(answer, interval, floor)
