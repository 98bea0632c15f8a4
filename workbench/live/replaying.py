"""Reading the records of a stream, or of a file, and handing them over once more."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.tables import Table
from workbench.dynamodb.targets import Target
from workbench.errors import BadRecords
from workbench.streams.handlers import stream_handler
from workbench.streams.reader import StreamReader
from workbench.streams.records import StreamRecord, sequence_number, to_lambda_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# On the service, pages without records stand between pages with some.
EMPTY_POLLS = {"embedded": 1, "shared": 1, "endpoint": 3, "aws": 50}


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
    return {str(schema.key_of(item)): item for item in all_items(client, table.name)}
