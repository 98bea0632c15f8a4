"""How the relational baseline is measured: by the statements it sends, where it has no requests.

SQLite knows neither request units nor a stream, so the meter has no figures for the first, which
is another thing than zero, and the stream stays silent.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.streams.runner import Delivery


@dataclass
class StatementUsage:
    """What the statements of one `watching` block did.

    A statement is counted as a round trip, BEGIN and COMMIT too: with a server it would be one.
    `rows_touched` are rows returned to the code and rows changed.
    """

    round_trips: int = 0
    rows_touched: int = 0
    side_seconds: float = 0.0


class StatementMeter:
    """Watches one connection; blocks may not nest.

    `round_trips` are those so far, watched or not.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.round_trips = 0
        self._connection = connection
        self._usage: StatementUsage | None = None
        connection.set_trace_callback(self._on_statement)
        connection.row_factory = self._on_row

    @contextlib.contextmanager
    def watching(self) -> Iterator[StatementUsage]:
        """The usage of all statements sent in the block."""
        if self._usage is not None:
            raise RuntimeError("a meter watches one block at a time")
        self._usage = usage = StatementUsage()
        changes_before = self._connection.total_changes
        try:
            yield usage
        finally:
            self._usage = None
            usage.rows_touched += self._connection.total_changes - changes_before

    def _on_statement(self, statement: str) -> None:
        self.round_trips += 1
        if self._usage is not None:
            self._usage.round_trips += 1

    def _on_row(self, cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if self._usage is not None:
            self._usage.rows_touched += 1
        return row


class SilentStream:
    """Stands where a table has its stream: nothing comes from it."""

    def fetch(self) -> int:
        """No records."""
        return 0

    def deliver(self) -> Delivery:
        """Nothing handed over, in no time."""
        return Delivery(caused=0, handler_ms=0.0)
