"""One group item per participant in the conversation; an index whose keys are several attributes.

    item      pk                  sk              other attributes
    message   MSG#<group uuid>    created_at      see messages.py
    group     GRP#<group uuid>    owner's uuid    message_group_uuid, owner_uuid, folder,
                                                  message (the last one), last_reply_at,
                                                  the other's user_*, read_at, hidden_at

    index         partition key         sort key
    inbox-index   owner_uuid, folder    last_reply_at, message_group_uuid

The group items are where the stream update needs them: those of a conversation are one item
collection, read with one strongly consistent query. Who has an item there takes part, so there is
no list of members to keep, and a group may grow.

The inbox is sorted by the index alone, whose keys are attributes as they are: no text is put
together. The folder is "inbox" or "hidden", so that what is hidden is not even read. It follows
from last_reply_at and hidden_at, which only grow, and is written on condition that both still are
what it was worked out from.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.cursors import decode_position, encode_cursor, refusing_forged
from workbench.designs.messages import (
    EVER,
    Item,
    define_index,
    define_table,
    group_of,
    message_item,
    oldest_first,
    put_if_new,
    to_conversation,
    to_inbox_entry,
    user_attributes,
)
from workbench.designs.participants import KeyedItems
from workbench.errors import NotAParticipant
from workbench.messaging.entities import Conversation, InboxPage, Message, User, check_is_group
from workbench.messaging.times import format_time

# --- Keys ------------------------------------------------------------------------------------

GROUP_PREFIX = "GRP#"
INBOX_INDEX = "inbox-index"
INBOX_KEYS = ("owner_uuid", "folder"), ("last_reply_at", "message_group_uuid")
INBOX, HIDDEN = "inbox", "hidden"


def group_key(group_uuid: str, owner_uuid: str) -> Item:
    """Primary key of one participant's group item."""
    return {"pk": {"S": GROUP_PREFIX + group_uuid}, "sk": {"S": owner_uuid}}


def inbox_key(group_uuid: str, owner_uuid: str, folder: str, last_reply_at: str) -> Item:
    """All keys of one participant's group item, those of the index too."""
    return {
        **group_key(group_uuid, owner_uuid),
        "owner_uuid": {"S": owner_uuid},
        "folder": {"S": folder},
        "last_reply_at": {"S": last_reply_at},
        "message_group_uuid": {"S": group_uuid},
    }


