"""One group item per conversation, and for each participant a membership item that points to it.

    item         pk                  sk                   other attributes
    message      MSG#<group uuid>    created_at           see messages.py
    group        GRP#<group uuid>    GROUP                message (the last one), last_reply_at,
                                                          names: user uuid -> display_name, handle
    membership   USR#<user uuid>     GROUP#<group uuid>   other_uuid, read_at, hidden_at

What changes with a message is kept once, so a message updates one item, however many take part;
and what belongs to one participant has an item of its own. But nothing is in the order of time: an
inbox is all of a user's memberships and, with BatchGetItem, all group items they point to, sorted
by the client, however short the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from workbench.designs.cursors import sorted_page
from workbench.designs.messages import (
    Item,
    define_table,
    group_of,
    message_item,
    oldest_first,
    put_if_new,
    to_inbox_entry,
)
from workbench.designs.participants import KeyedItems
from workbench.errors import ConversationNotFound, GroupSizeRefused, NotAParticipant
from workbench.messaging.entities import (
    MAX_PARTICIPANTS,
    Conversation,
    InboxEntry,
    InboxPage,
    Message,
    User,
    check_is_group,
)
from workbench.messaging.times import format_time

# --- Keys ------------------------------------------------------------------------------------

GROUP_PREFIX = "GROUP#"
MOST_KEYS = 100  # in one BatchGetItem


def group_key(group_uuid: str) -> Item:
    """Primary key of a conversation's group item."""
    return {"pk": {"S": "GRP#" + group_uuid}, "sk": {"S": "GROUP"}}


def memberships_partition(user_uuid: str) -> str:
    """Partition key of one user's membership items."""
    return "USR#" + user_uuid


def membership_key(user_uuid: str, group_uuid: str) -> Item:
    """Primary key of one user's membership in one conversation."""
    return {"pk": {"S": memberships_partition(user_uuid)}, "sk": {"S": GROUP_PREFIX + group_uuid}}


class Listed(NamedTuple):
    """A conversation in an inbox: its place there, its membership item and its group item."""

    position: tuple[str, str]
    membership: Item
    group: Item


