"""Driving a design as the application would."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import user
from workbench.designs import BASELINE, DESIGNS
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target
from workbench.messaging.entities import Conversation, InboxEntry, Message, User
from workbench.streams.handlers import stream_handler
from workbench.streams.reader import StreamReader
from workbench.streams.records import to_lambda_record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class AnyApp:
    """A design, and lists of it that go on to the end."""

    def __init__(self, design: Any) -> None:
        self.design = design

    def settle(self) -> None:
        """Bring lists up to date; here they are."""

    def start_group(self, size: int) -> Conversation:
        """A conversation of so many users, started by the first, its stream delivered."""
        first, *further = (user(f"member {number}") for number in range(size))
        if size == 2:
            conversation = self.design.start_conversation(first, further[0], "hello", at(0))
        else:
            conversation = self.design.start_group(first, further, "hello", at(0))
        self.settle()
        return conversation

    def inbox(self, reader: User, *, page_size: int = 50) -> list[InboxEntry]:
        entries: list[InboxEntry] = []
        cursor = None
        while True:
            page = self.design.list_conversations(reader, limit=page_size, cursor=cursor)
            entries += page.entries
            cursor = page.cursor
            if cursor is None:
                return entries

    def summary(self, reader: User) -> list[tuple[str, str]]:
        """An inbox as pairs of other user and last text."""
        return [(e.conversation.other.handle, e.last_text) for e in self.inbox(reader)]

    def messages(self, reader: User, group_uuid: str, *, page_size: int = 50) -> list[Message]:
        messages: list[Message] = []
        cursor = None
        while True:
            page = self.design.list_messages(reader, group_uuid, limit=page_size, cursor=cursor)
            messages += page.messages
            cursor = page.cursor
            if cursor is None:
                return messages

    def texts(self, reader: User, group_uuid: str) -> list[str]:
        """The texts of all messages, newest first."""
        return [message.text for message in self.messages(reader, group_uuid)]


class App(AnyApp):
    """A design on its own table, with the stream brought to it on demand."""

    def __init__(self, design_class: Any, client: Any, streams_client: Any, table: Any) -> None:
        super().__init__(design_class(client, table.name))
        self.client = client
        self.table = table
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

    def items(self) -> list[Any]:
        items = self.client.scan(TableName=self.table.name)["Items"]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def open_app(design_class: Any, target: Target) -> Iterator[Any]:
    """A design on a table of its own; the relational one on its own database."""
    if design_class is BASELINE:
        yield AnyApp(BASELINE.opened_in_memory())
        return
    client = target.client()
    with temporary_table(client, design_class.name, design_class.table_definition) as table:
        yield App(design_class, client, target.streams_client(), table)


@pytest.fixture(params=DESIGNS, ids=lambda design: design.name)
def app(request: pytest.FixtureRequest, target: Target) -> Iterator[App]:
    """Every design on a table."""
    yield from open_app(request.param, target)


@pytest.fixture(params=[*DESIGNS, BASELINE], ids=lambda design: design.name)
def any_app(request: pytest.FixtureRequest, target: Target) -> Iterator[AnyApp]:
    """Those without a table, too: for what users see."""
    yield from open_app(request.param, target)


@pytest.fixture(
    params=[design for design in (*DESIGNS, BASELINE) if "J" not in design.unsupported],
    ids=lambda design: design.name,
)
def group_app(request: pytest.FixtureRequest, target: Target) -> Iterator[AnyApp]:
    """Those that have groups."""
    yield from open_app(request.param, target)
