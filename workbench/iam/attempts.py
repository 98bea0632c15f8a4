"""Attempts that should fail, each made against a design's real code, and what became of it.

The stranger knows the UUID of a conversation: UUIDs are in URLs, in logs, in the hands of who left.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from workbench.capacity.indexes import Item
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target
from workbench.errors import MessagingFault
from workbench.iam.calls import Call
from workbench.iam.matrix import TABLE, api_policy, names_own_keys_only
from workbench.iam.policies import Policy, evaluate
from workbench.iam.scene import ADA, BO, CY, DI, Scene
from workbench.messaging.entities import Conversation, User, checked_caller
from workbench.trials.trial import open_trial

REFUSED, OWN_ONLY, GOT_IN, NO_GROUPS = "refused", "own only", "GOT IN", "no groups"
BY_IAM = "IAM"
# What is not refused everywhere, and is here to show what would happen.
UNCHECKED = "sender claims another's name, nobody checks"
DIRECT = "stranger writes own membership, directly"


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: `result`, who refused it, and in which words.

    refused     nothing was shown, nothing written
    own only    there was an answer, of the caller's own conversations alone
    GOT IN      the attempt did what it should not
    no groups   nobody can leave: the design has no groups that change
    """

    design: str
    attempt: str
    result: str
    by: str = ""
    says: str = ""

    @property
    def is_held(self) -> bool:
        """Whether nobody got where they should not be."""
        return self.result != GOT_IN


def attempt_all(design: type[Design], target: Target) -> tuple[Outcome, ...]:
    """Every attempt on one table of a design, one after the other."""
    policy = api_policy(design, target, names_own_keys_only)
    with open_trial(design, target) as trial:
        scene = Scene(trial)
        found = [_try(scene, name, attempt) for name, attempt in ATTEMPTS.items()]
        return (*found, _write_own_membership(scene, policy))


def _try(scene: Scene, name: str, attempt: Callable[[Scene], str]) -> Outcome:
    design = scene.design.name
    if name.startswith("who left") and not scene.has_groups:
        return Outcome(design, name, NO_GROUPS)
    try:
        return Outcome(design, name, attempt(scene))
    except MessagingFault as fault:
        return Outcome(design, name, REFUSED, type(fault).__name__, str(fault))


# --- Reading and writing with a UUID -------------------------------------------------------------


def _reads(caller: User, scene: Scene) -> str:
    scene.design.list_messages(caller, scene.secret.group_uuid)
    return GOT_IN


def _writes(caller: User, scene: Scene) -> str:
    claimed = Conversation(scene.secret.group_uuid, caller, ADA)
    scene.design.send_message(claimed, "let me in", scene.now())
    return GOT_IN


# --- Cursors -------------------------------------------------------------------------------------


def _cursor_of_another_inbox(scene: Scene) -> str:
    """The stranger goes on where ada's page ended."""
    return _own_inbox(scene, scene.design.list_conversations(ADA, limit=1).cursor)


def _cursor_of_another_list(scene: Scene) -> str:
    messages = scene.design.list_messages(ADA, scene.secret.group_uuid, limit=1)
    return _own_inbox(scene, messages.cursor)


def _cursor_made_up(scene: Scene) -> str:
    """One's own cursor with another's partition written into each position."""
    cursor = str(scene.design.list_conversations(CY, limit=1).cursor)
    name, *positions = json.loads(base64.urlsafe_b64decode(cursor))
    forged = json.dumps([name, *(f"GRP#{ADA.uuid}" for _ in positions)])
    return _own_inbox(scene, base64.urlsafe_b64encode(forged.encode()).decode())


def _cursor_of_another_conversation(scene: Scene) -> str:
    theirs = scene.design.list_messages(ADA, scene.secret.group_uuid, limit=1).cursor
    shown = scene.design.list_messages(CY, scene.own.group_uuid, cursor=theirs).messages
    return OWN_ONLY if {each.sender.uuid for each in shown} <= {CY.uuid} else GOT_IN


def _own_inbox(scene: Scene, cursor: str | None) -> str:
    assert cursor, "a page of one, of an inbox of two, has a cursor"
    shown = scene.design.list_conversations(CY, cursor=cursor).entries
    others = {each.conversation.other.uuid for each in shown}
    return OWN_ONLY if others <= {BO.uuid, DI.uuid} else GOT_IN


# --- Names ---------------------------------------------------------------------------------------


def _claims_a_name(scene: Scene) -> str:
    """The stranger, in a conversation of their own, under ada's names."""
    claimed = replace(scene.own, viewer=replace(ADA, uuid=CY.uuid))
    return _send_and_look(scene, checked_caller(CY, claimed))


def _claims_a_uuid(scene: Scene) -> str:
    """The stranger as ada, in a conversation of hers."""
    return _send_and_look(scene, checked_caller(CY, scene.secret))


def _claims_a_name_unchecked(scene: Scene) -> str:
    """As it is where nobody compares the request with the session."""
    return _send_and_look(scene, replace(scene.own, viewer=replace(ADA, uuid=CY.uuid)))


def _send_and_look(scene: Scene, conversation: Conversation) -> str:
    scene.design.send_message(conversation, "Send me the code", scene.now())
    [newest] = scene.design.list_messages(BO, scene.own.group_uuid, limit=1).messages
    return GOT_IN if newest.sender.handle == ADA.handle else OWN_ONLY


ATTEMPTS: dict[str, Callable[[Scene], str]] = {
    "stranger reads with the UUID": partial(_reads, CY),
    "stranger writes with the UUID": partial(_writes, CY),
    "who left reads": partial(_reads, DI),
    "who left writes": partial(_writes, DI),
    "cursor of another's inbox": _cursor_of_another_inbox,
    "cursor of another conversation": _cursor_of_another_conversation,
    "cursor of another list": _cursor_of_another_list,
    "cursor made up": _cursor_made_up,
    "sender claims another's name": _claims_a_name,
    "sender claims another's UUID": _claims_a_uuid,
    UNCHECKED: _claims_a_name_unchecked,
}


# --- Past the code: what a browser with rights of its own could do -------------------------------


def _write_own_membership(scene: Scene, policy: Policy) -> Outcome:
    """The stranger copies ada's item under a key of their own, with the rights on own keys."""
    items = all_items(scene.trial.client, scene.trial.table_name)
    theirs = next(
        item
        for item in sorted(items, key=lambda each: not _is_owned(each))
        if scene.secret.group_uuid in str(item) and "message_uuid" not in item
    )
    own: Item = json.loads(json.dumps(theirs, default=sorted).replace(ADA.uuid, CY.uuid))
    for action in ("PutItem", "UpdateItem"):
        decision = evaluate(policy, Call(f"dynamodb:{action}", TABLE, (own["pk"]["S"],), CY.uuid))
        if decision.allowed:  # an UpdateItem that sets all attributes does what this put does
            scene.trial.client.put_item(TableName=scene.trial.table_name, Item=own)
            return _try(scene, DIRECT, partial(_reads, CY))
    return Outcome(scene.design.name, DIRECT, REFUSED, BY_IAM, decision.reason)


def _is_owned(item: Item) -> bool:
    return ADA.uuid in item["pk"]["S"] + item["sk"]["S"]
