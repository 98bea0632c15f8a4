"""Faults at a design's requests, injected from outside by botocore's events.

request --before-call--> [dies, throttled, overtaken] --> DynamoDB --after-call--> [dies]
              |                                              ^
              +--- [cut to a half, turned to the replica] ---+
"""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from workbench.conformance.program import Fault, FaultKind
from workbench.errors import PromiseBroken

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
TABLE_CHANGES = {"CreateTable", "DeleteTable", "UpdateTable"}
THROTTLED = "ProvisionedThroughputExceededException"


class Crash(BaseException):
    """The process dies: no `except Exception` survives it."""


class Replica:
    """A table some steps behind another: what an index that lags knows.

    It never goes back: an index that has shown a write goes on to show it.
    """

    def __init__(self, client: "DynamoDBClient", table_name: str, replica_name: str) -> None:
        self._client = client
        self._names = (table_name.encode(), replica_name.encode())
        self._waiting: list[tuple[int, str, bytes]] = []

    def note(self, step: int, operation: str, body: bytes) -> None:
        """Keep a write for later."""
        self._waiting.append((step, operation, self.renamed(body)))

    def forget(self) -> None:
        """Drop what waits: no one will ask for it any more."""
        self._waiting.clear()

    def catch_up(self, step: int) -> None:
        """Bring the replica to what the table was before this step."""
        while self._waiting and self._waiting[0][0] < step:
            _, operation, body = self._waiting.pop(0)
            request = json.loads(body)
            request.pop("ClientRequestToken", None)  # used up: it belongs to the table's request
            getattr(self._client, xform_name(operation))(**request)

    def renamed(self, body: bytes) -> bytes:
        """A request's body, with the replica in place of the table."""
        return body.replace(*self._names)


class Injector:
    """Counts the requests of a client, and lets at most one fault at a time happen to them."""

    def __init__(self) -> None:
        self.requests = 0
        self.happened: Counter[str] = Counter()
        self._step = 0
        self._replica: Replica | None = None
        self._fault: Fault | None = None
        self._overtake: Callable[[], object] = lambda: None
        self._seen = 0
        self._body = b""
        self._kind: FaultKind | None = None
        self._unprocessed: dict[str, Any] = {}

    def watch(self, client: "DynamoDBClient", replica: Replica) -> None:
        """Count this client's requests, and turn those of an index that lags to the replica."""
        self._replica = replica
        client.meta.events.register("before-call.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)

    def forget(self) -> None:
        """Nothing lags any more, for those who ask are others."""
        self._step = 0
        if self._replica:
            self._replica.forget()

    def next_step(self) -> None:
        """Another step of the program: an index lags by whole steps."""
        self._step += 1

    def let_indexes_catch_up(self) -> None:
        """No index lags behind what has been written so far."""
        if self._replica:
            self._replica.catch_up(self._step + 1)

    @contextlib.contextmanager
    def injecting(
        self, fault: Fault | None, overtake: Callable[[], object] = lambda: None
    ) -> Iterator[None]:
        """Let the fault happen once in the block; `overtake` is what another process does."""
        self._fault, self._overtake, self._seen = fault, overtake, 0
        try:
            yield
        finally:
            self._fault = None

    def _due(self, operation: str, body: bytes) -> Fault | None:
        """The fault, if this is the request that it is to hit."""
        fault = self._fault
        if (
            fault is None
            or (fault.kind == "half_written" and operation != "BatchWriteItem")
            or (fault.kind == "stale_index" and b'"IndexName"' not in body)
        ):
            return None
        self._seen += 1
        if self._seen < fault.request:
            return None
        self._fault = None
        self.happened[fault.kind] += 1
        return fault

    def _before(self, model: Any, params: Any, **_: Any) -> Any:
        if model.name in TABLE_CHANGES:
            name = json.loads(params["body"]).get("TableName")
            raise PromiseBroken("A", f"sends {model.name} for {name!r}: it is given its one table")
        self.requests += 1
        fault = self._due(model.name, params["body"])
        kind = fault.kind if fault else None
        if fault and kind == "stale_index" and self._replica:
            self._replica.catch_up(self._step - fault.lag)
            params["body"] = self._replica.renamed(params["body"])
        elif kind == "half_written":
            params["body"] = self._half(params["body"])
        elif kind == "overtaken":
            self._overtake()
        elif kind == "crash_before":
            raise Crash
        self._body, self._kind = params["body"], kind
        if kind == "throttle":
            error = {"Code": THROTTLED, "Message": "injected"}
            return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}
        return None

    def _after(self, model: Any, http_response: Any, parsed: Any, **_: Any) -> None:
        if self._replica and model.name in WRITES and http_response.status_code < 300:
            self._replica.note(self._step, model.name, self._body)
        if self._kind == "half_written":
            parsed["UnprocessedItems"] = self._unprocessed
        if self._kind == "crash_after":
            raise Crash

    def _half(self, body: bytes) -> bytes:
        request = json.loads(body)
        [(table, writes)] = request["RequestItems"].items()
        half = (len(writes) + 1) // 2
        self._unprocessed = {table: writes[half:]}
        return json.dumps({**request, "RequestItems": {table: writes[:half]}}).encode()
