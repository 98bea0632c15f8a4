"""The other decision about "newest first": an index sorts, so each message pays for it."""

from typing import Any, ClassVar

from workbench.designs.cursors import decode_position, encode_cursor, refusing_forged
from workbench.designs.messages import define_index, define_table
from workbench.designs.skeleton import INBOX_PREFIX, MyDesign, group_key
from workbench.messaging.entities import InboxPage, User

INBOX_INDEX = "inbox-index"


class WithIndex(MyDesign):
    """Group items with keys that stay, and an index in which they lie by time."""

    name: ClassVar[str] = "with_index"
    summary: ClassVar[str] = "two group items per conversation, sorted by an index"
    table_definition: ClassVar[dict[str, Any]] = define_table(
        "last_reply_at", indexes=[define_index(INBOX_INDEX, "pk", "last_reply_at")]
    )

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one page of the reader's part of the index, as it lies there."""
        start: dict[str, Any] = {}
        if cursor is not None:
            last_reply_at, group_uuid = decode_position(cursor)
            key = {**group_key(reader.uuid, group_uuid), "last_reply_at": {"S": last_reply_at}}
            start = {"ExclusiveStartKey": key}
        with refusing_forged(cursor):
            page = self._client.query(
                TableName=self._table_name,
                IndexName=INBOX_INDEX,
                KeyConditionExpression="pk = :inbox",
                ExpressionAttributeValues={":inbox": {"S": INBOX_PREFIX + reader.uuid}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        last = page.get("LastEvaluatedKey")
        position = last and (last["last_reply_at"]["S"], last["sk"]["S"].removeprefix("GROUP#"))
        entries = tuple(self._to_inbox_entry(reader, item) for item in page["Items"])
        return InboxPage(entries, encode_cursor("inbox", position) if position else None)
