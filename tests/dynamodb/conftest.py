"""A small table with one index of each kind, and items of exact sizes."""

from collections.abc import Iterator
from typing import Any

import pytest

from workbench.capacity.item_size import item_size_bytes
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target


def key_schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]


DEFINITION: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "a", "b", "l")
    ],
    "KeySchema": key_schema("pk", "sk"),
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "global",
            "KeySchema": key_schema("a", "b"),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": key_schema("pk", "l"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["included"]},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
}

GROW = {
    "UpdateExpression": "SET filler = :text",
    "ExpressionAttributeValues": {":text": {"S": "x" * 2_500}},
}


def key(sort_key: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sort_key}}


def item(sort_key: str, size_bytes: int = 100, **texts: str) -> dict[str, Any]:
    """An item of exactly this size; in no index unless it is given their keys."""
    bare = {**key(sort_key), **{name: {"S": text} for name, text in texts.items()}}
    bare["filler"] = {"S": ""}
    return bare | {"filler": {"S": "x" * (size_bytes - item_size_bytes(bare))}}


def all_of(partition: str, **more: Any) -> dict[str, Any]:
    """Arguments of a Query of one item collection, without the table's name."""
    values = {":p": {"S": partition}, **more.pop("ExpressionAttributeValues", {})}
    return {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": values, **more}


def put(table: Table, **body: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table.name, **body}}


def named(arguments: Any, table_name: str) -> Any:
    """The arguments with the table's name in place of T."""
    if isinstance(arguments, dict):
        return {named(k, table_name): named(v, table_name) for k, v in arguments.items()}
    if isinstance(arguments, list):
        return [named(element, table_name) for element in arguments]
    return table_name if arguments == "T" else arguments


@pytest.fixture
def client(target: Target) -> Any:
    return target.client()


@pytest.fixture
def table(client: Any) -> Iterator[Table]:
    with temporary_table(client, "dynamodb", DEFINITION) as table:
        yield table
