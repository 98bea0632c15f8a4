"""Where the answer flips: which design is cheapest over ranges of a workload's parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.growth import Growth
from workbench.capacity.prices import PriceList
from workbench.costs.bills import deciding_line, design_bill, total
from workbench.errors import BadParameter
from workbench.messaging.workload import Workload

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAP_SIZE = 200
LINE_SIZE = 2_000
NO_PLACE = "no place for so many participants"


class Axis(NamedTuple):
    """A parameter of a workload over a range; lists are stretched so that this is their mean."""

    name: str
    label: str
    low: float
    high: float
    is_whole: bool = False  # else spaced by equal factors

    def values(self, size: int) -> Any:
        """So many positions from end to end; whole numbers come again and again."""
        import numpy as np

        if self.is_whole:
            return np.round(np.linspace(self.low, self.high, size))
        return np.geomspace(self.low, self.high, size)


AXES = {
    axis.name: axis
    for axis in (
        Axis("reads_per_message", "inbox reads per message", 0.05, 50),
        Axis("inbox_length", "conversations per user", 1, 400),
        Axis("text_bytes", "bytes per text", 10, 1_024),
        Axis("participants", "participants per conversation", 2, 20, is_whole=True),
        Axis("conversation_reads", "conversation reads per message", 0.05, 50),
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
    x: "NDArray[Any]"
    y: "NDArray[Any]"
    bills: Mapping[str, Mapping[str, Any]]
    totals: "NDArray[Any]"  # design, y, x: USD a month

    @property
    def names(self) -> list[str]:
        """The designs, in the order of `winner`'s numbers."""
        return list(self.bills)

    @cached_property
    def winner(self) -> "NDArray[Any]":
        """The number of the cheapest design at each place; -1 where none has a place."""
        import numpy as np

        possible = np.isfinite(self.totals).any(axis=0)
        winner: NDArray[Any] = np.where(possible, self.totals.argmin(axis=0), -1)
        return winner

    @cached_property
    def margin(self) -> "NDArray[Any]":
        """By what share the second cheapest is dearer; 0 where there is no cheapest."""
        import numpy as np

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
                line: _at(usd, row, column, self.totals.shape[1:])
                for line, usd in self.bills[n].items()
            }
            for n in names
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
    import numpy as np

    where = np.asarray(position, dtype=float)

    def stretched(name: str) -> Any:
        values = np.asarray(getattr(workload, name), dtype=float)
        return where[..., None] * values / values.mean()

    changes: dict[str, Any] = {
        "reads_per_message": lambda: {
            "inbox_reads_per_user_per_day": where * workload.messages_per_user_per_day
        },
        "conversation_reads": lambda: {
            "conversation_reads_per_user_per_day": where * workload.messages_per_user_per_day
        },
        "inbox_length": lambda: {
            "conversations_per_user": np.maximum(1.0, stretched("conversations_per_user"))
        },
        "text_bytes": lambda: {"text_bytes": np.maximum(1.0, stretched("text_bytes"))},
        "participants": lambda: {"participants": where},
    }
    if axis.name not in changes:
        raise BadParameter("axis", axis.name, f"one of {', '.join(changes)}")
    return replace(workload, **changes[axis.name]())


def position_of(workload: Workload, axis: Axis) -> float:
    """Where a workload stands on an axis."""
    sent = workload.messages_per_user_per_day
    return float(
        {
            "reads_per_message": workload.inbox_reads_per_user_per_day / sent,
            "conversation_reads": workload.conversation_reads_per_user_per_day / sent,
            "inbox_length": _mean(workload.conversations_per_user),
            "text_bytes": _mean(workload.text_bytes),
            "participants": workload.participants,
        }[axis.name]
    )


def flip_map(
    costs: Costs, workload: Workload, x_axis: Axis, y_axis: Axis, *, size: int = MAP_SIZE
) -> FlipMap:
    """The designs' bills over two parameters, the others as the workload has them."""
    import numpy as np

    if x_axis.name == y_axis.name:
        raise BadParameter("y_axis", y_axis.name, f"another parameter than {x_axis.name}")
    x, y = x_axis.values(size), y_axis.values(size)
    place = moved(moved(workload, x_axis, x[None, :]), y_axis, y[:, None])
    bills = costs.bills(place)
    shape = (size, size)
    totals = np.stack([np.broadcast_to(total(bill), shape) for bill in bills.values()])
    return FlipMap(x_axis, y_axis, x, y, bills, totals)


def flips_along(costs: Costs, workload: Workload, axis: Axis) -> list[Flip]:
    """Where along one parameter another design becomes the cheapest, found to a thousandth."""
    import numpy as np

    names = list(costs.models)

    def cheapest(position: Any) -> Any:
        bills = costs.bills(moved(workload, axis, position))
        shape = np.shape(position)
        return np.argmin([np.broadcast_to(total(bill), shape) for bill in bills.values()], axis=0)

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


def _at(amount: Any, row: int, column: int, shape: tuple[int, ...]) -> float:
    import numpy as np

    return float(np.broadcast_to(amount, shape)[row, column])


def _mean(values: Any) -> float:
    return float(sum(values) / len(values))
