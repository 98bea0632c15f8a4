"""Patterns F to I, and J where there are groups, each in a few lines; the rest is conformance's."""

import contextlib
from dataclasses import replace

import pytest

from tests.conftest import user
from tests.designs.conftest import AnyApp, at, open_app
from workbench.designs import DESIGNS, find_design
from workbench.dynamodb.targets import Target
from workbench.errors import (
    GroupSizeRefused,
    MessagingOneself,
    NotAGroup,
    NotAParticipant,
    NotSupported,
)
from workbench.messaging.entities import MAX_PARTICIPANTS, User

pytestmark = pytest.mark.local
ADA, BO, CY, DI = user("ada"), user("bo"), user("cy"), user("di")


# --- F: unread messages ----------------------------------------------------------------------


def test_unread_are_messages_of_others_past_the_mark(any_app: AnyApp) -> None:
    by_ada = any_app.design.start_conversation(ADA, BO, "one", at(0))
    by_bo = by_ada.seen_by_other()
    any_app.design.send_message(by_ada, "two", at(1))
    any_app.design.send_message(by_bo, "three", at(2))
    assert any_app.design.count_unread(by_bo) == 2

    any_app.design.mark_read(by_bo, at(0))

    assert any_app.design.count_unread(by_bo) == 1
    assert any_app.design.count_unread(by_ada) == 1


def test_mark_does_not_move_backwards(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0)).seen_by_other()
    any_app.design.mark_read(conversation, at(5))

    any_app.design.mark_read(conversation, at(-1))

    assert any_app.design.count_unread(conversation) == 0


def test_stranger_counts_and_marks_nothing(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))
    by_stranger = replace(conversation, viewer=CY)

    with pytest.raises(NotAParticipant, match=CY.uuid):
        any_app.design.count_unread(by_stranger)
    with pytest.raises(NotAParticipant, match=CY.uuid):
        any_app.design.mark_read(by_stranger, at(1))


# --- G: hidden conversations -----------------------------------------------------------------


def test_hidden_conversation_is_there_for_the_other(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))

    any_app.design.hide_conversation(conversation, at(1))

    assert any_app.summary(ADA) == []
    assert any_app.summary(BO) == [("ada", "one")]
    assert any_app.texts(ADA, conversation.group_uuid) == ["one"]


def test_hidden_conversation_comes_back_with_a_later_message(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))
    any_app.design.hide_conversation(conversation, at(2))
    any_app.design.send_message(conversation.seen_by_other(), "before", at(1))
    any_app.settle()
    assert any_app.summary(ADA) == []

    any_app.design.send_message(conversation.seen_by_other(), "after", at(3))
    any_app.settle()

    assert any_app.summary(ADA) == [("bo", "after")]


# --- H: renamed users ------------------------------------------------------------------------


def test_new_name_is_at_old_messages_and_in_inboxes(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))
    any_app.design.start_conversation(CY, BO, "other", at(1))
    renamed = User(ADA.uuid, "countess", "Ada Lovelace")

    any_app.design.rename_user(renamed)

    [message] = any_app.messages(BO, conversation.group_uuid)
    assert message.sender == renamed
    assert [entry.conversation.other for entry in any_app.inbox(BO)] == [CY, renamed]
    assert any_app.summary(ADA) == [("bo", "one")]


# --- I: the conversation of two --------------------------------------------------------------


def test_conversation_is_found_from_both_sides(any_app: AnyApp) -> None:
    conversation = any_app.design.start_conversation(ADA, BO, "one", at(0))

    found = any_app.design.find_conversation(ADA, BO)

    assert found == conversation
    assert any_app.design.find_conversation(BO, ADA) == conversation.seen_by_other()
    assert any_app.design.find_conversation(ADA, CY) is None


def test_group_is_not_found_as_a_conversation_of_two(group_app: AnyApp) -> None:
    group_app.design.start_group(ADA, [BO, CY], "hello", at(0))

    found = group_app.design.find_conversation(ADA, BO)

    assert found is None


# --- J: groups -------------------------------------------------------------------------------


def test_message_reaches_every_member_of_a_group(group_app: AnyApp) -> None:
    group = group_app.design.start_group(ADA, [BO, CY], "hello", at(0))
    assert group_app.summary(CY) == group_app.summary(BO) == [("ada", "hello")]

    group_app.design.send_message(replace(group, viewer=CY), "from the third", at(1))
    group_app.settle()

    assert group_app.summary(ADA) == [("bo", "from the third")]
    assert group_app.summary(BO) == group_app.summary(CY) == [("ada", "from the third")]


