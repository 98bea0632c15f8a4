"""Two message groups per conversation whose keys stay; an index sorts the inboxes by time.

    item      pk                    sk                   other attributes
    message   MSG#<group uuid>      created_at           see messages.py; recipient_uuids
    group     GRP#<owner's uuid>    GROUP#<group uuid>   message_group_uuid, message (the last one),
                                                         last_reply_at, the other's user_*,
                                                         member_uuids, read_at, hidden_at

    index         partition key   sort key
    inbox-index   pk              last_reply_at

As in dual, each participant's inbox is an item collection. But the time of the last reply is no
part of the key, and a message names its recipients: the stream update finds every group item by
its key, and changes it in place. What is left of the price of order is paid in the index, where a
new time still means a delete and a put. The index is sparse: messages have no last_reply_at.

Everybody's group item lists all members, so whoever joins or leaves changes all of them at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from workbench.designs.cursors import decode_position, encode_cursor, refusing_forged
from workbench.designs.dual import inbox_partition
from workbench.designs.messages import (
    Item,
    define_index,
    define_table,
    group_of,
    message_item,
    oldest_first,
    only_keys_were_taken,
    put_if_new,
    to_conversation,
    to_inbox_entry,
    user_attributes,
)
from workbench.designs.participants import KeyedItems
from workbench.errors import GroupSizeRefused, InstantCrowded
from workbench.messaging.entities import (
    MAX_PARTICIPANTS,
    Conversation,
    InboxPage,
    Message,
    User,
    check_is_group,
)
from workbench.messaging.times import format_time

# --- Keys ------------------------------------------------------------------------------------

INBOX_INDEX = "inbox-index"
GROUP_PREFIX = "GROUP#"
MEMBERSHIP_TRIES = 10


def group_key(owner_uuid: str, group_uuid: str) -> Item:
    """Primary key of one participant's group item."""
    return {"pk": {"S": inbox_partition(owner_uuid)}, "sk": {"S": GROUP_PREFIX + group_uuid}}


