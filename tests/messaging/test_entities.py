import pytest

from tests.conftest import user
from workbench.errors import MessagingOneself, TextRefused
from workbench.messaging.entities import Conversation, check_two_users, checked_text


def test_text_of_the_limit_is_accepted() -> None:
    assert checked_text("é" * 1_024) == "é" * 1_024


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty_text_is_refused(text: str) -> None:
    with pytest.raises(TextRefused, match="empty"):
        checked_text(text)


def test_text_over_the_limit_is_refused_with_its_length() -> None:
    with pytest.raises(TextRefused, match=r"1,024 characters \(got 1,025\)"):
        checked_text("x" * 1_025)


def test_conversation_with_oneself_is_refused() -> None:
    with pytest.raises(MessagingOneself, match="ada twice"):
        check_two_users(user("ada"), user("ada"))


def test_conversation_seen_by_other_swaps_the_two() -> None:
    mine = Conversation("g", user("ada"), user("bo"))

    assert mine.seen_by_other() == Conversation("g", user("bo"), user("ada"))


def test_conversation_seen_by_other_keeps_further_participants() -> None:
    mine = Conversation("g", user("ada"), user("bo")).joined_by(user("cy"))

    theirs = mine.seen_by_other()

    assert theirs.recipient_uuids == (user("ada").uuid, user("cy").uuid)
    assert mine.recipient_uuids == (user("bo").uuid, user("cy").uuid)


@pytest.mark.parametrize("name", ["ada", "bo", "cy"])
def test_conversation_takes_nobody_in_twice(name: str) -> None:
    mine = Conversation("g", user("ada"), user("bo"), (user("cy").uuid,))

    assert mine.joined_by(user(name)) == mine