def test_newcomer_has_the_group_at_once_and_all_as_read(group_app: AnyApp) -> None:
    group = group_app.design.start_group(ADA, [BO, CY], "hello", at(0))

    group_app.design.add_participant(group, DI, at(1))

    [entry] = group_app.inbox(DI)
    assert (entry.conversation.viewer, entry.conversation.other) == (DI, ADA)
    assert entry.last_text in ("", "hello")
    assert group_app.texts(DI, group.group_uuid) == ["hello"]
    assert group_app.design.count_unread(entry.conversation) == 0


@pytest.mark.parametrize("member", [ADA, BO, CY], ids=lambda member: member.handle)
def test_adding_who_takes_part_changes_nothing(group_app: AnyApp, member: User) -> None:
    group = group_app.design.start_group(ADA, [BO, CY], "hello", at(0))
    before = group_app.inbox(member)

    group_app.design.add_participant(group, member, at(2))

    assert group_app.inbox(member) == before
    unread = group_app.design.count_unread(replace(group, viewer=member, other=ADA))
    assert unread == (0 if member == ADA else 1)


def test_who_left_reads_and_gets_nothing_until_added_again(group_app: AnyApp) -> None:
    group = group_app.design.start_group(ADA, [BO, CY], "hello", at(0))
    seen_by_cy = replace(group, viewer=CY, other=ADA)

    group_app.design.leave_group(seen_by_cy)
    group_app.design.send_message(group, "without cy", at(1))
    group_app.settle()
    assert (group_app.inbox(CY), group_app.summary(BO)) == ([], [("ada", "without cy")])
    with pytest.raises(NotAParticipant, match=CY.uuid):
        group_app.design.list_messages(CY, group.group_uuid)

    group_app.design.add_participant(group, CY, at(2))
    assert group_app.texts(CY, group.group_uuid) == ["without cy", "hello"]


def test_conversation_of_two_stays_one(group_app: AnyApp) -> None:
    conversation = group_app.design.start_conversation(ADA, BO, "hello", at(0))

    with pytest.raises(NotAGroup, match="start a group instead"):
        group_app.design.add_participant(conversation, CY, at(1))
    with pytest.raises(NotAGroup, match="start a group instead"):
        group_app.design.leave_group(conversation)

    assert group_app.summary(CY) == []


def test_two_groups_of_the_same_users_are_two(group_app: AnyApp) -> None:
    first = group_app.design.start_group(ADA, [BO, CY], "one", at(0))

    second = group_app.design.start_group(ADA, [BO, CY], "two", at(1))

    assert first.group_uuid != second.group_uuid
    assert group_app.summary(BO) == [("ada", "two"), ("ada", "one")]


def test_group_of_too_few_or_too_many_is_refused(group_app: AnyApp) -> None:
    start, crowd = group_app.design.start_group, [user(f"u{n}") for n in range(MAX_PARTICIPANTS)]

    with pytest.raises(GroupSizeRefused, match="got 2"):
        start(ADA, [BO], "hello", at(0))
    with pytest.raises(GroupSizeRefused, match="got 51"):
        start(ADA, crowd, "hello", at(0))
    with pytest.raises(MessagingOneself, match="got ada"):
        start(ADA, [BO, ADA], "hello", at(0))

    assert group_app.inbox(ADA) == []


# --- What a design has no place for ----------------------------------------------------------


@pytest.mark.parametrize("name", [each.name for each in DESIGNS if "J" in each.unsupported])
def test_groups_are_refused_with_the_reason(target: Target, name: str) -> None:
    with contextlib.contextmanager(open_app)(find_design(name), target) as app:
        conversation = app.design.start_conversation(ADA, BO, "hello", at(0))
        before = app.items()

        with pytest.raises(NotSupported, match=f"'{name}' does not support groups") as adding:
            app.design.add_participant(conversation, CY, at(1))
        with pytest.raises(NotSupported, match=f"'{name}' does not support groups"):
            app.design.leave_group(conversation)

        assert adding.value.reason == app.design.unsupported["J"]
        assert app.items() == before
