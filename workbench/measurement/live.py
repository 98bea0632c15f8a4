"""A table that lives: one process sends a log's messages, another one follows the stream."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.designs import Design
from workbench.dynamodb.tables import Table, create_table, find_table
from workbench.dynamodb.targets import Target
from workbench.errors import BadRecords, StreamEnded, TableNotEmpty, TableNotFound
from workbench.measurement.trial import Sender
from workbench.messaging.logs import MessageLog
from workbench.streams.checkpoints import Checkpoint, read_checkpoint
from workbench.streams.handlers import stream_handler
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.reader import StartingPosition, StreamReader
from workbench.streams.records import StreamRecord, sequence_number, to_lambda_record
from workbench.streams.runner import Observer, StreamRunner

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def open_table(client: "DynamoDBClient", name: str, design_class: type[Design]) -> Table:
    """The table of this name, made as the design declares it if there is none."""
    definition = design_class.table_definition
    try:
        return find_table(client, name, definition)
    except TableNotFound:
        with contextlib.suppress(client.exceptions.ResourceInUseException):  # another was faster
            return create_table(client, name, definition)
        return find_table(client, name, definition)


def open_empty_table(client: "DynamoDBClient", name: str, design_class: type[Design]) -> Table:
    """The same, if it has no items: a log sent twice would start every conversation twice.

    Raises
    ------
    TableNotEmpty
        If it has any.
    """
    table = open_table(client, name, design_class)
    if client.scan(TableName=name, Limit=1)["Items"]:
        raise TableNotEmpty(f"table {name!r} has items already: name a new one with --table")
    return table


def send_live(
    design: Design,
    log: MessageLog,
    *,
    per_second: float,
    progress: Callable[[int], None] = lambda sent: None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Send all messages as if written now; seconds by which the last one was late.

    The times of sending are fixed beforehand: a slow answer puts off no later message.
    """
    sender = Sender(design)
    started = clock()
    late = 0.0
    for number, message in enumerate(log.messages):
        late = clock() - started - number / per_second
        if late < 0:
            sleep(-late)
            late = 0.0
        sender.send(replace(message, sent_at=datetime.now(UTC)))
        progress(number + 1)
    return late


class Follower:
    """A design's function, a table's stream, and the mapping between the two."""

    def __init__(
        self,
        design_class: type[Design],
        target: Target,
        table_name: str,
        mapping: EventSourceMapping,
        *,
        observe: Observer,
        on_discard: Callable[[Mapping[str, Any]], None],
        start: StartingPosition = "TRIM_HORIZON",
        checkpoint_path: Path | None = None,
    ) -> None:
        client = target.client()
        self.table = open_table(client, table_name, design_class)
        self._checkpoint_path = checkpoint_path
        self.resumed = Checkpoint(self.table.table_id, self.table.stream_arn)
        if checkpoint_path is not None:
            self.resumed = read_checkpoint(
                checkpoint_path, table_id=self.table.table_id, stream_arn=self.table.stream_arn
            )
        self.reader = StreamReader(
            target.streams_client(),
            self.table.stream_arn,
            start=start,
            handled=self.resumed.handled,
        )
        self.reader.open()  # LATEST is from now on, not from the first poll
        self._runner = StreamRunner(
            self.reader,
            stream_handler(design_class(client, self.table.name)),
            mapping,
            on_discard=on_discard,
            observe=observe,
        )

    def follow(self, should_stop: Callable[[], bool]) -> None:
        """Deliver records until told to stop, and write down after each batch how far that is.

        Raises
        ------
        StreamEnded
            If no record will follow, because the table was deleted or its stream switched off.
        """
        written = self.resumed.handled
        while not should_stop():
            if not self._runner.step() and self.reader.is_at_its_end and self._runner.is_idle:
                raise StreamEnded(self.table.name)
            resumed = self.resumed.handled.items()
            still = {shard: number for shard, number in resumed if shard in self.reader.shards}
            handled = {**still, **self._runner.handled}
            if self._checkpoint_path is not None and handled != written:
                replace(self.resumed, handled=handled).write(self._checkpoint_path)
                written = handled


# On the service, pages without records stand between pages with some.
EMPTY_POLLS = {"embedded": 1, "shared": 1, "endpoint": 3, "aws": 50}


def lag_ms(message: StreamRecord, now: datetime) -> float:
    """Milliseconds since a message was sent; its record tells that only to the minute."""
    sent_at = datetime.fromisoformat(message["dynamodb"]["Keys"]["sk"]["S"])
    return (now - sent_at).total_seconds() * 1_000


def read_records(target: Target, table: Table) -> list[StreamRecord]:
    """All records that a table's stream still holds, as a function gets them."""
    reader = StreamReader(target.streams_client(), table.stream_arn)
    records: list[StreamRecord] = []
    empty_polls = 0
    while empty_polls < EMPTY_POLLS[target.kind] and not reader.is_at_its_end:
        polled = reader.poll()
        empty_polls = 0 if polled else empty_polls + 1
        for page in polled.values():
            records += [to_lambda_record(record, table.stream_arn) for record in page]
    return records


def load_records(path: Path) -> list[StreamRecord]:
    """The records in a file, one JSON object a line.

    Raises
    ------
    BadRecords
        If a line is none, or lacks what a function needs of a record.
    """
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = json.loads(line)
            _ = record["eventName"], {**record["dynamodb"]["Keys"]}, sequence_number(record)
        except ValueError as error:
            raise BadRecords(str(path), number, f"no JSON ({error})") from error
        except (KeyError, TypeError) as error:
            lacking = "no record with eventName, dynamodb.Keys and dynamodb.SequenceNumber"
            raise BadRecords(str(path), number, lacking) from error
        records.append(record)
    return records


def replay_records(
    design: Design,
    client: "DynamoDBClient",
    table: Table,
    batches: Sequence[Sequence[StreamRecord]],
) -> Iterator[tuple[Sequence[StreamRecord], Mapping[str, Any], int]]:
    """Hand batches over once more: each batch, the function's answer, items it changed.

    Items are compared by reading the whole table. One that is put, updated or deleted counts once.
    """
    handler = stream_handler(design)
    schema = read_schema(design.table_definition)
    before = _items(client, table, schema)
    for batch in batches:
        answer = handler(json.loads(json.dumps({"Records": batch})), None)
        after = _items(client, table, schema)
        changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        yield batch, answer, len(changed)
        before = after


def _items(client: "DynamoDBClient", table: Table, schema: Schema) -> dict[str, Item]:
    """All items of a table, by their keys."""
    pages = client.get_paginator("scan").paginate(TableName=table.name)
    return {str(schema.key_of(item)): item for page in pages for item in page["Items"]}
