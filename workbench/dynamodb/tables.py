"""Finding or creating a design's table, and deleting it however its use ends."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import read_schema
from workbench.dynamodb.targets import connection_errors
from workbench.errors import TableNotFound, TableOfAnotherDesign

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Table:
    """A table that exists, with its stream; one made anew under its name has other ids."""

    name: str
    table_id: str
    stream_arn: str


def create_table(
    client: "DynamoDBClient",
    name: str,
    definition: Mapping[str, Any],
    fill: Callable[[str], object] | None = None,
) -> Table:
    """Create a table from the arguments of CreateTable without its name, and wait for it.

    `fill` is called with the name before there is a stream, which knows nothing of what it puts.
    """
    if fill is None:
        _create(client, name, definition)
        return find_table(client, name)
    _create(client, name, _silent(definition))
    fill(name)
    return enable_stream(client, name, definition)


def enable_stream(client: "DynamoDBClient", name: str, definition: Mapping[str, Any]) -> Table:
    """See that a table which was made without a stream has the one of its definition."""
    # DynamoDB Local shows the last stream of a table that had the same name.
    if "StreamSpecification" in client.describe_table(TableName=name)["Table"]:
        return find_table(client, name, definition)
    client.update_table(TableName=name, StreamSpecification=definition["StreamSpecification"])
    client.get_waiter("table_exists").wait(TableName=name)
    return find_table(client, name)


def _create(client: "DynamoDBClient", name: str, definition: Mapping[str, Any]) -> None:
    client.create_table(TableName=name, **definition)
    client.get_waiter("table_exists").wait(TableName=name)


def _silent(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {part: given for part, given in definition.items() if part != "StreamSpecification"}


def open_silent(client: "DynamoDBClient", name: str, definition: Mapping[str, Any]) -> str:
    """The id of the table of this name and layout; one that is made for it has no stream yet.

    Raises
    ------
    TableOfAnotherDesign
        If its keys or indexes are not those of the definition.
    """
    with contextlib.suppress(client.exceptions.ResourceInUseException):
        _create(client, name, _silent(definition))
    description = client.describe_table(TableName=name)["Table"]
    _check_layout(name, {**description, "StreamSpecification": {}}, _silent(definition))
    return _id_of(description)


def find_table(
    client: "DynamoDBClient", name: str, definition: Mapping[str, Any] | None = None
) -> Table:
    """The table of this name; with a definition, only if it could have been made by it.

    Raises
    ------
    TableNotFound
        If there is none, or it has no stream; the message lists those there are.
    TableOfAnotherDesign
        If its keys, indexes or stream are not those of the definition.
    """
    try:
        description = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException as error:
        raise TableNotFound(name, "there is none", _table_names(client)) from error
    if "LatestStreamArn" not in description:
        raise TableNotFound(name, "it has no stream", _table_names(client))
    _check_layout(name, description, definition or description)
    return Table(name, _id_of(description), description["LatestStreamArn"])


def _id_of(description: Mapping[str, Any]) -> str:
    """DynamoDB Local gives tables no id; when one was made tells it from another of its name."""
    return str(description.get("TableId") or description["CreationDateTime"].isoformat())


def _check_layout(name: str, description: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    has, needs = _layout(description), _layout(definition)
    if differing := [part for part in {**needs, **has} if has.get(part) != needs.get(part)]:
        raise TableOfAnotherDesign(name, differing)


def _layout(description: Mapping[str, Any]) -> dict[str, object]:
    """What a design relies on, by name."""
    schema = read_schema(description)
    view = description.get("StreamSpecification", {}).get("StreamViewType")
    indexes = {f"index {index.name}": index for index in schema.indexes}
    return {"keys": schema.key, "stream view": view, **indexes}


def _table_names(client: "DynamoDBClient") -> list[str]:
    pages = client.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


@contextlib.contextmanager
def temporary_table(
    client: "DynamoDBClient",
    prefix: str,
    definition: Mapping[str, Any],
    fill: Callable[[str], object] | None = None,
) -> Iterator[Table]:
    """A new table of a name never used before, deleted when the block ends.

    A target that is gone by then has taken the table with it, or keeps it: the error that ended
    the block is the one to see, not that the table could not be deleted.
    """
    with _new_name(client, prefix) as name:
        yield create_table(client, name, definition, fill)


@contextlib.contextmanager
def silent_table(
    client: "DynamoDBClient", prefix: str, definition: Mapping[str, Any]
) -> Iterator[str]:
    """The name of such a table without a stream, for what is only read afterwards."""
    with _new_name(client, prefix) as name:
        _create(client, name, _silent(definition))
        yield name


@contextlib.contextmanager
def _new_name(client: "DynamoDBClient", prefix: str) -> Iterator[str]:
    name = f"workbench-{prefix}-{uuid.uuid4().hex[:12]}"
    try:
        yield name
    finally:
        with contextlib.suppress(*connection_errors(), client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=name)
