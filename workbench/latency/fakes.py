"""Servers of known behaviour, on a clock of their own: what proves the harness, and a lesson."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from workbench.latency.sending import Timings, poisson_times, send_on_schedule
from workbench.latency.verdicts import Answer, Verdict, judge


class VirtualClock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        """Seconds since the start."""
        return self.seconds

    def wait_until(self, moment: float) -> None:
        """Go there at once."""
        self.seconds = max(self.seconds, moment)

    def sleep(self, seconds: float) -> None:
        """Be so much later at once."""
        self.seconds += seconds


class FakeServer:
    """Answers each request after a time that is drawn, and stalls where it is told to."""

    def __init__(
        self,
        clock: VirtualClock,
        draw_ms: Callable[[], float],
        *,
        stalls_ms: Mapping[int, float] | None = None,
    ) -> None:
        """`stalls_ms` is the number of a request, from 0 on -> how much longer it takes."""
        self.clock = clock
        self.draw_ms = draw_ms
        self.stalls_ms = stalls_ms or {}
        self.requests = 0

    def answer(self) -> None:
        """One request."""
        took_ms = self.draw_ms() + self.stalls_ms.get(self.requests, 0.0)
        self.requests += 1
        self.clock.sleep(took_ms / 1_000)


def log_normal(median_ms: float, spread: float, rng: np.random.Generator) -> Callable[[], float]:
    """Draws of service times in ms; `spread` is the standard deviation of their logarithm."""
    return lambda: float(median_ms * rng.lognormal(0, spread))


def ask_fake(
    draw_ms: Callable[[], float],
    *,
    requests: int,
    per_second: float,
    seed: int,
    stalls_ms: Mapping[int, float] | None = None,
) -> Timings:
    """What the harness measures of a fake server."""
    clock = VirtualClock()
    server = FakeServer(clock, draw_ms, stalls_ms=stalls_ms)
    times = poisson_times(requests, per_second=per_second, seed=seed)
    return send_on_schedule([server.answer] * requests, times, clock=clock)


def fake_comparison(
    ratio: float, *, rounds: int, seed: int, requests: int = 60, noise: float = 0.05
) -> Verdict:
    """The verdict on the medians of two servers, of which one takes `ratio` times as long.

    The machine is as fast in a block as it happens to be: `noise` is the standard deviation of
    the logarithm of that.
    """
    rng = np.random.default_rng(seed)

    def medians(server_ms: float) -> Iterator[float]:
        for block in range(rounds):
            draw = log_normal(server_ms * rng.lognormal(0, noise), 0.3, rng)
            timings = ask_fake(draw, requests=requests, per_second=100, seed=seed + block)
            yield float(np.median(timings.service_ms))

    return judge(list(medians(1.5 * ratio)), list(medians(1.5)), list(medians(1.5)))


@functools.cache
def hundred_answers(ratio: float, *, rounds: int) -> Counter[Answer]:
    """How often each verdict is given, of 100 such comparisons with seeds of their own."""
    return Counter(fake_comparison(ratio, rounds=rounds, seed=seed).answer for seed in range(100))
