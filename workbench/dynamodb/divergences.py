"""Where DynamoDB Local 3.3.1 reports other units than the service charges, and why.

Each divergence turns the charges by rule into those that DynamoDB Local counts. A difference is
explained only if all of them together foretell the report exactly. A test marked `canary` holds
each of them against the installed version.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.capacity.requests import Charge

# (table, index or None for the table itself) -> units
Arms = dict[tuple[str, str | None], float]
INDEX_OVERHEAD_BYTES = 100


@dataclass(frozen=True)
class Step:
    """The charges of one item of a request, and what is done to it: Get, Query, Put, Delete ..."""

    verb: str
    charges: tuple[Charge, ...]

    @property
    def is_of_missing(self) -> bool:
        """Whether there is no item, neither before nor after."""
        return not any(charge.before_bytes or charge.after_bytes for charge in self.charges)


@dataclass(frozen=True)
class Request:
    """One answered request; `is_refused` if a condition failed."""

    operation: str
    steps: tuple[Step, ...]
    is_refused: bool = False

    @property
    def arms(self) -> Arms:
        """Units by rule."""
        return arms_of(charge for step in self.steps for charge in step.charges)


@dataclass(frozen=True)
class Divergence:
    """A known way in which DynamoDB Local misreports: it counts the steps that `counts` returns."""

    name: str
    cause: str
    source: str
    counts: Callable[[Request], Iterable[Step]]


@dataclass(frozen=True)
class Difference:
    """Units by rule beside those reported for one request.

    `causes` are the divergences that together foretell the report; none means unexplained.
    """

    operation: str
    estimated: Arms
    reported: Arms
    causes: tuple[Divergence, ...]


def find_difference(
    request: Request, reported: Arms, known: Sequence[Divergence]
) -> Difference | None:
    """The difference between rule and report, if there is one, with its causes, if known."""
    estimated = request.arms
    if agree(estimated, reported):
        return None
    causes = []
    for divergence in known:
        counted = replace(request, steps=tuple(divergence.counts(request)))
        if not agree(counted.arms, request.arms):
            causes.append(divergence)
        request = counted
    foretold = agree(request.arms, reported)
    return Difference(request.operation, estimated, reported, tuple(causes) if foretold else ())


def arms_of(charges: Iterable[Charge]) -> Arms:
    """Units of charges, added up for each table and index."""
    arms: Arms = defaultdict(float)
    for charge in charges:
        arms[charge.table, charge.index] += charge.units
    return dict(arms)


def reported_arms(consumed: Any) -> Arms:
    """Units in the ConsumedCapacity of a response, asked for with INDEXES."""
    arms: Arms = {}
    for table in consumed if isinstance(consumed, list) else [consumed]:
        name: str = table["TableName"]
        parts: dict[str | None, Any] = {None: table.get("Table", {})}
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            parts |= table.get(kind, {})
        for index, part in parts.items():
            arms[name, index] = float(part.get("CapacityUnits", 0.0))
    return arms


def agree(one: Arms, other: Arms) -> bool:
    """Whether two reports say the same; an arm left out is 0."""
    return all(one.get(arm, 0.0) == other.get(arm, 0.0) for arm in one.keys() | other.keys())


def _changed(step: Step, **changes: Any) -> Step:
    return replace(step, charges=tuple(replace(charge, **changes) for charge in step.charges))


def _unless_refused(request: Request) -> Iterable[Step]:
    return () if request.is_refused else request.steps


def _found_by(*operations: str) -> Callable[[Request], Iterable[Step]]:
    return lambda request: [
        step
        for step in request.steps
        if not (request.operation in operations and step.is_of_missing)
    ]


def _deletes_of_missing(request: Request) -> Iterator[Step]:
    counted = {"BatchWriteItem": 2.0, "TransactWriteItems": 1.0}.get(request.operation)
    for step in request.steps:
        is_odd = counted is not None and step.verb == "Delete" and step.is_of_missing
        yield _changed(step, factor=counted) if is_odd else step


def _checks_as_reads(request: Request) -> Iterator[Step]:
    for step in request.steps:
        yield _changed(step, is_write=False) if step.verb == "ConditionCheck" else step


def _with_overhead(request: Request) -> Iterator[Step]:
    def entry(charge: Charge) -> Charge:
        if not (charge.is_local and charge.is_write):
            return charge
        sizes = (charge.before_bytes, charge.after_bytes)
        before, after = (size + INDEX_OVERHEAD_BYTES if size else 0 for size in sizes)
        return replace(charge, before_bytes=before, after_bytes=after)

    for step in request.steps:
        yield replace(step, charges=tuple(map(entry, step.charges)))


def _entries_of_both(request: Request) -> Iterator[Step]:
    for step in request.steps:
        charges = (
            replace(charge, factor=charge.factor or 1.0) if charge.is_write else charge
            for charge in step.charges
        )
        yield replace(step, charges=tuple(charges))


def _needless_fetches(request: Request) -> Iterator[Step]:
    for step in request.steps:
        is_fetch = step.verb == "Query" and any(not charge.factor for charge in step.charges)
        yield _changed(step, factor=step.charges[-1].factor) if is_fetch else step


def _whole_items(request: Request) -> Iterator[Step]:
    for step in request.steps:
        whole = tuple(charge for charge in step.charges if not charge.factor)
        if step.verb == "Scan" and whole:
            step = replace(step, charges=whole)
            step = _changed(step, factor=request.steps[0].charges[-1].factor)
        yield step


def _collapsed(request: Request) -> Iterable[Step]:
    if request.operation != "TransactWriteItems":
        return request.steps
    distinct: dict[frozenset[Any], Step] = {}
    for step in request.steps:
        doubled = [replace(c, factor=2.0) if c.index is not None else c for c in step.charges]
        both = replace(step, charges=tuple(doubled))
        distinct.setdefault(frozenset(arms_of(both.charges).items()), both)
    return distinct.values()


FAILED_CONDITION = Divergence(
    "failed condition",
    "a write whose condition fails is charged, but no response says so, of the service neither",
    "Developer Guide, conditional writes; kivaloo PR 183",
    _unless_refused,
)
NEVER_REPORTED = (FAILED_CONDITION,)
LOCAL_DIVERGENCES = (
    FAILED_CONDITION,
    Divergence(
        "empty page",
        "a Query or Scan that finds nothing is reported as 0; the service charges 0.5 RRU "
        "(1 if consistent)",
        "API reference of Query",
        _found_by("Query", "Scan"),
    ),
    Divergence(
        "missing batch keys",
        "keys of a BatchGetItem that do not exist are reported as 0; the service charges 0.5 RRU "
        "for each (1 if consistent)",
        "issue 7 of awslabs/amazon-dynamodb-local-samples",
        _found_by("BatchGetItem"),
    ),
    Divergence(
        "delete of a missing item",
        "reported as 2 WRU in a batch and 1 in a transaction; the service charges 1 and 2",
        "Developer Guide, writes; captures by nubo-db/dynoxide",
        _deletes_of_missing,
    ),
    Divergence(
        "condition check as a read",
        "a ConditionCheck is reported in blocks of 4 KB; the service charges blocks of 1 KB",
        "captures by nubo-db/dynoxide",
        _checks_as_reads,
    ),
    Divergence(
        "entry of two images",
        "an index is written although neither the old nor the new item has all of its keys, if "
        "both together have them",
        "Developer Guide, global secondary indexes, write capacity units",
        _entries_of_both,
    ),
    Divergence(
        "overhead in local indexes",
        "entries of local secondary indexes are measured with 100 bytes more, which the service "
        "adds for storage only",
        "Developer Guide, capacity unit calculations",
        _with_overhead,
    ),
    Divergence(
        "needless fetch",
        "a local secondary index queried with a projection fetches every item from the table, even "
        "if the index has all that is asked for",
        "Developer Guide, local secondary indexes",
        _needless_fetches,
    ),
    Divergence(
        "scan by whole items",
        "a Scan of an index is measured by whole items, also where the index projects less",
        "Developer Guide, global secondary indexes, read capacity units",
        _whole_items,
    ),
    Divergence(
        "collapsed transaction",
        "actions of a TransactWriteItems with equal figures are counted once, and writes of "
        "indexes doubled, which the service does not do",
        "issue 31 of awslabs/amazon-dynamodb-local-samples; captures by nubo-db/dynoxide",
        _collapsed,
    ),
)
