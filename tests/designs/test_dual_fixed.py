"""What is DualFixed's own: keys that stay, found by a message's recipients, and an inbox index."""

from collections.abc import Iterator

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs import DualFixed
from workbench.designs.cursors import encode_cursor
from workbench.designs.dual_fixed import group_key
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target
from workbench.errors import InvalidCursor

pytestmark = pytest.mark.local
ADA, BO = user("ada"), user("bo")


@pytest.fixture
def app(target: Target) -> Iterator[App]:
    yield from open_app(DualFixed, target)


def test_group_items_keep_their_keys_when_a_message_comes(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.design.send_message(conversation, "again", at(1))
    app.settle()

    groups = {item["pk"]["S"]: item for item in app.items() if "last_reply_at" in item}

    common = {
        "sk": {"S": f"GROUP#{conversation.group_uuid}"},
        "message_group_uuid": {"S": conversation.group_uuid},
        "message": {"S": "again"},
        "last_reply_at": {"S": "2026-03-01T12:00:01.000000+00:00"},
        "member_uuids": {"SS": sorted([ADA.uuid, BO.uuid])},
    }
    assert groups == {
        f"GRP#{ADA.uuid}": {
            "pk": {"S": f"GRP#{ADA.uuid}"}, **common,
            "user_uuid": {"S": BO.uuid},
            "user_display_name": {"S": "Bo"},
            "user_handle": {"S": "bo"},
        },
        f"GRP#{BO.uuid}": {
            "pk": {"S": f"GRP#{BO.uuid}"}, **common,
            "user_uuid": {"S": ADA.uuid},
            "user_display_name": {"S": "Ada"},
            "user_handle": {"S": "ada"},
        },
    }  # fmt: skip


def test_messages_name_their_recipients(app: App) -> None:
    conversation = app.start_group(3)
    app.design.send_message(conversation, "again", at(2))

    first, later = (item for item in app.items() if item["pk"]["S"].startswith("MSG#"))

    others = {user("member 1").uuid, user("member 2").uuid}
    assert set(first["recipient_uuids"]["SS"]) == others
    assert set(later["recipient_uuids"]["SS"]) == others


def test_index_holds_group_items_only(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.design.send_message(conversation, "again", at(1))

    indexed = app.client.scan(TableName=app.table.name, IndexName="inbox-index")["Items"]

    assert {item["pk"]["S"] for item in indexed} == {f"GRP#{ADA.uuid}", f"GRP#{BO.uuid}"}
    assert len(app.items()) == 4


@pytest.mark.parametrize(("participants", "wru"), [(2, 7.0), (10, 31.0)])
def test_a_message_costs_three_wru_per_participant(app: App, participants: int, wru: float) -> None:
    conversation = app.start_group(participants)
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "again", at(2))
        [record] = app.records()
        app.deliver(record)

    assert (usage.consumed_wru, usage.consumed_rru) == (wru, 1.0)
    assert usage.operations == ["GetItem", "PutItem"] + ["UpdateItem"] * participants
    assert len(app.records()) == participants


def test_participant_who_left_holds_up_nobody(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    key = group_key(BO.uuid, conversation.group_uuid)
    app.client.delete_item(TableName=app.table.name, Key=key)
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "again", at(1))
        [record] = app.records()
        app.deliver(record)

    assert [entry.last_text for entry in app.inbox(ADA)] == ["again"]
    assert app.inbox(BO) == []
    assert usage.consumed_wru == 4.0  # the service charges the refused update 1 WRU more
    assert len(app.records()) == 1


def test_message_from_an_inbox_reaches_the_whole_group(app: App) -> None:
    app.start_group(3)

    [entry] = app.inbox(user("member 1"))
    app.design.send_message(entry.conversation, "to all", at(2))
    app.settle()

    last_texts = [app.inbox(user(f"member {number}"))[0].last_text for number in range(3)]
    assert last_texts == ["to all"] * 3


def test_an_inbox_is_one_query_of_the_index(app: App) -> None:
    for number in range(5):
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.list_conversations(ADA, limit=2)

    assert usage.operations == ["Query"]
    assert (usage.items_read, usage.consumed_rru) == (2, 0.5)


def test_a_conversation_is_opened_with_one_get(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.list_messages(BO, conversation.group_uuid)

    assert usage.operations == ["GetItem", "Query"]


@pytest.mark.parametrize("position", [("", "g"), ("yesterday", "g")])
def test_forged_position_is_refused(app: App, position: tuple[str, str]) -> None:
    with pytest.raises(InvalidCursor):
        app.design.list_conversations(ADA, cursor=encode_cursor("inbox", position))
