import base64

import pytest

from workbench.designs.cursors import decode_cursor, encode_cursor
from workbench.errors import InvalidCursor


def test_cursor_gives_its_positions_back() -> None:
    assert decode_cursor("inbox", encode_cursor("inbox", ["2026", ""]), 2) == ["2026", ""]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "§",
        "not base64!",
        "bm90IGpzb24=",
        "W10=",
        base64.b64encode(b'["inbox", "\\ud800"]').decode(),
        base64.b64encode(b'{"a": 1}').decode(),
    ],
)
def test_text_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("inbox", cursor, 1)


def test_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidCursor, match="cursor of another list"):
        decode_cursor("inbox", encode_cursor("inbox", ["one", "two"]), 1)
    with pytest.raises(InvalidCursor, match="cursor of another list"):
        decode_cursor("inbox", encode_cursor("messages", ["one"]), 1)


def test_cursor_with_anything_but_texts_is_refused() -> None:
    forged = base64.urlsafe_b64encode(b'["inbox", null]').decode()

    with pytest.raises(InvalidCursor, match="cursor of another list"):
        decode_cursor("inbox", forged, 1)
