"""The messages of a conversation, which the designs all keep alike.

    item      pk                  sk           other attributes
    message   MSG#<group uuid>    created_at   message, message_uuid, the sender's user_*

The designs differ in the group items and indexes, so that is what their own files are about.
"""

import abc
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.designs.cursors import decode_cursor, encode_cursor, refusing_forged
from workbench.errors import InstantCrowded
from workbench.messaging.entities import (
    Conversation,
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


def define_index(name: str, partition_key: str, sort_key: str) -> dict[str, Any]:
    """A global secondary index that projects everything, for `define_table`."""
    return {
        "IndexName": name,
        "KeySchema": _key_schema(partition_key, sort_key),
        "Projection": {"ProjectionType": "ALL"},
    }


def _key_schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]


def message_partition(group_uuid: str) -> str:
    """Partition key of a conversation's messages."""
    return MESSAGE_PREFIX + group_uuid


class MessageItems(abc.ABC):
    """Patterns A and C on a table; a design adds the group items.

    A design is handed its client, and makes message UUIDs with `new_uuid`.
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

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: see that the reader takes part in the conversation, then query its messages."""
        conversation = self._open_conversation(reader, group_uuid)
        items, next_cursor = self._query_newest_first(
            "messages", message_partition(group_uuid), limit, cursor
        )
        return MessagePage(conversation, tuple(map(to_message, items)), next_cursor)

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: put the message; the stream update does the rest.

        Where its instant is taken by another message, it moves on by a microsecond; where it was
        this one, whose response was lost and which the client sends again, nothing changes.
        """
        checked_text(text)
        message_uuid = str(self._new_uuid())
        for created_at in successive_instants(sent_at):
            message = Message(message_uuid, conversation.viewer, text, created_at)
            try:
                self._client.put_item(
                    TableName=self._table_name,
                    Item=self._message_item(conversation, message),
                    ConditionExpression="attribute_not_exists(pk) OR message_uuid = :own",
                    ExpressionAttributeValues={":own": {"S": message_uuid}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                continue
            return message
        raise InstantCrowded(message_partition(conversation.group_uuid))

    def _show_last_message(self, key: Item, message: Mapping[str, Any]) -> bool:
        """Whether there is such a group item; it then shows this message or a newer one.

        For designs whose group items keep the time in the attribute last_reply_at.
        """
        try:
            self._client.update_item(
                TableName=self._table_name,
                Key=key,
                UpdateExpression="SET message = :text, last_reply_at = :created_at",
                ConditionExpression="last_reply_at < :created_at",  # never true if it is not there
                ExpressionAttributeValues={
                    ":text": message["message"],
                    ":created_at": message["sk"],
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # With an item it was handled before, or comes late behind a newer message.
            return "Item" in error.response
        return True

    def _message_item(self, conversation: Conversation, message: Message) -> Item:
        """The item of a message; a design may add to it."""
        return message_item(conversation.group_uuid, message)

    @abc.abstractmethod
    def _open_conversation(self, reader: User, group_uuid: str) -> Conversation:
        """The conversation as the reader sees it, or NotAParticipant."""

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