class Multikey(KeyedItems):
    """Group items by conversation, and an inbox index with multi-attribute keys."""

    name: ClassVar[str] = "multikey"
    summary: ClassVar[str] = "group items by conversation, an inbox index of multi-attribute keys"
    table_definition: ClassVar[Mapping[str, Any]] = define_table(
        *INBOX_KEYS[0], *INBOX_KEYS[1], indexes=[define_index(INBOX_INDEX, *INBOX_KEYS)]
    )

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one query on the reader's inbox in the index; the hidden ones are not read."""
        start: dict[str, Any] = {}
        if cursor is not None:
            last_reply_at, group_uuid = decode_position(cursor)
            start = {"ExclusiveStartKey": inbox_key(group_uuid, reader.uuid, INBOX, last_reply_at)}
        with refusing_forged(cursor):
            response = self._client.query(
                TableName=self._table_name,
                **self._in_folder(reader, INBOX),
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        items = response["Items"]
        entries = tuple(to_inbox_entry(to_conversation(reader, item), item) for item in items)
        last = response.get("LastEvaluatedKey")
        position = [last[name]["S"] for name in INBOX_KEYS[1]] if last else []
        return InboxPage(entries, encode_cursor("inbox", position) if last else None)

    def _key_of(self, user_uuid: str, group_uuid: str) -> Item:
        return group_key(group_uuid, user_uuid)

    def _in_folder(self, owner: User, folder: str) -> Any:
        """The query for the owner's group items in a folder."""
        return {
            "IndexName": INBOX_INDEX,
            "KeyConditionExpression": "owner_uuid = :owner AND folder = :folder",
            "ExpressionAttributeValues": {":owner": {"S": owner.uuid}, ":folder": {"S": folder}},
        }

    def _group_items_of(self, group_uuid: str) -> list[Item]:
        """The group items of all who take part in the conversation, as they are now."""
        items = self._query_all(
            KeyConditionExpression="pk = :group",
            ExpressionAttributeValues={":group": {"S": GROUP_PREFIX + group_uuid}},
            ConsistentRead=True,
        )
        return list(items)

    # --- Writes ------------------------------------------------------------------------------

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """The message and everybody's group item in one transaction."""
        at = format_time(message.created_at)
        items = [_group_item(each, message.text, at) for each in seen]
        return self._put_all([message_item(seen[0].group_uuid, message), *items])

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        """G: set the mark on the viewer's group item, which changes folder if nothing is later."""
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        mark = format_time(hidden_at)
        item = self._membership(viewer, group_uuid, is_writing=True)
        while item and _hidden_at(item) < mark:
            item = self._change(item, {"hidden_at": {"S": mark}})
        if not item:
            raise NotAParticipant(viewer.uuid, group_uuid)

    def rename_user(self, user: User) -> None:
        """H: in each of the user's conversations, change the others' group items and messages.

        The hidden ones are listed first: a message may bring one to the inbox meanwhile.
        """
        names = user_attributes(user)
        hidden, inbox = (
            list(self._query_all(**self._in_folder(user, each))) for each in (HIDDEN, INBOX)
        )
        for group_uuid in {own["message_group_uuid"]["S"]: None for own in [*hidden, *inbox]}:
            for item in self._group_items_of(group_uuid):
                if item["user_uuid"] == names["user_uuid"] and item != item | names:
                    self._set_names(group_key(group_uuid, item["owner_uuid"]["S"]), user)
            self._rename_in_messages(group_uuid, user)

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        """J: put a group item for the newcomer, unless there is one."""
        added = {"S": format_time(added_at)}
        # The later, so that messages which were handled before change nothing.
        by_viewer = _shown(self._membership_of_group(conversation))
        last_reply_at, text = max((added["S"], ""), by_viewer)
        as_newcomer = Conversation(conversation.group_uuid, newcomer, conversation.viewer)
        item = {**_group_item(as_newcomer, text, last_reply_at), "read_at": added}
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.put_item(**put_if_new(self._table_name, item)["Put"])

    def leave_group(self, conversation: Conversation) -> None:
        """J: delete the viewer's group item."""
        self._membership_of_group(conversation)
        key = group_key(conversation.group_uuid, conversation.viewer.uuid)
        self._client.delete_item(TableName=self._table_name, Key=key)

    def _membership_of_group(self, conversation: Conversation) -> Item:
        """The viewer's group item, if the conversation is a group by what is stored."""
        item = self._membership(conversation.viewer, conversation.group_uuid, is_writing=True)
        check_is_group(to_conversation(conversation.viewer, item))
        return item

    def _change(self, item: Item, changes: Item) -> Item:
        """The item changed, and in its folder; or as it is by now, {} if it is gone.

        If another write moved it after it was read, nothing is written.
        """
        news = {**changes, "folder": {"S": _folder({**item, **changes})}}
        values = {f":{name}": value for name, value in news.items()}
        is_hidden_as_read = "attribute_not_exists(hidden_at)"
        if "hidden_at" in item:
            is_hidden_as_read = "hidden_at = :hidden_as_read"
            values[":hidden_as_read"] = item["hidden_at"]
        try:
            response: Any = self._client.update_item(
                TableName=self._table_name,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in news),
                ConditionExpression=f"last_reply_at = :shown AND {is_hidden_as_read}",
                ExpressionAttributeValues={**values, ":shown": item["last_reply_at"]},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            response = error.response
        return dict(response.get("Attributes") or response.get("Item") or {})

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: query the conversation's group items, and update those that show an older message.

        What was handled before is seen by reading, so it costs no write, not even a refused one.
        Where there is no group item, everybody has left.
        """
        newest = oldest_first(messages)[-1]
        news = {"last_reply_at": newest["sk"], "message": newest["message"]}
        for current in self._group_items_of(group_of(newest)):
            while current and _shown(current) < _shown(news):
                current = self._change(current, news)


# --- Items -----------------------------------------------------------------------------------


def _group_item(conversation: Conversation, text: str, last_reply_at: str) -> Item:
    """The viewer's group item, in the inbox."""
    owner_uuid, group_uuid = conversation.viewer.uuid, conversation.group_uuid
    return {
        **inbox_key(group_uuid, owner_uuid, INBOX, last_reply_at),
        "message": {"S": text},
        **user_attributes(conversation.other),
    }


def _folder(item: Item) -> str:
    """Where a group item belongs: in the inbox, if its message is later than the mark."""
    return INBOX if item["last_reply_at"]["S"] > _hidden_at(item) else HIDDEN


def _hidden_at(item: Item) -> str:
    return str(item.get("hidden_at", {"S": EVER})["S"])


def _shown(item: Item) -> tuple[str, str]:
    """What a group item shows; of one instant, a newcomer's empty text comes before a message."""
    return item["last_reply_at"]["S"], item["message"]["S"]
