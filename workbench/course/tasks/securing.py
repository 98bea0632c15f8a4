"""Exercises of lesson 10: who can read what, and what stops them."""

import json
from collections.abc import Sequence
from typing import Any

from workbench.course.exercises import Exercise, Finding, code, right
from workbench.errors import PolicyNotUnderstood
from workbench.iam.calls import Call
from workbench.iam.matrix import TABLE
from workbench.iam.policies import Policy, evaluate, read_policy
from workbench.iam.scene import ADA, CY
from workbench.messaging.entities import User

# --- Which designs keep what is one user's out of others' reach ------------------------------

REASONS = {
    "dual": (
        "looked at the table alone",
        "under `dual` the inbox's key is guarded, but the index shows the same items by a "
        "conversation's UUID.",
    ),
    "single": ("not one user's", "its group item belongs to both, under no user's key."),
    "multikey": (
        "took the sort key for the partition key",
        "the owner is in the sort key; LeadingKeys are partition keys.",
    ),
}
GUARDED = ("dual_fixed", "dual_sorted", "pointer")


def _judge_guarded(answer: Any) -> Finding:
    if not isinstance(answer, list | tuple | set) or not all(isinstance(n, str) for n in answer):
        return Finding("not a list of names", "names of designs are asked for, in a list")
    for name in answer:
        if name in REASONS:
            return Finding(*REASONS[name])
        if name not in GUARDED:
            return Finding("no such design", f"{name!r} is none of the six")
    if missing := set(GUARDED) - set(answer):
        rest = "1 more" if len(missing) == 1 else f"{len(missing)} more"
        return Finding("left one out", f"{rest}: look for an item under a user's key, and only x")
    return right("One user's items under that user's partition key, in the table and every index.")


# --- A policy for a browser ------------------------------------------------------------------

MY_INBOX, OTHERS = f"GRP#{CY.uuid}", f"GRP#{ADA.uuid}"
INDEX = f"{TABLE}/index/message-group-sk-index"
# What a policy that lists one's own inbox under `dual` must not allow, the worst first.
TOO_MUCH: Sequence[tuple[Call, str, str]] = (
    (Call("dynamodb:Scan", TABLE, (), CY.uuid), "lets a Scan through",
     "a Scan names no keys, so ForAllValues holds: name the one action, or add Null."),
    (Call("dynamodb:Query", TABLE, (OTHERS,), CY.uuid), "opens every inbox",
     "the key has to hold the caller's own UUID: ${aws:PrincipalTag/user_uuid}."),
    (Call("dynamodb:Query", INDEX, ("any",), CY.uuid), "opens the index",
     "there anybody's group items are found by a conversation's UUID."),
    (Call("dynamodb:Query", TABLE, ("MSG#any",), CY.uuid), "opens the messages",
     "no key of a message is one user's own."),
    (Call("dynamodb:UpdateItem", TABLE, (MY_INBOX,), CY.uuid), "lets the browser write",
     "a group item shows that its owner takes part: who may write it may join."),
    (Call("dynamodb:PutItem", TABLE, (MY_INBOX,), CY.uuid), "lets the browser write",
     "a group item shows that its owner takes part: who may write it may join."),
)  # fmt: skip


def _judge_policy(answer: Any) -> Finding:
    try:
        policy = read_policy(answer if isinstance(answer, str) else json.dumps(answer))
    except (PolicyNotUnderstood, TypeError) as error:
        return Finding("not a policy", str(error))
    for call, reason, text in TOO_MUCH:
        if evaluate(policy, call).allowed:
            return Finding(reason, text)
    return _judge_own_inbox(policy)


def _judge_own_inbox(policy: Policy) -> Finding:
    decision = evaluate(policy, Call("dynamodb:Query", TABLE, (MY_INBOX,), CY.uuid))
    if not decision.allowed:
        return Finding("denies one's own inbox", decision.reason)
    return right("One action, on the table alone, under the caller's own key, to read.")


# --- Who calls -------------------------------------------------------------------------------

AS_ADA = User(CY.uuid, ADA.handle, ADA.display_name)
SESSIONS = [(CY, CY), (CY, AS_ADA), (CY, ADA)]


def _judge_viewer(results: list[Any]) -> Finding:
    honest, named, stolen = results
    if honest != CY:
        return Finding("another user", "for an honest request it is the user of the session")
    if stolen == ADA:
        return Finding("believed the UUID", "the request says ada, and the session is cy's")
    if named != CY:
        return Finding("believed the name", "the UUID is right, and the names are another's")
    if stolen != CY:
        return Finding("another user", "who calls is the user of the session, whatever is claimed")
    return right("What a request says about its sender is not even looked at.")


# --- Who finds what --------------------------------------------------------------------------

FINDERS = {
    "no key of one's own": "scanner",
    "index ARN missing": "design",
    "logs kept for ever": "scanner",
    "LeadingKeys missing": "design",
    "stream view": "design",
}


def _judge_finders(answer: Any) -> Finding:
    if not isinstance(answer, dict) or set(answer) != set(FINDERS):
        return Finding("not the five faults", f"a dictionary of {list(FINDERS)} is asked for")
    if any(value not in ("scanner", "design") for value in answer.values()):
        return Finding("not one of the two", 'each is "scanner" or "design"')
    for fault, finder in FINDERS.items():
        if answer[fault] == finder:
            continue
        if finder == "scanner":
            return Finding("asked for no design", f"{fault}: it is poor for any table.")
        return Finding(
            "asked too much of a scanner",
            f"{fault}: it is right or wrong only by what the code calls or reads.",
        )
    return right("What is poor for any table, a scanner knows; what fits this one, only its code.")


EXERCISES = (
    Exercise(
        "10.guarded",
        _judge_guarded,
        (
            "Look for rows that belong to one user.",
            "Of these, x for everybody but the owner.",
            "Three designs have such a row.",
        ),
    ),
    Exercise(
        "10.browser_policy",
        _judge_policy,
        (
            "Listing an inbox is one Query on the table, under GRP# and the owner's UUID.",
            "Version 2012-10-17, and the statement's Resource is the table alone.",
            'Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [...]}, '
            '"Null": {"dynamodb:LeadingKeys": "false"}}',
        ),
    ),
    Exercise(
        "10.viewer",
        code(SESSIONS, _judge_viewer),
        (
            "The session was proven by a token; the request was typed by anybody.",
            "Do you need the second parameter at all?",
        ),
    ),
    Exercise(
        "10.who_finds",
        _judge_finders,
        (
            "Would the same line be poor in any template, whatever the table is for?",
            "A scanner does not know which index the code queries, nor what it reads of a record.",
        ),
    ),
)
