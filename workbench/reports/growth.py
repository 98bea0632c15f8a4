"""How reads grow, from a stored run: curves, and the exponents fitted to them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from workbench.growth.growing import AXES
from workbench.reports.figures import COLOURS, Picture, panels, picture_of
from workbench.reports.tables import Frame, frame_of

LEAST_SIZE = 100  # a page is full from here on
FLAT = 0.1  # an exponent below: ten times the size is at most a quarter more
NOT_SHOWN = (
    "the latency of AWS: milliseconds are those of this machine, good only for comparing sizes",
    "later pages: DynamoDB Local takes the longer for them, the further back they begin",
    "sizes beyond these, and partitions that split: DynamoDB Local has none",
)


class Curve(NamedTuple):
    """Points of one design, pattern and axis by size, and the exponents of time and units."""

    design: str
    pattern: str
    axis: str
    points: Sequence[Mapping[str, Any]]
    time_exponent: float
    unit_exponent: float

    @property
    def is_flat(self) -> bool:
        """Whether time grows by no more than is nothing."""
        return self.time_exponent < FLAT


def curves(run: Mapping[str, Any]) -> Iterator[Curve]:
    """All curves of a run."""

    def curve_of(point: Mapping[str, Any]) -> tuple[int, str, str]:
        return AXES.index(point["axis"]), point["pattern"], point["design"]

    for (axis, pattern, design), group in groupby(sorted(run["points"], key=curve_of), curve_of):
        points = sorted(group, key=lambda point: int(point["size"]))
        fitted = [point for point in points if point["size"] >= LEAST_SIZE]
        yield Curve(
            design, pattern, AXES[axis], points,
            _exponent(fitted, "median_ms"), _exponent(fitted, "rru"),
        )  # fmt: skip


def _exponent(points: Sequence[Mapping[str, Any]], key: str) -> float:
    """How a key of the points grows; not a number for fewer than two."""
    if len(points) < 2:
        return float("nan")
    return exponent(*([point[each] for point in points] for each in ("size", key)))


def exponent(sizes: Any, values: Any) -> float:
    """The slope of a line through the logarithms: 0 is flat, 1 is in proportion to the size."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def growth_frame(run: Mapping[str, Any]) -> Frame:
    """Milliseconds and units at the smallest and the largest size, and the fitted exponents."""
    rows = {}
    for each in curves(run):
        first, last = each.points[0], each.points[-1]
        rows[(f"{each.pattern} by {each.axis}", each.design)] = {
            "sizes": f"{first['size']:,} to {last['size']:,}",
            "ms": f"{first['median_ms']:.2f} to {last['median_ms']:,.2f}",
            "RRU": f"{first['rru']:,g} to {last['rru']:,g}",
            "exponent of ms": f"{each.time_exponent:.2f}",
            "of RRU": f"{each.unit_exponent:.2f}",
            "": "flat" if each.is_flat else "GROWS",
        }
    return frame_of(rows, "pattern", "design")


def growth_lines(run: Mapping[str, Any]) -> Iterator[str]:
    """The table, and what it does not show, as text."""
    yield "A page of 20, median ms on this machine's DynamoDB Local, and units by rule:"
    yield growth_frame(run).to_string()
    yield "An exponent of 0 is flat, of 1 in proportion; fitted from sizes of 100 on."
    yield "Not shown by this run:"
    yield from (f"- {each}" for each in NOT_SHOWN)


def growth_figure(run: Mapping[str, Any]) -> Picture:
    """Milliseconds over sizes, both logarithmic: a panel for each pattern and axis."""
    found = list(curves(run))
    shown = list(dict.fromkeys((each.pattern, each.axis) for each in found))
    designs = list(dict.fromkeys(point["design"] for point in run["points"]))
    rows = (len(shown) + 1) // 2
    figure, axes = panels(11, 3.6 * rows, rows, 2, sharey=True)
    for axis, (pattern, name) in zip(axes, shown, strict=False):
        for each in found:
            if (each.pattern, each.axis) == (pattern, name):
                place = designs.index(each.design)
                axis.plot(
                    [point["size"] for point in each.points],
                    [point["median_ms"] for point in each.points],
                    marker="os^Dv*"[place % 6], color=COLOURS[place % len(COLOURS)],
                    label=f"{each.design} ({each.time_exponent:.2f})",
                )  # fmt: skip
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(f"{pattern} by {name}", loc="left")
        axis.set_ylabel("ms, median")
        axis.legend(frameon=False, fontsize="small", title="design (exponent)")
    growing = [f"{each.design} {each.pattern} by {each.axis}" for each in found if not each.is_flat]
    told = f"Growing: {', '.join(growing)}" if growing else "All are flat"
    return picture_of(figure, f"Time of a page of 20 over sizes. {told}.")
