"""Two message groups per conversation: each participant's inbox is an item collection.

    item      pk                     sk              other attributes
    message   MSG#<group uuid>       created_at      see messages.py
    group     GRP#<owner's uuid>     last_reply_at   message_group_uuid, message (the last one),
                                                     the other's user_*, read_at, hidden_at

This is the bootcamp's model, key for key and attribute for attribute. Listing an inbox is one
Query and needs no index. But the time of the last reply is part of the group items' key, so each
message means a put and a delete for both of them, and the index is only there to find them. What
else is written to a group item may hit the old one while a stream update copies it: so the old one
is only deleted as it was copied, and where two are found they are made one again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.messages import (
    Item,
    define_index,
    define_table,
    group_of,
    message_item,
    oldest_first,
    to_conversation,
    to_user,
    user_attributes,
)
from workbench.designs.participants import ParticipantItems
from workbench.errors import ConversationNotFound, IndexBehind, InstantCrowded, NotAParticipant
from workbench.messaging.entities import Conversation, InboxEntry, InboxPage, Message, User
from workbench.messaging.times import INSTANTS_TRIED, format_time, parse_time

# --- Keys ------------------------------------------------------------------------------------

GROUP_INDEX = "message-group-sk-index"
MARKS = ("read_at", "hidden_at")
# What is written to a group item besides its last message, which needs a new one.
STATE = ("message_group_uuid", "user_display_name", "user_handle", *MARKS)
INDEX_TRIES = 5
DIGITS = ("", *map(str, range(1, INSTANTS_TRIED)))


def inbox_partition(user_uuid: str) -> str:
    """Partition key of one user's group items."""
    return "GRP#" + user_uuid