class Pointer(KeyedItems):
    """Membership items that point to one group item, which alone a message updates."""

    name: ClassVar[str] = "pointer"
    summary: ClassVar[str] = "one group item, and a membership item per participant; no index"
    table_definition: ClassVar[Mapping[str, Any]] = define_table()

    # --- Reads -------------------------------------------------------------------------------

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: query all memberships, get all groups they point to, sort, and show one page."""
        listed = filter(_shows, self._listed(reader))
        shown, next_cursor = sorted_page(listed, lambda each: each.position, limit, cursor)
        return InboxPage(tuple(_to_inbox_entry(reader, each) for each in shown), next_cursor)

    def _listed(self, reader: User) -> Iterator[Listed]:
        """All conversations of the reader, in no order."""
        memberships = {_group_of(item): item for item in self._memberships(reader)}
        for group_uuid, group in self._groups(list(memberships)):
            place = group["last_reply_at"]["S"], group_uuid
            yield Listed(place, memberships[group_uuid], group)

    def _key_of(self, user_uuid: str, group_uuid: str) -> Item:
        return membership_key(user_uuid, group_uuid)

    def _to_conversation(self, viewer: User, item: Item) -> Conversation:
        group = self._client.get_item(TableName=self._table_name, Key=group_key(_group_of(item)))
        return _to_conversation(viewer, item, group["Item"])

    def _memberships(self, user: User) -> Iterator[Item]:
        """All of a user's membership items, each page a request of up to 1 MB."""
        return self._query_all(
            KeyConditionExpression="pk = :user",
            ExpressionAttributeValues={":user": {"S": memberships_partition(user.uuid)}},
        )

    def _groups(self, group_uuids: Sequence[str]) -> Iterator[tuple[str, Item]]:
        """Group UUIDs and items; what a response leaves out for its size is asked for again."""
        for start in range(0, len(group_uuids), MOST_KEYS):
            keys = [group_key(each) for each in group_uuids[start : start + MOST_KEYS]]
            asked: Any = {self._table_name: {"Keys": keys}}
            while asked:
                response = self._client.batch_get_item(RequestItems=asked)
                for item in response["Responses"][self._table_name]:
                    yield item["pk"]["S"].removeprefix("GRP#"), item
                asked = response["UnprocessedKeys"]

    # --- Writes ------------------------------------------------------------------------------

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """The message, the group item and all memberships in one transaction."""
        group_uuid = seen[0].group_uuid
        return self._put_all([
            message_item(group_uuid, message),
            _group_item(group_uuid, [each.viewer for each in seen], message),
            *map(_membership_item, seen),
        ])  # fmt: skip

    def rename_user(self, user: User) -> None:
        """H: in each of the user's conversations, change the group item and their messages."""
        for membership in self._memberships(user):
            group_uuid = _group_of(membership)
            self._client.update_item(
                TableName=self._table_name,
                Key=group_key(group_uuid),
                UpdateExpression="SET #names.#user = :names",
                ExpressionAttributeNames={"#names": "names", "#user": user.uuid},
                ExpressionAttributeValues={":names": _names(user)},
            )
            self._rename_in_messages(group_uuid, user)

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        """J: put the newcomer's membership, and their names in the group item."""
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        own = self._membership(viewer, group_uuid, is_writing=True)
        check_is_group(Conversation(group_uuid, viewer, User(own["other_uuid"]["S"], "", "")))
        membership = {
            **_membership_item(Conversation(group_uuid, newcomer, viewer)),
            "read_at": {"S": format_time(added_at)},
        }
        update: Any = {
            "TableName": self._table_name,
            "Key": group_key(group_uuid),
            "UpdateExpression": "SET #names.#user = :names",
            "ConditionExpression": "attribute_exists(#names.#user) OR size(#names) < :most",
            "ExpressionAttributeNames": {"#names": "names", "#user": newcomer.uuid},
            "ExpressionAttributeValues": {
                ":names": _names(newcomer), ":most": {"N": str(MAX_PARTICIPANTS)},
            },
        }  # fmt: skip
        try:
            self._client.transact_write_items(
                TransactItems=[put_if_new(self._table_name, membership), {"Update": update}]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            is_member, is_full = (
                reason["Code"] == "ConditionalCheckFailed"
                for reason in error.response["CancellationReasons"]
            )
            if is_full:
                raise GroupSizeRefused(MAX_PARTICIPANTS + 1, MAX_PARTICIPANTS) from error
            if not is_member:
                raise

    def leave_group(self, conversation: Conversation) -> None:
        """J: delete the viewer's membership; names stay, for those who see them as the other.

        The condition is on the other, too: with a made-up one a conversation of two looks a group.
        """
        check_is_group(conversation)
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        try:
            self._client.delete_item(
                TableName=self._table_name,
                Key=membership_key(viewer.uuid, group_uuid),
                ConditionExpression="other_uuid = :other",
                ExpressionAttributeValues={":other": {"S": conversation.other.uuid}},
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise NotAParticipant(viewer.uuid, group_uuid) from error

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: update the group item by its key, unless it shows this or a newer message."""
        newest = oldest_first(messages)[-1]
        group_uuid = group_of(newest)
        if not self._show_last_message(group_key(group_uuid), newest):
            raise ConversationNotFound(group_uuid)


# --- Items -----------------------------------------------------------------------------------


def _group_item(group_uuid: str, members: Sequence[User], message: Message) -> Item:
    return {
        **group_key(group_uuid),
        "message": {"S": message.text},
        "last_reply_at": {"S": format_time(message.created_at)},
        "names": {"M": {user.uuid: _names(user) for user in members}},
    }


def _names(user: User) -> Item:
    return {"M": {"display_name": {"S": user.display_name}, "handle": {"S": user.handle}}}


def _membership_item(conversation: Conversation) -> Item:
    return {
        **membership_key(conversation.viewer.uuid, conversation.group_uuid),
        "other_uuid": {"S": conversation.other.uuid},
    }


def _group_of(membership: Item) -> str:
    return str(membership["sk"]["S"]).removeprefix(GROUP_PREFIX)


def _shows(listed: Listed) -> bool:
    hidden_at = listed.membership.get("hidden_at", {"S": ""})["S"]
    return bool(listed.group["last_reply_at"]["S"] > hidden_at)


def _to_conversation(viewer: User, membership: Item, group: Item) -> Conversation:
    other_uuid = membership["other_uuid"]["S"]
    names = group["names"]["M"][other_uuid]["M"]
    other = User(other_uuid, names["handle"]["S"], names["display_name"]["S"])
    return Conversation(_group_of(membership), viewer, other)


def _to_inbox_entry(viewer: User, listed: Listed) -> InboxEntry:
    conversation = _to_conversation(viewer, listed.membership, listed.group)
    return to_inbox_entry(conversation, listed.group)
