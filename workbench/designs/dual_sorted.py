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

from workbench.designs.cursors import sorted_page
from workbench.designs.dual_fixed import DualFixed, position, shows
from workbench.designs.messages import define_table, to_conversation, to_inbox_entry
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
        """B: query the reader's whole item collection, sort it, and show one page of it."""
        listed = filter(shows, self._all_group_items(reader))
        shown, next_cursor = sorted_page(listed, position, limit, cursor)
        entries = (to_inbox_entry(to_conversation(reader, item), item) for item in shown)
        return InboxPage(tuple(entries), next_cursor)
