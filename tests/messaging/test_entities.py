import pytest

from tests.conftest import user
from workbench.errors import GroupSizeRefused, MessagingOneself, NotAGroup, TextRefused
from workbench.messaging.entities import (
    Conversation,
    check_group,
    check_is_group,
    check_two_users,
    checked_text,
    pair_uuid,
)


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


def test_pair_has_one_uuid_whoever_begins() -> None:
    mine, theirs = pair_uuid(user("ada"), user("bo")), pair_uuid(user("bo"), user("ada"))

    assert mine == theirs
    assert mine != pair_uuid(user("ada"), user("cy"))


def test_conversation_of_two_is_told_from_a_group() -> None:
    ada, bo = user("ada"), user("bo")

    assert Conversation(pair_uuid(ada, bo), bo, ada).is_of_two
    assert not Conversation("some-group", ada, bo).is_of_two


@pytest.mark.parametrize("size", [1, 2, 51])
def test_group_of_too_few_or_many_is_refused(size: int) -> None:
    recipients = [user(f"member {number}") for number in range(size - 1)]

    with pytest.raises(GroupSizeRefused, match=f"3 to 50 different.*got {size}"):
        check_group(user("ada"), recipients)


def test_group_names_everybody_once() -> None:
    ada, bo, cy = user("ada"), user("bo"), user("cy")

    with pytest.raises(GroupSizeRefused, match="got 3"):
        check_group(ada, [bo, cy, bo])
    with pytest.raises(MessagingOneself, match="ada as a recipient"):
        check_group(ada, [bo, cy, ada])


def test_conversation_of_two_stays_one() -> None:
    ada, bo = user("ada"), user("bo")

    with pytest.raises(NotAGroup, match="start a group instead"):
        check_is_group(Conversation(pair_uuid(ada, bo), ada, bo))
