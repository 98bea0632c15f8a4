"""Where the answer flips: which design is cheapest over ranges of a workload's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.growth import Growth
from workbench.capacity.prices import PriceList
from workbench.costs.bills import deciding_line, design_bill, total
from workbench.errors import BadParameter
from workbench.messaging.workload import LISTS, Workload

MAP_SIZE = 200
LINE_SIZE = 2_000
NO_PLACE = "no place for so many participants"


class Axis(NamedTuple):
    """A parameter of a workload over a range; lists are stretched so that this is their mean."""

    name: str
    label: str
    field: str  # of a workload, which it moves
    low: float
    high: float
    is_whole: bool = False  # else spaced by equal factors

    def values(self, size: int) -> Any:
        """So many positions from end to end; whole numbers come again and again."""
        if self.is_whole:
            return np.round(np.linspace(self.low, self.high, size))
        return np.geomspace(self.low, self.high, size)


READS = INBOX_READS, TALK_READS = (  # the axes are for each message
    "inbox_reads_per_user_per_day", "conversation_reads_per_user_per_day",
)  # fmt: skip
AXES = {
    axis.name: axis
    for axis in (
        Axis("reads_per_message", "inbox reads per message", INBOX_READS, 0.05, 50),
        Axis("inbox_length", "conversations per user", "conversations_per_user", 1, 400),
        Axis("text_bytes", "bytes per text", "text_bytes", 10, 1_024),
        Axis("participants", "participants per conversation", "participants", 2, 20, is_whole=True),
        Axis("conversation_reads", "conversation reads per message", TALK_READS, 0.05, 50),
    )
}


@dataclass(frozen=True)
class Costs:
    """What bills are worked out from, besides the workload."""

    models: Mapping[str, Growth]
    prices: PriceList
    region: str
    assumptions: Assumptions

    def bills(self, workload: Workload) -> dict[str, dict[str, Any]]:
        """The bill of each design, USD a month by line."""
        return {
            name: design_bill(growth, workload, self.prices, self.region, self.assumptions)
            for name, growth in self.models.items()
        }


@dataclass(frozen=True)
class Flip:
    """A break-even point: left of it one design is cheapest, right of it another.

    `line` is the line of the bill that speaks most for the design on the right.
    """

    position: float
    left: str
    right: str
    line: str


@dataclass(frozen=True)
class FlipMap:
    """The designs' bills over two parameters; arrays have a row for each y, a column for each x."""

    x_axis: Axis
    y_axis: Axis
    x: NDArray[Any]
    y: NDArray[Any]
    bills: Mapping[str, Mapping[str, Any]]
    totals: NDArray[Any]  # design, y, x: USD a month

    @property
    def names(self) -> list[str]:
        """The designs, in the order of `winner`'s numbers."""
        return list(self.bills)

    @cached_property
    def winner(self) -> NDArray[Any]:
        """The number of the cheapest design at each place; -1 where none has a place."""
        possible = np.isfinite(self.totals).any(axis=0)
        winner: NDArray[Any] = np.where(possible, self.totals.argmin(axis=0), -1)
        return winner

    @cached_property
    def margin(self) -> NDArray[Any]:
        """By what share the second cheapest is dearer; 0 where there is no cheapest."""
        if len(self.totals) == 1:
            return np.zeros(self.totals.shape[1:])
        best, second = np.partition(self.totals, 1, axis=0)[:2]
        none = np.isinf(best)
        margin: NDArray[Any] = np.where(none, 1.0, second) / np.where(none, 1.0, best) - 1
        return margin

    def deciding_at(self, row: int, column: int) -> tuple[str, str]:
        """(second cheapest design, the line that sets the cheapest apart from it) at one place."""
        order = self.totals[:, row, column].argsort()
        names = [self.names[number] for number in order[:2]]
        cheaper, dearer = (
            {
                line: float(np.broadcast_to(usd, self.winner.shape)[row, column])
                for line, usd in self.bills[name].items()
            }
            for name in names
        )
        return names[1], deciding_line(cheaper, dearer)[0]


def axis_named(name: str) -> Axis:
    """The parameter of this name.

    Raises
    ------
    BadParameter
        If there is none.
    """
    if name not in AXES:
        raise BadParameter("axis", name, f"one of {', '.join(AXES)}")
    return AXES[name]


def moved(workload: Workload, axis: Axis, position: Any) -> Workload:
    """The workload with one parameter elsewhere: a number, or an array of positions.

    Raises
    ------
    BadParameter
        If there is no such parameter.
    """
    field = axis_named(axis.name).field
    where = np.asarray(position, dtype=float)
    if field in LISTS:
        values = np.asarray(getattr(workload, field), dtype=float)
        where = np.maximum(1.0, where[..., None] * values / values.mean())
    elif field in READS:
        where = where * workload.messages_per_user_per_day
    changes: dict[str, Any] = {field: where}
    return replace(workload, **changes)


def position_of(workload: Workload, axis: Axis) -> float:
    """Where a workload stands on an axis."""
    field, value = axis.field, getattr(workload, axis.field)
    if field in LISTS:
        return float(sum(value) / len(value))
    return float(value / workload.messages_per_user_per_day if field in READS else value)


def flip_map(
    costs: Costs, workload: Workload, x_axis: Axis, y_axis: Axis, *, size: int = MAP_SIZE
) -> FlipMap:
    """The designs' bills over two parameters, the others as the workload has them."""
    if x_axis.name == y_axis.name:
        raise BadParameter("y_axis", y_axis.name, f"another parameter than {x_axis.name}")
    x, y = x_axis.values(size), y_axis.values(size)
    place = moved(moved(workload, x_axis, x[None, :]), y_axis, y[:, None])
    bills = costs.bills(place)
    return FlipMap(x_axis, y_axis, x, y, bills, _totals(bills, (size, size)))


def flips_along(costs: Costs, workload: Workload, axis: Axis) -> list[Flip]:
    """Where along one parameter another design becomes the cheapest, found to a thousandth."""
    names = list(costs.models)

    def cheapest(position: Any) -> Any:
        bills = costs.bills(moved(workload, axis, position))
        return _totals(bills, np.shape(position)).argmin(axis=0)

    positions = axis.values(LINE_SIZE)
    winners = cheapest(positions)
    flips = []
    for step in np.flatnonzero(np.diff(winners)):
        low, high = positions[step], positions[step + 1]
        while high - low > 1e-3 * low and not axis.is_whole:
            middle = (low + high) / 2
            low, high = (middle, high) if cheapest(middle) == winners[step] else (low, middle)
        left, right = names[winners[step]], names[cheapest(high)]
        bills = costs.bills(moved(workload, axis, float(high)))
        line, _ = deciding_line(bills[right], bills[left])
        if total(bills[left]) == float("inf"):
            line = NO_PLACE
        flips.append(Flip(float(high), left, right, line))
    return flips


def _totals(bills: Mapping[str, Mapping[str, Any]], shape: tuple[int, ...]) -> NDArray[Any]:
    return np.stack([np.broadcast_to(total(bill), shape) for bill in bills.values()])
