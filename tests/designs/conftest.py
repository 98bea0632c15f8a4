"""Driving a design as the application would."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import user
from workbench.designs import DESIGNS, Single
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target
from workbench.messaging.entities import Conversation, InboxEntry, Message, User
from workbench.streams.handlers import stream_handler
from workbench.streams.reader import StreamReader
from workbench.streams.records import to_lambda_record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class App:
    """A design on its own table, with the stream brought to it on demand."""

    def __init__(self, design_class: Any, client: Any, streams_client: Any, table: Any) -> None:
        self.client = client
        self.table = table
        self.design = design_class(client, table.name)
        self._reader = StreamReader(streams_client, table.stream_arn)
        self._handler = stream_handler(self.design, reports_failures=False)

    def records(self) -> list[Any]:
        """Stream records not seen before, as a function on the stream gets them."""
        read = [record for records in self._reader.poll().values() for record in records]
        return [to_lambda_record(record, self._reader.stream_arn) for record in read]

    def deliver(self, *records: Any) -> None:
        """Hand a batch of records to the function on the stream."""
        self._handler({"Records": records}, None)

    def settle(self) -> None:
        """Deliver records until none come."""
        while records := self.records():
            for record in records:
                self.deliver(record)

    def start_group(self, size: int) -> Conversation:
        """A conversation of so many users, started by the first, its stream delivered."""
        first, second, *further = (user(f"member {number}") for number in range(size))
        conversation = self.design.start_conversation(first, second, "hello", at(0))
        for newcomer in further:
            conversation = self.design.add_participant(conversation, newcomer, at(1))
        self.settle()
        return conversation

    def items(self) -> list[Any]:
        items = self.client.scan(TableName=self.table.name)["Items"]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def inbox(self, reader: User, *, page_size: int = 50) -> list[InboxEntry]:
        entries: list[InboxEntry] = []
        cursor = None
        while True:
            page = self.design.list_conversations(reader, limit=page_size, cursor=cursor)
            entries += page.entries
            cursor = page.cursor
            if cursor is None:
                return entries

    def messages(self, reader: User, group_uuid: str, *, page_size: int = 50) -> list[Message]:
        messages: list[Message] = []
        cursor = None
        while True:
            page = self.design.list_messages(reader, group_uuid, limit=page_size, cursor=cursor)
            messages += page.messages
            cursor = page.cursor
            if cursor is None:
                return messages


def open_app(design_class: Any, target: Target) -> Iterator[App]:
    client = target.client()
    with temporary_table(client, design_class.name, design_class.table_definition) as table:
        yield App(design_class, client, target.streams_client(), table)


@pytest.fixture(params=DESIGNS, ids=lambda design: design.name)
def app(request: pytest.FixtureRequest, target: Target) -> Iterator[App]:
    yield from open_app(request.param, target)


GROUP_DESIGNS = [design for design in DESIGNS if design is not Single]


@pytest.fixture(params=GROUP_DESIGNS, ids=lambda design: design.name)
def group_app(request: pytest.FixtureRequest, target: Target) -> Iterator[App]:
    """Those designs that take more than two."""
    yield from open_app(request.param, target)
