"""What lessons look at where rights are concerned: statements of a policy, and calls judged by one.

statements_frame   a row for each statement: actions, on what, for which partition keys
verdicts_frame     a row for each call: allowed or denied
acting_under       what a policy denies is refused, as AWS would
"""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Schema
from workbench.cards.labels import Labels
from workbench.course.stage import Stage
from workbench.dynamodb.meter import Usage
from workbench.iam.calls import Call, calls_of
from workbench.iam.policies import CALLER_VARIABLE, LEADING_KEYS, Policy, Statement, evaluate
from workbench.reports.tables import rows_frame

if TYPE_CHECKING:
    from pandas import DataFrame

PLACE = re.compile(r".*:table/[^/]+/?(index|stream)?/?(.*)")


def calls_in(usage: Usage, schema: Schema, table_arn: str, caller: str = "") -> list[Call]:
    """The rights that the requests of a call needed, each once, on the table of this ARN."""
    needed = (
        call
        for operation, params in usage.requests
        for call in calls_of(operation, params, schema, table_arn, caller)
    )
    return list(dict.fromkeys(needed))


@contextlib.contextmanager
def acting_under(policy: Policy, stage: Stage, table_arn: str) -> Iterator[None]:
    """The stage's requests of the block are refused with AccessDeniedException if denied.

    DynamoDB Local itself has no IAM and allows everything.
    """
    from botocore.exceptions import ClientError

    def refuse(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        for call in calls_of(model.name, params, stage.schema, table_arn):
            if not evaluate(policy, call).allowed:
                message = f"not authorized to perform: {call.action} on resource: {call.resource}"
                raise ClientError(
                    {"Error": {"Code": "AccessDeniedException", "Message": message}}, model.name
                )

    events, name = stage.client.meta.events, "before-parameter-build.dynamodb"
    events.register(name, refuse)
    try:
        yield
    finally:
        events.unregister(name, refuse)


def statements_frame(policy: Policy) -> "DataFrame":
    """A row for each statement and resource; `<caller>` is the UUID of whom a call is made for."""
    rows = [
        {
            "statement": number,
            "effect": statement.effect,
            "actions": _actions(statement.actions),
            "on": _place(resource),
            "partition keys": ", ".join(_key_patterns(statement)),
        }
        for number, statement in enumerate(policy.statements, start=1)
        for resource in statement.resources
    ]
    return rows_frame(rows, "statement")


def verdicts_frame(policy: Policy, calls: Iterable[Call], labels: Labels) -> "DataFrame":
    """A row for each call: what it needs, and whether the policy allows it."""
    rows = [
        {
            "action": _actions((call.action,)),
            "on": _place(call.resource),
            "partition keys": ", ".join(map(labels.read, call.leading_keys)),
            "verdict": "allowed" if evaluate(policy, call).allowed else "DENIED",
        }
        for call in calls
    ]
    return rows_frame(rows, "action")


def _actions(actions: Iterable[str]) -> str:
    return ", ".join(action.removeprefix("dynamodb:") for action in actions)


def _place(resource: str) -> str:
    """The table, or which index; the label of a stream is the time it was made."""
    found = PLACE.fullmatch(resource)
    if found is None:
        return resource
    kind, name = found.groups()
    return f"index {name}" if kind == "index" else kind or "table"


def _key_patterns(statement: Statement) -> Iterator[str]:
    tested = [keys[LEADING_KEYS] for test, keys in statement.conditions.items() if test != "Null"]
    for pattern in next(iter(tested), ("any",)):
        yield pattern.replace(CALLER_VARIABLE, "<caller>")
