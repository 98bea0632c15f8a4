"""What is Multikey's own: folders, keys of several attributes, writes that others come between."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs.cursors import encode_cursor
from workbench.designs.messages import define_index
from workbench.designs.multikey import Multikey, group_key
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target
from workbench.errors import InvalidCursor, NotAGroup, NotAParticipant
from workbench.messaging.entities import Conversation, User

pytestmark = pytest.mark.local
ADA, BO, CY, DI = user("ada"), user("bo"), user("cy"), user("di")


@pytest.fixture
def app(target: Target) -> Iterator[App]:
    yield from open_app(Multikey, target)


def group_item(app: App, group_uuid: str, owner: User) -> Any:
    key = group_key(group_uuid, owner.uuid)
    return app.client.get_item(TableName=app.table.name, Key=key).get("Item")


def folder(app: App, group_uuid: str, owner: User) -> str:
    return str(group_item(app, group_uuid, owner)["folder"]["S"])


def before_next_update(app: App, action: Callable[[], object]) -> None:
    """Run the action between a read and the first update that follows from it."""
    event = "before-parameter-build.dynamodb.UpdateItem"

    def act(**_: Any) -> None:
        app.client.meta.events.unregister(event, act)
        action()

    app.client.meta.events.register(event, act)


def last_texts(app: App, reader: User) -> list[str]:
    return [entry.last_text for entry in app.inbox(reader)]


def test_index_keys_are_several_attributes_each() -> None:
    index = define_index("i", ("owner", "folder"), ("time", "group"))

    assert [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]] == [
        ("owner", "HASH"), ("folder", "HASH"), ("time", "RANGE"), ("group", "RANGE"),
    ]  # fmt: skip


def test_group_items_lie_under_their_conversation(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    group_uuid = conversation.group_uuid

    groups = [item for item in app.items() if item["pk"]["S"].startswith("GRP#")]

    assert {item["sk"]["S"] for item in groups} == {ADA.uuid, BO.uuid}
    assert group_item(app, group_uuid, ADA) == {
        "pk": {"S": f"GRP#{group_uuid}"},
        "sk": {"S": ADA.uuid},
        "owner_uuid": {"S": ADA.uuid},
        "folder": {"S": "inbox"},
        "last_reply_at": {"S": "2026-03-01T12:00:00.000000+00:00"},
        "message_group_uuid": {"S": group_uuid},
        "message": {"S": "hello"},
        "user_uuid": {"S": BO.uuid},
        "user_display_name": {"S": "Bo"},
        "user_handle": {"S": "bo"},
    }


def test_inbox_page_is_full_though_some_are_hidden(app: App) -> None:
    for number in range(5):
        started = app.design.start_conversation(ADA, user(f"u{number}"), str(number), at(number))
        if number >= 3:
            app.design.hide_conversation(started, at(10))
    meter = Meter(app.client)

    with meter.watching() as usage:
        page = app.design.list_conversations(ADA, limit=2)

    assert [entry.last_text for entry in page.entries] == ["2", "1"]
    assert usage.operations == ["Query"]
    assert (usage.items_read, usage.consumed_rru) == (2, 0.5)


def test_hidden_conversation_comes_back_with_a_later_message(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.design.hide_conversation(conversation, at(5))
    folders = [folder(app, conversation.group_uuid, ADA)]

    for seconds in (4, 5, 6):
        app.design.send_message(conversation, str(seconds), at(seconds))
        app.settle()
        folders.append(folder(app, conversation.group_uuid, ADA))

    assert folders == ["hidden", "hidden", "hidden", "inbox"]
    assert last_texts(app, ADA) == last_texts(app, BO) == ["6"]


def test_hiding_before_the_last_message_changes_no_folder(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(5))

    app.design.hide_conversation(conversation, at(4))

    assert folder(app, conversation.group_uuid, ADA) == "inbox"
    assert "hidden_at" in group_item(app, conversation.group_uuid, ADA)


@pytest.mark.parametrize("participants", [3, 10])
def test_a_message_costs_three_wru_per_participant(app: App, participants: int) -> None:
    first, *others = (user(f"member {number}") for number in range(participants))
    group = app.design.start_group(first, others, "hello", at(0))
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as usage:
        app.design.send_message(group, "again", at(1))
        app.deliver(*app.records())

    assert usage.operations == ["GetItem", "PutItem", "Query"] + ["UpdateItem"] * participants
    assert usage.consumed_wru == 1 + 3 * participants


def test_records_handled_again_write_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    records = app.records()
    app.deliver(*records)
    before, meter = app.items(), Meter(app.client)

    with meter.watching() as usage:
        for record in reversed(records):
            app.deliver(record)

    assert set(usage.operations) == {"Query"}
    assert app.items() == before


def test_message_of_those_who_have_left_writes_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    for owner in (ADA, BO):
        key = group_key(conversation.group_uuid, owner.uuid)
        app.client.delete_item(TableName=app.table.name, Key=key)
    before = app.items()

    app.settle()

    assert app.items() == before


around_the_message = pytest.mark.parametrize(
    ("hidden_at", "folder_then"), [(1, "inbox"), (2, "hidden"), (3, "hidden")]
)


def two_messages(app: App) -> tuple[Conversation, list[Any]]:
    """A conversation, and the records of its messages."""
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(2))
    return conversation, app.records()


@around_the_message
def test_message_and_hiding_between_its_read_and_write(
    app: App, hidden_at: int, folder_then: str
) -> None:
    conversation, records = two_messages(app)

    for side in (conversation, conversation.seen_by_other()):
        before_next_update(app, lambda side=side: app.design.hide_conversation(side, at(hidden_at)))
    app.deliver(*records)

    for owner in (ADA, BO):
        item = group_item(app, conversation.group_uuid, owner)
        assert (item["folder"]["S"], item["message"]["S"]) == (folder_then, "two")


@around_the_message
def test_hiding_and_message_between_its_read_and_write(
    app: App, hidden_at: int, folder_then: str
) -> None:
    conversation, records = two_messages(app)

    before_next_update(app, lambda: app.deliver(*records))
    app.design.hide_conversation(conversation, at(hidden_at))

    item = group_item(app, conversation.group_uuid, ADA)
    assert (item["folder"]["S"], item["message"]["S"]) == (folder_then, "two")


def test_newer_message_between_read_and_write_stays(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    app.design.send_message(conversation, "three", at(2))
    *_, two, three = app.records()

    before_next_update(app, lambda: app.deliver(three))
    app.deliver(two)

    assert last_texts(app, ADA) == last_texts(app, BO) == ["three"]


def test_mark_between_read_and_write_is_kept(app: App) -> None:
    conversation, records = two_messages(app)

    before_next_update(app, lambda: app.design.mark_read(conversation.seen_by_other(), at(1)))
    app.deliver(*records)

    item = group_item(app, conversation.group_uuid, BO)
    assert (item["read_at"]["S"][:19], item["message"]["S"]) == ("2026-03-01T12:00:01", "two")


def test_leaving_between_read_and_write_stays_left(app: App) -> None:
    group = app.design.start_group(ADA, [BO, CY], "one", at(0))
    app.design.send_message(group, "two", at(1))
    records = app.records()

    def all_but_one_leave() -> None:
        app.design.leave_group(group)
        app.design.leave_group(Conversation(group.group_uuid, BO, ADA))

    before_next_update(app, all_but_one_leave)
    app.deliver(*records)

    assert [last_texts(app, each) for each in (ADA, BO, CY)] == [[], [], ["two"]]


def test_newcomer_of_the_past_shows_what_was_handled(app: App) -> None:
    group = app.design.start_group(ADA, [BO, CY], "one", at(5))
    records = app.records()
    app.deliver(*records)

    app.design.add_participant(group, DI, at(1))
    before = app.items()
    app.deliver(*records)

    assert last_texts(app, DI) == ["one"]
    assert app.items() == before


def test_newcomer_sees_a_message_of_the_same_instant(app: App) -> None:
    group = app.design.start_group(ADA, [BO, CY], "one", at(0))
    app.design.add_participant(group, DI, at(1))

    app.design.send_message(group, "two", at(1))
    app.settle()

    assert last_texts(app, DI) == ["two"]


def test_pair_stays_a_pair_whatever_other_is_claimed(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    claimed = Conversation(conversation.group_uuid, ADA, CY)

    with pytest.raises(NotAGroup) as caught:
        app.design.add_participant(claimed, DI, at(1))

    assert caught.value.group_uuid == conversation.group_uuid


def test_who_left_cannot_hide_the_group(app: App) -> None:
    group = app.design.start_group(ADA, [BO, CY], "one", at(0))

    before_next_update(app, lambda: app.design.leave_group(group))

    with pytest.raises(NotAParticipant) as caught:
        app.design.hide_conversation(group, at(1))
    assert caught.value.user_uuid == ADA.uuid


def test_rename_reaches_hidden_conversations(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.hide_conversation(conversation, at(1))

    app.design.rename_user(User(ADA.uuid, "countess", "Ada L."))

    [entry] = app.inbox(BO)
    assert entry.conversation.other.display_name == "Ada L."


@pytest.mark.parametrize("position", [("", "g"), ("yesterday", "g"), ("2026-03-01", "")])
def test_forged_position_is_refused(app: App, position: tuple[str, str]) -> None:
    with pytest.raises(InvalidCursor, match="a position that no page gave"):
        app.design.list_conversations(ADA, cursor=encode_cursor("inbox", position))
