"""Exercises of lesson 07: which calls a policy allows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from workbench.capacity.indexes import Schema
from workbench.cards.scenario import ADA, BO
from workbench.course.exercises import Exercise, Finding, right, word
from workbench.designs.dual import GROUP_INDEX, inbox_partition
from workbench.designs.messages import message_partition
from workbench.errors import PolicyNotUnderstood
from workbench.iam.calls import Call, calls_of
from workbench.iam.policies import VERSION, evaluate, read_policy
from workbench.messaging.entities import User, pair_uuid

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/cruddur-messages"

INDEX_ARN = Exercise(
    "07.index_arn",
    word(
        "8383015c1b36fbe2",
        "The index is named behind its table, in the ARN of the table.",
        (
            (
                "860c0db8bf2ae6e2",
                "named the table",
                "the ARN of a table does not cover its indexes.",
            ),
            (
                "a7adaeabdaa47e29",
                "named all indexes",
                "the star lets other indexes be queried as well.",
            ),
            ("dcd9066cc24be629", "put a star", "that is every table whose name begins so."),
            (
                "40221e6882edda3b",
                "forgot the word index",
                "between table and name it says `/index/`.",
            ),
        ),
    ),
    (
        "`arn:aws:dynamodb:`, the Region, the account, then what it is.",
        "The message of the denied call above has such an ARN.",
        "It ends in `table/messages/index/` and the name of the index.",
    ),
)


# --- A transaction ---------------------------------------------------------------------------


def transaction_actions() -> set[str]:
    """Actions that a transaction of a put, an update and a condition check needs."""
    body = {"TableName": "messages", "Key": {"pk": {"S": "x"}}}
    items = [{"Put": {"TableName": "messages", "Item": body["Key"]}}]
    items += [{verb: body} for verb in ("Update", "ConditionCheck")]
    calls = calls_of("TransactWriteItems", {"TransactItems": items}, Schema(("pk",)), TABLE)
    return {call.action.removeprefix("dynamodb:") for call in calls}


def _judge_transaction(answer: Any) -> Finding:
    if not isinstance(answer, list | tuple | set) or not all(isinstance(x, str) for x in answer):
        return Finding("not a list", "a list of actions in quotes is asked for")
    given, expected = {each.removeprefix("dynamodb:") for each in answer}, transaction_actions()
    if given == expected:
        return right("Each element needs what it would need alone; the transaction has no action.")
    if "TransactWriteItems" in given:
        return Finding("named the transaction", "no action of IAM is called so.")
    if any(each.startswith("Batch") for each in given):
        return Finding("took it for a batch", "a batch has an action of its own; this is none.")
    if "ConditionCheck" in given:
        text = "`ConditionCheck` is the element; the action for it has a longer name."
        return Finding("named the element", text)
    if missing := expected - given:
        what = "the check" if missing == {"ConditionCheckItem"} else f"{len(missing)} of them"
        return Finding(f"forgot {what}", "each of the three elements needs an action of its own.")
    return Finding("allows too much", "an action that no element needs is no part of it.")


TRANSACTION = Exercise(
    "07.elements",
    _judge_transaction,
    (
        "What would a Put need, were it a request of its own?",
        "There are three elements, and three actions.",
        "Each is the element's name with `Item` behind it, the check's too.",
    ),
)


# --- A statement -----------------------------------------------------------------------------


class Trial(NamedTuple):
    """A call that a statement has to allow or to deny, and what is wrong if it does not."""

    call: Call
    reason: str
    text: str
    is_allowed: bool = False


def _by(user: User, action: str, *keys: str, on: str = TABLE) -> Call:
    return Call(f"dynamodb:{action}", on, keys, user.uuid)


def trials() -> Iterator[Trial]:
    """In the order in which they are told."""
    own, other = inbox_partition(BO.uuid), inbox_partition(ADA.uuid)
    group = pair_uuid(ADA, BO)
    for user, key in ((BO, own), (ADA, other)):
        yield Trial(
            _by(user, "Query", key), "keeps users out",
            f"{user.handle} lists the own inbox, and is denied: is it the right action, ARN, key?",
            is_allowed=True,
        )  # fmt: skip
    yield Trial(
        _by(BO, "Query", other), "lets bo read ada's inbox",
        "the condition has to tie the partition key to the caller.",
    )  # fmt: skip
    yield Trial(
        _by(BO, "Scan"), "lets a Scan through",
        "a Scan names no key, so that a condition on all keys holds; allow Query alone.",
    )  # fmt: skip
    yield Trial(
        _by(BO, "Query", message_partition(group)), "lets messages be read",
        "messages have keys that begin with MSG#, which is no inbox.",
    )  # fmt: skip
    for action in ("GetItem", "PutItem", "UpdateItem", "DeleteItem"):
        yield Trial(
            _by(BO, action, own), "allows more than to list",
            f"{action} is allowed, too; an inbox is listed by a Query.",
        )  # fmt: skip
    for place in (f"{TABLE}-backup", f"{TABLE}/index/{GROUP_INDEX}"):
        yield Trial(
            _by(BO, "Query", own, on=place), "covers more than the table",
            f"{place.partition(':table/')[2]} can be queried, too.",
        )  # fmt: skip


def _judge_statement(answer: Any) -> Finding:
    if not isinstance(answer, Mapping):
        return Finding("not a dictionary", "one statement is asked for, as a dictionary")
    try:
        policy = read_policy(json.dumps({"Version": VERSION, "Statement": [answer]}))
    except (PolicyNotUnderstood, TypeError) as error:
        return Finding("not understood", str(error))
    for trial in trials():
        if evaluate(policy, trial.call).allowed != trial.is_allowed:
            return Finding(trial.reason, trial.text)
    return right("Listed is the own inbox, and nothing else; no code has to be trusted with it.")


OWN_INBOX = Exercise(
    "07.own_inbox",
    _judge_statement,
    (
        'Effect "Allow", one action, one ARN: that of the table.',
        "Under `dual` the partition key of an inbox is `GRP#` and the UUID of its owner.",
        'The condition: `{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [...]}}`, with '
        "`GRP#` and the variable in it.",
    ),
)

NO_KEYS = Exercise(
    "07.no_keys",
    word(
        "895d56447dafae9a",
        "It names no key, and of no keys each one is like the pattern. `Null: false` asks that "
        "there be one; better still, allow only the actions that are needed.",
        (
            ("fa545df3cdb44745", "named one with a key", "a Query has to name a partition key."),
            ("b364df9c3409dbac", "named one with a key", "GetItem has to name the key of an item."),
            (
                "243c71d55b188260",
                "named one with a key",
                "each item of a batch is named by its key.",
            ),
        ),
    ),
    (
        "Which request names no key at all?",
        "A condition on *each* of no keys holds.",
        "Lesson 03 tried it first.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (INDEX_ARN, TRANSACTION, OWN_INBOX, NO_KEYS)
