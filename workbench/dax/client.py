"""A model of a DAX cluster with boto3's interface, in front of any client of DynamoDB.

    request ─> allowed? ─> eventually consistent read ─> in the cache? ─> answer
                      │                                       └─ no ─> DynamoDB ─> kept ─> answer
                      ├──> strong or transactional read ─────────────> DynamoDB ─────────> answer
                      └──> write ─> DynamoDB ─> written to the item cache, never to the query cache

Left out: several nodes, and that replicas lag behind the primary by up to a second; time on the
way; throttling and the limits of a node; a TTL of 0; PartiQL; what a cluster does with a read of
some attributes only, which is passed on here. A cluster may evict sooner: how it counts bytes and
shares its memory between the caches is not published.

Source
------
DynamoDB Developer Guide, "DAX: How it works", "DAX and DynamoDB consistency models", "Configuring
your DAX cluster", "Amazon DynamoDB Transactions: How it works".
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.capacity.operations import NARROWING
from workbench.dax.caches import DEFAULT_BYTES, DEFAULT_TTL_SECONDS, MISS, Cache, cache_key
from workbench.dax.roles import actions_of, check_allowed
from workbench.dynamodb.paging import Pages
from workbench.errors import InputFault

Request = Mapping[str, Any]
Response = dict[str, Any]
OF_THE_TRIP = ("ConsumedCapacity", "ResponseMetadata")  # of a response; a hit made no such trip
TABLE_OPERATIONS = "DAX serves no operations on tables: use DynamoDB's own client for {}"


class DaxModel:
    """A client that answers from an item cache and a query cache where DAX would.

    `counts` has, by operation, how many answers were a `hit` or a `miss` (each key of a batch is
    one), how many requests were `passed` on because DAX serves only the others, and how many items
    were read again behind a transaction (`refreshed`).
    """

    def __init__(
        self,
        client: Any,
        *,
        clock: Callable[[], float],
        item_ttl_seconds: float = DEFAULT_TTL_SECONDS,
        query_ttl_seconds: float = DEFAULT_TTL_SECONDS,
        item_bytes: int = DEFAULT_BYTES,
        query_bytes: int = DEFAULT_BYTES,
        role: str = "read/write",
    ) -> None:
        actions_of(role)  # refuses one that is none
        self.counts: Counter[tuple[str, str]] = Counter()
        self.items = Cache(item_ttl_seconds, item_bytes, clock)
        self.queries = Cache(query_ttl_seconds, query_bytes, clock)
        self.exceptions = client.exceptions
        self.meta = client.meta
        self._client = client
        self._role = role
        self._schemas: dict[str, Schema] = {}

    def for_role(self, role: str) -> "DaxModel":
        """The same cluster, with the same caches, for somebody of another role."""
        other = object.__new__(DaxModel)
        other.__dict__.update(self.__dict__, _role=role)
        return other

    def hit_rate(self, *operations: str) -> float | None:
        """Share of hits among what caches could have answered; None if there was nothing."""
        hits = sum(self.counts[each, "hit"] for each in operations)
        asked = hits + sum(self.counts[each, "miss"] for each in operations)
        return hits / asked if asked else None

    # --- Reads -------------------------------------------------------------------------------

    def get_item(self, **request: Any) -> Response:
        """An item by its key: from the item cache, or from the table and kept."""
        check_allowed(self._role, "GetItem", request)
        if _is_passed_on(request):
            return self._passed("GetItem", self._client.get_item, request)
        key = cache_key(request["TableName"], request["Key"])
        item = self.items.get(key)
        if item is not MISS:
            self.counts["GetItem", "hit"] += 1
            return {} if item is None else {"Item": item}
        self.counts["GetItem", "miss"] += 1
        response: Response = self._client.get_item(**request)
        self._keep(key, response.get("Item"))
        return response

    def batch_get_item(self, **request: Any) -> Response:
        """Items by their keys, each as if it were asked for alone; the rest in one request.

        Source
        ------
        DynamoDB Developer Guide, "DAX and DynamoDB consistency models".
        """
        check_allowed(self._role, "BatchGetItem", request)
        found: dict[str, list[Item]] = {table: [] for table in request["RequestItems"]}
        missing: dict[str, Any] = {}
        for table, asked in request["RequestItems"].items():
            if _is_passed_on(asked):
                self.counts["BatchGetItem", "passed"] += len(asked["Keys"])
                missing[table] = asked
                continue
            kept = {cache_key(table, key): key for key in asked["Keys"]}
            answers = {key: self.items.get(key) for key in kept}
            found[table] += [each for each in answers.values() if each not in (MISS, None)]
            keys = [kept[key] for key, answer in answers.items() if answer is MISS]
            self.counts["BatchGetItem", "hit"] += len(kept) - len(keys)
            self.counts["BatchGetItem", "miss"] += len(keys)
            if keys:
                missing[table] = {**asked, "Keys": keys}
        if not missing:
            return {"Responses": found, "UnprocessedKeys": {}}
        response: Response = self._client.batch_get_item(**{**request, "RequestItems": missing})
        for table, asked in missing.items():
            if not _is_passed_on(asked):
                self._keep_batch(table, asked["Keys"], response)
            found[table] += response["Responses"].get(table, [])
        return {**response, "Responses": found}

    def query(self, **request: Any) -> Response:
        """A page of a Query: from the query cache if the very same request was answered before."""
        return self._page("Query", self._client.query, request)

    def scan(self, **request: Any) -> Response:
        """A page of a Scan, as one of a Query."""
        return self._page("Scan", self._client.scan, request)

    def transact_get_items(self, **request: Any) -> Response:
        """Items of one moment: always from the table, and not kept."""
        check_allowed(self._role, "TransactGetItems", request)
        return self._passed("TransactGetItems", self._client.transact_get_items, request)

    def get_paginator(self, operation_name: str) -> Pages:
        """Pages of `query` or `scan`; each is a request of its own, and an entry of its own."""
        return Pages({"query": self.query, "scan": self.scan}[operation_name])

    def _page(self, operation: str, read: Callable[..., Response], request: Request) -> Response:
        """Keyed by the whole request; what it found goes to the query cache alone."""
        check_allowed(self._role, operation, request)
        if request.get("ConsistentRead"):
            return self._passed(operation, read, request)
        key = cache_key(operation, request)
        kept: Response | object = self.queries.get(key)
        if isinstance(kept, dict):
            self.counts[operation, "hit"] += 1
            return kept
        self.counts[operation, "miss"] += 1
        response = read(**request)
        answer = {name: part for name, part in response.items() if name not in OF_THE_TRIP}
        self.queries.put(key, answer, response.get("Items", ()))
        return response

    def _passed(self, operation: str, read: Callable[..., Response], request: Request) -> Response:
        self.counts[operation, "passed"] += 1
        return read(**request)

    # --- Writes ------------------------------------------------------------------------------

    def put_item(self, **request: Any) -> Response:
        """Put an item on the table, then in the item cache."""
        return self._write("PutItem", self._client.put_item, request)

    def update_item(self, **request: Any) -> Response:
        """Change an item on the table; the item cache has it as it is then.

        For that the model asks for the whole new item. Where the caller asks for something else,
        it forgets what it had instead, so that the next read is from the table.
        """
        check_allowed(self._role, "UpdateItem", request)
        is_unasked = request.get("ReturnValues", "NONE") == "NONE"
        sent = {**request, "ReturnValues": "ALL_NEW"} if is_unasked else request
        response: Response = self._client.update_item(**sent)
        self.written("UpdateItem", sent, response)
        if is_unasked:
            return {name: part for name, part in response.items() if name != "Attributes"}
        return response

    def delete_item(self, **request: Any) -> Response:
        """Delete an item from the table; the item cache then knows that there is none."""
        return self._write("DeleteItem", self._client.delete_item, request)

    def batch_write_item(self, **request: Any) -> Response:
        """Put and delete several items; those left unprocessed are not in the cache."""
        return self._write("BatchWriteItem", self._client.batch_write_item, request)

    def transact_write_items(self, **request: Any) -> Response:
        """All writes or none; then all their items are read again, for 2 RRU per 4 KB each.

        Source
        ------
        DynamoDB Developer Guide, "Amazon DynamoDB Transactions: How it works", "Using transactional
        APIs in DynamoDB Accelerator (DAX)": after the write DAX calls TransactGetItems in the
        background for each of its items, which uses read capacity besides.
        """
        return self._write("TransactWriteItems", self._client.transact_write_items, request)

    def _write(self, operation: str, write: Callable[..., Response], request: Request) -> Response:
        """To the table first: what it refuses, or fails to do, does not get into the cache."""
        check_allowed(self._role, operation, request)
        response = write(**request)
        self.written(operation, request, response)
        return response

    def written(self, operation: str, request: Request, response: Request) -> None:
        """Have the item cache as a write that succeeded leaves the table; queries stay."""
        if operation == "PutItem":
            self._keep_new(request["TableName"], request["Item"])
        elif operation == "DeleteItem":
            self._keep(cache_key(request["TableName"], request["Key"]), None)
        elif operation == "UpdateItem":
            key = cache_key(request["TableName"], request["Key"])
            if request.get("ReturnValues") == "ALL_NEW":
                self._keep(key, response["Attributes"])
            else:
                self.items.drop(key)
        elif operation == "BatchWriteItem":
            self._batch_written(request, response.get("UnprocessedItems", {}))
        elif operation == "TransactWriteItems":
            self._refresh(request)

    def _batch_written(self, request: Request, unprocessed: Mapping[str, Any]) -> None:
        for table, writes in request["RequestItems"].items():
            for write in writes:
                if write in unprocessed.get(table, ()):
                    continue
                if "PutRequest" in write:
                    self._keep_new(table, write["PutRequest"]["Item"])
                else:
                    self._keep(cache_key(table, write["DeleteRequest"]["Key"]), None)

    def _refresh(self, request: Request) -> None:
        gets = []
        for [body] in (list(element.values()) for element in request["TransactItems"]):
            key = body.get("Key") or self._schema(body["TableName"]).key_of(body["Item"])
            gets.append({"TableName": body["TableName"], "Key": key})
        response = self._client.transact_get_items(TransactItems=[{"Get": get} for get in gets])
        self.counts["TransactWriteItems", "refreshed"] += len(gets)
        for get, entry in zip(gets, response["Responses"], strict=True):
            self._keep(cache_key(get["TableName"], get["Key"]), entry.get("Item"))

    # --- Keeping -----------------------------------------------------------------------------

    def _keep(self, key: str, item: Item | None) -> None:
        self.items.put(key, item, () if item is None else (item,))

    def _keep_new(self, table: str, item: Item) -> None:
        self._keep(cache_key(table, self._schema(table).key_of(item)), item)

    def _keep_batch(self, table: str, keys: list[Item], response: Request) -> None:
        """Each item that was found, and of each other key that there is none."""
        schema, left = self._schema(table), response.get("UnprocessedKeys", {}).get(table, {})
        items = {
            cache_key(table, schema.key_of(item)): item
            for item in response["Responses"].get(table, ())
        }
        for key in keys:
            if key not in left.get("Keys", ()):
                name = cache_key(table, key)
                self._keep(name, items.get(name))

    def _schema(self, table: str) -> Schema:
        if table not in self._schemas:
            described = self._client.describe_table(TableName=table)["Table"]
            self._schemas[table] = read_schema(described)
        return self._schemas[table]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(self._client, name):
            raise AttributeError(name)

        def refused(**_: Any) -> Response:
            raise InputFault(TABLE_OPERATIONS.format(name))

        return refused


def _is_passed_on(request: Request) -> bool:
    return bool(request.get("ConsistentRead")) or bool(NARROWING & request.keys())
