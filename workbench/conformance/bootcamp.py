"""The bootcamp's design and handler, rewritten from their description with their eleven faults.

Without any fault it is `dual`. Each method shows what a fault does differently, so that each can
be had alone. It is material for a bug hunt, and not among the designs.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from workbench.conformance.grounds import Make, World
from workbench.designs import Design
from workbench.designs.cursors import decode_cursor
from workbench.designs.dual import Dual, inbox_partition
from workbench.designs.messages import (
    MESSAGE_PREFIX,
    Item,
    group_of,
    message_partition,
    to_message,
    user_attributes,
)
from workbench.errors import ConversationNotFound, IndexBehind
from workbench.messaging.entities import (
    Conversation,
    Message,
    MessagePage,
    User,
    check_two_users,
    checked_text,
    pair_uuid,
)
from workbench.messaging.times import format_time, parse_time
from workbench.streams.runner import Handler

ALL_FAULTS = frozenset(range(1, 12))
HARD_CODED = ("us-east-1", "http://dynamodb.us-east-1.amazonaws.com")


class Bootcamp(Dual):
    """The bootcamp's model as built, with those of its faults that are asked for."""

    def __init__(self, world: World, faults: frozenset[int] = ALL_FAULTS) -> None:
        super().__init__(world.client, world.table_name)
        self._world = world
        self.faults = faults

    # --- Reads -------------------------------------------------------------------------------

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: of this year only (8), whoever asks (11)."""
        if 11 not in self.faults:
            self._membership(reader, group_uuid)
        items, following = self._query_newest_first(
            "messages", message_partition(group_uuid), limit, cursor
        )
        conversation = Conversation(group_uuid, reader, reader)
        return MessagePage(conversation, tuple(map(to_message, items)), following)

    def _query_newest_first(
        self, list_name: str, partition: str, limit: int, cursor: str | None
    ) -> tuple[list[Item], str | None]:
        """A page of a list, of this year only (8); the bootcamp has no further pages."""
        if 8 not in self.faults:
            return super()._query_newest_first(list_name, partition, limit, cursor)
        if cursor is not None:
            decode_cursor(list_name, cursor, 1)
        response = self._client.query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :partition AND begins_with(sk, :year)",
            ExpressionAttributeValues={
                ":partition": {"S": partition},
                ":year": {"S": str(self._world.now().year)},
            },
            ScanIndexForward=False,
        )
        return response["Items"], None

    # --- Writes ------------------------------------------------------------------------------

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: put the message, whatever has its key (9)."""
        if 9 not in self.faults:
            return super().send_message(conversation, text, sent_at)
        checked_text(text)
        self._membership(conversation.viewer, conversation.group_uuid)
        message = Message(str(self._new_uuid()), conversation.viewer, text, sent_at)
        item = self._message(conversation.group_uuid, message)
        self._client.put_item(TableName=self._table_name, Item=item)
        return message

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: three items under the time alone (9), by a request that may do a part (10)."""
        if not self.faults & {9, 10} or self.find_conversation(sender, recipient):
            return super().start_conversation(sender, recipient, text, sent_at)
        check_two_users(sender, recipient)
        checked_text(text)
        conversation = Conversation(pair_uuid(sender, recipient), sender, recipient)
        message = Message(str(self._new_uuid()), sender, text, sent_at)
        puts = [
            self._message(conversation.group_uuid, message),
            self._group(conversation, message),
            self._group(conversation.seen_by_other(), message),
        ]
        table = self._table_name
        if 10 in self.faults:
            requests: Any = [{"PutRequest": {"Item": item}} for item in puts]
            self._client.batch_write_item(RequestItems={table: requests})
        else:
            actions: Any = [{"Put": {"TableName": table, "Item": item}} for item in puts]
            self._client.transact_write_items(TransactItems=actions)
        return conversation

    def _message(self, group_uuid: str, message: Message) -> Item:
        return {
            "pk": {"S": message_partition(group_uuid)},
            "sk": self._time(message),
            "message": {"S": message.text},
            "message_uuid": {"S": message.message_uuid},
            **user_attributes(message.sender),
        }

    def _group(self, conversation: Conversation, message: Message) -> Item:
        return {
            "pk": {"S": inbox_partition(conversation.viewer.uuid)},
            "sk": self._group_time(message),
            "message_group_uuid": {"S": conversation.group_uuid},
            "message": {"S": message.text},
            **user_attributes(conversation.other),
        }

    def _time(self, message: Message) -> Item:
        """The time as a key: as it comes (9), with or without an offset, or in the form of ours."""
        at = message.created_at
        return {"S": at.isoformat() if 9 in self.faults else format_time(at)}

    def _group_time(self, message: Message) -> Item:
        """The same, with digits by which two conversations of one instant differ, but for (9)."""
        if 9 in self.faults:
            return self._time(message)
        digits = str(uuid.UUID(message.message_uuid).int)[:6]
        return {"S": format_time(message.created_at, further_digits=digits)}

    # --- Stream update -----------------------------------------------------------------------

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: for each message, rewrite the group items that the index shows (4, 5, 6)."""
        for message in messages:
            owners = self._group_items(group_of(message))
            if not owners and 6 not in self.faults:
                raise ConversationNotFound(group_of(message))
            for items in owners.values():
                self._rewrite(items, message)

    def _rewrite(self, items: list[Item], message: Mapping[str, Any]) -> None:
        """Bring one participant's group items to one, which shows the message or a newer one."""
        newest = max(items, key=_last_reply_at)
        requests = []
        at, shown_at = _last_reply_at(message), _last_reply_at(newest)
        if at > shown_at or (5 in self.faults and at != shown_at):
            newest = {**newest, "sk": message["sk"], "message": message["message"]}
            requests.append(partial(self._put_group_item, newest))
        for item in items:
            if _last_reply_at(item) != _last_reply_at(newest):
                requests.append(partial(self._delete_group_item, item))
        for request in reversed(requests) if 4 in self.faults else requests:
            request()

    def _put_group_item(self, item: Item) -> None:
        if 9 in self.faults:
            self._client.put_item(TableName=self._table_name, Item=item)
            return
        try:
            super()._put_group_item(item)
        except IndexBehind:  # the very message is shown already
            if 5 not in self.faults:
                raise

    def _delete_group_item(self, item: Item) -> None:
        if 6 not in self.faults:
            return super()._delete_group_item(item)
        key = {"pk": item["pk"], "sk": item["sk"]}
        self._client.delete_item(TableName=self._table_name, Key=key)


def bootcamp_handler(world: World, faults: frozenset[int] = ALL_FAULTS) -> Handler:
    """The function on the stream: its own client (7), one record (1), of any change (2, 3)."""
    if 7 in faults:
        world = replace(world, client=world.connect(*HARD_CODED))
    design = Bootcamp(world, faults)

    def handler(event: Mapping[str, Any], _context: Any) -> None:
        for record in event["Records"][:1] if 1 in faults else event["Records"]:
            name, change = record["eventName"], record["dynamodb"]
            if (name == "REMOVE" and 2 not in faults) or (name == "MODIFY" and 3 not in faults):
                continue
            image = change["NewImage"]
            if change["Keys"]["pk"]["S"].startswith(MESSAGE_PREFIX):
                design.update_conversation([image])

    return handler


def bootcamp(faults: frozenset[int] = ALL_FAULTS) -> Make:
    """The bootcamp's design and handler with these faults; its table is that of Dual."""

    def make(world: World) -> tuple[Design, Handler]:
        return Bootcamp(world, faults), bootcamp_handler(world, faults)

    return make


def _last_reply_at(item: Mapping[str, Any]) -> datetime:
    return parse_time(item["sk"]["S"])
