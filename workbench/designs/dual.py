"""Two message groups per conversation: each participant's inbox is an item collection.

    item      pk                     sk              other attributes
    message   MSG#<group uuid>       created_at      see messages.py
    group     GRP#<owner's uuid>     last_reply_at   message_group_uuid, message (the last one),
                                                     the other participant's user_*

This is the bootcamp's model, key for key and attribute for attribute. Listing an inbox is one
Query and needs no index. But the time of the last reply is part of the group items' key, so each
message means a put and a delete for both of them, and the index is only there to find them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.messages import (
    Item,
    MessageItems,
    define_index,
    define_table,
    group_of,
    message_item,
    oldest_first,
    only_keys_were_taken,
    put_if_new,
    to_user,
    user_attributes,
)
from workbench.errors import ConversationNotFound, IndexBehind, InstantCrowded, NotAParticipant
from workbench.messaging.entities import (
    Conversation,
    InboxEntry,
    InboxPage,
    Message,
    User,
    check_two_users,
    checked_text,
)
from workbench.messaging.times import (
    INSTANTS_TRIED,
    format_time,
    parse_time,
)

# --- Keys ------------------------------------------------------------------------------------

GROUP_INDEX = "message-group-sk-index"


def inbox_partition(user_uuid: str) -> str:
    """Partition key of one user's group items."""
    return "GRP#" + user_uuid


