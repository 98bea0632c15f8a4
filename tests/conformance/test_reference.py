"""The reference says what everybody has to see; it knows no database."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import user
from workbench.conformance.reference import Reference
from workbench.errors import NotAParticipant
from workbench.messaging.entities import Message, User

ADA, BO, CY, DI = user("ada"), user("bo"), user("cy"), user("di")
EVERYBODY = (ADA, BO, CY, DI)


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=second)


def message(sender: User, text: str, second: int) -> Message:
    return Message(text, sender, text, at(second))


def started(*recipients: User) -> Reference:
    """Ada has begun conversation g with these."""
    reference = Reference(EVERYBODY)
    uuids = [recipient.uuid for recipient in recipients]
    reference.start("g", ADA.uuid, uuids, message(ADA, "m1", 0))
    return reference


def test_messages_are_listed_by_their_times() -> None:
    reference = started(BO)
    reference.send("g", message(BO, "late", 2))
    reference.send("g", message(ADA, "early", 1))

    found = reference.messages(BO.uuid, "g")

    assert [each.text for each in found] == ["late", "early", "m1"]


@pytest.mark.parametrize("group_uuid", ["g", "no such conversation"])
def test_stranger_is_refused_whatever_exists(group_uuid: str) -> None:
    reference = started(BO)

    with pytest.raises(NotAParticipant, match=CY.uuid):
        reference.messages(CY.uuid, group_uuid)
    with pytest.raises(NotAParticipant, match=CY.uuid):
        reference.send(group_uuid, message(CY, "m2", 1))


def test_unread_leaves_out_own_and_marked_messages() -> None:
    reference = started(BO)
    reference.send("g", message(BO, "m2", 1))
    reference.send("g", message(ADA, "m3", 2))

    reference.mark_read(BO.uuid, "g", at(1))
    reference.mark_read(BO.uuid, "g", at(0))

    assert (reference.unread(BO.uuid, "g"), reference.unread(ADA.uuid, "g")) == (1, 1)


def test_hidden_conversation_needs_a_later_message() -> None:
    reference = started(BO)
    reference.hide(ADA.uuid, "g", at(1))
    assert reference.inbox(ADA.uuid) == {"g": []}
    assert reference.inbox(BO.uuid) == {"g": [("m1", at(0))]}

    reference.send("g", message(BO, "m2", 2))

    assert reference.inbox(ADA.uuid) == {"g": [("m2", at(2))]}
    assert not reference.may_be_hidden(ADA.uuid, "g")


def test_second_first_message_joins_the_conversation() -> None:
    reference = started(BO)

    reference.start("g", BO.uuid, [ADA.uuid], message(BO, "m2", 1))

    assert [each.text for each in reference.messages(ADA.uuid, "g")] == ["m2", "m1"]
    assert reference.find(BO.uuid, ADA.uuid) == "g"
    assert reference.find(ADA.uuid, CY.uuid) is None


def test_group_is_not_the_conversation_of_two_even_if_two_are_left() -> None:
    reference = started(BO, CY)

    reference.leave(CY.uuid, "g")

    assert reference.find(ADA.uuid, BO.uuid) is None


def test_newcomer_may_see_an_empty_text_or_the_last() -> None:
    reference = started(BO, CY)

    reference.add(BO.uuid, "g", DI.uuid, at(1))

    assert set(reference.inbox(DI.uuid)["g"]) == {("", at(1)), ("m1", at(0))}
    assert reference.unread(DI.uuid, "g") == 0
    assert len(reference.messages(DI.uuid, "g")) == 1


def test_adding_who_takes_part_keeps_their_marks() -> None:
    reference = started(BO, CY)

    reference.add(BO.uuid, "g", CY.uuid, at(5))

    assert reference.unread(CY.uuid, "g") == 1


def test_who_left_sees_nothing_and_begins_anew() -> None:
    reference = started(BO, CY)
    reference.hide(CY.uuid, "g", at(9))
    reference.leave(CY.uuid, "g")
    assert reference.inbox(CY.uuid) == {}

    reference.add(ADA.uuid, "g", CY.uuid, at(1))

    assert reference.inbox(CY.uuid)["g"] != []
