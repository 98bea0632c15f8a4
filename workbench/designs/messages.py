"""The messages of a conversation, which the designs all keep alike.

    item      pk                  sk           other attributes
    message   MSG#<group uuid>    created_at   message, message_uuid, the sender's user_*

The designs differ in the group items and indexes, so that is what their own files are about.
"""

import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.designs.cursors import decode_cursor, encode_cursor, refusing_forged
from workbench.errors import InstantCrowded
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import (
    Conversation,
    InboxEntry,
    Message,
    MessagePage,
    User,
    checked_text,
)
from workbench.messaging.times import format_time, parse_time, successive_instants

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

MESSAGE_PREFIX = "MSG#"
EVER = "0"  # before any time; a key condition takes no empty text
# Only an INSERT is a new message: MODIFY changes an old one, and what REMOVE says has no new image.
NEW_MESSAGES = {
    "eventName": ["INSERT"],
    "dynamodb": {"Keys": {"pk": {"S": [{"prefix": MESSAGE_PREFIX}]}}},
}


def define_table(*attributes: str, indexes: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Arguments of CreateTable without the name: keys pk and sk, these key attributes besides.

    All of them are texts. The stream shows new images, as the course has it.
    """
    definition = {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", *attributes)
        ],
        "KeySchema": _key_schema("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }
    return {**definition, "GlobalSecondaryIndexes": list(indexes)} if indexes else definition


def define_index(
    name: str, partition_key: str | Sequence[str], sort_key: str | Sequence[str]
) -> dict[str, Any]:
    """A global secondary index that projects everything, for `define_table`.

    Each of its keys is one attribute, or up to four.

    Source
    ------
    DynamoDB Developer Guide, "Multi-attribute keys pattern".
    """
    return {
        "IndexName": name,
        "KeySchema": _key_schema(partition_key, sort_key),
        "Projection": {"ProjectionType": "ALL"},
    }


def _key_schema(
    partition_key: str | Sequence[str], sort_key: str | Sequence[str]
) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": key_type}
        for key, key_type in ((partition_key, "HASH"), (sort_key, "RANGE"))
        for name in ([key] if isinstance(key, str) else key)
    ]


def message_partition(group_uuid: str) -> str:
    """Partition key of a conversation's messages."""
    return MESSAGE_PREFIX + group_uuid


class MessageItems(AccessPatterns):
    """Patterns A and C on a table, and what F and H do to messages; a design adds the group items.

    A design is handed its client, and makes UUIDs of messages and groups with `new_uuid`.
    """

    stream_filter: ClassVar[Mapping[str, Any]] = NEW_MESSAGES

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        new_uuid: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self._client = client
        self._table_name = table_name
        self._new_uuid = new_uuid

    @abstractmethod
    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        """The item that shows that the user takes part; who writes needs the one of now.

        Raises
        ------
        NotAParticipant
            If there is none.
        """

    @abstractmethod
    def _to_conversation(self, viewer: User, item: Item) -> Conversation:
        """The conversation that an item of `_membership` is about."""

    # --- A and C -----------------------------------------------------------------------------

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: see that the reader takes part in the conversation, then query its messages."""
        membership = self._membership(reader, group_uuid)
        items, next_cursor = self._query_newest_first(
            "messages", message_partition(group_uuid), limit, cursor
        )
        conversation = self._to_conversation(reader, membership)
        return MessagePage(conversation, tuple(map(to_message, items)), next_cursor)

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: see that the sender takes part, put the message; the stream update does the rest.

        Where its instant is taken by another message, it moves on by a microsecond; where it was
        this one, whose response was lost and which the client sends again, nothing changes.
        """
        checked_text(text)
        sender, message_uuid = conversation.viewer, str(self._new_uuid())
        format_time(sent_at)  # refuses a naive time before anything is asked
        membership = self._membership(sender, conversation.group_uuid, is_writing=True)
        for created_at in successive_instants(sent_at):
            message = Message(message_uuid, sender, text, created_at)
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item={
                        **message_item(conversation.group_uuid, message),
                        **self._recipients(sender, membership),
                    },
                    ConditionExpression="attribute_not_exists(pk) OR message_uuid = :own",
                    ExpressionAttributeValues={":own": {"S": message_uuid}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                continue
            return message
        raise InstantCrowded(message_partition(conversation.group_uuid))

    def _recipients(self, sender: User, membership: Item) -> Item:
        """What a design adds to a message, so that its stream update knows whom it is for."""
        return {}

    # --- Steps of D, E, F, G and H -----------------------------------------------------------

    def _put_all(self, items: Sequence[Item]) -> bool:
        """Put all items in one transaction; False, and nothing is put, if a key is taken."""
        try:
            self._client.transact_write_items(
                TransactItems=[put_if_new(self._table_name, item) for item in items]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            if only_keys_were_taken(error.response):
                return False
            raise
        return True

    def _show_last_message(self, key: Item, message: Mapping[str, Any]) -> bool:
        """Whether there is such a group item; it then shows this message or a newer one.

        For designs whose group items keep the time in the attribute last_reply_at.
        """
        return self._update_if(
            Key=key,
            UpdateExpression="SET message = :text, last_reply_at = :created_at",
            # Never true if it is not there; false if it was handled before, or comes late.
            ConditionExpression="last_reply_at < :created_at",
            ExpressionAttributeValues={":text": message["message"], ":created_at": message["sk"]},
        )

    def _raise_mark(self, key: Item, mark: str, at: datetime) -> bool:
        """Whether there is such an item; its mark, a time, is then this one or a later one."""
        return self._update_if(
            Key=key,
            UpdateExpression="SET #mark = :at",
            ConditionExpression=(
                "attribute_exists(pk) AND (attribute_not_exists(#mark) OR #mark < :at)"
            ),
            ExpressionAttributeNames={"#mark": mark},
            ExpressionAttributeValues={":at": {"S": format_time(at)}},
        )

    def _update_if(self, **update: Any) -> bool:
        """Whether the item is there, be it updated now or refused by the condition."""
        try:
            self._client.update_item(
                TableName=self._table_name,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update,
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return "Item" in error.response
        return True

    def _count_messages_of_others(self, group_uuid: str, reader: User, read_at: str) -> int:
        """How many messages of others are later; those up to here are not even read."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="pk = :messages AND sk > :read_at",
            FilterExpression="user_uuid <> :reader",
            ExpressionAttributeValues={
                ":messages": {"S": message_partition(group_uuid)},
                ":read_at": {"S": read_at},
                ":reader": {"S": reader.uuid},
            },
            Select="COUNT",
        )
        return sum(page["Count"] for page in pages)

    def _set_names(self, key: Item, user: User, prefix: str = "user") -> bool:
        """Whether there is such an item; if it names this user, it then shows these names."""
        return self._update_if(
            Key=key,
            UpdateExpression=f"SET {prefix}_display_name = :name, {prefix}_handle = :handle",
            ConditionExpression=f"{prefix}_uuid = :user",
            ExpressionAttributeValues={
                ":user": {"S": user.uuid},
                ":name": {"S": user.display_name},
                ":handle": {"S": user.handle},
            },
        )

    def _rename_in_messages(self, group_uuid: str, user: User) -> None:
        """Show the user's names at each of their messages: all of the conversation is read."""
        items = self._query_all(
            KeyConditionExpression="pk = :messages",
            FilterExpression=(
                "user_uuid = :user AND (user_display_name <> :name OR user_handle <> :handle)"
            ),
            ExpressionAttributeValues={
                ":messages": {"S": message_partition(group_uuid)},
                ":user": {"S": user.uuid},
                ":name": {"S": user.display_name},
                ":handle": {"S": user.handle},
            },
        )
        for item in list(items):
            self._set_names({"pk": item["pk"], "sk": item["sk"]}, user)

    def _query_all(self, **query: Any) -> Iterator[Item]:
        """What a query of the table finds, each page a request of up to 1 MB."""
        pages = self._client.get_paginator("query").paginate(TableName=self._table_name, **query)
        for page in pages:
            yield from page["Items"]

    def _query_newest_first(
        self, list_name: str, partition: str, limit: int, cursor: str | None
    ) -> tuple[list[Item], str | None]:
        """One page of an item collection, last sort key first, and the next page's cursor."""
        start: dict[str, Any] = {}
        if cursor is not None:
            [position] = decode_cursor(list_name, cursor, 1)
            start = {"ExclusiveStartKey": {"pk": {"S": partition}, "sk": {"S": position}}}
        with refusing_forged(cursor):
            response = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": {"S": partition}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        last = response.get("LastEvaluatedKey")
        return response["Items"], encode_cursor(list_name, [last["sk"]["S"]]) if last else None


def group_of(message: Mapping[str, Any]) -> str:
    """UUID of the conversation to which a message item belongs."""
    return str(message["pk"]["S"]).removeprefix(MESSAGE_PREFIX)


def oldest_first(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Message items in the order of their times, whatever the order of their records.

    An item whose sort key is no time is an error, before it gets into an inbox.
    """
    return sorted(messages, key=lambda message: parse_time(message["sk"]["S"]))


def message_item(group_uuid: str, message: Message) -> Item:
    """The item of a message."""
    return {
        "pk": {"S": message_partition(group_uuid)},
        "sk": {"S": format_time(message.created_at)},
        "message": {"S": message.text},
        "message_uuid": {"S": message.message_uuid},
        **user_attributes(message.sender),
    }


def to_message(item: Item) -> Message:
    """The message in an item."""
    return Message(
        message_uuid=item["message_uuid"]["S"],
        sender=to_user(item),
        text=item["message"]["S"],
        created_at=parse_time(item["sk"]["S"]),
    )


def user_attributes(user: User, prefix: str = "user") -> Item:
    """Three attributes that name a user."""
    return {
        f"{prefix}_uuid": {"S": user.uuid},
        f"{prefix}_display_name": {"S": user.display_name},
        f"{prefix}_handle": {"S": user.handle},
    }


def to_user(item: Item, prefix: str = "user") -> User:
    """The user whom three attributes name."""
    return User(
        uuid=item[f"{prefix}_uuid"]["S"],
        handle=item[f"{prefix}_handle"]["S"],
        display_name=item[f"{prefix}_display_name"]["S"],
    )


def to_conversation(viewer: User, item: Item) -> Conversation:
    """The conversation that a group item of the viewer is about, if it names the other."""
    return Conversation(item["message_group_uuid"]["S"], viewer, to_user(item))


def to_inbox_entry(conversation: Conversation, item: Item) -> InboxEntry:
    """The line of an inbox that a group item with the attribute last_reply_at holds."""
    last_message_at = parse_time(item["last_reply_at"]["S"])
    return InboxEntry(conversation, item["message"]["S"], last_message_at)


def put_if_new(table_name: str, item: Item) -> Any:
    """One action of a transaction: put the item, unless its key is taken."""
    return {
        "Put": {
            "TableName": table_name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def only_keys_were_taken(response: Any) -> bool:
    """Whether a transaction was cancelled because keys were taken, and for no other reason."""
    codes = {reason["Code"] for reason in response["CancellationReasons"]}
    return "ConditionalCheckFailed" in codes and codes <= {"None", "ConditionalCheckFailed"}