class Dual(MessageItems):
    """The bootcamp's model: a message group item for each participant."""

    name: ClassVar[str] = "dual"
    summary: ClassVar[str] = "two group items per conversation, one from each side"
    table_definition: ClassVar[Mapping[str, Any]] = define_table(
        "message_group_uuid", indexes=[define_index(GROUP_INDEX, "message_group_uuid", "sk")]
    )

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one query on the reader's own item collection.

        Between the put and the delete of a stream update a conversation has two items. A page
        shows the newer one; if they fall on two pages, both show it.
        """
        items, next_cursor = self._query_newest_first(
            "inbox", inbox_partition(reader.uuid), limit, cursor
        )
        newest: dict[str, Item] = {}
        for item in items:
            newest.setdefault(item["message_group_uuid"]["S"], item)
        entries = tuple(_to_inbox_entry(reader, item) for item in newest.values())
        return InboxPage(entries, next_cursor)

    def _open_conversation(self, reader: User, group_uuid: str) -> Conversation:
        for item in self._group_items(group_uuid):
            if item["pk"]["S"] == inbox_partition(reader.uuid):
                return to_conversation(reader, item)
        raise NotAParticipant(reader.uuid, group_uuid)

    def _group_items(self, group_uuid: str) -> list[Item]:
        """Both participants' group items: two, or a few while an update is under way."""
        return self._client.query(
            TableName=self._table_name,
            IndexName=GROUP_INDEX,
            KeyConditionExpression="message_group_uuid = :group",
            ExpressionAttributeValues={":group": {"S": group_uuid}},
        )["Items"]

    # --- Writes ------------------------------------------------------------------------------

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: the message and both group items in one transaction.

        Where a group item's key is taken by another conversation, further digits keep the two
        apart; the message keeps its time, or a later one of the same instant would come before it.
        """
        check_two_users(sender, recipient)
        checked_text(text)
        group_uuid, message_uuid = str(self._new_uuid()), str(self._new_uuid())
        message = Message(message_uuid, sender, text, sent_at)
        conversation = Conversation(group_uuid, sender, recipient)
        for digits in ("", *map(str, range(1, INSTANTS_TRIED))):
            sort_key = {"sk": {"S": format_time(sent_at, further_digits=digits)}}
            items = (
                message_item(group_uuid, message),
                {**_group_item(conversation, text, sent_at), **sort_key},
                {**_group_item(conversation.seen_by_other(), text, sent_at), **sort_key},
            )
            try:
                self._client.transact_write_items(
                    TransactItems=[put_if_new(self._table_name, item) for item in items]
                )
            except self._client.exceptions.TransactionCanceledException as error:
                if only_keys_were_taken(error.response):
                    continue
                raise
            return conversation
        raise InstantCrowded(inbox_partition(sender.uuid))

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> Conversation:
        """J, in part: put a group item for the newcomer; the stream update finds it by the index.

        So messages reach everybody, whoever sends them and however they came to the conversation.
        """
        joined = conversation.joined_by(newcomer)
        if joined != conversation:
            as_newcomer = Conversation(conversation.group_uuid, newcomer, conversation.viewer)
            self._put_group_item(_group_item(as_newcomer, "", added_at))
        return joined

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: for each participant put the new group item, then delete the older ones.

        put first:     [old] -> [old, new] -> [new]    a crash leaves an entry too many, which
                                                       handling the record again removes
        delete first:  [old] -> [] -> [new]            a crash loses the conversation

        The index may lag behind the table. Finding nothing is therefore an error, so that the
        record comes again, and not an update that is dropped; and so is an old item that is not
        there any more, for then the index may lack the one that is.
        """
        message = oldest_first(messages)[-1]
        group_uuid = group_of(message)
        by_owner: dict[str, list[Item]] = defaultdict(list)
        for item in self._group_items(group_uuid):
            by_owner[item["pk"]["S"]].append(item)
        if not by_owner:
            raise ConversationNotFound(group_uuid)
        for items in by_owner.values():
            newest = max(items, key=_last_reply_at)
            if parse_time(message["sk"]["S"]) > _last_reply_at(newest):
                self._put_group_item({**newest, "sk": message["sk"], "message": message["message"]})
            else:
                items.remove(newest)
            for older in items:
                self._delete_group_item(older)

    def _put_group_item(self, item: Item) -> None:
        """Put a group item, in place of any of its conversation that has the same key.

        The key is the time alone, and another conversation of its owner may have that very key:
        further digits keep the two apart.
        """
        last_reply_at = _last_reply_at(item)
        for digits in ("", *map(str, range(1, INSTANTS_TRIED))):
            sort_key = format_time(last_reply_at, further_digits=digits)
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item={**item, "sk": {"S": sort_key}},
                    ConditionExpression="attribute_not_exists(pk) OR message_group_uuid = :group",
                    ExpressionAttributeValues={":group": item["message_group_uuid"]},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                continue
            return
        raise InstantCrowded(item["pk"]["S"])

    def _delete_group_item(self, item: Item) -> None:
        """Delete a group item, and never another conversation's that has got its key meanwhile."""
        try:
            self._client.delete_item(
                TableName=self._table_name,
                Key={"pk": item["pk"], "sk": item["sk"]},
                ConditionExpression="message_group_uuid = :group",
                ExpressionAttributeValues={":group": item["message_group_uuid"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise IndexBehind(item["message_group_uuid"]["S"]) from error


# --- Items -----------------------------------------------------------------------------------


def _group_item(conversation: Conversation, text: str, last_reply_at: datetime) -> Item:
    """The viewer's group item."""
    return {
        "pk": {"S": inbox_partition(conversation.viewer.uuid)},
        "sk": {"S": format_time(last_reply_at)},
        "message_group_uuid": {"S": conversation.group_uuid},
        "message": {"S": text},
        **user_attributes(conversation.other),
    }


def _last_reply_at(item: Item) -> datetime:
    return parse_time(item["sk"]["S"])


def to_conversation(viewer: User, item: Item) -> Conversation:
    """The conversation that a group item of the viewer is about."""
    return Conversation(item["message_group_uuid"]["S"], viewer, to_user(item))


def _to_inbox_entry(viewer: User, item: Item) -> InboxEntry:
    return InboxEntry(
        conversation=to_conversation(viewer, item),
        last_text=item["message"]["S"],
        last_message_at=_last_reply_at(item),
    )
