"""What every design promises, run for each entry of DESIGNS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import user
from tests.designs.conftest import App, at
from workbench.designs import DESIGNS, find_design
from workbench.designs.cursors import encode_cursor
from workbench.designs.messages import only_keys_were_taken
from workbench.dynamodb.meter import Meter
from workbench.errors import (
    ConversationNotFound,
    InvalidCursor,
    MessagingOneself,
    NotAParticipant,
    TextRefused,
    UnknownDesign,
)
from workbench.messaging.entities import Conversation, User

pytestmark = pytest.mark.local
ADA, BO, CY = user("ada"), user("bo"), user("cy")


def summary(app: App, reader: Any) -> list[tuple[str, str]]:
    """An inbox as pairs of other user and last text."""
    return [(e.conversation.other.handle, e.last_text) for e in app.inbox(reader)]


def test_first_message_is_in_both_inboxes_at_once(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))

    [mine], [theirs] = app.inbox(ADA), app.inbox(BO)

    assert mine.conversation == conversation
    assert theirs.conversation == conversation.seen_by_other()
    assert (mine.last_text, mine.last_message_at) == ("hello", at(0))
    assert (theirs.last_text, theirs.last_message_at) == ("hello", at(0))


def test_messages_are_listed_newest_first_with_their_senders(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation.seen_by_other(), "two", at(1))
    app.design.send_message(conversation, "three", at(2))

    page = app.design.list_messages(BO, conversation.group_uuid)

    assert [(m.sender, m.text) for m in page.messages] == [
        (ADA, "three"), (BO, "two"), (ADA, "one"),
    ]  # fmt: skip
    assert page.conversation == conversation.seen_by_other()
    assert page.cursor is None


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


def test_message_moves_its_conversation_up_in_both_inboxes(app: App) -> None:
    with_bo = app.design.start_conversation(ADA, BO, "to bo", at(0))
    app.design.start_conversation(CY, ADA, "from cy", at(1))
    assert summary(app, ADA) == [("cy", "from cy"), ("bo", "to bo")]

    app.design.send_message(with_bo.seen_by_other(), "reply", at(2))
    app.settle()

    assert summary(app, ADA) == [("bo", "reply"), ("cy", "from cy")]
    assert summary(app, BO) == [("ada", "reply")]


@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
def test_pages_hold_every_message_once(app: App, page_size: int) -> None:
    conversation = app.design.start_conversation(ADA, BO, "0", at(0))
    for number in range(1, 7):
        app.design.send_message(conversation, str(number), at(number))

    found = app.messages(ADA, conversation.group_uuid, page_size=page_size)

    assert [message.text for message in found] == list("6543210")


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 20])
def test_pages_hold_every_conversation_once_ties_included(app: App, page_size: int) -> None:
    for number in range(12):
        pair = (ADA, user(f"u{number}"))
        sender, recipient = pair if number % 3 else pair[::-1]
        app.design.start_conversation(sender, recipient, str(number), at(number // 4))

    entries = app.inbox(ADA, page_size=page_size)

    assert len({entry.conversation.group_uuid for entry in entries}) == len(entries) == 12
    seconds = [(entry.last_message_at - at(0)).seconds for entry in entries]
    assert seconds == [2] * 4 + [1] * 4 + [0] * 4


def test_last_page_of_exact_size_is_followed_by_nothing(app: App) -> None:
    for number in range(4):
        app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))

    first = app.design.list_conversations(ADA, limit=4)
    rest = () if first.cursor is None else app.design.list_conversations(
        ADA, limit=4, cursor=first.cursor
    ).entries  # fmt: skip

    assert (len(first.entries), len(rest)) == (4, 0)


def test_two_messages_in_one_instant_keep_their_order(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "first", at(0))
    app.design.send_message(conversation, "second", at(0))
    app.design.send_message(conversation.seen_by_other(), "third", at(0))
    app.settle()

    found = app.messages(ADA, conversation.group_uuid)

    assert [message.text for message in found] == ["third", "second", "first"]
    assert summary(app, ADA) == [("bo", "third")]
    assert summary(app, BO) == [("ada", "third")]


def test_conversation_started_in_a_busy_instant_keeps_its_order(app: App) -> None:
    app.design.start_conversation(ADA, CY, "other", at(0))
    with_bo = app.design.start_conversation(ADA, BO, "first", at(0))
    app.design.send_message(with_bo, "second", at(0))
    app.settle()

    found = app.messages(ADA, with_bo.group_uuid)

    assert [message.text for message in found] == ["second", "first"]
    assert sorted(summary(app, ADA)) == [("bo", "second"), ("cy", "other")]


def test_two_conversations_may_move_in_one_instant(app: App) -> None:
    with_bo = app.design.start_conversation(ADA, BO, "old", at(0))
    with_cy = app.design.start_conversation(ADA, CY, "old", at(1))
    for round_number in range(3):
        app.design.send_message(with_bo, f"bo {round_number}", at(5))
        app.design.send_message(with_cy, f"cy {round_number}", at(5))
        app.settle()

    assert sorted(summary(app, ADA)) == [("bo", "bo 2"), ("cy", "cy 2")]


def test_messages_of_last_year_are_still_listed(app: App) -> None:
    long_ago = at(0).replace(year=2019)
    conversation = app.design.start_conversation(ADA, BO, "old friend", long_ago)

    assert summary(app, BO) == [("ada", "old friend")]
    assert len(app.messages(BO, conversation.group_uuid)) == 1


@pytest.mark.parametrize("group_uuid", [None, "no-such-conversation"])
def test_stranger_cannot_open_a_conversation(app: App, group_uuid: str | None) -> None:
    conversation = app.design.start_conversation(ADA, BO, "private", at(0))

    with pytest.raises(NotAParticipant, match=CY.uuid):
        app.design.list_messages(CY, group_uuid or conversation.group_uuid)


def test_refused_messages_write_nothing(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
    before = app.items()

    with pytest.raises(TextRefused):
        app.design.send_message(conversation, "", at(1))
    with pytest.raises(TextRefused):
        app.design.start_conversation(ADA, CY, "x" * 1_025, at(1))
    with pytest.raises(MessagingOneself):
        app.design.start_conversation(ADA, ADA, "me again", at(1))

    assert app.items() == before


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "forged",
        "W10=",
        *(
            encode_cursor(name, positions)
            for name in ("inbox", "messages")
            for positions in ([""], [" a", "-"])
        ),
    ],
)
def test_forged_cursor_is_refused(app: App, cursor: str) -> None:
    conversation = app.design.start_conversation(ADA, BO, "hello", at(0))

    with pytest.raises(InvalidCursor):
        app.design.list_conversations(ADA, cursor=cursor)
    with pytest.raises(InvalidCursor):
        app.design.list_messages(ADA, conversation.group_uuid, cursor=cursor)


def test_cursor_of_another_reader_shows_nothing_of_theirs(app: App) -> None:
    for number in range(3):
        app.design.start_conversation(ADA, user(f"u{number}"), "secret", at(number))
    cursor = app.design.list_conversations(ADA, limit=1).cursor

    assert app.design.list_conversations(CY, cursor=cursor).entries == ()


def test_conversation_is_created_whole_or_not_at_all(app: App) -> None:
    def break_request(params: Any, **_: Any) -> None:
        params["TransactItems"][-1]["Put"]["Item"]["sk"] = {"N": "1"}

    event = "before-parameter-build.dynamodb.TransactWriteItems"
    app.client.meta.events.register(event, break_request)

    with pytest.raises(ClientError):
        app.design.start_conversation(ADA, BO, "hello", at(0))

    assert app.items() == []


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


def test_message_of_no_conversation_is_no_update_to_drop(app: App) -> None:
    stray = Conversation("no-such-conversation", ADA, BO)
    app.design.send_message(stray, "into the void", at(0))
    before = app.items()

    with pytest.raises(ConversationNotFound, match="handle the record again") as error:
        app.settle()

    assert error.value.group_uuid == "no-such-conversation"
    assert app.items() == before
    assert app.inbox(ADA) == []


def test_older_message_handled_late_does_not_win(app: App) -> None:
    conversation = app.design.start_conversation(ADA, BO, "one", at(0))
    app.design.send_message(conversation, "two", at(1))
    app.design.send_message(conversation, "three", at(2))

    for record in reversed(app.records()):
        app.deliver(record)

    assert summary(app, ADA) == [("bo", "three")]
    assert summary(app, BO) == [("ada", "three")]


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

    assert summary(app, ADA) == [("bo", "newest")]
    assert summary(app, BO) == [("ada", "newest")]


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

    assert summary(app, ADA) == [("bo", "two")]
    assert summary(app, BO) == [("ada", "two")]
    assert len(app.items()) == 2 + (1 if app.design.name == "single" else 2)


def test_newcomer_finds_the_conversation_in_the_inbox(group_app: App) -> None:
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))

    joined = group_app.design.add_participant(conversation, CY, at(1))

    [entry] = group_app.inbox(CY)
    assert joined.further_uuids == (CY.uuid,)
    assert (entry.conversation.viewer, entry.conversation.other) == (CY, ADA)
    assert (entry.last_text, entry.last_message_at) == ("", at(1))
    found = group_app.messages(CY, conversation.group_uuid)
    assert [message.text for message in found] == ["hello"]


def test_message_reaches_every_participant_of_a_group(group_app: App) -> None:
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))
    joined = group_app.design.add_participant(conversation, CY, at(1))

    group_app.design.send_message(joined, "to both", at(2))
    group_app.settle()
    assert summary(group_app, CY) == summary(group_app, BO) == [("ada", "to both")]

    group_app.design.send_message(joined.seen_by_other(), "back", at(3))
    group_app.settle()
    assert summary(group_app, CY) == summary(group_app, BO) == [("ada", "back")]
    assert summary(group_app, ADA) == [("bo", "back")]


def test_newcomer_may_have_other_conversations_of_that_instant(group_app: App) -> None:
    group_app.design.start_conversation(CY, BO, "other", at(1))
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))

    group_app.design.add_participant(conversation, CY, at(1))

    assert sorted(summary(group_app, CY)) == [("ada", ""), ("bo", "other")]


@pytest.mark.parametrize("participant", [ADA, BO, CY], ids=lambda participant: participant.handle)
def test_adding_a_participant_again_changes_nothing(group_app: App, participant: User) -> None:
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))
    joined = group_app.design.add_participant(conversation, CY, at(1))
    before = group_app.items()

    again = group_app.design.add_participant(joined, participant, at(2))

    assert again == joined
    assert group_app.items() == before


def test_adding_after_a_lost_response_is_stored_once(group_app: App) -> None:
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))
    joined = group_app.design.add_participant(conversation, CY, at(1))
    before = group_app.items()

    again = group_app.design.add_participant(conversation, CY, at(1))

    assert again == joined
    assert group_app.items() == before


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["ConditionalCheckFailed", "ValidationError"], False),
        (["TransactionConflict", "None"], False),
        (["None"], False),
    ],
)
def test_only_taken_keys_are_tried_again(codes: list[str], expected: bool) -> None:  # noqa: FBT001
    response = {"CancellationReasons": [{"Code": code} for code in codes]}

    assert only_keys_were_taken(response) is expected


def test_unknown_design_is_refused_with_the_known_ones() -> None:
    known = ", ".join(design.name for design in DESIGNS)

    with pytest.raises(UnknownDesign, match=f"no design 'duel'.*{known}"):
        find_design("duel")
