"""Sending requests on a schedule over one connection, and what each of them took.

The times are fixed beforehand, whatever the server does (an open loop).

    intended         sent                          done
       |--- waiting ---|--------- service ----------|
       |----------------- response -----------------|

A user's wait begins when the request is meant to be sent. A sender that is still busy with an
earlier one sends it late; a clock started then hides the queue that a slow server causes.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadParameter
from workbench.messaging.logs import LoggedMessage

MOST_BUSY = 0.9
MOST_LATE = 0.05
THROTTLES = frozenset({
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException",
})  # fmt: skip

Milliseconds = NDArray[np.float64]
Seconds = NDArray[np.float64]


# --- When requests are meant to be sent ------------------------------------------------------


def poisson_times(count: int, *, per_second: float, seed: int) -> Seconds:
    """Seconds from the start at which `count` requests are to be sent: a seeded Poisson process.

    Raises
    ------
    BadParameter
        If there are no requests, or no rate.
    """
    _check(count, per_second)
    return np.random.default_rng(seed).exponential(1 / per_second, count).cumsum()


def log_times(messages: Sequence[LoggedMessage], *, per_second: float) -> Seconds:
    """The times of a log's messages from its first on, scaled so that so many come a second.

    Their bursts and silences stay; only the clock runs at another speed.

    Raises
    ------
    BadParameter
        If there are fewer than two messages, all are of one instant, or there is no rate.
    """
    _check(len(messages), per_second)
    sent_at = np.array([each.sent_at.timestamp() for each in messages])
    seconds = np.sort(sent_at) - sent_at.min()
    if not seconds[-1]:
        raise BadParameter(
            "messages", "all of one instant", "of different times: draw times instead"
        )
    scaled: Seconds = seconds * (len(messages) / per_second / seconds[-1])
    return scaled


def _check(count: int, per_second: float) -> None:
    if count < 1:
        raise BadParameter("requests", count, "1 or more")
    if not per_second > 0:
        raise BadParameter("per_second", per_second, "above 0")


# --- Sending them -----------------------------------------------------------------------------


class Clock(Protocol):
    """Tells the time in seconds, and waits for one."""

    def now(self) -> float:
        """Seconds since some instant."""
        ...

    def wait_until(self, moment: float) -> None:
        """Return when `moment` has come, at once if it is over."""
        ...


class RealClock:
    """The time of this machine.

    Sleeping ends late by a few hundredths of a millisecond: the rest of a wait is spent awake.
    """

    def __init__(self, awake_seconds: float = 0.0005) -> None:
        self.awake_seconds = awake_seconds

    def now(self) -> float:
        """Seconds of the clock that is never set."""
        return time.perf_counter()

    def wait_until(self, moment: float) -> None:
        """Sleep, then look at the clock until it is time."""
        if (wait := moment - self.now() - self.awake_seconds) > 0:
            time.sleep(wait)
        while self.now() < moment:
            pass


@dataclass(frozen=True)
class Timings:
    """Seconds from the start of a schedule, and an error code or "", an element per request.

    No request is tried again.
    """

    intended: Seconds
    sent: Seconds
    done: Seconds
    codes: tuple[str, ...]

    @property
    def response_ms(self) -> Milliseconds:
        """From the intended send, where it succeeded: what a user waits."""
        return (self.done - self.intended)[self._is_answered] * 1_000

    @property
    def service_ms(self) -> Milliseconds:
        """From the actual send, where it succeeded."""
        return (self.done - self.sent)[self._is_answered] * 1_000

    @property
    def failures(self) -> Counter[str]:
        """Requests that failed, by error code; see THROTTLES."""
        return Counter(filter(None, self.codes))

    @property
    def busy(self) -> float:
        """The part of the time in which a request was open, or due."""
        idle = np.maximum(0.0, self.intended - self._done_before)
        return float(1 - np.sum(idle) / self.done[-1])

    @property
    def lateness(self) -> float:
        """How late requests were sent although no other was open, per mean response time."""
        late = np.maximum(0.0, self.sent - np.maximum(self.intended, self._done_before))
        return float(np.mean(late) / np.mean(self.done - self.intended))

    @property
    def _done_before(self) -> Seconds:
        """When the sender was free for each request."""
        return np.concatenate(([0.0], self.done[:-1]))

    @property
    def _is_answered(self) -> NDArray[np.bool_]:
        return np.array([not code for code in self.codes], dtype=np.bool_)


def join_timings(parts: Sequence[Timings]) -> Timings:
    """Those of short schedules as of a long one: each begins where the one before was to end.

    What a turn is late by overlaps with the next one, so `busy` is that of the whole.
    """
    starts = np.cumsum([0.0, *(part.intended[-1] for part in parts[:-1])])
    moved = list(zip(starts, parts, strict=True))
    return Timings(
        intended=np.concatenate([start + part.intended for start, part in moved]),
        sent=np.concatenate([start + part.sent for start, part in moved]),
        done=np.concatenate([start + part.done for start, part in moved]),
        codes=tuple(code for part in parts for code in part.codes),
    )


def schedule_fault(busy: float, lateness: float) -> str | None:
    """Why percentiles of response times would mislead, or None if they may be shown."""
    if lateness > MOST_LATE:
        return (
            f"the generator fell behind: {lateness:.0%} of the mean response time is its own "
            f"lateness, more than {MOST_LATE:.0%}. Measure on a quieter machine."
        )
    if busy > MOST_BUSY:
        return (
            f"the schedule was not held: requests were open or due {busy:.0%} of the time, "
            f"more than {MOST_BUSY:.0%}, so queues grow with the length of the run. Lower the rate."
        )
    return None


def send_on_schedule(
    calls: Sequence[Callable[[], object]],
    intended: Seconds,
    *,
    code_of: Callable[[Exception], str | None] = lambda error: None,
    clock: Clock = RealClock(),  # noqa: B008 (it holds nothing)
) -> Timings:
    """Make each call at its time, or at once when that has passed; one after the other.

    `code_of` gives the error code of an exception that is an answer; any other is raised.
    """
    times: list[tuple[float, float]] = []
    codes: list[str] = []
    start = clock.now()
    for call, at in zip(calls, intended, strict=True):
        clock.wait_until(start + at)
        sent, code = clock.now(), ""
        try:
            call()
        except Exception as error:
            known = code_of(error)
            if known is None:
                raise
            code = known
        times.append((sent - start, clock.now() - start))
        codes.append(code)
    sent_at, done_at = np.array(times, dtype=np.float64).reshape(-1, 2).T
    return Timings(intended, sent_at, done_at, tuple(codes))
