"""What a request needs to be allowed: IAM actions, each on an ARN, with its leading keys.

IAM's actions are named like operations, but are not the same: none allows a transaction as such,
and an index has an ARN of its own, which that of its table does not cover.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.capacity.indexes import Schema
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
    index = params.get("IndexName")
    resource = table_arn if index is None else f"{table_arn}/index/{index}"
    if operation == "ListStreams":
        resource = "*"
    elif operation in ON_STREAM:  # an iterator holds its stream's ARN
        place = params.get("StreamArn") or params["ShardIterator"]
        resource = table_arn + re.findall(r"/stream/[^|/]+", place)[0]
    needed: list[tuple[str, list[str]]] = [(operation, [])]
    if operation == "Query":
        key_of = schema.key if index is None else schema.index(index).key
        needed = [(operation, [_queried_key(params, key_of[0])])]
    elif operation not in WITHOUT_KEYS:
        needed = [
            (
                action,
                [
                    _text((part.get("Item") or part.get("Key") or part)[schema.key[0]])
                    for part in parts
                ],
            )
            for action, parts in _parts_with_keys(operation, params)
        ]
    for action, keys in needed:
        yield Call(f"dynamodb:{action}", resource, tuple(keys), caller)


def _parts_with_keys(operation: str, params: Params) -> list[tuple[str, Sequence[Params]]]:
    """Actions, and for each the keys, or what has an Item or a Key, that it is about."""
    if operation in ON_ONE_ITEM:
        return [(operation, [params])]
    if operation == "BatchGetItem":
        return [(operation, table["Keys"]) for table in params["RequestItems"].values()]
    if operation == "BatchWriteItem":
        requests = [each for table in params["RequestItems"].values() for each in table]
        return [(operation, [part for each in requests for part in each.values()])]
    if operation in TRANSACTIONS:  # of Put, Update, Delete, ConditionCheck or Get
        elements = [part for each in params["TransactItems"] for part in each.items()]
        return [(f"{verb}Item", [part]) for verb, part in elements]
    raise NoPermissionRule(operation, KNOWN)


def _queried_key(params: Params, partition_key: str) -> str:
    condition, names = params["KeyConditionExpression"], params.get("ExpressionAttributeNames", {})
    for name, value in re.findall(r"(#?\w+)\s*=\s*(:\w+)", condition):
        if names.get(name, name) == partition_key:
            return _text(params["ExpressionAttributeValues"][value])
    raise NoPermissionRule(f"Query by {condition!r}", KNOWN)


def _text(value: Mapping[str, Any]) -> str:
    [content] = value.values()
    return str(content)