class DualFixed(KeyedItems):
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
        """B: one query on the reader's part of the inbox index; the hidden ones are read too."""
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
        items = filter(shows, response["Items"])
        entries = tuple(to_inbox_entry(to_conversation(reader, item), item) for item in items)
        last = response.get("LastEvaluatedKey")
        return InboxPage(entries, encode_cursor("inbox", position(last)) if last else None)

    def _key_of(self, user_uuid: str, group_uuid: str) -> Item:
        return group_key(user_uuid, group_uuid)

    def _all_group_items(self, owner: User) -> Iterator[Item]:
        """The owner's group items, by group UUID: all pages, each a request of up to 1 MB."""
        return self._query_all(
            KeyConditionExpression="pk = :owner",
            ExpressionAttributeValues={":owner": {"S": inbox_partition(owner.uuid)}},
        )

    # --- Writes ------------------------------------------------------------------------------

    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """The message and everybody's group item in one transaction."""
        sender, *recipient_uuids = (each.viewer.uuid for each in seen)
        recipients = {"recipient_uuids": {"SS": recipient_uuids}}
        return self._put_all([
            {**message_item(seen[0].group_uuid, message), **recipients},
            *(
                _group_item(each, {sender, *recipient_uuids}, message.text, message.created_at)
                for each in seen
            ),
        ])  # fmt: skip

    def _recipients(self, sender: User, membership: Item) -> Item:
        others = set(membership["member_uuids"]["SS"]) - {sender.uuid}
        return {"recipient_uuids": {"SS": sorted(others)}} if others else {}

    def rename_user(self, user: User) -> None:
        """H: in each of the user's conversations, change the others' group items and messages."""
        for item in self._all_group_items(user):
            group_uuid = item["message_group_uuid"]["S"]
            for member_uuid in set(item["member_uuids"]["SS"]) - {user.uuid}:
                self._set_names(group_key(member_uuid, group_uuid), user)
            self._rename_in_messages(group_uuid, user)

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        """J: put a group item for the newcomer, and add them to those of all members."""
        as_newcomer = Conversation(conversation.group_uuid, newcomer, conversation.viewer)

        def actions(members: set[str]) -> list[Any]:
            if newcomer.uuid in members:
                return []
            if len(members) == MAX_PARTICIPANTS:
                raise GroupSizeRefused(MAX_PARTICIPANTS + 1, MAX_PARTICIPANTS)
            item = _group_item(as_newcomer, {*members, newcomer.uuid}, "", added_at)
            item |= {"read_at": item["last_reply_at"]}
            updates = [self._change_members(conversation, each, members, "ADD", newcomer)
                       for each in members]  # fmt: skip
            return [put_if_new(self._table_name, item), *updates]

        self._change_group(conversation, actions)

    def leave_group(self, conversation: Conversation) -> None:
        """J: delete the viewer's group item, and remove them from those of all members."""
        viewer = conversation.viewer

        def actions(members: set[str]) -> list[Any]:
            key = group_key(viewer.uuid, conversation.group_uuid)
            delete = {"Delete": {**self._if_members_are(members), "Key": key}}
            updates = [self._change_members(conversation, each, members, "DELETE", viewer)
                       for each in members - {viewer.uuid}]  # fmt: skip
            return [delete, *updates]

        self._change_group(conversation, actions)

    def _change_group(self, conversation: Conversation, actions: Any) -> None:
        """Change all group items at once, anew if another change of members came between."""
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        for _ in range(MEMBERSHIP_TRIES):
            membership = self._membership(viewer, group_uuid, is_writing=True)
            check_is_group(to_conversation(viewer, membership))
            if not (requests := actions(set(membership["member_uuids"]["SS"]))):
                return
            try:
                self._client.transact_write_items(TransactItems=requests)
            except self._client.exceptions.TransactionCanceledException as error:
                if only_keys_were_taken(error.response):
                    continue
                raise
            return
        raise InstantCrowded(GROUP_PREFIX + group_uuid)

    def _change_members(
        self, conversation: Conversation, owner_uuid: str, members: set[str], verb: str, user: User
    ) -> Any:
        update = self._if_members_are(members)
        update["ExpressionAttributeValues"][":user"] = {"SS": [user.uuid]}
        key = group_key(owner_uuid, conversation.group_uuid)
        return {"Update": {**update, "Key": key, "UpdateExpression": f"{verb} member_uuids :user"}}

    def _if_members_are(self, members: set[str]) -> Any:
        return {
            "TableName": self._table_name,
            "ConditionExpression": "member_uuids = :members",
            "ExpressionAttributeValues": {":members": {"SS": sorted(members)}},
        }

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: update the group item of each sender and recipient, with no read before.

        Each shows the newest of the messages that name its owner.

        Keys find what there is at once, as no index could: who has no group item has left.
        """
        ordered = oldest_first(messages)
        group_uuid = group_of(ordered[-1])
        newest = {owner: message for message in ordered for owner in _named_by(message)}
        for owner, message in newest.items():
            self._show_last_message(group_key(owner, group_uuid), message)


# --- Items -----------------------------------------------------------------------------------


def _named_by(message: Mapping[str, Any]) -> list[str]:
    """UUIDs of a message's sender and recipients."""
    return [message["user_uuid"]["S"], *message.get("recipient_uuids", {"SS": []})["SS"]]


def _group_item(
    conversation: Conversation, members: set[str], text: str, last_reply_at: datetime
) -> Item:
    """The viewer's group item."""
    return {
        **group_key(conversation.viewer.uuid, conversation.group_uuid),
        "message_group_uuid": {"S": conversation.group_uuid},
        "message": {"S": text},
        "last_reply_at": {"S": format_time(last_reply_at)},
        "member_uuids": {"SS": sorted(members)},
        **user_attributes(conversation.other),
    }


def shows(item: Item) -> bool:
    """Whether an inbox shows the group item: it is not hidden, or has a later message."""
    return bool(item["last_reply_at"]["S"] > item.get("hidden_at", {"S": ""})["S"])


def position(item: Item) -> tuple[str, str]:
    """Where a group item stands in its inbox: last_reply_at, then the group's UUID."""
    return item["last_reply_at"]["S"], item["sk"]["S"].removeprefix(GROUP_PREFIX)
