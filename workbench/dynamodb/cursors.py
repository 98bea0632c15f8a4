"""Cursors: an opaque text that says where a list continues.

A cursor holds positions only, never a partition key: that always comes from who is asking, so a
forged cursor reaches nothing that its bearer could not list anyway.
"""

import base64
import binascii
import json
from collections.abc import Sequence

from workbench.errors import InvalidCursor


def encode_cursor(positions: Sequence[str]) -> str:
    """Opaque text for the positions, one for each query that the list runs."""
    return base64.urlsafe_b64encode(json.dumps(list(positions)).encode()).decode()


def decode_cursor(cursor: str, count: int) -> list[str]:
    """The positions in a cursor.

    Raises
    ------
    InvalidCursor
        If it is no cursor of a list with this count of positions.
    """
    try:
        positions = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor(f"{cursor[:40]!r} is no cursor: pass the one a page gave") from error
    if not (
        isinstance(positions, list)
        and len(positions) == count
        and all(isinstance(position, str) for position in positions)
    ):
        raise InvalidCursor(f"{cursor[:40]!r} is a cursor of another list")
    return positions
