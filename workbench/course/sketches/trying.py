"""Trying a sketch out: its answers held against the brief's records, its requests metered."""

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import EllipsisType
from typing import Any

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.bill import usd_per_request_unit
from workbench.capacity.prices import read_prices
from workbench.course.exercises import UNANSWERED, Finding
from workbench.course.sketches.briefs import Asked, Records
from workbench.course.sketches.sketch import Measured, Place, Row, Sketch, fill, values_of
from workbench.course.stage import Stage
from workbench.dynamodb.install import PRICES
from workbench.dynamodb.meter import Usage
from workbench.errors import WorkbenchError

DAY_SECONDS = 86_400
PEAK = 10  # the busiest second of a day, as a multiple of its mean
PARTITION_WRU = 1_000  # a second; Source: Developer Guide, "Designing partition keys"

# --- Measuring -------------------------------------------------------------------------------


def try_out(sketch: Sketch, *, endpoint: str | None = None) -> Measured | EllipsisType:
    """The sketch measured on a new table; three dots as long as table or items are not written.

    A table or items that DynamoDB refuses are the fault of each pattern.
    """
    try:
        if sketch.table is ... or sketch.items_of(copy.deepcopy(sketch.brief.records[0])) is ...:
            return ...
        stage = Stage(sketch.table, endpoint=endpoint)
        try:
            return measure(sketch, stage)
        finally:
            stage.close()
    except WorkbenchError:
        raise
    except Exception as error:
        fault = Finding("table or items refused", _said(error))
        rows = (Row(asked, fault, Usage(), (), 0) for asked in sketch.brief.patterns)
        return Measured(sketch.brief, tuple(rows))


def measure(sketch: Sketch, stage: Stage, *, region: str = "us-east-1") -> Measured:
    """Fill the stage's table, call each pattern once under the meter, and judge what it answers.

    Each write is followed by all reads that were right before, which must be so again.
    """
    fill(stage, sketch)
    collections = _collections(stage)
    prices, assumptions = read_prices(PRICES), Assumptions()
    usd_rru, usd_wru = (
        usd_per_request_unit(kind, prices, region, assumptions) for kind in ("read", "write")
    )
    records, rows = sketch.brief.records, list[Row]()
    for asked in sketch.brief.patterns:
        usage, answer, fault = _called(sketch, stage, asked, asked.cases[0])
        if fault is None and asked.change is not None:
            records = asked.change(records, **asked.cases[0])
            fault = _fault_afterwards(sketch, stage, records, rows)
        elif fault is None:
            fault = _fault(asked, answer, records, asked.cases[0])
            fault = fault or _read_fault(sketch, stage, asked, records, asked.cases[1:])
        units_usd = usage.estimated_rru * usd_rru + usage.estimated_wru * usd_wru
        usd = units_usd * asked.per_day * assumptions.month_days
        rows.append(Row(asked, fault, usage, tuple(_warnings(asked, answer, usage)), usd))
    return Measured(sketch.brief, tuple(rows), tuple(_places(collections, rows)))


def _called(
    sketch: Sketch, stage: Stage, asked: Asked, given: Mapping[str, Any]
) -> tuple[Usage, Any, Finding | None]:
    """What one call used, what it answered, and the fault if it did not."""
    function, usage, answer = sketch.patterns.get(asked.name, ...), Usage(), None
    try:
        if function is not ...:
            with stage.watching() as usage:
                answer = function(stage.client, stage.table_name, **copy.deepcopy(given))
                answer = list(answer) if isinstance(answer, Iterator) else answer
    except WorkbenchError:
        raise
    except Exception as error:
        return usage, None, Finding("raised an error", f"{asked.name}: {_said(error)}")
    if function is ... or answer is ...:
        return usage, None, Finding(UNANSWERED, f"{asked.name} is not written yet.")
    return usage, answer, None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _read_fault(
    sketch: Sketch,
    stage: Stage,
    asked: Asked,
    records: Records,
    cases: Sequence[Mapping[str, Any]],
) -> Finding | None:
    """What is wrong with a read's answers to these cases."""
    for given in cases:
        _, answer, fault = _called(sketch, stage, asked, given)
        if fault := fault or _fault(asked, answer, records, given):
            return fault
    return None


def _fault_afterwards(
    sketch: Sketch, stage: Stage, records: Records, rows: Sequence[Row]
) -> Finding | None:
    """What a read shows amiss after a write, if it was right before."""
    for row in rows:
        if row.asked.answer is not None and row.fault is None:
            fault = _read_fault(sketch, stage, row.asked, records, row.asked.cases)
            if fault is not None:
                return Finding(f"{row.asked.name} is wrong afterwards", fault.text)
    return None


def _fault(asked: Asked, answer: Any, records: Records, given: Mapping[str, Any]) -> Finding | None:
    """How an answer differs from that of the records, attribute by attribute."""
    assert asked.answer is not None, "a read"
    expected = asked.answer(records, **given)
    for name in asked.shows:
        got, wanted = (list(map(str, values_of(each, name))) for each in (answer, expected))
        if got == wanted:
            continue
        told = f"{asked.name}, {name}: {_begin(got)}; asked for: {_begin(wanted)}."
        if not got:
            return Finding(f"shows no {name}", told)
        if sorted(got) == sorted(wanted):
            return Finding("another order", told)
        if set(wanted) < set(got):
            return Finding("too many", told)
        return Finding("too few" if set(got) < set(wanted) else "another answer", told)
    return None


def _begin(values: Sequence[str]) -> str:
    shown = ", ".join(value[:20] for value in values[:3])
    return f"{len(values)} ({shown}{', ...' if len(values) > 3 else ''})" if values else "none"


def _warnings(asked: Asked, answer: Any, usage: Usage) -> Iterator[Finding]:
    """What an access pattern should not do."""
    used = max((len(list(values_of(answer, name))) for name in asked.shows), default=0)
    if "Scan" in usage.operations:
        yield Finding("a Scan", f"reads all {usage.items_read} items, to use {used}")
    elif usage.items_read > 3 * used + 5:
        yield Finding("reads too much", f"reads {usage.items_read} items, to use {used}")
    if usage.round_trips > 1:
        yield Finding("round trips", f"{usage.round_trips}, one after another")


# --- Places ----------------------------------------------------------------------------------


def _collections(stage: Stage) -> dict[str | None, Counter[str]]:
    """How many items are under each partition key, of the table and of each index."""
    snapshot = stage.snapshot()
    return {
        index: Counter(repr(item[snapshot.key_names(index)[0]]) for item in items)
        for index, items in snapshot.held.items()
    }


def _places(collections: Mapping[str | None, Counter[str]], rows: Sequence[Row]) -> Iterator[Place]:
    for index, counts in collections.items():
        per_day = sum(
            charge.units * row.asked.per_day
            for row in rows
            for _, charge in row.usage.charges
            if charge.is_write and charge.index == index
        )
        most = max(counts.values(), default=0)
        peak = per_day / DAY_SECONDS * PEAK * most / max(1, counts.total())
        yield Place(index or "table", len(counts), counts.total(), most, peak)
