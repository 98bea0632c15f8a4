"""The meter: what each request of a client read, wrote and consumed, seen from outside.

    client.put_item(...)
      before-parameter-build   ask for consumed capacity
      before-send              one round trip more, retries included
      after-call               units, items and bytes of the response

It hooks into botocore's events, so the code that is measured does not know.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.capacity.item_size import item_size_bytes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What DynamoDB Local 3.3.1 is known to report wrongly, by the figure that is then wrong.
MISREPORTS = {
    "consumed_rru": "DynamoDB Local reports nothing for a query that finds nothing, where the "
    "service charges 0.5 RRU (1 if consistent)",
    "consumed_wru": "DynamoDB Local counts TransactWriteItems wrongly: actions of equal cost "
    "collapse into one, and index writes are doubled",
}
READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


@dataclass
class Usage:
    """What the requests of one `watching` block did, as the target reported it.

    `items_read` counts items before a filter and `items_returned` after it. `bytes_read` is None,
    not measured, once a response leaves out items or attributes that were read. `misreported`
    names the figures that DynamoDB Local is known to report wrongly for one of the requests.
    """

    round_trips: int = 0
    consumed_rru: float = 0.0
    consumed_wru: float = 0.0
    items_read: int = 0
    items_returned: int = 0
    bytes_read: int | None = 0
    bytes_returned: int = 0
    operations: list[str] = field(default_factory=list)
    misreported: set[str] = field(default_factory=set)

    def add_response(self, operation: str, params: Mapping[str, Any], response: Any) -> None:
        """Add what one response tells."""
        self.operations.append(operation)
        units = _consumed_units(response)
        if operation not in READS:
            self.consumed_wru += units
            if operation == "TransactWriteItems":
                self.misreported.add("consumed_wru")
            return
        self.consumed_rru += units
        items = _returned_items(response)
        size_bytes = sum(map(item_size_bytes, items))
        count_read = response.get("ScannedCount", len(items))
        if count_read == 0 and operation in ("Query", "Scan"):
            self.misreported.add("consumed_rru")
        self.items_read += count_read
        self.items_returned += len(items)
        self.bytes_returned += size_bytes
        if count_read != len(items) or "ProjectionExpression" in params:
            self.bytes_read = None
        elif self.bytes_read is not None:
            self.bytes_read += size_bytes


class Meter:
    """Watches one client; blocks may not nest, for each request belongs to one question."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._usage: Usage | None = None
        self._answered: list[tuple[str, Mapping[str, Any], Any]] = []
        events = client.meta.events
        events.register("before-parameter-build.dynamodb", self._before_build)
        events.register("before-send.dynamodb", self._before_send)
        events.register("after-call.dynamodb", self._after_call)

    @contextlib.contextmanager
    def watching(self) -> Iterator[Usage]:
        """The usage of all requests sent in the block, complete when the block has ended.

        Responses are only kept until then, so that sizing items takes no time in the block.
        """
        if self._usage is not None:
            raise RuntimeError("a meter watches one block at a time")
        self._usage = Usage()
        try:
            yield self._usage
        finally:
            usage, self._usage = self._usage, None
            answered, self._answered = self._answered, []
            for operation, params, response in answered:
                usage.add_response(operation, params, response)

    def _before_build(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "INDEXES"
        context["metered_params"] = params

    def _before_send(self, **_: Any) -> None:
        if self._usage is not None:
            self._usage.round_trips += 1

    def _after_call(self, parsed: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._usage is not None:
            self._answered.append((model.name, context["metered_params"], parsed))


def _consumed_units(response: Mapping[str, Any]) -> float:
    consumed = response.get("ConsumedCapacity", [])
    per_table = consumed if isinstance(consumed, list) else [consumed]
    return sum(float(table["CapacityUnits"]) for table in per_table)


def _returned_items(response: Mapping[str, Any]) -> list[Any]:
    if "Item" in response:
        return [response["Item"]]
    if "Responses" not in response:
        return list(response.get("Items", ()))
    responses = response["Responses"]
    if isinstance(responses, dict):  # BatchGetItem: table -> items
        return [item for items in responses.values() for item in items]
    return [entry["Item"] for entry in responses if "Item" in entry]  # TransactGetItems
