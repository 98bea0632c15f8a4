"""The harness on servers of known behaviour, on a clock of their own."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from workbench.errors import BadParameter
from workbench.latency.fakes import ask_fake, hundred_answers, log_normal
from workbench.latency.sending import (
    THROTTLES,
    RealClock,
    join_timings,
    log_times,
    poisson_times,
    schedule_fault,
    send_on_schedule,
)
from workbench.latency.verdicts import judge, ratio_interval
from workbench.messaging.logs import LoggedMessage


def drawn(seed: int = 1, spread: float = 0.3) -> list[float]:
    """What a fake server of this seed takes, in ms."""
    draw = log_normal(1.5, spread, np.random.default_rng(seed))
    return [draw() for _ in range(2_000)]


def test_known_distribution_is_recovered() -> None:
    draw = log_normal(1.5, 0.3, np.random.default_rng(1))

    timings = ask_fake(draw, requests=2_000, per_second=100, seed=2)

    assert timings.service_ms == pytest.approx(drawn())


def test_waiting_is_that_of_a_queue() -> None:
    """Lindley's recursion: a request waits for what the one before has left when it comes."""
    draw = log_normal(6.0, 0.5, np.random.default_rng(1))
    timings = ask_fake(draw, requests=2_000, per_second=100, seed=2)
    service, gaps = timings.service_ms, np.diff(timings.intended) * 1_000
    waits = [0.0]
    for took, gap in zip(service, gaps, strict=False):
        waits.append(max(0.0, waits[-1] + took - gap))

    assert timings.response_ms == pytest.approx(np.array(waits) + service)
    assert 0.6 < timings.busy < 0.8
    assert timings.lateness == pytest.approx(0)


def test_stall_shows_in_response_time_and_hides_in_service_time() -> None:
    timings = ask_fake(lambda: 1.0, requests=1_000, per_second=100, seed=2, stalls_ms={500: 200})

    assert np.sum(timings.service_ms > 10) == 1
    held_up = np.sum(timings.response_ms > 10)
    during = np.sum(np.abs(timings.intended - timings.sent[500] - 0.1) < 0.09)
    assert held_up >= during >= 15
    assert np.percentile(timings.service_ms, 99) == pytest.approx(1)
    assert np.percentile(timings.response_ms, 99) > 50


def test_equal_servers_are_not_told_apart() -> None:
    answers = hundred_answers(1.0, rounds=12)

    assert answers["not distinguishable"] >= 95


def test_ten_percent_are_found_with_48_blocks() -> None:
    answers = hundred_answers(1.1, rounds=48)

    assert answers["slower"] >= 90
    assert answers["faster"] == 0


def test_two_percent_are_below_the_noise() -> None:
    answers = hundred_answers(1.02, rounds=12)

    assert answers["not distinguishable"] >= 90


# --- Schedules -------------------------------------------------------------------------------


def test_poisson_times_have_the_rate_and_the_spread_of_a_poisson_process() -> None:
    times = poisson_times(20_000, per_second=50, seed=3)

    gaps = np.diff(times)
    assert gaps.mean() == pytest.approx(1 / 50, rel=0.03)
    assert gaps.std() == pytest.approx(1 / 50, rel=0.03)
    assert list(times) == list(poisson_times(20_000, per_second=50, seed=3))
    assert list(times) != list(poisson_times(20_000, per_second=50, seed=4))


def test_log_times_keep_the_bursts_at_another_speed() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    messages = [
        LoggedMessage("a", "b", start + timedelta(hours=hours), "x") for hours in (0, 1, 1, 7, 10)
    ]

    times = log_times(messages, per_second=2)

    assert times == pytest.approx([0, 0.25, 0.25, 1.75, 2.5])
    with pytest.raises(BadParameter, match="of different times"):
        log_times(messages[1:3], per_second=2)


@pytest.mark.parametrize(("count", "rate"), [(0, 1.0), (5, 0.0), (5, float("nan"))])
def test_schedule_without_requests_or_rate_is_refused(count: int, rate: float) -> None:
    with pytest.raises(BadParameter):
        poisson_times(count, per_second=rate, seed=1)


def test_overload_is_refused_rather_than_measured() -> None:
    timings = ask_fake(lambda: 12.0, requests=500, per_second=100, seed=2)

    assert "Lower the rate" in str(schedule_fault(timings.busy, timings.lateness))


def test_late_generator_is_refused_rather_than_blamed_on_the_server() -> None:
    class Sleepy(RealClock):
        """Comes back from every wait some milliseconds late, whatever it waits for."""

        def __init__(self) -> None:
            super().__init__()
            self.seconds = 0.0

        def now(self) -> float:
            return self.seconds

        def wait_until(self, moment: float) -> None:
            self.seconds = max(self.seconds, moment) + 0.003

    clock = Sleepy()

    def call() -> None:
        clock.seconds += 0.002

    timings = send_on_schedule([call] * 200, poisson_times(200, per_second=10, seed=1), clock=clock)

    assert timings.service_ms == pytest.approx(2)
    assert "generator fell behind" in str(schedule_fault(timings.busy, timings.lateness))


