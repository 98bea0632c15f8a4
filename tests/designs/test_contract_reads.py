"""What every design promises of its lists, run for each entry of DESIGNS and the relational one."""

import pytest

from tests.conftest import user
from tests.designs.conftest import AnyApp, at
from workbench.designs.cursors import encode_cursor
from workbench.errors import (
    InvalidCursor,
    NotAParticipant,
)

pytestmark = pytest.mark.local
ADA, BO, CY = user("ada"), user("bo"), user("cy")


def test_messages_are_listed_newest_first_with_their_senders(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))
    any_app.design.send_message(conversation.seen_by_other(), "two", at(1))
    any_app.design.send_message(conversation, "three", at(2))

    page = any_app.design.list_messages(BO, conversation.group_uuid)

    assert [(m.sender, m.text) for m in page.messages] == [
        (ADA, "three"), (BO, "two"), (ADA, "one"),
    ]  # fmt: skip
    assert page.conversation == conversation.seen_by_other()
    assert page.cursor is None


@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
def test_pages_hold_every_message_once(any_app: AnyApp, page_size: int) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "0", at(0))
    for number in range(1, 7):
        any_app.design.send_message(conversation, str(number), at(number))

    found = any_app.messages(ADA, conversation.group_uuid, page_size=page_size)

    assert [message.text for message in found] == list("6543210")


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 20])
def test_pages_hold_every_conversation_once_ties_included(any_app: AnyApp, page_size: int) -> None:
    for number in range(12):
        pair = (ADA, user(f"u{number}"))
        sender, recipient = pair if number % 3 else pair[::-1]
        any_app.design.start_conversation(sender, recipient, str(number), at(number // 4))

    entries = any_app.inbox(ADA, page_size=page_size)

    assert len({entry.conversation.group_uuid for entry in entries}) == len(entries) == 12
    seconds = [(entry.last_message_at - at(0)).seconds for entry in entries]
    assert seconds == [2] * 4 + [1] * 4 + [0] * 4


def test_last_page_of_exact_size_is_followed_by_nothing(any_app: AnyApp) -> None:
    for number in range(4):
        any_app.design.start_conversation(ADA, user(f"u{number}"), "x", at(number))

    first = any_app.design.list_conversations(ADA, limit=4)
    rest = () if first.cursor is None else any_app.design.list_conversations(
        ADA, limit=4, cursor=first.cursor
    ).entries  # fmt: skip

    assert (len(first.entries), len(rest)) == (4, 0)


def test_messages_of_last_year_are_still_listed(any_app: AnyApp) -> None:
    long_ago = at(0).replace(year=2019)
    conversation = any_app.design.start_conversation(ADA, BO, "old friend", long_ago)

    assert any_app.summary(BO) == [("ada", "old friend")]
    assert len(any_app.messages(BO, conversation.group_uuid)) == 1


@pytest.mark.parametrize("group_uuid", [None, "no-such-conversation"])
def test_stranger_cannot_open_a_conversation(any_app: AnyApp, group_uuid: str | None) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "private", at(0))

    with pytest.raises(NotAParticipant, match=CY.uuid):
        any_app.design.list_messages(CY, group_uuid or conversation.group_uuid)


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
def test_forged_cursor_is_refused(any_app: AnyApp, cursor: str) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "hello", at(0))

    with pytest.raises(InvalidCursor, match=r"cursor|no page gave"):
        any_app.design.list_conversations(ADA, cursor=cursor)
    with pytest.raises(InvalidCursor, match=r"cursor|no page gave"):
        any_app.design.list_messages(ADA, conversation.group_uuid, cursor=cursor)


def test_cursor_of_another_reader_shows_nothing_of_theirs(any_app: AnyApp) -> None:
    for number in range(3):
        any_app.design.start_conversation(ADA, user(f"u{number}"), "secret", at(number))
    cursor = any_app.design.list_conversations(ADA, limit=1).cursor

    assert any_app.design.list_conversations(CY, cursor=cursor).entries == ()
