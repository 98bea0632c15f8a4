"""One message group per conversation, found by its UUID, listed through two inbox indexes.

    item      pk                  sk           other attributes
    message   MSG#<group uuid>    created_at   see messages.py
    group     GRP#<group uuid>    GROUP        message_group_uuid, message (the last one),
                                               last_reply_at, user_a_*, user_b_*, both with
                                               their names, read_at and hidden_at

    index           partition key   sort key
    inbox-a-index   user_a_uuid     last_reply_at
    inbox-b-index   user_b_uuid     last_reply_at

This is the learner's idea: nothing is stored twice, and the name shown depends on who is asking.
A message updates one item by its key. But a user is `a` in some conversations and `b` in others,
so an inbox takes two queries, and the indexes are copies of the group item after all. What one
participant alone has read or hidden is written to both copies, too.
"""

import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from workbench.designs.cursors import decode_cursor, encode_cursor, refusing_forged
from workbench.designs.messages import (
    EVER,
    Item,
    define_index,
    define_table,
    group_of,
    message_item,
    oldest_first,
    to_inbox_entry,
    to_user,
    user_attributes,
)
from workbench.designs.participants import ParticipantItems
from workbench.errors import ConversationNotFound, NotAParticipant
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import Conversation, InboxPage, Message, User
from workbench.messaging.times import format_time

# --- Keys ------------------------------------------------------------------------------------


class Inbox(NamedTuple):
    """An index that lists the conversations in which a user is `a`, or in which one is `b`."""

    index_name: str
    partition_key: str
    side: str


INBOXES = (
    Inbox("inbox-a-index", "user_a_uuid", "user_a"),
    Inbox("inbox-b-index", "user_b_uuid", "user_b"),
)
GROUP_SORT_KEY = "GROUP"
INDEX_START = ""
INDEX_END = "-"


def group_key(group_uuid: str) -> Item:
    """Primary key of a conversation's group item."""
    return {"pk": {"S": "GRP#" + group_uuid}, "sk": {"S": GROUP_SORT_KEY}}


