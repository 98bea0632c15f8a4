"""The evidence: what a design calls as several users talk in groups of several sizes, by role.

api      patterns A to D, F, G, I and the start of groups, each for the user who acts
stream   pattern E, and what brings the stream's records to it
admin    H, and who takes part in a group: they write items of others, so nobody's own keys
         could guard them

What a design does not support is no evidence.
"""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from workbench.capacity.indexes import read_schema
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.errors import NotSupported
from workbench.iam.calls import Call, calls_of
from workbench.messaging.entities import Conversation, User
from workbench.messaging.logs import user_named
from workbench.trials.trial import TableTrial, open_trial

ROLES = ("api", "stream", "admin")
GROUP_SIZES = (2, 3, 4)
FIRST_INSTANT = datetime(2026, 1, 5, tzinfo=UTC)

# Our reader has no need of it, for it knows its stream. Lambda asks for it.
# Source: DynamoDB Developer Guide, "IAM policy to allow an AWS Lambda function to access DynamoDB
# stream records".
LAMBDA_OPERATION = "ListStreams"


@dataclass(frozen=True)
class OverheardTarget(Target):
    """A target that writes down what its streams clients are asked."""

    requests: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list, compare=False)

    def streams_client(self) -> Any:
        """The target's own client, overheard."""
        client = super().streams_client()
        client.meta.events.register(
            "before-parameter-build.dynamodbstreams",
            lambda params, model, **_: self.requests.append((model.name, dict(params))),
        )
        return client


class Recorder:
    """Writes down the rights that a trial's requests need."""

    def __init__(self, trial: TableTrial, table_arn: str) -> None:
        self.trial = trial
        self.calls: dict[str, list[Call]] = {role: [] for role in ROLES}
        self._table = (read_schema(trial.design.table_definition), table_arn)
        self._seconds = itertools.count()

    def add(self, role: str, operation: str, params: Mapping[str, Any], caller: str = "") -> None:
        self.calls[role] += calls_of(operation, params, *self._table, caller)

    def acting(self, caller: User) -> AbstractContextManager[datetime]:
        """The time of what this user does in the block."""
        return self._recording("api", caller.uuid)

    def administering(self) -> AbstractContextManager[datetime]:
        """The time of what is done in the block for a user, and by none."""
        return self._recording("admin")

    @contextmanager
    def _recording(self, role: str, caller: str = "") -> Iterator[datetime]:
        """The requests of the block are the role's; its stream is delivered behind it."""
        with self.trial.meter.watching() as acting:
            yield FIRST_INSTANT + timedelta(seconds=next(self._seconds))
        self.trial.stream.fetch()
        with self.trial.meter.watching() as updating:
            self.trial.stream.deliver()
        for request in acting.requests:
            self.add(role, *request, caller=caller)
        for request in updating.requests:
            self.add("stream", *request)


def record_calls(
    design_class: type[Design], target: Target, table_arn: str
) -> dict[str, list[Call]]:
    """The rights that each role needs on a table of this ARN, request by request."""
    overheard = OverheardTarget(target.kind, target.region, target.endpoint_url)
    with open_trial(design_class, overheard) as trial:
        recorder = Recorder(trial, table_arn)
        for size in GROUP_SIZES:
            try:
                _talk(recorder, [user_named(f"user{number}") for number in range(size)])
            except NotSupported:
                break
    for request in [*overheard.requests, (LAMBDA_OPERATION, {})]:
        recorder.add("stream", *request)
    return recorder.calls


def _talk(recorder: Recorder, members: list[User]) -> None:
    """One conversation: started by the first, then everybody's turn, then the administrator's."""
    design = recorder.trial.design
    first, *others = members
    with recorder.acting(first) as now:
        if len(others) == 1:
            conversation = design.start_conversation(first, others[0], "hello", now)
        else:
            conversation = design.start_group(first, others, "hello", now)
    for member, next_member in zip(members, [*others, first], strict=True):
        _use(recorder, member, next_member)
    if "H" not in design.unsupported:
        with recorder.administering():
            design.rename_user(replace(first, display_name=f"{first.display_name} {len(members)}"))
    if "J" not in design.unsupported and len(others) > 1:
        newcomer = user_named("newcomer")
        with recorder.administering() as now:
            design.add_participant(conversation, newcomer, now)
            design.leave_group(Conversation(conversation.group_uuid, newcomer, first))


def _use(recorder: Recorder, member: User, other: User) -> None:
    """What one participant does in the newest conversation; hiding it comes last."""
    design = recorder.trial.design
    with recorder.acting(member) as now:
        newest = design.list_conversations(member, limit=1).entries[0].conversation
        design.list_messages(member, newest.group_uuid, limit=1)
        design.send_message(newest, "hello", now)
    with recorder.acting(member) as now:
        if "I" not in design.unsupported:
            design.find_conversation(member, other)
        if "F" not in design.unsupported:
            design.count_unread(newest)
            design.mark_read(newest, now)
        if "G" not in design.unsupported:
            design.hide_conversation(newest, now)
