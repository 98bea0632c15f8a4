"""Four people on one table: who owns an inbox, who takes part with them, a stranger, and who left.

ada and bo talk, in a group with di if the design has groups, and di left it. ada and di talk, too;
cy, the stranger, has conversations of their own with bo and di.
"""

import itertools
from datetime import UTC, datetime, timedelta

from workbench.messaging.entities import Conversation
from workbench.messaging.logs import user_named
from workbench.trials.trial import TableTrial

ADA, BO, CY, DI = (user_named(name) for name in ("ada", "bo", "cy", "di"))
CALLERS = {"owner": ADA, "other participant": BO, "stranger": CY, "who left": DI}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Scene:
    """The scene as it is set on a trial; `secret` is what the stranger would like to read."""

    def __init__(self, trial: TableTrial) -> None:
        self.trial, self.design = trial, trial.design
        self._clock = (NOON + timedelta(seconds=second) for second in itertools.count())
        self.has_groups = "J" not in self.design.unsupported
        with_bo = self.design.start_conversation(ADA, BO, "Hello Bo!", self.now())
        self.design.start_conversation(ADA, DI, "Hello Di!", self.now())
        self.own = self.design.start_conversation(CY, BO, "Hi", self.now())
        self.design.start_conversation(CY, DI, "Hi", self.now())
        self.secret = with_bo
        if self.has_groups:
            self.secret = self.design.start_group(ADA, [BO, DI], "Only us", self.now())
        trial.settle()
        for conversation in (self.secret, self.own):
            self.design.send_message(conversation, "and this", self.now())
        trial.settle()
        if self.has_groups:
            self.design.leave_group(Conversation(self.secret.group_uuid, DI, ADA))

    def now(self) -> datetime:
        """The scene's time, a second later at each call."""
        return next(self._clock)
