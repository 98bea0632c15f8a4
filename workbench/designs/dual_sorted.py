"""Two message groups per conversation whose keys stay, and no index: the client sorts.

    item      pk                    sk                   other attributes
    message   MSG#<group uuid>      created_at           see messages.py; recipient_uuids
    group     GRP#<owner's uuid>    GROUP#<group uuid>   message_group_uuid, message (the last one),
                                                         last_reply_at, the other's user_*,
                                                         member_uuids, read_at, hidden_at

The items are dual_fixed's, and so are all writes, which cost the least that they can: one request
unit for each item. But nothing in the table is in the order of time. To show the first page of an
inbox, all of it is read and sorted; the longer it is, the dearer, however short the page.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from workbench.designs.cursors import decode_position, encode_cursor
from workbench.designs.dual_fixed import DualFixed, position, shows, to_inbox_entry
from workbench.designs.messages import define_table
from workbench.messaging.entities import InboxPage, User


class DualSorted(DualFixed):
    """The bootcamp's model with fixed keys and without an index; keys and writes of DualFixed."""

    name: ClassVar[str] = "dual_sorted"
    summary: ClassVar[str] = (
        "two group items per conversation with fixed keys, inbox sorted in code"
    )
    table_definition: ClassVar[Mapping[str, Any]] = define_table()

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: query the reader's whole item collection, sort it, and show one page of it.

        The cursor is the position of the last entry shown, so each page reads everything again.
        """
        last_shown = None if cursor is None else decode_position(cursor)
        following = sorted(
            (
                item
                for item in self._all_group_items(reader)
                if shows(item) and (last_shown is None or position(item) < last_shown)
            ),
            key=position,
            reverse=True,
        )
        shown = following[:limit]
        entries = tuple(to_inbox_entry(reader, item) for item in shown)
        is_end = len(shown) == len(following)
        return InboxPage(entries, None if is_end else encode_cursor("inbox", position(shown[-1])))
