"""What every design promises of what users write, run for each entry of DESIGNS."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import user
from tests.designs.conftest import AnyApp, App, at
from workbench.errors import (
    MessagingOneself,
    NotAParticipant,
    TextRefused,
)
from workbench.messaging.entities import Conversation

pytestmark = pytest.mark.local
ADA, BO, CY = user("ada"), user("bo"), user("cy")


def test_first_message_is_in_both_inboxes_at_once(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "hello", at(0))

    [mine], [theirs] = any_app.inbox(ADA), any_app.inbox(BO)

    assert mine.conversation == conversation
    assert theirs.conversation == conversation.seen_by_other()
    assert (mine.last_text, mine.last_message_at) == ("hello", at(0))
    assert (theirs.last_text, theirs.last_message_at) == ("hello", at(0))


def test_message_moves_its_conversation_up_in_both_inboxes(any_app: AnyApp) -> None:
    with_bo = any_app.design.start_conversation(ADA, BO, "to bo", at(0))
    any_app.design.start_conversation(CY, ADA, "from cy", at(1))
    assert any_app.summary(ADA) == [("cy", "from cy"), ("bo", "to bo")]

    any_app.design.send_message(with_bo.seen_by_other(), "reply", at(2))
    any_app.settle()

    assert any_app.summary(ADA) == [("bo", "reply"), ("cy", "from cy")]
    assert any_app.summary(BO) == [("ada", "reply")]


def test_two_messages_in_one_instant_keep_their_order(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "first", at(0))
    any_app.design.send_message(conversation, "second", at(0))
    any_app.design.send_message(conversation.seen_by_other(), "third", at(0))
    any_app.settle()

    found = any_app.messages(ADA, conversation.group_uuid)

    assert [message.text for message in found] == ["third", "second", "first"]
    assert any_app.summary(ADA) == [("bo", "third")]
    assert any_app.summary(BO) == [("ada", "third")]


def test_conversation_started_in_a_busy_instant_keeps_its_order(any_app: AnyApp) -> None:
    any_app.design.start_conversation(ADA, CY, "other", at(0))
    with_bo = any_app.design.start_conversation(ADA, BO, "first", at(0))
    any_app.design.send_message(with_bo, "second", at(0))
    any_app.settle()

    found = any_app.messages(ADA, with_bo.group_uuid)

    assert [message.text for message in found] == ["second", "first"]
    assert sorted(any_app.summary(ADA)) == [("bo", "second"), ("cy", "other")]


def test_two_conversations_may_move_in_one_instant(any_app: AnyApp) -> None:
    with_bo = any_app.design.start_conversation(ADA, BO, "old", at(0))
    with_cy = any_app.design.start_conversation(ADA, CY, "old", at(1))
    for round_number in range(3):
        any_app.design.send_message(with_bo, f"bo {round_number}", at(5))
        any_app.design.send_message(with_cy, f"cy {round_number}", at(5))
        any_app.settle()

    assert sorted(any_app.summary(ADA)) == [("bo", "bo 2"), ("cy", "cy 2")]


def test_message_sent_again_after_a_lost_response_is_stored_once(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    again: list[Any] = []

    def send_again(request: Any, **_: Any) -> None:
        if not again:  # as botocore does when the first attempt's response is lost
            again.append(app.client._endpoint.http_session.send(request))

    event = "before-send.dynamodb.PutItem"
    app.client.meta.events.register(event, send_again)
    app.design.send_message(conversation, "two", at(1))

    assert [response.status_code for response in again] == [200]
    texts = [message.text for message in app.messages(ADA, conversation.group_uuid)]
    assert texts == ["two", "one"]


def test_refused_messages_write_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    before = app.items()

    with pytest.raises(TextRefused, match="got an empty one"):
        app.design.send_message(conversation, "", at(1))
    with pytest.raises(TextRefused, match="got 1,025"):
        app.design.start_conversation(ADA, CY, "x" * 1_025, at(1))
    with pytest.raises(MessagingOneself, match="got ada twice"):
        app.design.start_conversation(ADA, ADA, "me again", at(1))

    assert app.items() == before


def test_conversation_is_created_whole_or_not_at_all(app: App) -> None:
    def break_request(params: Any, **_: Any) -> None:
        params["TransactItems"][-1]["Put"]["Item"]["sk"] = {"N": "1"}

    event = "before-parameter-build.dynamodb.TransactWriteItems"
    app.client.meta.events.register(event, break_request)

    with pytest.raises(ClientError, match="TransactWriteItems"):
        app.design.start_conversation(ADA, BO, "hello", at(0))

    assert app.items() == []


def test_first_message_of_two_who_have_one_joins_it(any_app: AnyApp) -> None:
    first = any_app.design.start_conversation(ADA, BO, "one", at(0))

    second = any_app.design.start_conversation(BO, ADA, "two", at(1))
    any_app.settle()

    assert second == first.seen_by_other()
    assert any_app.texts(ADA, first.group_uuid) == ["two", "one"]
    assert any_app.summary(ADA) == [("bo", "two")]
    assert any_app.summary(BO) == [("ada", "two")]


def test_message_in_a_made_up_conversation_is_refused(app: App) -> None:
    stray = Conversation("no-such-conversation", ADA, BO)

    with pytest.raises(NotAParticipant, match=ADA.uuid) as error:
        app.design.send_message(stray, "into the void", at(0))

    assert error.value.group_uuid == "no-such-conversation"
    assert app.items() == []


def test_message_of_a_stranger_is_refused(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "private", at(0))
    before = app.items()

    with pytest.raises(NotAParticipant, match=CY.uuid):
        app.design.send_message(replace(conversation, viewer=CY), "let me in", at(1))

    assert app.items() == before


def test_time_without_offset_is_refused(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    before, naive = app.items(), at(1).replace(tzinfo=None)

    with pytest.raises(ValueError, match="needs a UTC offset"):
        app.design.send_message(conversation, "when?", naive)
    with pytest.raises(ValueError, match="needs a UTC offset"):
        app.design.start_conversation(ADA, CY, "when?", naive)

    assert app.items() == before
