"""Growths made up for tests, whose bills can be worked out by hand."""

from typing import Any

from tests.conftest import ROOT
from workbench.capacity.assumptions import Assumptions
from workbench.capacity.growth import Curve, Growth, Slot
from workbench.capacity.prices import read_prices
from workbench.costs.flips import Costs
from workbench.costs.storage import read_traces

PRICES = read_prices(ROOT / "data" / "prices.csv")
RECORDED = read_traces(ROOT / "data" / "traces.json").models


def curve(base: float, **knots: Any) -> Curve:
    return Curve(base, knots)


def slot(
    pattern: str,
    operation: str,
    *,
    before: float = 0,
    after: float = 0,
    per_before: float = 0,
    per_after: float = 0,
    count: Curve | float = 1,
    items: Curve | float = 1,
    index: str | None = None,
    factor: float | None = None,
) -> Slot:
    """A read where the operation reads; else a write."""
    is_write = operation not in ("GetItem", "Query")
    return Slot(
        pattern=pattern,
        operation=operation,
        index=index,
        is_write=is_write,
        factor=(1 if is_write else 0.5) if factor is None else factor,
        per_before=per_before,
        per_after=per_after,
        count=count if isinstance(count, Curve) else curve(count),
        items=items if isinstance(items, Curve) else curve(items),
        fixed_before=curve(before),
        fixed_after=curve(after),
    )


def growth(*slots: Slot, most_participants: int | None = None) -> Growth:
    """One stream record for each message sent, and no other."""
    records = {pattern: curve(float(pattern in "CD")) for pattern in "ABCDE"}
    return Growth(slots, records, most_participants)


def costs_of(
    region: str = "us-east-1", assumptions: Assumptions | None = None, **models: Growth
) -> Costs:
    """The recorded designs, unless others are given."""
    return Costs(models or RECORDED, PRICES, region, assumptions or Assumptions())


def updates(wru: float, rru: float, *, most_participants: int | None = None) -> Growth:
    """A design that needs so many WRU for each message, and RRU for each look at the inbox."""
    return growth(
        slot("E", "UpdateItem", before=100, after=100, count=wru),
        slot("B", "GetItem", after=100, count=2 * rru),
        most_participants=most_participants,
    )
