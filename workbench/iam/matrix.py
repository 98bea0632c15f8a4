"""Who may read what, by IAM alone: callers x item types under the least policy of a design's API.

Each user has credentials of their own, with the session tag user_uuid. An item is somebody's own if
the user's UUID is in its primary key; else it belongs to all who take part in the conversation.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.capacity.indexes import Item, read_schema
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target
from workbench.iam.calls import Call
from workbench.iam.evidence import record_calls
from workbench.iam.policies import (
    CALLER_VARIABLE,
    UUID,
    Decision,
    Policy,
    evaluate,
    key_patterns,
    minimal_policy,
)
from workbench.iam.scene import ADA, BO, CALLERS, DI, Scene
from workbench.trials.trial import open_trial

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/messages"
READING = ("GetItem", "Query", "BatchGetItem", "Scan")
MAY, REFUSED, ONLY_CODE = "may read", "IAM refuses", "only code"


@dataclass(frozen=True)
class Cell:
    """What IAM says to a caller who would read an item: `verdict`, and the call that decides.

    may read      the application means it, and IAM lets it
    IAM refuses   no call that names this item is allowed
    only code     the application does not mean it, and IAM lets it: the call cannot be told from
                  one that somebody else needs
    """

    design: str
    item: str  # its primary key, as in "GRP#<owner>"
    belongs_to: str
    caller: str
    verdict: str
    call: str
    reason: str


def names_own_keys_only(call: Call) -> bool:
    """Whether IAM can hold a call to its caller: each partition key has the caller's UUID."""
    return all(CALLER_VARIABLE in pattern for pattern in key_patterns(call))


def api_policy(
    design: type[Design], target: Target, keep: Callable[[Call], bool] = lambda call: True
) -> Policy:
    """The least policy for what users ask for, or for those of the calls that are kept."""
    return minimal_policy(filter(keep, _api_calls(design, target)))


@functools.cache
def _api_calls(design: type[Design], target: Target) -> tuple[Call, ...]:
    """Recorded once for each design: the same code makes the same calls."""
    return tuple(record_calls(design, target, TABLE)["api"])


def read_matrix(
    design: type[Design], target: Target, keep: Callable[[Call], bool] = lambda call: True
) -> tuple[Cell, ...]:
    """A cell for each item type and caller; of items of one user, those of ada, the owner."""
    policy = api_policy(design, target, keep)
    with open_trial(design, target) as trial:
        scene = Scene(trial)
        items = all_items(target.client(), trial.table_name)
    return tuple(_cells(design, scene, policy, items))


def _cells(design: type[Design], scene: Scene, policy: Policy, items: list[Item]) -> Iterator[Cell]:
    names = {ADA.uuid: "<owner>", BO.uuid: "<other>", DI.uuid: "<left>"}
    names |= {scene.secret.group_uuid: "<conversation>"}
    types: dict[tuple[str, str], Item] = {}
    for item in items:
        if scene.secret.group_uuid not in str(item):
            continue
        keys = [UUID.sub(lambda found: names.get(found[0], "?"), key) for key in _keys(item)]
        owners = [text for text in names.values() if text in " ".join(keys)]
        if "<owner>" in owners or owners == ["<conversation>"]:
            shown = keys[0] if "<owner>" not in keys[1] else " ".join(keys)
            belongs_to = "one user" if "<owner>" in owners else "all who take part"
            types.setdefault((shown, belongs_to), item)
    for (shown, belongs_to), item in sorted(types.items(), reverse=True):
        for caller, user in CALLERS.items():
            if user == DI and not scene.has_groups:
                continue
            is_meant = caller == "owner" or (
                belongs_to != "one user" and caller == "other participant"
            )
            call, decision = _easiest(design, policy, item, user.uuid)
            verdict = REFUSED
            if decision.allowed:
                verdict = MAY if is_meant else ONLY_CODE
            place = call.resource.removeprefix(TABLE).removeprefix("/index/") or "table"
            told = f"{call.action.removeprefix('dynamodb:')} on {place}"
            yield Cell(design.name, shown, belongs_to, caller, verdict, told, decision.reason)


def _keys(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _easiest(
    design: type[Design], policy: Policy, item: Item, caller: str
) -> tuple[Call, Decision]:
    """The first call, on the table or an index, that reads the item and is allowed; or the first.

    An index needs no reading of the table: each of ours projects all attributes.
    """
    schema = read_schema(design.table_definition)
    places = [(TABLE, schema.key[0]), *(
        (f"{TABLE}/index/{index.name}", index.key[0]) for index in schema.indexes
        if all(name in item for name in index.key)
    )]  # fmt: skip
    tried = []
    for resource, key in places:
        for action in READING:
            if action in ("GetItem", "BatchGetItem") and resource != TABLE:
                continue
            leading = () if action == "Scan" else (str(item[key]["S"]),)
            call = Call(f"dynamodb:{action}", resource, leading, caller)
            tried.append((call, evaluate(policy, call)))
    return next((each for each in tried if each[1].allowed), tried[0])
