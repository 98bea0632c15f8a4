"""The meter: what each request of a client read and wrote, its units by rule and as reported.

    client.put_item(...)
      before-parameter-build   ask for consumed capacity, and for the item as it was
      before-call              side read: items that are about to change and no response would show
      before-send              one round trip more, retries included
      after-call               side read: items as they are now, or those that a filter left out

It hooks into botocore's events, so the code that is measured does not know. Side reads are counted
nowhere, and their time is kept apart in `Usage.side_seconds`.
"""

import contextlib
import copy
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.operations import (
    READS,
    WRITES,
    Action,
    actions,
    is_narrowed,
    read_charges,
    replay_charge,
    widened,
    write_charges,
)
from workbench.capacity.requests import Charge
from workbench.dynamodb.divergences import (
    LOCAL_DIVERGENCES,
    Difference,
    Divergence,
    Request,
    Step,
    find_difference,
    reported_arms,
)
from workbench.errors import NotMetered, UnexplainedDifference

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTIQL = frozenset({"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"})
SCHEMA_CHANGES = frozenset({"CreateTable", "DeleteTable", "UpdateTable"})
REFUSALS = ("ConditionalCheckFailedException", "TransactionCanceledException")


@dataclass
class Usage:
    """What the requests of one `watching` block did.

    `estimated_*` are request units by rule, `consumed_*` those that the target reported, and
    `differences` the requests where the two are not the same, each with its cause. `charges` are
    the bytes that the rules were applied to, by operation. Items and bytes `read` are those before
    a filter and a projection, `returned` those after it. `requests` are the operations and their
    parameters as they were given to the client, without what the meter adds; `units` the estimated
    RRU and WRU of each of them.
    """

    round_trips: int = 0
    estimated_rru: float = 0.0
    estimated_wru: float = 0.0
    consumed_rru: float = 0.0
    consumed_wru: float = 0.0
    items_read: int = 0
    items_returned: int = 0
    bytes_read: int = 0
    bytes_returned: int = 0
    side_seconds: float = 0.0
    operations: list[str] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    units: list[tuple[float, float]] = field(default_factory=list)
    charges: list[tuple[str, Charge]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


@dataclass
class _Call:
    """One request on its way, and what was learnt about the items it touches."""

    operation: str
    params: dict[str, Any]
    given: Mapping[str, Any]  # the parameters before the meter added to them
    hidden: Sequence[str] = ()  # parts of the response that only the meter asked for
    old_items: list[Item | None] | None = None
    fault: Exception | None = None  # of the side reads before it


class Meter:
    """Watches one client; blocks may not nest, for each request belongs to one question.

    An update's images come from a read after it, a transaction's and a batch's from one before it:
    another client that writes the same items in between would spoil them. `round_trips` are those
    of the client so far, watched or not.
    """

    def __init__(
        self, client: "DynamoDBClient", *, known: Sequence[Divergence] = LOCAL_DIVERGENCES
    ) -> None:
        self.round_trips = 0
        self._client = client
        self._known = known
        self._usage: Usage | None = None
        self._here = threading.local()  # whether this thread is reading aside
        self._schemas: dict[str, Schema] = {}
        self._tokens: set[str] = set()
        events = client.meta.events
        events.register("before-parameter-build.dynamodb", self._before_build)
        events.register("before-call.dynamodb", self._before_call)
        events.register("before-send.dynamodb", self._before_send)
        events.register("after-call.dynamodb", self._after_call)

    @contextlib.contextmanager
    def watching(self) -> Iterator[Usage]:
        """The usage of all requests sent in the block.

        Raises
        ------
        UnexplainedDifference
            If units by rule and as reported differ, and no known divergence foretells how.
        """
        if self._usage is not None:
            raise RuntimeError("a meter watches one block at a time")
        self._usage = usage = Usage()
        try:
            yield usage
        finally:
            self._usage = None
        for difference in usage.differences:
            if not difference.causes:
                raise UnexplainedDifference(
                    difference.operation, difference.estimated, difference.reported
                )

    # --- Hooks -------------------------------------------------------------------------------

    def _before_build(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        if self._usage is None or self._is_aside:
            return
        if model.name in PARTIQL:
            raise NotMetered(model.name)
        given = copy.deepcopy(params)
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "INDEXES"
        hidden = tuple(_ask_for_old_item(model.name, params))
        context["metered"] = _Call(model.name, params, given, hidden)

    def _before_call(self, context: dict[str, Any], **_: Any) -> None:
        call: _Call | None = context.get("metered")
        if call is None or self._usage is None or call.operation not in WRITES:
            return
        if call.params.get("ReturnValues") != "ALL_OLD":
            with self._aside():
                try:
                    call.old_items = [self._read(action) for action in self._actions(call)]
                except (self._client.exceptions.ClientError, KeyError, ValueError) as fault:
                    call.fault = fault  # the request itself will be refused, and say better why

    def _before_send(self, **_: Any) -> None:
        if self._is_aside:
            return
        self.round_trips += 1
        if self._usage is not None:
            self._usage.round_trips += 1

    def _after_call(
        self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        if model.name in SCHEMA_CHANGES:  # watched or not
            self._schemas.clear()
        call: _Call | None = context.get("metered")
        if call is None or self._usage is None:
            return
        self._usage.operations.append(call.operation)
        usage = self._usage
        usage.requests.append((call.operation, call.given))
        rru, wru = usage.estimated_rru, usage.estimated_wru
        with self._aside():  # at once, for the caller may change what it sent and received
            if call.operation in READS and "Error" not in parsed:
                self._after_read(usage, call, parsed)
            elif call.operation in WRITES:
                self._after_write(usage, call, parsed)
        usage.units.append((usage.estimated_rru - rru, usage.estimated_wru - wru))

    # --- Reads -------------------------------------------------------------------------------

    def _after_read(self, usage: Usage, call: _Call, response: dict[str, Any]) -> None:
        from botocore import xform_name

        whole = response
        if response.get("ScannedCount") != 0 and is_narrowed(call.operation, call.params):
            wider = widened(call.operation, call.params, response, self._schema)
            whole = getattr(self._client, xform_name(call.operation))(**wider)
        if call.operation == "Scan" and "IndexName" in call.params:
            whole = {**whole, "Items": self._whole_items(call.params, whole)}
        charges = list(read_charges(call.operation, call.params, whole, self._schema))
        returned = _items(response)
        usage.items_read += response.get("ScannedCount", len(returned))
        usage.items_returned += response.get("Count", len(returned))
        usage.bytes_read += sum(charge.after_bytes for charge in charges if charge.factor)
        usage.bytes_returned += sum(map(item_size_bytes, returned))
        self._add(usage, call, response, _read_steps(call.operation, charges))

    def _whole_items(self, params: dict[str, Any], response: dict[str, Any]) -> list[Item | None]:
        """The table's items behind the entries of an index, which may hold less of them."""
        table = params["TableName"]
        keys = [self._schema(table).key_of(entry) for entry in response.get("Items", ())]
        return [self._read(Action("Get", table, key)) for key in keys]

    # --- Writes ------------------------------------------------------------------------------

    def _after_write(self, usage: Usage, call: _Call, response: dict[str, Any]) -> None:
        error = response.get("Error", {}).get("Code")
        if error is not None and (error not in REFUSALS or call.fault is not None):
            return  # refused before it did anything: not charged
        if call.fault is not None:
            raise call.fault
        old_item = response.get("Attributes") or response.get("Item")
        for key in call.hidden:
            response.pop(key, None)
        token = call.params.get("ClientRequestToken")
        is_replay = token in self._tokens
        if token is not None and error is None:
            self._tokens.add(token)
        unwritten = {"RequestItems": response.get("UnprocessedItems", {})}
        left = list(actions("BatchWriteItem", unwritten, self._schema))
        steps = []
        for action, old in zip(self._actions(call), call.old_items or [old_item], strict=True):
            if action in left:
                continue
            if is_replay:
                steps.append(Step("Get", (replay_charge(action, old),)))
                continue
            charges = write_charges(
                action,
                self._schema(action.table),
                old,
                self._new_item(action, old, call, response, is_refused=error is not None),
                is_transactional=call.operation == "TransactWriteItems",
                is_refused=error is not None,
            )
            steps.append(Step(action.verb, tuple(charges)))
        self._add(usage, call, response, steps, is_refused=error is not None)

    def _new_item(
        self,
        action: Action,
        old: Item | None,
        call: _Call,
        response: Mapping[str, Any],
        *,
        is_refused: bool,
    ) -> Item | None:
        """The item as the action leaves it, or would have put it had it not been refused."""
        if action.verb == "Put":
            return action.new_item
        if action.verb == "Delete" and not is_refused:
            return None
        if action.verb == "ConditionCheck" or is_refused:
            return old
        if call.params.get("ReturnValues") == "ALL_NEW":
            new: Item = response["Attributes"]
            return new
        return self._read(action)

    # --- Shared ------------------------------------------------------------------------------

    def _add(
        self,
        usage: Usage,
        call: _Call,
        response: Mapping[str, Any],
        steps: Sequence[Step],
        *,
        is_refused: bool = False,
    ) -> None:
        request = Request(call.operation, tuple(steps), is_refused)
        reported = reported_arms(response.get("ConsumedCapacity", []))
        charges = [charge for step in steps for charge in step.charges]
        for charge in charges:
            usage.charges.append((call.operation, charge))
            if charge.is_write:
                usage.estimated_wru += charge.units
            else:
                usage.estimated_rru += charge.units
        if not any(charge.is_write for charge in charges):
            usage.consumed_rru += sum(reported.values())
        else:
            usage.consumed_wru += sum(reported.values())
        difference = find_difference(request, reported, self._known)
        if difference is not None:
            usage.differences.append(difference)

    def _actions(self, call: _Call) -> Iterator[Action]:
        return actions(call.operation, call.params, self._schema)

    def _schema(self, table: str) -> Schema:
        if table not in self._schemas:
            description = self._client.describe_table(TableName=table)["Table"]
            self._schemas[table] = read_schema(description)
        return self._schemas[table]

    def _read(self, action: Action) -> Item | None:
        read = self._client.get_item(TableName=action.table, Key=action.key, ConsistentRead=True)
        return read.get("Item")

    @property
    def _is_aside(self) -> bool:
        return getattr(self._here, "is_aside", False)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """Requests in the block are the meter's own: they count nowhere."""
        was_aside, self._here.is_aside = self._is_aside, True
        started = time.perf_counter()
        try:
            yield
        finally:
            self._here.is_aside = was_aside
            if self._usage is not None and not was_aside:
                self._usage.side_seconds += time.perf_counter() - started


def _read_steps(operation: str, charges: list[Charge]) -> list[Step]:
    """One step for each item of a batch; a page of a Query or Scan is one step as a whole."""
    if operation in ("Query", "Scan"):
        return [Step(operation, tuple(charges))]
    return [Step("Get", (charge,)) for charge in charges]


def _ask_for_old_item(operation: str, params: dict[str, Any]) -> Iterator[str]:
    """Have the response show the item as it was; the parts that are then to be hidden again."""
    if operation in ("DeleteItem", "PutItem", "UpdateItem"):
        for option, part in (
            ("ReturnValues", "Attributes"),
            ("ReturnValuesOnConditionCheckFailure", "Item"),
        ):
            if params.get(option, "NONE") == "NONE":
                params[option] = "ALL_OLD"
                yield part


def _items(response: Mapping[str, Any]) -> list[Any]:
    if "Item" in response:
        return [response["Item"]]
    if "Responses" not in response:
        return list(response.get("Items", ()))
    responses = response["Responses"]
    if isinstance(responses, dict):  # BatchGetItem: table -> items
        return [item for items in responses.values() for item in items]
    return [entry["Item"] for entry in responses if "Item" in entry]  # TransactGetItems
