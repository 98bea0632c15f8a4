from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.messaging.times import format_time, parse_time, successive_instants

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
AWARE = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=OFFSETS)


@given(AWARE, AWARE)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


@given(AWARE)
def test_parsing_gives_the_time_back(at: datetime) -> None:
    assert parse_time(format_time(at)) == at


def test_further_digits_sort_between_microseconds_and_are_cut_off() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    plain, extended = format_time(at), format_time(at, further_digits="7")
    following = format_time(at + timedelta(microseconds=1))

    assert plain < extended < following
    assert parse_time(extended) == at


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a UTC offset"):
        format_time(datetime(2026, 1, 1))


def test_naive_text_is_read_as_utc() -> None:
    assert parse_time("2026-01-01T00:00:00") == datetime(2026, 1, 1, tzinfo=UTC)


def test_offset_is_turned_into_utc() -> None:
    at = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))

    assert format_time(at) == "2026-01-01T00:00:00.000000+00:00"


def test_instants_follow_each_other_by_a_microsecond() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    instants = successive_instants(at)

    assert [next(instants) - at for _ in range(3)] == [timedelta(microseconds=n) for n in range(3)]
