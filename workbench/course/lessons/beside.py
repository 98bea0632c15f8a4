"""The same calls on a design's table and on normalised tables in SQLite, each of them watched.

both = Beside(stage)
both.start(ADA, BO, "Hello Bo!")                       D
inbox = both.call("B", "list_conversations", ADA)
inbox.statements, inbox.round_trips                    what it took, on either side
both.frame()                                           the last call of each pattern
"""

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.course.stage import Stage
from workbench.designs.relational import Relational
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.messaging.entities import Conversation, User
from workbench.reports.tables import rows_frame
from workbench.trials.statements import StatementMeter
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Answered:
    """What a pattern answered on the stage, and what it took on either side.

    `statements`, `rows` (returned or changed) and `steps` are SQLite's; steps are those of its own
    machine, of which a version may take others: compare them with each other. `round_trips`, `rru`
    and `wru` are the design's, by rule.
    """

    answer: Any
    statements: int
    rows: int
    steps: int
    round_trips: int
    rru: float
    wru: float


class Beside:
    """A stage of a design, and beside it the relational baseline with the same data."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.connection = sqlite3.connect(":memory:")
        self.connection.executescript(Relational.schema)
        self.tables = Relational(self.connection)
        self._meter = StatementMeter(self.connection)
        self._steps = 0
        self._answered: dict[str, Answered] = {}

    def start(self, sender: User, recipient: User, text: str) -> Conversation:
        """D: a first message on both sides, which shows it in the inboxes by itself."""
        arguments = (sender, recipient, text, self.stage.now())
        conversation: Conversation = self.call("D", "start_conversation", *arguments).answer
        names = sorted((sender.handle, recipient.handle))
        self.stage.labels.name_conversation(conversation.group_uuid, "+".join(names))
        return conversation

    def call(self, pattern: str, method: str, *arguments: Any, **options: Any) -> Answered:
        """Call a method of `AccessPatterns` on both sides, and keep what it took."""
        self._steps = 0
        self.connection.set_progress_handler(self._count_step, 1)
        with self._meter.watching() as rows:
            getattr(self.tables, method)(*arguments, **options)
        self.connection.set_progress_handler(None, 1)
        with self.stage.watching() as usage:
            answer = getattr(self.stage.design, method)(*arguments, **options)
        return self._kept(
            pattern,
            Answered(
                answer, rows.round_trips, rows.rows_touched, self._steps,
                usage.round_trips, usage.estimated_rru, usage.estimated_wru,
            ),
        )  # fmt: skip

    def settle(self) -> Answered:
        """E: the stream update on the stage; the tables have nothing to bring up to date."""
        with self.stage.watching() as usage:
            records = self.stage.settle()
        told = (usage.round_trips, usage.estimated_rru, usage.estimated_wru)
        return self._kept("E", Answered(records, 0, 0, 0, *told))

    def row_counts(self) -> dict[str, int]:
        """How many rows each of the tables has."""
        names = ("users", "conversations", "participants", "messages")
        select = "SELECT count(*) FROM {}"
        return {n: self.connection.execute(select.format(n)).fetchone()[0] for n in names}

    def frame(self) -> "DataFrame":
        """The last call of each pattern: SQLite's statements and rows, then the design's units."""
        rows = [
            {
                "pattern": f"{letter} {ACCESS_PATTERNS[letter]}",
                "statements": each.statements,
                "rows": each.rows,
                "round trips": each.round_trips,
                "RRU": format_mean(each.rru),
                "WRU": format_mean(each.wru),
            }
            for letter, each in sorted(self._answered.items())
        ]
        return rows_frame(rows, "pattern")

    def close(self) -> None:
        """End both: the database in memory, and the stage."""
        self.connection.close()
        self.stage.close()

    def _kept(self, pattern: str, answered: Answered) -> Answered:
        self._answered[pattern] = answered
        return answered

    def _count_step(self) -> int:
        self._steps += 1
        return 0  # anything else would stop the statement
