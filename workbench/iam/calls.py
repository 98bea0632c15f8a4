"""What a request needs to be allowed: IAM actions, each on an ARN, with its leading keys.

IAM's actions are named like operations, but are not the same: none allows a transaction as such,
and an index has an ARN of its own, which that of its table does not cover.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.capacity.indexes import Item, Schema
from workbench.errors import NoPermissionRule

Params = Mapping[str, Any]

ON_ONE_ITEM = ("DeleteItem", "GetItem", "PutItem", "UpdateItem")
BATCHES = ("BatchGetItem", "BatchWriteItem")
TRANSACTIONS = ("TransactGetItems", "TransactWriteItems")
ON_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator")
WITHOUT_KEYS = (*ON_STREAM, "DescribeTable", "ListStreams", "Scan")
KNOWN = (*ON_ONE_ITEM, *BATCHES, *TRANSACTIONS, "Query", *WITHOUT_KEYS)


@dataclass(frozen=True)
class Call:
    """One right that a request needs, and what the request's context tells about it.

    `leading_keys` are the partition key values named. A Scan names none; then the context has no
    such key at all. `caller` is the UUID of the user it is made for, or empty.
    """

    action: str
    resource: str
    leading_keys: tuple[str, ...] = ()
    caller: str = ""


def calls_of(
    operation: str, params: Params, schema: Schema, table_arn: str, caller: str = ""
) -> Iterator[Call]:
    """The rights that one request needs, on the table of this ARN whatever it calls the table.

    Raises
    ------
    NoPermissionRule
        If it is not known which rights the request needs.

    Source
    ------
    Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB":
    batches have actions of their own, Scan has no leading keys, ListStreams is about no resource.
    DynamoDB Developer Guide, "Using IAM with DynamoDB transactions": each element needs what its
    own operation would. That an index's leading keys are its own partition keys is not written
    there, but assumed.
    """
    resource = _resource(operation, params, table_arn)
    for action, keys in _actions(operation, params, schema):
        yield Call(f"dynamodb:{action}", resource, tuple(keys), caller)


def _resource(operation: str, params: Params, table_arn: str) -> str:
    if operation == "ListStreams":
        return "*"
    if operation in ON_STREAM:  # an iterator holds its stream's ARN
        [label] = re.findall(
            r"/stream/([^|/]+)", params.get("StreamArn") or params["ShardIterator"]
        )
        return f"{table_arn}/stream/{label}"
    return f"{table_arn}/index/{params['IndexName']}" if "IndexName" in params else table_arn


def _actions(operation: str, params: Params, schema: Schema) -> list[tuple[str, list[str]]]:
    """Actions, each with the partition key values that it is about."""
    if operation in WITHOUT_KEYS:
        return [(operation, [])]
    if operation == "Query":
        key = schema.index(params["IndexName"]).key if "IndexName" in params else schema.key
        return [(operation, [_queried_key(params, key[0])])]
    return [
        (action, [_text(item[schema.key[0]]) for item in items])
        for action, items in _items(operation, params)
    ]


def _items(operation: str, params: Params) -> list[tuple[str, list[Item]]]:
    """Actions, each with the items or primary keys that it is about."""
    if operation in ON_ONE_ITEM:
        return [(operation, [_item(params)])]
    if operation == "BatchGetItem":
        return [(operation, table["Keys"]) for table in params["RequestItems"].values()]
    if operation == "BatchWriteItem":
        requests = [each for table in params["RequestItems"].values() for each in table]
        return [(operation, [_item(body) for each in requests for body in each.values()])]
    if operation in TRANSACTIONS:  # of Put, Update, Delete, ConditionCheck or Get
        elements = [element for each in params["TransactItems"] for element in each.items()]
        return [(f"{verb}Item", [_item(body)]) for verb, body in elements]
    raise NoPermissionRule(operation, KNOWN)


def _item(body: Params) -> Item:
    item: Item = body["Item"] if "Item" in body else body["Key"]
    return item


def _queried_key(params: Params, partition_key: str) -> str:
    condition, names = params["KeyConditionExpression"], params.get("ExpressionAttributeNames", {})
    for name, value in re.findall(r"(#?\w+)\s*=\s*(:\w+)", condition):
        if names.get(name, name) == partition_key:
            return _text(params["ExpressionAttributeValues"][value])
    raise NoPermissionRule(f"Query by {condition!r}", KNOWN)


def _text(value: Mapping[str, Any]) -> str:
    [content] = value.values()
    return str(content)
