"""A small scenario that shows what a design does: every pattern once, each call watched.

ada and bo talk, cy writes to ada, ada starts a group with both if the design has groups. Then each
looks, reads, renames and hides.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from workbench.cards.labels import Labels
from workbench.dynamodb.meter import Usage
from workbench.errors import NotSupported
from workbench.messaging.entities import Conversation, User
from workbench.messaging.logs import user_named
from workbench.trials.trial import TableTrial

ADA, BO, CY, DI = USERS = tuple(user_named(name) for name in ("ada", "bo", "cy", "di"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE_SIZE = 20


@dataclass(frozen=True)
class Watched:
    """One call of a pattern, for a caller's UUID or, at a stream update, for nobody."""

    pattern: str
    method: str
    caller: str
    usage: Usage
    stream_records: int


class Scenario:
    """The scenario as it is played on a trial."""

    def __init__(self, trial: TableTrial) -> None:
        self.trial = trial
        self.labels = Labels(USERS)
        self.watched: list[Watched] = []
        self.unsupported: dict[str, str] = dict(trial.design.unsupported)
        self.inbox_length = self.messages = 0
        self._clock = (NOON + timedelta(seconds=second) for second in count())

    @property
    def scale(self) -> str:
        """How much there was to read when the patterns were called."""
        return (
            f"ada's inbox has {self.inbox_length} conversations, the one with bo "
            f"{self.messages} messages"
        )

    def play(self) -> None:
        """All of it, from an empty table."""
        with_bo = self._call("D", ADA, "start_conversation", ADA, BO, "Hello Bo!", self._now())
        self.labels.name_conversation(with_bo.group_uuid, "ada+bo")
        with_cy = self.trial.design.start_conversation(CY, ADA, "Lunch?", self._now())
        self.labels.name_conversation(with_cy.group_uuid, "ada+cy")
        self.trial.settle()
        self._play_group()
        self._call("C", BO, "send_message", with_bo.seen_by_other(), "How are you?", self._now())
        page = self._call("A", ADA, "list_messages", ADA, with_bo.group_uuid, limit=PAGE_SIZE)
        inbox = self._call("B", ADA, "list_conversations", ADA, limit=PAGE_SIZE)
        self.messages, self.inbox_length = len(page.messages), len(inbox.entries)
        self._call("F", ADA, "count_unread", with_bo)
        self._call("F", ADA, "mark_read", with_bo, self._now())
        self._call("I", ADA, "find_conversation", ADA, BO)
        self._call("H", ADA, "rename_user", User(ADA.uuid, ADA.handle, "Ada L."))
        self._call("G", ADA, "hide_conversation", with_bo, self._now())

    def _play_group(self) -> None:
        """J, as much of it as the design has: start a group of three, add one, who leaves."""
        group = self._call("J", ADA, "start_group", ADA, [BO, CY], "Both here?", self._now())
        if group is None:
            return
        self.labels.name_conversation(group.group_uuid, "group")
        self._call("J", ADA, "add_participant", group, DI, self._now())
        if "J" not in self.unsupported:
            self._call("J", DI, "leave_group", Conversation(group.group_uuid, DI, ADA))

    def _call(
        self, pattern: str, caller: User, method: str, *arguments: Any, **options: Any
    ) -> Any:
        """What the design answers, its stream handled behind it; None if it does not support it."""
        try:
            with self.trial.meter.watching() as usage:
                answer = getattr(self.trial.design, method)(*arguments, **options)
        except NotSupported as refusal:
            self.unsupported[pattern] = refusal.reason
            return None
        records = self.trial.stream.fetch()
        self.watched.append(Watched(pattern, method, caller.uuid, usage, records))
        with self.trial.meter.watching() as usage:
            caused = self.trial.stream.deliver().caused
        if pattern == "C":
            self.watched.append(Watched("E", "update_conversation", "", usage, caused))
        return answer

    def _now(self) -> datetime:
        return next(self._clock)
