"""How the relational baseline is metered, on a database of one small table."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import user
from workbench.designs.relational import Relational
from workbench.dynamodb.targets import Target
from workbench.trials.statements import SilentStream, StatementMeter
from workbench.trials.trial import open_any_trial


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    yield connection
    connection.close()


def insert(connection: sqlite3.Connection, *numbers: int) -> None:
    with connection:
        connection.executemany("INSERT INTO numbers VALUES (?)", [(each,) for each in numbers])


def test_statement_is_a_round_trip_with_its_transaction(connection: sqlite3.Connection) -> None:
    meter = StatementMeter(connection)

    with meter.watching() as usage:
        insert(connection, 1)

    assert (usage.round_trips, usage.rows_touched) == (3, 1)  # BEGIN, INSERT, COMMIT


def test_rows_are_counted_when_returned_or_changed(connection: sqlite3.Connection) -> None:
    insert(connection, 1, 2, 3, 4)
    meter = StatementMeter(connection)

    with meter.watching() as reading:
        rows = connection.execute("SELECT number FROM numbers WHERE number > 1").fetchall()
    with meter.watching() as changing:
        connection.execute("UPDATE numbers SET number = number + 10 WHERE number < 3")
    with meter.watching() as finding_nothing:
        connection.execute("DELETE FROM numbers WHERE number = 99")

    assert (rows, reading.rows_touched) == ([(2,), (3,), (4,)], 3)
    assert (changing.rows_touched, finding_nothing.rows_touched) == (2, 0)


def test_meter_sees_only_what_is_in_the_block(connection: sqlite3.Connection) -> None:
    meter = StatementMeter(connection)

    insert(connection, 1, 2)
    with meter.watching() as usage:
        pass
    connection.execute("SELECT number FROM numbers").fetchall()

    assert (usage.round_trips, usage.rows_touched) == (0, 0)
    with meter.watching(), pytest.raises(RuntimeError, match="one block at a time"):
        meter.watching().__enter__()


@pytest.mark.local
def test_baseline_is_opened_like_any_design(target: Target) -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)

    with open_any_trial(Relational, target) as trial:
        with trial.meter.watching() as usage:
            trial.design.start_conversation(user("ada"), user("bo"), "hello", at)
        page = trial.design.list_conversations(user("bo"))

    assert usage.round_trips > 0
    assert isinstance(trial.stream, SilentStream)
    assert (trial.stream.fetch(), trial.stream.deliver().caused) == (0, 0)
    assert [entry.last_text for entry in page.entries] == ["hello"]
    assert target.client().list_tables()["TableNames"] == []
