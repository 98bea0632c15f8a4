"""What every design promises of its stream update, run for each entry of DESIGNS."""

import contextlib
from typing import Any

import pytest

from tests.conftest import user
from tests.designs.conftest import App, at, open_app
from workbench.designs import find_design
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.targets import Target
from workbench.errors import ConversationNotFound

pytestmark = pytest.mark.local
ADA, BO, CY = user("ada"), user("bo"), user("cy")


def test_handling_records_again_changes_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    records = app.records()
    for record in records:
        app.deliver(record)
    before = app.items()

    for record in records + records[::-1]:
        app.deliver(record)

    assert app.items() == before


def test_handling_a_record_again_writes_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    records = app.records()
    for record in records:
        app.deliver(record)
    meter = Meter(app.client)

    with meter.watching() as usage:
        for record in records:
            app.deliver(record)

    assert usage.consumed_wru == 0.0
    assert app.records() != []  # those of the first handling; the second left none
    assert app.records() == []


def test_older_message_handled_late_does_not_win(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    app.design.send_message(conversation, "three", at(2))

    for record in reversed(app.records()):
        app.deliver(record)

    assert app.summary(ADA) == [("bo", "three")]
    assert app.summary(BO) == [("ada", "three")]


@pytest.mark.parametrize("event_name", ["MODIFY", "REMOVE", "UNKNOWN_TO_SDK_VERSION"])
def test_records_of_other_changes_cause_no_request(app: App, event_name: str) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    records = app.records()
    sent: list[Any] = []
    app.client.meta.events.register("before-send.dynamodb", lambda **_: sent.append(1))

    for record in records:
        changed = {**record, "eventName": event_name}
        if event_name != "MODIFY":
            changed["dynamodb"] = {"Keys": record["dynamodb"]["Keys"]}
        app.deliver(changed)

    assert sent == []


def test_batch_out_of_order_shows_its_newest_message(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.settle()
    for second, text in ((3, "newest"), (1, "older"), (2, "newer")):
        app.design.send_message(conversation, text, at(second))
    records = app.records()

    app.deliver(*records)
    app.deliver(*reversed(records))

    assert app.summary(ADA) == [("bo", "newest")]
    assert app.summary(BO) == [("ada", "newest")]


def test_item_that_is_no_message_gets_into_no_inbox(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.settle()
    app.design.send_message(conversation, "two", at(1))
    [record] = app.records()
    record["dynamodb"]["NewImage"]["sk"] = {"S": "zzz"}
    before = app.items()

    with pytest.raises(ValueError, match="zzz"):
        app.deliver(record)

    assert app.items() == before


def test_own_writes_cause_no_further_ones(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    app.settle()
    before = app.items()

    app.settle()

    assert (app.records(), app.items()) == ([], before)


@pytest.mark.parametrize("survived_requests", range(6))
def test_crash_in_a_stream_update_heals_when_handled_again(
    app: App, survived_requests: int
) -> None:
    class Crash(Exception):
        pass

    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.settle()
    app.design.send_message(conversation, "two", at(1))
    [record] = app.records()
    before = len(app.items())
    left = [survived_requests]

    def crash(**_: Any) -> None:
        if left[0] == 0:
            raise Crash
        left[0] -= 1

    app.client.meta.events.register("before-send.dynamodb", crash)
    try:
        app.deliver(record)
    except Crash:
        pass
    finally:
        app.client.meta.events.unregister("before-send.dynamodb", crash)
    assert len(app.inbox(ADA)) == len(app.inbox(BO)) == 1  # never lost, never shown twice

    app.deliver(record)

    assert app.summary(ADA) == [("bo", "two")]
    assert app.summary(BO) == [("ada", "two")]
    assert len(app.items()) == before


@pytest.mark.parametrize("name", ["dual", "single", "pointer"])
def test_message_whose_group_item_is_not_found_comes_again(target: Target, name: str) -> None:
    with contextlib.contextmanager(open_app)(find_design(name), target) as app:
        group_uuid = send_and_lose_group_items(app)
        before = app.items()

        with pytest.raises(ConversationNotFound, match="handle the record again") as error:
            app.settle()

        assert error.value.group_uuid == group_uuid
        assert app.items() == before


@pytest.mark.parametrize("name", ["dual_fixed", "dual_sorted", "multikey"])
def test_message_of_those_who_have_left_puts_nothing(target: Target, name: str) -> None:
    with contextlib.contextmanager(open_app)(find_design(name), target) as app:
        send_and_lose_group_items(app)
        before = app.items()

        app.settle()

        assert app.items() == before


def send_and_lose_group_items(app: App) -> str:
    """UUID of a conversation whose message is on the stream, and whose group items are gone."""
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.settle()
    app.design.send_message(conversation, "two", at(1))
    for item in app.items():
        if not item["pk"]["S"].startswith("MSG#"):
            key = {"pk": item["pk"], "sk": item["sk"]}
            app.client.delete_item(TableName=app.table.name, Key=key)
    return str(conversation.group_uuid)