class Single(ParticipantItems):
    """The learner's model: one message group item, shown by who is logged in."""

    name: ClassVar[str] = "single"
    summary: ClassVar[str] = "one group item per conversation, two inbox indexes"
    unsupported: ClassVar[Mapping[str, str]] = {
        "J": "its group item has places for two, and each needs attributes and an index of its own"
    }
    table_definition: ClassVar[Mapping[str, Any]] = define_table(
        "user_a_uuid",
        "user_b_uuid",
        "last_reply_at",
        indexes=[
            define_index(inbox.index_name, inbox.partition_key, "last_reply_at")
            for inbox in INBOXES
        ],
    )

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: query both inbox indexes and merge; a page uses only part of what the two return."""
        starts = (
            [INDEX_START] * len(INBOXES)
            if cursor is None
            else decode_cursor("inbox", cursor, len(INBOXES))
        )
        with refusing_forged(cursor):
            pages = [
                self._query_inbox(inbox, reader, limit, start)
                for inbox, start in zip(INBOXES, starts, strict=True)
            ]
        newest_first = heapq.merge(*(items for items, _ in pages), key=_reply_time, reverse=True)
        shown = list(itertools.islice(newest_first, limit))
        entries = tuple(
            to_inbox_entry(_to_conversation(reader, item), item)
            for item in shown
            if _shows(item, reader)
        )
        next_starts = [
            _next_start(items, shown, start, is_last_page=is_last_page)
            for (items, is_last_page), start in zip(pages, starts, strict=True)
        ]
        is_end = all(start == INDEX_END for start in next_starts)
        return InboxPage(entries, None if is_end else encode_cursor("inbox", next_starts))

    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        item = self._client.get_item(
            TableName=self._table_name, Key=group_key(group_uuid), ConsistentRead=is_writing
        ).get("Item")
        if item is None or user.uuid not in (item["user_a_uuid"]["S"], item["user_b_uuid"]["S"]):
            raise NotAParticipant(user.uuid, group_uuid)
        return item

    def _read_at(self, reader: User, membership: Item) -> str:
        return str(membership.get(f"{_side(reader, membership)}_read_at", {"S": EVER})["S"])

    def _to_conversation(self, viewer: User, item: Item) -> Conversation:
        return _to_conversation(viewer, item)

    def _all_in(self, inbox: Inbox, user: User) -> Iterator[Item]:
        """All items of one index that are the user's."""
        return self._query_all(
            IndexName=inbox.index_name,
            KeyConditionExpression=f"{inbox.partition_key} = :owner",
            ExpressionAttributeValues={":owner": {"S": user.uuid}},
        )

    def _query_inbox(
        self, inbox: Inbox, reader: User, limit: int, start: str
    ) -> tuple[list[Item], bool]:
        """Items of one index from a position on, and whether they are its last ones."""
        if start == INDEX_END:
            return [], True
        owner = {"S": reader.uuid}
        from_key: dict[str, Any] = {}
        if start != INDEX_START:
            last_reply_at, _, group_uuid = start.partition(" ")
            key = {**group_key(group_uuid), "last_reply_at": {"S": last_reply_at}}
            from_key = {"ExclusiveStartKey": {**key, inbox.partition_key: owner}}
        response = self._client.query(
            TableName=self._table_name,
            IndexName=inbox.index_name,
            KeyConditionExpression=f"{inbox.partition_key} = :owner",
            ExpressionAttributeValues={":owner": owner},
            ScanIndexForward=False,
            Limit=limit,
            **from_key,
        )
        return response["Items"], "LastEvaluatedKey" not in response

    # --- Writes ------------------------------------------------------------------------------

    start_group = AccessPatterns.start_group  # refused

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """The message and the group item in one transaction; the sender becomes user a."""
        group_uuid = seen[0].group_uuid
        return self._put_all([message_item(group_uuid, message), _group_item(seen[0], message)])

    def _mark(self, conversation: Conversation, mark: str, at: datetime) -> None:
        """F and G: set the viewer's mark on the group item, and so in both indexes."""
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        side = _side(viewer, self._membership(viewer, group_uuid, is_writing=True))
        self._raise_mark(group_key(group_uuid), f"{side}_{mark}", at)

    def rename_user(self, user: User) -> None:
        """H: in each of the user's conversations, change the group item and their messages."""
        for inbox in INBOXES:
            for item in self._all_in(inbox, user):
                group_uuid = item["message_group_uuid"]["S"]
                self._set_names(group_key(group_uuid), user, inbox.side)
                self._rename_in_messages(group_uuid, user)

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: update the group item by its key, unless it shows this or a newer message."""
        newest = oldest_first(messages)[-1]
        group_uuid = group_of(newest)
        if not self._show_last_message(group_key(group_uuid), newest):
            raise ConversationNotFound(group_uuid)


# --- Items -----------------------------------------------------------------------------------


def _group_item(conversation: Conversation, message: Message) -> Item:
    return {
        **group_key(conversation.group_uuid),
        "message_group_uuid": {"S": conversation.group_uuid},
        "message": {"S": message.text},
        "last_reply_at": {"S": format_time(message.created_at)},
        **user_attributes(conversation.viewer, "user_a"),
        **user_attributes(conversation.other, "user_b"),
    }


def _side(user: User, item: Item) -> str:
    """Whether a participant is user_a or user_b of the conversation."""
    return "user_a" if item["user_a_uuid"]["S"] == user.uuid else "user_b"


def _shows(item: Item, reader: User) -> bool:
    """Whether the reader's inbox shows the group item: not hidden, or with a later message."""
    hidden_at = item.get(f"{_side(reader, item)}_hidden_at", {"S": ""})["S"]
    return bool(item["last_reply_at"]["S"] > hidden_at)


def _reply_time(item: Item) -> str:
    return str(item["last_reply_at"]["S"])


def _next_start(items: list[Item], shown: list[Item], start: str, *, is_last_page: bool) -> str:
    """Where the next page starts in one index: behind the last of its items that was shown."""
    used = [item for item in items if item in shown]
    if is_last_page and len(used) == len(items):
        return INDEX_END
    if not used:
        return start
    return f"{_reply_time(used[-1])} {used[-1]['message_group_uuid']['S']}"


def _to_conversation(viewer: User, item: Item) -> Conversation:
    user_a, user_b = to_user(item, "user_a"), to_user(item, "user_b")
    other = user_b if viewer.uuid == user_a.uuid else user_a
    return Conversation(item["message_group_uuid"]["S"], viewer, other)
