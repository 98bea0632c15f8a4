"""Creating a design's table, and deleting it however its use ends."""

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.dynamodb.targets import connection_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Table:
    """A table that exists, with the ARN of its stream."""

    name: str
    stream_arn: str


def create_table(client: "DynamoDBClient", name: str, definition: Mapping[str, Any]) -> Table:
    """Create a table from the arguments of CreateTable without its name, and wait for it."""
    client.create_table(TableName=name, **definition)
    client.get_waiter("table_exists").wait(TableName=name)
    description = client.describe_table(TableName=name)["Table"]
    return Table(name, description["LatestStreamArn"])


@contextlib.contextmanager
def temporary_table(
    client: "DynamoDBClient", prefix: str, definition: Mapping[str, Any]
) -> Iterator[Table]:
    """A new table of a name never used before, deleted when the block ends.

    A target that is gone by then has taken the table with it, or keeps it: the error that ended
    the block is the one to see, not that the table could not be deleted.
    """
    name = f"workbench-{prefix}-{uuid.uuid4().hex[:12]}"
    try:
        yield create_table(client, name, definition)
    finally:
        with contextlib.suppress(*connection_errors(), client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=name)
