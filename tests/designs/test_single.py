"""What is Single's own: one group item, two inbox indexes."""

from collections.abc import Iterator

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs import Single
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target

pytestmark = pytest.mark.local
ADA, BO = user("ada"), user("bo")


@pytest.fixture
def app(target: Target) -> Iterator[App]:
    yield from open_app(Single, target)


def test_a_conversation_is_one_group_item_with_both_users(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))

    [group] = [item for item in app.items() if item["sk"]["S"] == "GROUP"]

    assert group["pk"]["S"] == f"GRP#{conversation.group_uuid}"
    assert (group["user_a_handle"]["S"], group["user_b_handle"]["S"]) == ("ada", "bo")
    assert group["last_reply_at"]["S"] == "2026-03-01T12:00:00.000000+00:00"


def test_a_message_costs_six_wru(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    app.settle()
    meter = Meter(app.client)

    with meter.watching() as sending:
        app.design.send_message(conversation, "again", at(1))
    [record] = app.records()
    with meter.watching() as updating:
        app.deliver(record)

    assert (sending.consumed_wru, sending.round_trips) == (1.0, 2)
    assert (updating.consumed_wru, updating.consumed_rru, updating.round_trips) == (5.0, 0.0, 1)
    assert len(app.records()) == 1


def test_second_first_message_leaves_the_group_item(app: App) -> None:
    app.design.start_conversation(ADA, BO, "first", at(0))
    [before] = [item for item in app.items() if item["sk"]["S"] == "GROUP"]

    app.design.start_conversation(BO, ADA, "second", at(1))

    [after] = [item for item in app.items() if item["sk"]["S"] == "GROUP"]
    assert after == before


def test_an_inbox_is_two_queries_until_an_index_has_ended(app: App) -> None:
    for number in range(3):
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))
    app.design.start_conversation(BO, ADA, "newest", at(9))
    meter = Meter(app.client)

    with meter.watching() as first:
        page = app.design.list_conversations(ADA, limit=2)
    with meter.watching() as second:
        app.design.list_conversations(ADA, limit=2, cursor=page.cursor)

    assert first.operations == ["Query", "Query"]
    assert second.operations == ["Query"]
