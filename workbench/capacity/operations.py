"""The charges of one request, from its parameters and the items it touched, in the API's form.

    request ── actions() ──> what it writes, item by item ──┐
    items before and after, or items read ──────────────────┴─> charges ──> request units

Rules and sizes only; where the items come from is the meter's affair.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.capacity.indexes import Item, Schema, index_writes, size_or_zero
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import TRANSACTION_FACTOR, Charge, Consistency

Params = Mapping[str, Any]
SchemaOf = Callable[[str], Schema]

READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
WRITES = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})
NARROWING = frozenset(
    {"AttributesToGet", "FilterExpression", "ProjectionExpression", "QueryFilter", "ScanFilter"}
)
NAME_OR_VALUE = re.compile(r"[#:]\w+")


@dataclass(frozen=True)
class Action:
    """One write of a request: `new_item` is the whole item of a put, else None."""

    verb: str  # Put, Update, Delete or ConditionCheck
    table: str
    key: Item
    new_item: Item | None = None


def actions(operation: str, params: Params, schema_of: SchemaOf) -> Iterator[Action]:
    """Each write that a request asks for, in its order."""

    def action(verb: str, table: str, body: Params) -> Action:
        if verb == "Put":
            return Action(verb, table, schema_of(table).key_of(body["Item"]), body["Item"])
        return Action(verb, table, body["Key"])

    if operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for request in requests:
                [(name, body)] = request.items()
                yield action(name.removesuffix("Request"), table, body)
    elif operation == "TransactWriteItems":
        for request in params["TransactItems"]:
            [(verb, body)] = request.items()
            yield action(verb, body["TableName"], body)
    else:
        yield action(operation.removesuffix("Item"), params["TableName"], params)


def write_charges(
    action: Action,
    schema: Schema,
    old: Item | None,
    new: Item | None,
    *,
    is_transactional: bool = False,
    is_refused: bool = False,
) -> Iterator[Charge]:
    """The table's charge for one write, then those of its indexes, which no transaction doubles.

    Where the write was refused (its condition failed, or its transaction was cancelled), `new` is
    what it would have put, as far as is known, and no index is charged.

    Source
    ------
    See `write_units` and `index_writes`.
    """
    factor = TRANSACTION_FACTOR if is_transactional else 1.0
    yield Charge(action.table, None, factor, size_or_zero(old), size_or_zero(new), is_write=True)
    if is_refused or action.verb == "ConditionCheck":
        return
    if old is not None and new is not None:
        yield from _written_by_local_only(action.table, schema, old, new)
    for index, before, after in index_writes(schema, old, new):
        yield Charge(
            action.table, index.name, 1.0, before, after, is_write=True, is_local=index.is_local
        )


def _written_by_local_only(table: str, schema: Schema, old: Item, new: Item) -> Iterator[Charge]:
    """Free entries, of which neither image has all keys, but both together do.

    DynamoDB Local measures what the old image has of them.
    """
    for index in schema.indexes:
        if schema.entry(index, old) is None and schema.entry(index, new) is None:
            both = schema.entry(index, {**old, **new})
            if both is not None:
                yield Charge(
                    table,
                    index.name,
                    0.0,
                    item_size_bytes({name: old[name] for name in both if name in old}),
                    0,
                    is_write=True,
                    is_local=index.is_local,
                )


def replay_charge(action: Action, old: Item | None) -> Charge:
    """The charge for one item of a transaction that was sent again under its token: a read.

    Source
    ------
    DynamoDB API reference, "TransactWriteItems", "ClientRequestToken".
    """
    factor = Consistency.TRANSACTIONAL.value
    return Charge(action.table, None, factor, 0, size_or_zero(old), is_write=False)


def read_charges(
    operation: str, params: Params, response: Params, schema_of: SchemaOf
) -> Iterator[Charge]:
    """Charges of a read, from a response that holds the items whole and unfiltered."""
    if operation == "GetItem":
        yield _item_read(params["TableName"], response.get("Item"), _consistency(params))
    elif operation == "TransactGetItems":
        for request, entry in zip(params["TransactItems"], response["Responses"], strict=True):
            table = request["Get"]["TableName"]
            yield _item_read(table, entry.get("Item"), Consistency.TRANSACTIONAL)
    elif operation == "BatchGetItem":
        for table, request in params["RequestItems"].items():
            found = response["Responses"].get(table, [])
            left = response.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            missing = len(request["Keys"]) - len(left) - len(found)
            for item in [*found, *[None] * missing]:
                yield _item_read(table, item, _consistency(request))
    else:
        items = response.get("Items", [])
        yield from _page_charges(operation, params, items, schema_of(params["TableName"]))


def _page_charges(
    operation: str, params: Params, items: list[Item], schema: Schema
) -> Iterator[Charge]:
    """One page of a Query or Scan; an LSI fetches what it does not project from the table."""
    table, name = params["TableName"], params.get("IndexName")
    factor = _consistency(params).value
    entries = items
    if name is not None:
        index = schema.index(name)
        entries = [schema.entry(index, item) or item for item in items]
        if index.is_local and index.projection != "ALL" and asks_in_part(params):
            fetch = factor if asks_beyond(params, schema) else 0.0
            for item in items:
                yield replace(_item_read(table, item, _consistency(params)), factor=fetch)
        if operation == "Scan" and index.projection != "ALL":
            whole_bytes = sum(map(item_size_bytes, items))
            yield Charge(table, name, 0.0, 0, whole_bytes, len(items), is_write=False)
    size_bytes = sum(map(item_size_bytes, entries))
    yield Charge(table, name, factor, 0, size_bytes, len(items), is_write=False)


def asks_in_part(params: Params) -> bool:
    """Whether a query of an index names the attributes that it wants, or wants all of them."""
    return "ProjectionExpression" in params or params.get("Select") == "ALL_ATTRIBUTES"


def asks_beyond(params: Params, schema: Schema) -> bool:
    """Whether a query of an index asks for attributes that it does not project."""
    index = schema.index(params["IndexName"])
    if index.projection == "ALL":
        return False
    if params.get("Select") == "ALL_ATTRIBUTES":
        return True
    names = params.get("ExpressionAttributeNames", {})
    wanted = re.split(r"[\s,]+", params.get("ProjectionExpression", ""))
    roots = {re.split(r"[.\[]", names.get(path, path))[0] for path in wanted if path}
    return not roots <= {*schema.key, *index.key, *index.included}


def is_narrowed(operation: str, params: Params) -> bool:
    """Whether the response leaves out items or attributes that were read and charged."""
    if operation == "BatchGetItem":
        return any(NARROWING & request.keys() for request in params["RequestItems"].values())
    if operation == "TransactGetItems":
        return any(NARROWING & request["Get"].keys() for request in params["TransactItems"])
    return bool(NARROWING & params.keys()) or params.get("Select") == "COUNT"


def widened(operation: str, params: Params, response: Params, schema_of: SchemaOf) -> Params:
    """Parameters that read the same items again, whole and unfiltered."""
    if operation == "BatchGetItem":
        left = response.get("UnprocessedKeys", {})
        tables = {
            table: {
                **_without_narrowing(request),
                "Keys": [
                    k for k in request["Keys"] if k not in left.get(table, {}).get("Keys", ())
                ],
            }
            for table, request in params["RequestItems"].items()
        }
        return {"RequestItems": {table: each for table, each in tables.items() if each["Keys"]}}
    if operation == "TransactGetItems":
        gets = [{"Get": _without_narrowing(each["Get"])} for each in params["TransactItems"]]
        return {"TransactItems": gets}
    wider = _without_narrowing(params)
    if operation in ("Query", "Scan"):
        wider = {**wider, "Limit": max(1, response["ScannedCount"])}
        name = params.get("IndexName")
        if name is not None and schema_of(params["TableName"]).index(name).is_local:
            wider["Select"] = "ALL_ATTRIBUTES"
    return wider


def _without_narrowing(params: Params) -> dict[str, Any]:
    """The parameters without filter and projection, and without names that only these use."""
    wider = {k: v for k, v in params.items() if k not in NARROWING and k != "Select"}
    used = set(NAME_OR_VALUE.findall(params.get("KeyConditionExpression", "")))
    for key in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        kept = {name: value for name, value in wider.pop(key, {}).items() if name in used}
        if kept:
            wider[key] = kept
    return wider


def _item_read(table: str, item: Item | None, consistency: Consistency) -> Charge:
    items = 0 if item is None else 1
    return Charge(table, None, consistency.value, 0, size_or_zero(item), items, is_write=False)


def _consistency(params: Params) -> Consistency:
    return Consistency.STRONG if params.get("ConsistentRead") else Consistency.EVENTUAL
