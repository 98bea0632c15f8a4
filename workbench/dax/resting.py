"""A table between two writes, at which many caches are tried at once: one table for all of them.

Between writes the table answers a request always alike, so it is sent once, and each view counts
what it asked for as if it had sent it itself. Writes are overheard, and told to the caches.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from workbench.capacity.operations import WRITES
from workbench.dax.caches import cache_key
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.paging import Pages

Tell = Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]


class RestingTable:
    """Answers of a table that nobody writes to, until `forget`."""

    def __init__(self, client: Any, meter: Meter) -> None:
        self.client = client
        self._meter = meter
        self._answers: dict[str, tuple[Mapping[str, Any], float]] = {}

    def forget(self) -> None:
        """The table was written to: what it answered before is of no use."""
        self._answers.clear()

    def read(self, method: str, request: Mapping[str, Any]) -> tuple[Mapping[str, Any], float]:
        """A response, and the RRU that it takes by rule."""
        key = cache_key(method, request)
        if key not in self._answers:
            with self._meter.watching() as usage:
                response = getattr(self.client, method)(**request)
            self._answers[key] = (response, usage.estimated_rru)
        return self._answers[key]


class View:
    """One reader of a resting table: a client for reading, with its own count of what that took."""

    def __init__(self, table: RestingTable) -> None:
        self.rru = 0.0
        self.requests = 0
        self.exceptions = table.client.exceptions
        self.meta = table.client.meta
        self.describe_table = table.client.describe_table
        self._table = table

    def _read(self, method: str, request: Mapping[str, Any]) -> Any:
        response, rru = self._table.read(method, request)
        self.rru += rru
        self.requests += 1
        return response

    def get_item(self, **request: Any) -> Any:
        """As boto3 has it; so are the others."""
        return self._read("get_item", request)

    def batch_get_item(self, **request: Any) -> Any:
        """Items by their keys."""
        return self._read("batch_get_item", request)

    def query(self, **request: Any) -> Any:
        """A page of a Query."""
        return self._read("query", request)

    def scan(self, **request: Any) -> Any:
        """A page of a Scan."""
        return self._read("scan", request)

    def transact_get_items(self, **request: Any) -> Any:
        """Items of one moment."""
        return self._read("transact_get_items", request)

    def get_paginator(self, operation_name: str) -> Pages:
        """Pages of `query` or `scan`."""
        return Pages(getattr(self, operation_name))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a view is for reading: it has no {name}")


class Overheard:
    """Tells of each write of a client that succeeded, as long as `is_on`."""

    def __init__(self, client: Any, tell: Tell) -> None:
        self.is_on = False
        self._tell = tell
        client.meta.events.register("before-parameter-build.dynamodb", self._before)
        client.meta.events.register("after-call.dynamodb", self._after)

    def _before(self, params: dict[str, Any], model: Any, context: Any, **_: Any) -> None:
        if self.is_on and model.name in WRITES:
            if model.name == "UpdateItem":
                params.setdefault("ReturnValues", "ALL_NEW")  # as the model of DAX asks
            context["overheard"] = copy.deepcopy(params)

    def _after(self, parsed: dict[str, Any], model: Any, context: Any, **_: Any) -> None:
        if "overheard" in context and "Error" not in parsed:
            self._tell(model.name, context["overheard"], parsed)
