"""Writing many items: batches of 25, and what a batch leaves unwritten is sent again."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_SIZE = 25  # the most that BatchWriteItem takes
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0


def put_items(
    client: "DynamoDBClient",
    table_name: str,
    items: Iterable[Item],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Put items, which may be there already; yields how many are, after each batch.

    Keys must differ within a batch. `UnprocessedItems` are sent again after growing pauses.

    Source
    ------
    API Reference, "BatchWriteItem".
    """
    written = 0
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, BATCH_SIZE)):
        left: Any = {table_name: [{"PutRequest": {"Item": item}} for item in batch]}
        pause = FIRST_PAUSE_SECONDS
        while left := client.batch_write_item(RequestItems=left).get("UnprocessedItems"):
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        written += len(batch)
        yield written


def all_items(client: "DynamoDBClient", table_name: str) -> list[Item]:
    """All items of a table, read page by page."""
    pages = client.get_paginator("scan").paginate(TableName=table_name, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]
