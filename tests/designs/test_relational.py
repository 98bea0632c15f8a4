"""What is Relational's own: each fact once, rows by index, and nothing for a stream to do."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.conftest import user
from tests.designs.conftest import at
from workbench.designs.cursors import encode_cursor
from workbench.designs.relational import Relational
from workbench.errors import InstantCrowded, InvalidCursor, NotAGroup, NotAParticipant
from workbench.messaging import times
from workbench.messaging.entities import Conversation, User

ADA, BO, CY, DI = user("ada"), user("bo"), user("cy"), user("di")
TABLES = ("users", "conversations", "participants", "messages")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(Relational.schema)
    yield connection
    connection.close()


@pytest.fixture
def design(connection: sqlite3.Connection) -> Relational:
    return Relational(connection)


def counts(connection: sqlite3.Connection) -> list[int]:
    """Rows of each table."""
    counted = [connection.execute(f"SELECT count(*) FROM {table}") for table in TABLES]
    return [cursor.fetchone()[0] for cursor in counted]


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    values = [""] * statement.count("?")
    return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement, values)]


def test_each_fact_is_one_row(design: Relational, connection: sqlite3.Connection) -> None:
    conversation = design.start_conversation(ADA, BO, "one", at(0))
    design.send_message(conversation, "two", at(1))
    design.start_group(ADA, [BO, CY], "three", at(2))

    assert counts(connection) == [3, 2, 5, 3]


def test_inbox_follows_with_no_stream_update(design: Relational) -> None:
    conversation = design.start_conversation(ADA, BO, "one", at(0))

    design.send_message(conversation, "two", at(1))

    [entry] = design.list_conversations(BO).entries
    assert (entry.last_text, entry.last_message_at) == ("two", at(1))


def test_stream_update_changes_nothing(design: Relational, connection: sqlite3.Connection) -> None:
    design.start_conversation(ADA, BO, "one", at(0))
    before = list(connection.iterdump())

    design.update_conversation([{"pk": {"S": "MSG#g"}, "sk": {"S": "no time"}}])

    assert list(connection.iterdump()) == before


def test_rename_changes_one_row(design: Relational, connection: sqlite3.Connection) -> None:
    conversation = design.start_conversation(ADA, BO, "one", at(0))
    design.start_group(ADA, [BO, CY], "two", at(1))
    before, renamed = connection.total_changes, User(ADA.uuid, "countess", "Ada L.")

    design.rename_user(renamed)

    assert connection.total_changes == before + 1
    assert [e.conversation.other for e in design.list_conversations(BO).entries] == [renamed] * 2
    [message] = design.list_messages(BO, conversation.group_uuid).messages
    assert message.sender == renamed


def test_newcomer_sees_the_last_message_at_once(design: Relational) -> None:
    group = design.start_group(ADA, [BO, CY], "one", at(0))

    design.add_participant(group, DI, at(1))

    [entry] = design.list_conversations(DI).entries
    assert (entry.last_text, entry.last_message_at) == ("one", at(0))
    assert design.count_unread(entry.conversation) == 0


def test_adding_a_member_again_takes_over_no_names(design: Relational) -> None:
    group = design.start_group(ADA, [BO, CY], "one", at(0))

    design.add_participant(group, User(BO.uuid, "stale", "Stale"), at(1))

    assert design.list_messages(ADA, group.group_uuid).conversation.other == BO


@pytest.mark.parametrize("position", [("", "g"), ("yesterday", "g")])
def test_forged_position_is_refused(design: Relational, position: tuple[str, str]) -> None:
    with pytest.raises(InvalidCursor, match="a position that no page gave"):
        design.list_conversations(ADA, cursor=encode_cursor("inbox", position))


def test_forged_position_in_messages_is_refused(design: Relational) -> None:
    conversation = design.start_conversation(ADA, BO, "one", at(0))
    cursor = encode_cursor("messages", ["yesterday"])

    with pytest.raises(InvalidCursor, match="a position that no page gave"):
        design.list_messages(ADA, conversation.group_uuid, cursor=cursor)


def test_naive_time_of_a_first_message_stores_nothing(
    design: Relational, connection: sqlite3.Connection
) -> None:
    with pytest.raises(ValueError, match="needs a UTC offset"):
        design.start_conversation(ADA, BO, "one", datetime(2026, 3, 1))

    assert counts(connection) == [0, 0, 0, 0]


def test_crowded_instant_stores_nothing(
    design: Relational, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "INSTANTS_TRIED", 1)
    conversation = design.start_conversation(ADA, BO, "one", at(0))

    with pytest.raises(InstantCrowded, match=conversation.group_uuid):
        design.send_message(conversation, "two", at(0))

    assert counts(connection) == [2, 1, 2, 1]
    assert not connection.in_transaction


def test_pair_stays_a_pair_whatever_other_is_claimed(design: Relational) -> None:
    conversation = design.start_conversation(ADA, BO, "one", at(0))

    with pytest.raises(NotAGroup) as caught:
        design.leave_group(Conversation(conversation.group_uuid, ADA, CY))

    assert caught.value.group_uuid == conversation.group_uuid


def test_who_left_a_group_is_a_stranger(design: Relational) -> None:
    group = design.start_group(ADA, [BO, CY], "one", at(0))
    design.leave_group(group)

    with pytest.raises(NotAParticipant) as caught:
        design.list_messages(ADA, group.group_uuid)

    assert caught.value.user_uuid == ADA.uuid
    assert design.list_conversations(ADA).entries == ()


def test_message_needs_a_conversation_that_exists(
    design: Relational, connection: sqlite3.Connection
) -> None:
    design.start_conversation(ADA, BO, "one", at(0))

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        connection.execute("INSERT INTO messages VALUES ('m', 'nope', ?, 'x', 't')", (ADA.uuid,))


def test_reads_search_indexes_and_scan_no_table(
    design: Relational, connection: sqlite3.Connection
) -> None:
    statements: list[str] = []
    conversation = design.start_conversation(ADA, BO, "one", at(0))
    connection.set_trace_callback(statements.append)

    design.list_messages(ADA, conversation.group_uuid)
    design.list_conversations(ADA)
    design.count_unread(conversation)
    design.find_conversation(ADA, BO)
    connection.set_trace_callback(None)

    plans = [plan(connection, statement) for statement in statements]
    steps = [step for each in plans for step in each]
    assert len(plans) == 6
    assert not [step for step in steps if step.startswith("SCAN")]
    assert any("messages_by_time" in step for step in steps)
    assert any("participants_by_user" in step for step in steps)
