"""A design to change: two group items per conversation, and no index. Change it, then run
`workbench check my_design.py`.

    item      pk                      sk                   other attributes
    message   MSG#<group uuid>        created_at           message, message_uuid, the sender's
                                                           user_*, recipient_uuid
    group     INBOX#<owner's uuid>    GROUP#<group uuid>   message (the last one), last_reply_at,
                                                           the other's user_*

Items of one pk lie together, in the order of their sk, and one Query reads them: so what a list
shows should have one pk. Draw this table first, then decide what each access pattern reads and
writes. What each promises is in workbench/messaging/access_patterns.py. MessageItems keeps the
messages: A and C are written there, and need what is defined here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.cursors import decode_position, encode_cursor
from workbench.designs.messages import (
    Item,
    MessageItems,
    define_table,
    group_of,
    message_item,
    oldest_first,
    to_user,
    user_attributes,
)
from workbench.errors import ConversationNotFound, NotAParticipant
from workbench.messaging.entities import (
    Conversation,
    InboxEntry,
    InboxPage,
    Message,
    User,
    check_two_users,
    checked_text,
    pair_uuid,
)
from workbench.messaging.times import format_time, parse_time

# --- Keys ------------------------------------------------------------------------------------
# Decide: a key made of UUIDs only never changes, and is found without a search. With a time in it
# a list needs no sorting, but each message moves the item.

INBOX_PREFIX, GROUP_PREFIX = "INBOX#", "GROUP#"


def group_key(owner_uuid: str, group_uuid: str) -> Item:
    """Primary key of one participant's group item."""
    return {"pk": {"S": INBOX_PREFIX + owner_uuid}, "sk": {"S": GROUP_PREFIX + group_uuid}}


class MyDesign(MessageItems):
    """Two group items per conversation with keys that stay, sorted in code."""

    name: ClassVar[str] = "my_design"  # letters, digits, - and _: results go by it
    summary: ClassVar[str] = "two group items per conversation, sorted in code"
    # Decide: an index? Then define_table("last_reply_at", indexes=[define_index(...)]): dual_fixed.
    table_definition: ClassVar[Mapping[str, Any]] = define_table()
    # Once you have written one of these patterns, delete its line, and it is checked as well. Steps
    # for F and H are in MessageItems: _raise_mark, _count_messages_of_others, _rename_in_messages.
    unsupported: ClassVar[Mapping[str, str]] = {
        "F": "not written yet: count_unread and mark_read",
        "G": "not written yet: hide_conversation",
        "H": "not written yet: rename_user",
        "J": "not written yet: start_group, add_participant, leave_group",
    }

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: query all group items of the reader, sort them, and show one page.

        Decide: who pays for "newest first", the reader, as here, or the writer of each message?
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :inbox",
            ExpressionAttributeValues={":inbox": {"S": INBOX_PREFIX + reader.uuid}},
        )
        items: list[Item] = [item for page in pages for item in page["Items"]]
        # A cursor is where the page before ended; decode_position refuses what no page gave.
        end = None if cursor is None else decode_position(cursor)
        left = [item for item in items if end is None or _position(item) < end]
        left.sort(key=_position, reverse=True)
        shown = left[:limit]
        entries = tuple(self._to_inbox_entry(reader, item) for item in shown)
        is_last = len(shown) == len(left)
        return InboxPage(entries, None if is_last else encode_cursor("inbox", _position(shown[-1])))

    def find_conversation(self, reader: User, other: User) -> Conversation | None:
        """I: one get, for the UUID of the two follows from theirs, and with it the key."""
        try:
            item = self._membership(reader, pair_uuid(reader, other))
        except NotAParticipant:
            return None
        return self._to_conversation(reader, item)

    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        """The user's group item: A and C ask for it before they do anything.

        Decide: which item shows that a user takes part? "Whoever takes no part is refused", and
        a conversation that does not exist is refused alike.
        """
        item = self._client.get_item(
            TableName=self._table_name,
            Key=group_key(user.uuid, group_uuid),
            ConsistentRead=is_writing,  # twice the price, and never out of date
        ).get("Item")
        if item is None:
            raise NotAParticipant(user.uuid, group_uuid)
        return item

    def _to_conversation(self, viewer: User, item: Item) -> Conversation:
        return Conversation(item["sk"]["S"].removeprefix(GROUP_PREFIX), viewer, to_user(item))

    def _to_inbox_entry(self, viewer: User, item: Item) -> InboxEntry:
        last_message_at = parse_time(item["last_reply_at"]["S"])
        return InboxEntry(
            self._to_conversation(viewer, item), item["message"]["S"], last_message_at
        )

    # --- Writes ------------------------------------------------------------------------------

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: the message and both group items in one transaction.

        "All of it or nothing": three puts could stop after the first. "If the two have one, it is
        a message in it": pair_uuid makes the UUID from theirs, so then the keys are taken.
        """
        check_two_users(sender, recipient)
        group_uuid = pair_uuid(sender, recipient)
        message = Message(str(self._new_uuid()), sender, checked_text(text), sent_at)
        conversation = Conversation(group_uuid, sender, recipient)
        items = [
            {**message_item(group_uuid, message), "recipient_uuid": {"S": recipient.uuid}},
            _group_item(conversation, text, sent_at),
            _group_item(conversation.seen_by_other(), text, sent_at),
        ]
        if not self._put_all(items):
            self.send_message(conversation, text, sent_at)
        return conversation

    def _recipients(self, sender: User, membership: Item) -> Item:
        """What C adds to a message.

        Decide: how does the stream update know whose group items to change? Here the message says
        it; `dual` asks an index.
        """
        return {"recipient_uuid": membership["user_uuid"]}

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: show the newest message in both group items.

        Records come at least once, so handling a record again changes nothing: _show_last_message
        updates on the condition that the item shows an older message. Reading first, then putting,
        would lose what another copy of this function writes in between. Whoever raises gets the
        records again: better than to drop what cannot be done yet.
        """
        newest = oldest_first(messages)[-1]
        for owner in ("user_uuid", "recipient_uuid"):
            if not self._show_last_message(group_key(newest[owner]["S"], group_of(newest)), newest):
                raise ConversationNotFound(group_of(newest))


# --- Items -----------------------------------------------------------------------------------


def _group_item(conversation: Conversation, text: str, last_reply_at: datetime) -> Item:
    """The viewer's group item: everything that one line of their inbox shows."""
    return {
        **group_key(conversation.viewer.uuid, conversation.group_uuid),
        "message": {"S": text},
        "last_reply_at": {"S": format_time(last_reply_at)},
        **user_attributes(conversation.other),
    }


def _position(item: Item) -> tuple[str, str]:
    """Where a group item stands in its inbox; the UUID decides between equal times."""
    return item["last_reply_at"]["S"], item["sk"]["S"].removeprefix(GROUP_PREFIX)
