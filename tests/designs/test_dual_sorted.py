"""What is DualSorted's own: no index, and an inbox that is read as a whole."""

from collections.abc import Iterator

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs import DualSorted
from workbench.designs.cursors import decode_cursor
from workbench.designs.dual_fixed import group_key
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target

pytestmark = pytest.mark.local
ADA, BO = user("ada"), user("bo")


@pytest.fixture
def app(target: Target) -> Iterator[App]:
    yield from open_app(DualSorted, target)


def test_table_has_keys_and_no_index(app: App) -> None:
    table = app.client.describe_table(TableName=app.table.name)["Table"]

    keys = [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]]
    assert keys == [("pk", "HASH"), ("sk", "RANGE")]
    assert "GlobalSecondaryIndexes" not in table
    assert "LocalSecondaryIndexes" not in table


@pytest.mark.parametrize(("participants", "wru"), [(2, 3.0), (10, 11.0)])
def test_a_message_costs_one_wru_per_participant(app: App, participants: int, wru: float) -> None:
    conversation = app.start_group(participants)
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "again", at(2))
        [record] = app.records()
        app.deliver(record)

    assert (usage.consumed_wru, usage.consumed_rru) == (wru, 1.0)
    assert usage.operations == ["GetItem", "PutItem"] + ["UpdateItem"] * participants
    assert len(app.records()) == participants


def test_a_message_to_who_has_left_costs_two_wru(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    key = group_key(BO.uuid, conversation.group_uuid)
    app.client.delete_item(TableName=app.table.name, Key=key)
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "again", at(1))
        [record] = app.records()
        app.deliver(record)

    assert usage.consumed_wru == 2.0  # the service charges the refused update 1 WRU more
    assert len(app.records()) == 1


def test_a_short_page_reads_the_whole_inbox(app: App) -> None:
    for number in range(30):
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))
    meter = Meter(app.client)

    with meter.watching() as usage:
        page = app.design.list_conversations(ADA, limit=2)

    assert [entry.conversation.other.handle for entry in page.entries] == ["u29", "u28"]
    assert (usage.operations, usage.items_read, usage.consumed_rru) == (["Query"], 30, 1.5)


def test_an_inbox_past_one_megabyte_takes_further_queries(app: App) -> None:
    for number in range(12):
        conversation = app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))
        app.client.update_item(
            TableName=app.table.name,
            Key=group_key(ADA.uuid, conversation.group_uuid),
            UpdateExpression="SET message = :text",
            ExpressionAttributeValues={":text": {"S": "x" * 100_000}},
        )
    meter = Meter(app.client)

    with meter.watching() as usage:
        page = app.design.list_conversations(ADA, limit=12)

    assert usage.operations == ["Query", "Query"]
    handles = [entry.conversation.other.handle for entry in page.entries]
    assert handles == [f"u{number}" for number in reversed(range(12))]


def test_cursor_is_the_place_of_the_last_entry_shown(app: App) -> None:
    for number in range(3):
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))

    page = app.design.list_conversations(ADA, limit=2)

    last = page.entries[-1].conversation.group_uuid
    position = ["2026-03-01T12:00:01.000000+00:00", last]
    assert decode_cursor("inbox", page.cursor, 2) == position


def test_conversation_that_moves_up_hides_no_other(app: App) -> None:
    u0, *_ = [
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))
        for number in range(4)
    ]
    first = app.design.list_conversations(ADA, limit=2)
    app.design.send_message(u0, "moves up", at(9))
    app.settle()

    second = app.design.list_conversations(ADA, limit=2, cursor=first.cursor)

    assert [entry.conversation.other.handle for entry in first.entries] == ["u3", "u2"]
    assert [entry.conversation.other.handle for entry in second.entries] == ["u1"]
    assert second.cursor is None
