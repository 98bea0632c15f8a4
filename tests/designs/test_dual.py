"""Dual is the bootcamp's model exactly: its client reads what we write, and the other way."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs import Dual
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target
from workbench.errors import IndexBehind
from workbench.messaging.entities import User
from workbench.messaging.times import format_time

pytestmark = pytest.mark.local
ADA, BO = user("ada"), user("bo")


@pytest.fixture
def app(target: Target) -> Iterator[App]:
    yield from open_app(Dual, target)


def test_items_have_the_reference_keys_and_attributes(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    group = conversation.group_uuid
    time = "2026-03-01T12:00:00.000000+00:00"

    items = {item["pk"]["S"]: item for item in app.items()}

    message_uuid = items[f"MSG#{group}"]["message_uuid"]["S"]
    as_sender = {
        "user_uuid": {"S": ADA.uuid},
        "user_display_name": {"S": "Ada"},
        "user_handle": {"S": "ada"},
    }
    as_other = {
        "user_uuid": {"S": BO.uuid},
        "user_display_name": {"S": "Bo"},
        "user_handle": {"S": "bo"},
    }
    common = {"sk": {"S": time}, "message": {"S": "hello"}}
    assert items == {
        f"MSG#{group}": {
            "pk": {"S": f"MSG#{group}"}, **common, **as_sender, "message_uuid": {"S": message_uuid},
        },
        f"GRP#{ADA.uuid}": {
            "pk": {"S": f"GRP#{ADA.uuid}"}, **common, **as_other,
            "message_group_uuid": {"S": group},
        },
        f"GRP#{BO.uuid}": {
            "pk": {"S": f"GRP#{BO.uuid}"}, **common, **as_sender,
            "message_group_uuid": {"S": group},
        },
    }  # fmt: skip


def test_table_is_the_reference_table(app: App) -> None:
    table = app.client.describe_table(TableName=app.table.name)["Table"]
    [index] = table["GlobalSecondaryIndexes"]

    keys = [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]]
    index_keys = [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]]
    assert keys == [("pk", "HASH"), ("sk", "RANGE")]
    assert index["IndexName"] == "message-group-sk-index"
    assert index_keys == [("message_group_uuid", "HASH"), ("sk", "RANGE")]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"


def test_reference_client_lists_what_we_wrote(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.design.send_message(conversation, "again", at(1))
    app.settle()

    # As the bootcamp's client asks: the current year's groups of a user, then their messages.
    def ask(partition: str) -> list[Any]:
        return app.client.query(
            TableName=app.table.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :year)",
            ScanIndexForward=False,
            Limit=20,
            ExpressionAttributeValues={":year": {"S": "2026"}, ":pk": {"S": partition}},
        )["Items"]

    [group] = ask(f"GRP#{BO.uuid}")
    messages = ask(f"MSG#{group['message_group_uuid']['S']}")

    assert (group["user_handle"]["S"], group["message"]["S"]) == ("ada", "again")
    assert [message["message"]["S"] for message in messages] == ["again", "hello"]


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T12:00:00+00:00", "2026-03-01T12:00:00.123456+00:00", "2026-03-01T13:00:00+01:00"],
)
def test_we_read_and_update_what_the_reference_client_wrote(app: App, written: str) -> None:
    def put(**attributes: str) -> None:
        item = {name: {"S": value} for name, value in attributes.items()}
        app.client.put_item(TableName=app.table.name, Item=item)

    ada = {"user_uuid": ADA.uuid, "user_display_name": "Ada", "user_handle": "ada"}
    bo = {"user_uuid": BO.uuid, "user_display_name": "Bo", "user_handle": "bo"}
    put(pk="MSG#g", sk=written, message="hi", message_uuid="m", **ada)
    put(pk=f"GRP#{ADA.uuid}", sk=written, message_group_uuid="g", message="hi", **bo)
    put(pk=f"GRP#{BO.uuid}", sk=written, message_group_uuid="g", message="hi", **ada)

    page = app.design.list_messages(BO, "g")
    app.design.send_message(page.conversation, "back", at(9))
    app.settle()

    assert [message.text for message in page.messages] == ["hi"]
    assert [(entry.last_text, entry.conversation.other) for entry in app.inbox(ADA)] == [
        ("back", BO)
    ]
    assert len(app.items()) == 4


def test_stored_times_parse_as_iso_8601(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.start_conversation(ADA, user("cy"), "other", at(5))
    app.design.send_message(conversation, "same instant as the other", at(5))
    app.settle()

    sort_keys = {item["sk"]["S"] for item in app.items() if item["pk"]["S"] == f"GRP#{ADA.uuid}"}

    assert sort_keys == {format_time(at(5)), format_time(at(5), further_digits="1")}


def test_inbox_shows_the_newer_of_two_entries_left_by_a_crash(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "old", at(0))
    app.settle()
    app.design.send_message(conversation, "new", at(1))
    [record] = app.records()
    event = "before-send.dynamodb.DeleteItem"

    def crash(**_: Any) -> None:
        raise KeyboardInterrupt

    app.client.meta.events.register(event, crash)
    with pytest.raises(KeyboardInterrupt):
        app.deliver(record)

    shown = {entry.last_text for reader in (ADA, BO) for entry in app.inbox(reader)}
    assert len(app.items()) == 5
    assert "new" in shown
    assert len(app.inbox(ADA)) == len(app.inbox(BO)) == 1
    with_two = next(user for user in (ADA, BO) if entries_of(app, user) == 2)
    assert [entry.last_text for entry in app.inbox(with_two)] == ["new"]
    assert [entry.last_text for entry in app.inbox(with_two, page_size=1)] == ["new", "old"]


def entries_of(app: App, owner: User) -> int:
    return sum(item["pk"]["S"] == f"GRP#{owner.uuid}" for item in app.items())


def test_two_handlers_of_one_record_put_one_entry(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "old", at(0))
    app.settle()
    app.design.send_message(conversation, "new", at(1))
    [record] = app.records()
    both_saw = app.design._group_items(conversation.group_uuid)
    app.design._group_items = lambda group_uuid: both_saw

    app.deliver(record)
    with pytest.raises(IndexBehind, match="has not caught up"):
        app.deliver(record)

    assert (entries_of(app, ADA), entries_of(app, BO)) == (1, 1)


def test_update_from_a_lagging_index_comes_again_and_heals(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "old", at(0))
    app.settle()
    index_then = app.design._group_items(conversation.group_uuid)
    app.design.send_message(conversation, "new", at(1))
    app.settle()
    app.design.send_message(conversation, "newest", at(2))
    record = app.records()[-1]

    with pytest.MonkeyPatch.context() as patch, pytest.raises(IndexBehind):
        patch.setattr(app.design, "_group_items", lambda group_uuid: index_then)
        app.deliver(record)
    app.deliver(record)

    assert (entries_of(app, ADA), entries_of(app, BO)) == (1, 1)
    assert [entry.last_text for entry in app.inbox(BO)] == ["newest"]


def test_deleting_spares_an_item_that_has_got_the_key_meanwhile(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "old", at(0))
    [seen], _ = app.design._group_items(conversation.group_uuid).values()
    taken = {**seen, "message_group_uuid": {"S": "another conversation"}}
    app.client.put_item(TableName=app.table.name, Item=taken)
    before = app.items()

    with pytest.raises(IndexBehind):
        app.design._delete_group_item(seen)

    assert app.items() == before


def test_a_message_costs_nine_wru_and_one_rru(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as sending:
        app.design.send_message(conversation, "again", at(1))
    [record] = app.records()
    with meter.watching() as updating:
        app.deliver(record)

    assert (sending.consumed_wru, sending.consumed_rru, sending.round_trips) == (1.0, 0.5, 2)
    assert (updating.consumed_wru, updating.consumed_rru, updating.round_trips) == (8.0, 0.5, 5)
    assert len(app.records()) == 4


def test_a_message_to_ten_costs_41_wru_and_one_rru(app: App) -> None:
    conversation = app.start_group(10)
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "again", at(2))
        [record] = app.records()
        app.deliver(record)

    assert (usage.consumed_wru, usage.consumed_rru, usage.round_trips) == (41.0, 1.0, 23)
    assert len(app.records()) == 20


def test_message_of_any_member_reaches_all(app: App) -> None:
    conversation = app.start_group(4)
    fourth = user("member 3")

    reopened = app.design.list_messages(fourth, conversation.group_uuid).conversation
    app.design.send_message(reopened, "from the fourth", at(2))
    app.settle()

    last_texts = {entry.last_text for n in range(4) for entry in app.inbox(user(f"member {n}"))}
    assert last_texts == {"from the fourth"}


def test_a_message_of_1024_characters_costs_18_wru(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "x" * 1_024, at(0))
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(conversation, "y" * 1_024, at(1))
        app.settle()

    assert usage.consumed_wru == 18.0


def test_an_inbox_is_one_query(app: App) -> None:
    app.design.start_conversation(ADA, BO, "hello", at(0))
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.list_conversations(ADA)

    assert usage.operations == ["Query"]
