"""Cursors: an opaque text that says where a list continues.

A cursor holds positions only, never a partition key: that always comes from who is asking, so a
forged cursor reaches nothing that its bearer could not list anyway.
"""

import base64
import binascii
import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from workbench.errors import InvalidCursor
from workbench.messaging.times import parse_time

Listed = TypeVar("Listed")


def encode_cursor(list_name: str, positions: Sequence[str]) -> str:
    """Opaque text for a list's positions, one for each query that it runs."""
    return base64.urlsafe_b64encode(json.dumps([list_name, *positions]).encode()).decode()


def decode_cursor(list_name: str, cursor: str, count: int) -> list[str]:
    """The positions in a cursor.

    Raises
    ------
    InvalidCursor
        If it is no cursor of this list, with this count of positions.
    """
    try:
        positions: list[str]
        found_name, *positions = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        "".join(map(str, positions)).encode()
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidCursor(f"{cursor[:40]!r} is no cursor: pass the one a page gave") from error
    if not (
        found_name == list_name
        and len(positions) == count
        and all(isinstance(position, str) for position in positions)
    ):
        raise InvalidCursor(f"{cursor[:40]!r} is a cursor of another list")
    return positions


def decode_position(cursor: str) -> tuple[str, str]:
    """The position of an inbox's last entry: its time, and the conversation's UUID.

    Raises
    ------
    InvalidCursor
        If it is no cursor of an inbox, or its first half is no time.
    """
    last_reply_at, group_uuid = decode_cursor("inbox", cursor, 2)
    try:
        parse_time(last_reply_at)
    except ValueError as error:
        raise InvalidCursor(f"{cursor[:40]!r} holds a position that no page gave") from error
    return last_reply_at, group_uuid


def sorted_page(
    listed: Iterable[Listed],
    position: Callable[[Listed], tuple[str, str]],
    limit: int,
    cursor: str | None,
) -> tuple[list[Listed], str | None]:
    """One page of an inbox that is sorted here, and the next page's cursor.

    The cursor is the position of the last entry shown, so each page reads everything again.
    """
    last_shown = None if cursor is None else decode_position(cursor)
    left = [each for each in listed if last_shown is None or position(each) < last_shown]
    shown = sorted(left, key=position, reverse=True)[:limit]
    is_end = len(shown) == len(left)
    return shown, None if is_end else encode_cursor("inbox", position(shown[-1]))


@contextlib.contextmanager
def refusing_forged(cursor: str | None) -> Iterator[None]:
    """Turn DynamoDB's refusal of a key that the cursor made into the application's own.

    Raises
    ------
    InvalidCursor
        If a request of the block is invalid, and there is a cursor to blame.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if cursor is None or error.response["Error"]["Code"] != "ValidationException":
            raise
        raise InvalidCursor(f"{cursor[:40]!r} holds a position that no page gave") from error
