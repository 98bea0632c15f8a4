"""Message times as sort keys: ISO 8601 in UTC, so that text order is time order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

INSTANTS_TRIED = 1_000


def format_time(at: datetime, further_digits: str = "") -> str:
    """ISO 8601 text of an aware time, in UTC with six digits, which sorts as the times do.

    Further digits keep apart keys that may not differ in time; `parse_time` cuts them off.

    Raises
    ------
    ValueError
        If the time is naive: which instant it means depends on the machine.
    """
    if at.tzinfo is None:
        raise ValueError(f"a message time needs a UTC offset (got naive {at.isoformat()!r})")
    text = at.astimezone(UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", f"{further_digits}+00:00")


def parse_time(text: str) -> datetime:
    """The aware time that an ISO 8601 text means; a text without offset is taken as UTC.

    Digits past the sixth are cut off.
    """
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def successive_instants(at: datetime) -> Iterator[datetime]:
    """The time itself, then each next microsecond, for a writer that finds a key taken."""
    for step in range(INSTANTS_TRIED):
        yield at + timedelta(microseconds=step)
