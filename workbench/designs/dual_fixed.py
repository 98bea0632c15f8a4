"""Two message groups per conversation whose keys stay; an index sorts the inboxes by time.

    item      pk                    sk                   other attributes
    message   MSG#<group uuid>      created_at           see messages.py; recipient_uuids
    group     GRP#<owner's uuid>    GROUP#<group uuid>   message_group_uuid, message (the last one),
                                                         last_reply_at, the other's user_*

    index         partition key   sort key
    inbox-index   pk              last_reply_at

As in dual, each participant's inbox is an item collection. But the time of the last reply is no
part of the key, and a message names its recipients: the stream update finds every group item by
its key, and changes it in place. What is left of the price of order is paid in the index, where a
new time still means a delete and a put. The index is sparse: messages have no last_reply_at.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.cursors import decode_cursor, encode_cursor, refusing_forged
from workbench.designs.dual import inbox_partition, to_conversation
from workbench.designs.messages import (
    Item,
    MessageItems,
    define_index,
    define_table,
    group_of,
    oldest_first,
    put_if_new,
    user_attributes,
)
from workbench.errors import ConversationNotFound, InvalidCursor, NotAParticipant
from workbench.messaging.entities import (
    Conversation,
    InboxEntry,
    InboxPage,
    Message,
    User,
    check_two_users,
    checked_text,
)
from workbench.messaging.times import format_time, parse_time

# --- Keys ------------------------------------------------------------------------------------

INBOX_INDEX = "inbox-index"
GROUP_PREFIX = "GROUP#"


def group_key(owner_uuid: str, group_uuid: str) -> Item:
    """Primary key of one participant's group item."""
    return {"pk": {"S": inbox_partition(owner_uuid)}, "sk": {"S": GROUP_PREFIX + group_uuid}}


class DualFixed(MessageItems):
    """The bootcamp's model with the time moved out of the key, into an index."""

    name: ClassVar[str] = "dual_fixed"
    summary: ClassVar[str] = "two group items per conversation with fixed keys, one inbox index"
    table_definition: ClassVar[Mapping[str, Any]] = define_table(
        "last_reply_at", indexes=[define_index(INBOX_INDEX, "pk", "last_reply_at")]
    )

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one query on the reader's part of the inbox index."""
        start: dict[str, Any] = {}
        if cursor is not None:
            last_reply_at, group_uuid = decode_position(cursor)
            key = group_key(reader.uuid, group_uuid)
            start = {"ExclusiveStartKey": {**key, "last_reply_at": {"S": last_reply_at}}}
        with refusing_forged(cursor):
            response = self._client.query(
                TableName=self._table_name,
                IndexName=INBOX_INDEX,
                KeyConditionExpression="pk = :owner",
                ExpressionAttributeValues={":owner": {"S": inbox_partition(reader.uuid)}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        entries = tuple(to_inbox_entry(reader, item) for item in response["Items"])
        last = response.get("LastEvaluatedKey")
        return InboxPage(entries, encode_cursor("inbox", position(last)) if last else None)

    def _open_conversation(self, reader: User, group_uuid: str) -> Conversation:
        key = group_key(reader.uuid, group_uuid)
        item = self._client.get_item(TableName=self._table_name, Key=key).get("Item")
        if item is None:
            raise NotAParticipant(reader.uuid, group_uuid)
        return to_conversation(reader, item)

    # --- Writes ------------------------------------------------------------------------------

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: the message and both group items in one transaction."""
        check_two_users(sender, recipient)
        checked_text(text)
        conversation = Conversation(str(self._new_uuid()), sender, recipient)
        message = Message(str(self._new_uuid()), sender, text, sent_at)
        items = (
            self._message_item(conversation, message),
            _group_item(conversation, text, sent_at),
            _group_item(conversation.seen_by_other(), text, sent_at),
        )
        self._client.transact_write_items(
            TransactItems=[put_if_new(self._table_name, item) for item in items]
        )
        return conversation

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> Conversation:
        """J, in part: put a group item for the newcomer, unless there is one.

        Only messages sent in the conversation returned reach the newcomer: a message names its
        recipients, and no list of members tells them to those who hold it from elsewhere.
        """
        joined = conversation.joined_by(newcomer)
        if joined != conversation:
            as_newcomer = Conversation(conversation.group_uuid, newcomer, conversation.viewer)
            with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
                self._client.put_item(
                    TableName=self._table_name,
                    Item=_group_item(as_newcomer, "", added_at),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        return joined

    def _message_item(self, conversation: Conversation, message: Message) -> Item:
        recipients = {"recipient_uuids": {"SS": list(conversation.recipient_uuids)}}
        return {**super()._message_item(conversation, message), **recipients}

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: update the group item of each sender and recipient, with no read before.

        Each shows the newest of the messages that name its owner.

        Keys find what there is at once, as no index could: a participant without a group item has
        left. Where nobody has one there is no conversation, and no update to drop.
        """
        group_uuid = group_of(messages[0])
        newest = {
            owner_uuid: message
            for message in oldest_first(messages)
            for owner_uuid in (message["user_uuid"]["S"], *message["recipient_uuids"]["SS"])
        }
        found = [
            self._show_last_message(group_key(owner_uuid, group_uuid), message)
            for owner_uuid, message in newest.items()
        ]
        if not any(found):
            raise ConversationNotFound(group_uuid)


# --- Items -----------------------------------------------------------------------------------


def _group_item(conversation: Conversation, text: str, last_reply_at: datetime) -> Item:
    """The viewer's group item."""
    return {
        **group_key(conversation.viewer.uuid, conversation.group_uuid),
        "message_group_uuid": {"S": conversation.group_uuid},
        "message": {"S": text},
        "last_reply_at": {"S": format_time(last_reply_at)},
        **user_attributes(conversation.other),
    }


def to_inbox_entry(viewer: User, item: Item) -> InboxEntry:
    """The line of an inbox that a group item of the viewer makes."""
    return InboxEntry(
        conversation=to_conversation(viewer, item),
        last_text=item["message"]["S"],
        last_message_at=parse_time(item["last_reply_at"]["S"]),
    )


def position(item: Item) -> tuple[str, str]:
    """Where a group item stands in its inbox: last_reply_at, then the group's UUID."""
    return item["last_reply_at"]["S"], item["sk"]["S"].removeprefix(GROUP_PREFIX)


def decode_position(cursor: str) -> tuple[str, str]:
    """The position of the last entry shown.

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
