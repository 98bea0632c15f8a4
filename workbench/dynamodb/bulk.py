"""Writing many items: batches of 25 from several threads; what is left unwritten is sent again."""

import base64
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item
from workbench.dynamodb.wire import Post

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_SIZE = 25  # the most that BatchWriteItem takes
SENDERS = 4
MOST_ON_THEIR_WAY = 2 * SENDERS  # so that none of them has to wait for its next batch
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0


def put_items(
    post: Post,
    table_name: str,
    items: Iterable[str],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Put items, given as JSON; yields how many of the first are on the table, after each batch.

    Keys must differ within a batch, and an item that is there already is replaced.
    `UnprocessedItems` are sent again after growing pauses. Whoever stops asking, or is interrupted,
    has all those on the table that were yielded, and no request on its way.

    Source
    ------
    API Reference, "BatchWriteItem".
    """

    def put(batch: list[str]) -> int:
        body = ",".join(f'{{"PutRequest":{{"Item":{item}}}}}' for item in batch)
        pause = FIRST_PAUSE_SECONDS
        left = f"{{{json.dumps(table_name)}:[{body}]}}"
        while True:
            answer = post("BatchWriteItem", f'{{"RequestItems":{left}}}')
            if not (unwritten := answer.get("UnprocessedItems")):
                return len(batch)
            left = json.dumps(unwritten)
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    iterator, written = iter(items), 0
    on_their_way: deque[Future[int]] = deque()
    with ThreadPoolExecutor(SENDERS) as senders:
        while batch := list(itertools.islice(iterator, BATCH_SIZE)):
            on_their_way.append(senders.submit(put, batch))
            if len(on_their_way) == MOST_ON_THEIR_WAY:
                written += on_their_way.popleft().result()
                yield written
        while on_their_way:
            written += on_their_way.popleft().result()
            yield written


def put_all(post: Post, table_name: str, items: Iterable[str]) -> None:
    """Put them without a word in between."""
    for _ in put_items(post, table_name, items):
        pass


def to_json(item: Mapping[str, Any]) -> str:
    """An item as boto3 gives it, as JSON for `put_items`."""
    return json.dumps(item, default=lambda value: base64.b64encode(value).decode())


def all_items(client: "DynamoDBClient", table_name: str, index: str | None = None) -> list[Item]:
    """All items of a table, or all entries of an index, read page by page."""
    where: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
    pages = client.get_paginator("scan").paginate(TableName=table_name, **where)
    return [item for page in pages for item in page["Items"]]