class Dual(ParticipantItems):
    """The bootcamp's model: a message group item for each participant."""

    name: ClassVar[str] = "dual"
    summary: ClassVar[str] = "two group items per conversation, one from each side"
    unsupported: ClassVar[Mapping[str, str]] = {
        "J": "its stream update puts before it deletes, and would put back who leaves meanwhile"
    }
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
        entries = tuple(_to_inbox_entry(reader, item) for item in newest.values() if _shows(item))
        return InboxPage(entries, next_cursor)

    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        """The user's newest group item; no query of an index can be strongly consistent."""
        items = self._group_items(group_uuid).get(inbox_partition(user.uuid))
        if items is None:
            raise NotAParticipant(user.uuid, group_uuid)
        return {**items[-1], **_state_of(items)}

    def _group_items(self, group_uuid: str) -> dict[str, list[Item]]:
        """Group items by partition key, oldest first: one each, or more during an update."""
        items = self._query_all(
            IndexName=GROUP_INDEX,
            KeyConditionExpression="message_group_uuid = :group",
            ExpressionAttributeValues={":group": {"S": group_uuid}},
        )
        by_owner: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            by_owner[item["pk"]["S"]].append(item)
        return dict(by_owner)

    def _all_group_uuids(self, owner: User) -> Iterator[str]:
        """UUIDs of all conversations in the owner's inbox."""
        items = self._query_all(
            KeyConditionExpression="pk = :owner",
            ExpressionAttributeValues={":owner": {"S": inbox_partition(owner.uuid)}},
        )
        yield from dict.fromkeys(item["message_group_uuid"]["S"] for item in items)

    # --- Writes ------------------------------------------------------------------------------

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """The message and everybody's group item in one transaction, unless the index shows them.

        Two who begin at once make two items for each of them, which the stream update mends. Where
        a group item's key is taken by another conversation, further digits help; the message keeps
        its time, or a later one of the same instant would come before it.
        """
        first = seen[0]
        for digits in DIGITS:
            if first.is_of_two and self.find_conversation(first.viewer, first.other):
                return False
            sort_key = {"sk": {"S": format_time(message.created_at, further_digits=digits)}}
            groups = [
                {**_group_item(each, message.text, message.created_at), **sort_key} for each in seen
            ]
            if self._put_all([message_item(first.group_uuid, message), *groups]):
                return True
        raise InstantCrowded(inbox_partition(first.viewer.uuid))

    def _mark(self, conversation: Conversation, mark: str, at: datetime) -> None:
        """F and G: set the mark on the viewer's group item, which the index finds."""
        for _ in range(INDEX_TRIES):
            item = self._membership(conversation.viewer, conversation.group_uuid)
            if self._raise_mark(_key(item), mark, at):
                return
        raise IndexBehind(conversation.group_uuid)

    def rename_user(self, user: User) -> None:
        """H: in each of the user's conversations, change the others' group items and messages."""
        for group_uuid in self._all_group_uuids(user):
            self._rename_in_groups(group_uuid, user)
            self._rename_in_messages(group_uuid, user)

    def _rename_in_groups(self, group_uuid: str, user: User) -> None:
        for _ in range(INDEX_TRIES):
            items = [each for owned in self._group_items(group_uuid).values() for each in owned]
            naming = [each for each in items if each["user_uuid"]["S"] == user.uuid]
            if all([self._set_names(_key(item), user) for item in naming]):
                return
        raise IndexBehind(group_uuid)

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
        by_owner = self._group_items(group_uuid)
        if len(by_owner) < 2:  # at least two take part
            raise (IndexBehind if by_owner else ConversationNotFound)(group_uuid)
        for items in by_owner.values():
            *older, newest = items
            if parse_time(message["sk"]["S"]) > _last_reply_at(newest):
                copy = {**newest, **_state_of(items)}
                self._put_group_item({**copy, "sk": message["sk"], "message": message["message"]})
                older = items
            elif older:
                self._bring_over(_state_of(items), newest)
            for item in older:
                self._delete_group_item(item)

    def _put_group_item(self, item: Item) -> None:
        """Put a new group item.

        The key is the time alone, and another conversation of its owner may have that very key:
        further digits keep the two apart. If this conversation has it, the index did not show it.
        """
        last_reply_at = _last_reply_at(item)
        for digits in DIGITS:
            sort_key = format_time(last_reply_at, further_digits=digits)
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item={**item, "sk": {"S": sort_key}},
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                there: Any = error.response
                if there["Item"]["message_group_uuid"] == item["message_group_uuid"]:
                    raise IndexBehind(item["message_group_uuid"]["S"]) from error
                continue
            return
        raise InstantCrowded(item["pk"]["S"])

    def _bring_over(self, state: Item, newest: Item) -> None:
        """Write to the newest item what was written to an older one after it was copied."""
        for mark in MARKS:
            if state.get(mark) != newest.get(mark):
                self._raise_mark(_key(newest), mark, parse_time(state[mark]["S"]))
        other = to_user({**newest, **state})
        if other != to_user(newest):
            self._set_names(_key(newest), other)

    def _delete_group_item(self, item: Item) -> None:
        """Delete a group item as the index showed it, and none that was changed since."""
        conditions = [
            f"{name} = :{name}" if name in item else f"attribute_not_exists({name})"
            for name in STATE
        ]
        try:
            self._client.delete_item(
                TableName=self._table_name,
                Key=_key(item),
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeValues={f":{n}": item[n] for n in STATE if n in item},
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


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _shows(item: Item) -> bool:
    """Whether an inbox shows the group item: it is not hidden, or has a later message."""
    hidden_at = item.get("hidden_at")
    return hidden_at is None or _last_reply_at(item) > parse_time(hidden_at["S"])


def _state_of(items: list[Item]) -> Item:
    """What is written to one owner's group items besides messages; the items are oldest first.

    A copy has what its original had, so where they differ the original was changed later.
    """
    names = {name: value for name, value in items[0].items() if name.startswith("user_")}
    marks = {
        mark: max(found, key=lambda value: str(value["S"]))
        for mark in MARKS
        if (found := [item[mark] for item in items if mark in item])
    }
    return {**names, **marks}


def _to_inbox_entry(viewer: User, item: Item) -> InboxEntry:
    return InboxEntry(
        conversation=to_conversation(viewer, item),
        last_text=item["message"]["S"],
        last_message_at=_last_reply_at(item),
    )
