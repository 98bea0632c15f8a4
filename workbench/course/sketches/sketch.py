"""A sketch: a table and a function for each access pattern of a brief, judged and measured.

    sketch = Sketch(ORDERS, define_table(), items_of, {"list_orders": list_orders, ...})
    tried = try_out(sketch)            see trying.py
    tried.frame()

A function is called with the client, the table's name and what the brief gives, and returns items
as the client does. What it says is held against the records; what it cost is the meter's.
"""

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.course.exercises import Finding
from workbench.course.sketches.briefs import Asked, Brief, Record, Records
from workbench.course.stage import Stage
from workbench.dynamodb.meter import Usage
from workbench.errors import BadParameter
from workbench.reports.tables import rows_frame
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Sketch:
    """A model of a brief's application; three dots stand for what is not written yet.

    Raises
    ------
    BadParameter
        If a function is for a pattern that the brief does not have.
    """

    brief: Brief
    table: Any  # arguments of CreateTable without the name
    items_of: Callable[[Record], Any]  # a record -> a list of items, plain values
    patterns: Mapping[str, Callable[..., Any]]

    def __post_init__(self) -> None:
        names = [asked.name for asked in self.brief.patterns]
        for name in self.patterns:
            if name not in names:
                raise BadParameter("pattern", name, f"one of {', '.join(names)}")


@dataclass(frozen=True)
class Row:
    """One pattern: what is wrong with its answer, what it used, and what is dear about that."""

    asked: Asked
    fault: Finding | None
    usage: Usage
    warnings: tuple[Finding, ...]
    usd: float  # a month


@dataclass(frozen=True)
class Place:
    """The table or an index: its item collections, and writes to the largest at the peak."""

    name: str
    keys: int
    items: int
    most: int  # items under one partition key
    wru_per_second: float  # if writes go where items are


@dataclass(frozen=True, repr=False)
class Measured:
    """What became of a sketch."""

    brief: Brief
    rows: tuple[Row, ...]
    places: tuple[Place, ...] = ()

    @property
    def usd(self) -> float:
        """USD a month for all requests, on demand."""
        return sum(row.usd for row in self.rows)

    def usage(self, name: str) -> Usage:
        """What the pattern of this name used."""
        return next(row.usage for row in self.rows if row.asked.name == name)

    def frame(self) -> "DataFrame":
        """A row for each pattern, once called; USD a month for all its calls."""
        rows = [
            {
                "pattern": row.asked.name,
                "right": row.fault.reason if row.fault else "yes",
                "round trips": row.usage.round_trips,
                "RRU": format_mean(row.usage.estimated_rru),
                "WRU": format_mean(row.usage.estimated_wru),
                "read": row.usage.items_read,
                "returned": row.usage.items_returned,
                "USD a month": f"{row.usd:,.2f}",
            }
            for row in self.rows
        ]
        return rows_frame(rows, "pattern")

    def places_frame(self) -> "DataFrame":
        """Where items lie; WRU a second go to the largest item collection, at the peak."""
        rows = [
            {
                "place": place.name,
                "partition keys": place.keys,
                "items": place.items,
                "most under one": place.most,
                "WRU a second there": format_mean(place.wru_per_second),
            }
            for place in self.places
        ]
        return rows_frame(rows, "place")

    def __repr__(self) -> str:
        warnings = [
            f"{row.asked.name}: {each.reason}, {each.text}"
            for row in self.rows
            for each in row.warnings
        ]
        return "\n".join([self.frame().to_string(), *warnings])


def costs_frame(measured: Mapping[str, Measured]) -> "DataFrame":
    """USD a month by pattern, a column for each model, and their sums."""
    rows = [
        {"pattern": rows[0].asked.name}
        | {f"{name}, USD": f"{row.usd:,.2f}" for name, row in zip(measured, rows, strict=True)}
        for rows in zip(*(each.rows for each in measured.values()), strict=True)
    ]
    sums = {f"{name}, USD": f"{each.usd:,.2f}" for name, each in measured.items()}
    return rows_frame([*rows, {"pattern": "all", **sums}], "pattern")


# --- Items -----------------------------------------------------------------------------------


def put(client: Any, table_name: str, items: Sequence[Record]) -> None:
    """Put one item of plain values, or several in one transaction."""
    puts = [{"TableName": table_name, "Item": typed(item)} for item in items]
    if len(puts) == 1:
        client.put_item(**puts[0])
    else:
        client.transact_write_items(TransactItems=[{"Put": each} for each in puts])


def typed(item: Record) -> dict[str, Any]:
    """An item of plain values as the client wants it: {"total": 5} is {"total": {"N": "5"}}."""
    from boto3.dynamodb.types import TypeSerializer

    return {name: TypeSerializer().serialize(value) for name, value in item.items()}


def values_of(found: Any, name: str) -> Iterator[Any]:
    """Values of an attribute wherever it is in items or records, in their order."""
    from boto3.dynamodb.types import TypeDeserializer

    if isinstance(found, Mapping):
        for key, value in found.items():
            if key != name:
                yield from values_of(value, name)
            elif isinstance(value, dict):
                yield TypeDeserializer().deserialize(value)  # type: ignore[arg-type]
            else:
                yield value
    elif isinstance(found, list | tuple):
        for each in found:
            yield from values_of(each, name)


def fill(stage: Stage, sketch: Sketch, records: Records | None = None) -> None:
    """Put the items of the brief's records, or of these, in batches.

    Raises
    ------
    ValueError
        If two of them have one key.
    """
    records = sketch.brief.records if records is None else records
    items = [typed(item) for record in records for item in sketch.items_of(copy.deepcopy(record))]
    for key, count in Counter(repr(stage.schema.key_of(item)) for item in items).items():
        if count > 1:
            raise ValueError(f"{count} items have the key {key}: the last would replace the others")
    for start in range(0, len(items), 25):
        batch = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        stage.client.batch_write_item(RequestItems={stage.table_name: batch})  # type: ignore[dict-item]