def test_real_clock_keeps_the_schedule() -> None:
    times = poisson_times(20, per_second=200, seed=1)

    timings = send_on_schedule([lambda: None] * 20, times)

    assert (timings.sent >= times).all()
    assert (np.diff(timings.done) >= 0).all()


@pytest.mark.parametrize(
    ("took_ms", "least", "most", "fault"), [(8.0, 0.35, 0.45, "None"), (25.0, 0.9, 1.0, "not held")]
)
def test_turns_are_as_busy_as_one_long_schedule(
    took_ms: float, least: float, most: float, fault: str
) -> None:
    parts = [ask_fake(lambda: took_ms, requests=10, per_second=50, seed=seed) for seed in range(40)]

    joined = join_timings(parts)

    for times in ("response_ms", "service_ms"):
        assert getattr(joined, times) == pytest.approx(
            np.concatenate([getattr(part, times) for part in parts])
        )
    assert least < joined.busy <= most
    assert joined.lateness == pytest.approx(0, abs=1e-9)
    assert fault in str(schedule_fault(joined.busy, joined.lateness))


# --- Failures --------------------------------------------------------------------------------


class Refused(Exception):
    pass


def test_failures_are_counted_apart_and_not_tried_again() -> None:
    attempts = []

    def call(number: int) -> None:
        attempts.append(number)
        if number % 5 == 0:
            raise Refused("ThrottlingException" if number else "ValidationException")

    calls = [lambda number=number: call(number) for number in range(20)]
    timings = send_on_schedule(calls, np.zeros(20), code_of=lambda error: str(error))

    assert attempts == list(range(20))
    assert timings.failures == {"ValidationException": 1, "ThrottlingException": 3}
    assert sum(timings.failures[code] for code in THROTTLES) == 3
    assert len(timings.response_ms) == len(timings.service_ms) == 16


def test_what_is_no_answer_is_raised() -> None:
    def call() -> None:
        raise Refused

    with pytest.raises(Refused):
        send_on_schedule([call], np.zeros(1))


# --- Intervals -------------------------------------------------------------------------------


def test_interval_is_of_pairs_so_drift_of_the_machine_does_not_widen_it() -> None:
    rng = np.random.default_rng(5)
    machine = rng.lognormal(0, 0.8, 20)
    one, other = machine * rng.lognormal(0, 0.01, 20), machine * 1.2 * rng.lognormal(0, 0.01, 20)

    interval = ratio_interval(list(other), list(one))

    assert interval.ratio == pytest.approx(1.2, rel=0.02)
    assert interval.high / interval.low < 1.03


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(300):
        pairs = rng.lognormal(np.log(1.3), 0.1, 24)
        interval = ratio_interval(list(pairs), [1.0] * 24)
        covered += interval.low <= 1.3 <= interval.high

    assert 270 <= covered <= 297  # 95%, less what so few pairs cost


def test_same_blocks_give_the_same_verdict() -> None:
    rng = np.random.default_rng(5)
    series = [list(rng.lognormal(0, 0.1, 12)) for _ in range(3)]

    assert judge(*series) == judge(*series)


def test_difference_within_the_noise_floor_is_no_finding() -> None:
    one = [1.0, 1.01, 0.99, 1.0, 1.01, 0.99]
    slower = [each * 1.1 for each in one]
    noisy_again = [1.3, 0.8, 1.2, 0.9, 1.3, 0.8]

    assert judge(slower, one, one).answer == "slower"
    assert judge(one, slower, slower).answer == "faster"
    assert judge(slower, one, noisy_again).answer == "not distinguishable"


def test_ratio_whose_interval_reaches_into_the_noise_is_no_finding() -> None:
    one, again = [1.0] * 6, [1.04, 1.06, 1.05, 1.04, 1.06, 1.05]
    steady, wavering = [1.1] * 6, [1.2, 1.0, 1.2, 1.0, 1.2, 1.1]

    for times, answer in ((steady, "slower"), (wavering, "not distinguishable")):
        verdict = judge(times, one, again)
        assert verdict.interval.ratio > verdict.floor > 1
        assert verdict.interval.low > 1
        assert verdict.answer == answer


def test_too_few_pairs_have_no_interval() -> None:
    with pytest.raises(BadParameter, match="6 or more"):
        ratio_interval([1.0] * 5, [1.0] * 5)
    with pytest.raises(BadParameter, match="pairs of blocks"):
        ratio_interval([1.0] * 7, [1.0] * 6)
