"""What a DAX cluster would change, from a stored run: tables, maps over TTL and looks a message."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.capacity.assumptions import HOUR_SECONDS, Assumptions
from workbench.capacity.bill import dax_monthly_usd, reads_to_pay_for
from workbench.capacity.prices import PriceList
from workbench.dax.payback import (
    messages_per_second_to_pay,
    rru_saved_per_message,
    usd_saved_per_month,
)
from workbench.reports.figures import Picture, panels, picture_of
from workbench.reports.tables import Frame, frame_of
from workbench.units import format_mean

Run = Mapping[str, Any]
Value = Callable[[Mapping[str, Any]], float]
USUAL_TTL_SECONDS = 300.0


@dataclass(frozen=True)
class Nodes:
    """A cluster and where it is; three nodes are what AWS advises for production."""

    prices: PriceList
    node_type: str = "dax.t3.small"
    count: int = 3
    region: str = "us-east-1"
    assumptions: Assumptions = field(default_factory=Assumptions)

    def __str__(self) -> str:
        return f"{self.count} x {self.node_type} in {self.region}"

    @property
    def usd_a_month(self) -> float:
        """What the nodes cost, busy or idle."""
        return dax_monthly_usd(
            self.node_type, self.count, self.prices, self.region, self.assumptions
        )

    def payback(self, cell: Mapping[str, Any]) -> float:
        """Messages a second at which they cost what they save."""
        return messages_per_second_to_pay(
            cell, self.node_type, self.count, self.prices, self.region, self.assumptions
        )


def saved_share(cell: Mapping[str, Any]) -> float:
    """Share of the RRU of all looks that the cluster saves; below zero where it takes more."""
    return float(1 - cell["rru_with"] / cell["rru_without"])


def stale_share(cell: Mapping[str, Any], letters: str = "AB") -> float:
    """Share of the answers to these patterns that were out of date."""
    return float(sum(cell["stale"][each] for each in letters) / (cell["looks"] * len(letters)))


def cells_of(
    run: Run, design: str | None = None, stream_update: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """Cells of a design, and of a stream update that writes around DAX or through it."""
    for cell in run["cells"]:
        if design in (None, cell["design"]) and stream_update in (None, cell["stream_update"]):
            yield cell


def dax_frame(run: Run, nodes: Nodes, *, ttl_seconds: float = USUAL_TTL_SECONDS) -> Frame:
    """One TTL: hits, RRU a message, answers out of date, and the traffic that pays for nodes."""
    rows = {
        (each["design"], each["stream_update"], each["reads_per_message"]): {
            "hits item, query": _two(each["item_hit_rate"], each["query_hit_rate"]),
            "RRU": f"{each['rru_without'] / each['messages']:.1f}",
            "with DAX": f"{each['rru_with'] / each['messages']:.1f}",
            "stale B, A": _two(stale_share(each, "B"), stale_share(each, "A")),
            "stale s": _ages(each),
            "pays at": _rate(nodes.payback(each)),
        }
        for each in run["cells"]
        if each["ttl_seconds"] == ttl_seconds
    }
    return frame_of(rows, "design", "update", "looks")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _two(one: float | None, other: float | None) -> str:
    return f"{_percent(one)}, {_percent(other)}"


def _ages(cell: Mapping[str, Any]) -> str:
    """Median and longest."""
    ages = cell["stale_seconds"]
    return "-" if ages is None else f"{ages[0]:,.0f}, {ages[2]:,.0f}"


def _rate(per_second: float) -> str:
    return "never" if math.isinf(per_second) else f"{per_second:,.0f}/s"


def scale_frame(run: Run, nodes: Nodes, messages_per_second: float, *, looks: int = 4) -> Frame:
    """USD a month at one scale: reads without and with the cluster, its nodes, what is left.

    Requests are those to DynamoDB that are saved, in millions; `asked` is what the application
    asks the cluster, a second.
    """
    rows = {}
    for cell in run["cells"]:
        if not _is_at(cell, looks):
            continue
        saved_usd = usd_saved_per_month(
            cell, messages_per_second, nodes.prices, nodes.region, nodes.assumptions
        )
        reads_usd = saved_usd / saved_share(cell) if saved_share(cell) else math.nan
        month_seconds = nodes.assumptions.month_hours * HOUR_SECONDS
        asked = cell["requests_without"] / cell["messages"] * messages_per_second
        rows[cell["design"], cell["stream_update"]] = {
            "asked": f"{asked:,.0f}/s",
            "requests saved": f"{asked * month_seconds * _saved_requests(cell) / 1e6:,.0f} M",
            "reads": f"{reads_usd:,.2f}",
            "with DAX": f"{reads_usd - saved_usd:,.2f}",
            "nodes": f"{nodes.usd_a_month:,.2f}",
            "left": f"{saved_usd - nodes.usd_a_month:+,.2f}",
        }
    return frame_of(rows, "design", "update")


def _is_at(cell: Mapping[str, Any], looks: int) -> bool:
    return (cell["ttl_seconds"], cell["reads_per_message"]) == (USUAL_TTL_SECONDS, looks)


def _saved_requests(cell: Mapping[str, Any]) -> float:
    return float(1 - cell["requests_with"] / cell["requests_without"])


def map_frame(run: Run, design: str, value: Value, *, stream_update: str = "around") -> Frame:
    """One value over TTL (rows, seconds) and looks a message (columns)."""
    import pandas

    cells = list(cells_of(run, design, stream_update))
    rows = [
        {"TTL, s": int(c["ttl_seconds"]), "looks": c["reads_per_message"], "value": value(c)}
        for c in cells
    ]
    return pandas.DataFrame(rows).pivot(index="TTL, s", columns="looks", values="value")


def dax_figure(run: Run, design: str, nodes: Nodes, *, stream_update: str = "around") -> Picture:
    """Two maps over TTL and looks a message: traffic that pays for the nodes, stale answers."""
    values: Sequence[tuple[str, Value, Callable[[float], str]]] = (
        (f"messages a second that pay for\n{nodes}", nodes.payback, _brief),
        ("answers out of date", stale_share, lambda share: f"{share:.0%}"),
    )
    figure, axes = panels(10, 4.2, 1, 2)
    told = []
    for axis, (title, value, text) in zip(axes, values, strict=True):
        frame = map_frame(run, design, value, stream_update=stream_update)
        numbers = frame.to_numpy(dtype=float)
        shade = [[math.log10(n) if value is nodes.payback else n for n in row] for row in numbers]
        axis.imshow(
            [[math.nan if math.isinf(n) else n for n in row] for row in shade],
            cmap="cividis_r", aspect="auto", origin="lower", alpha=0.55,
        )  # fmt: skip
        for (row, column), number in _cells(numbers):
            axis.text(column, row, text(number), ha="center", va="center", fontsize=9)
        axis.set_xticks(range(len(frame.columns)), [str(each) for each in frame.columns])
        axis.set_yticks(range(len(frame.index)), [f"{each:,}" for each in frame.index])
        axis.set(xlabel="looks at inbox and conversation, per message", ylabel="TTL, s")
        axis.set_title(title, loc="left", fontsize=10)
        first, last = numbers[0][0], numbers[-1][-1]
        told.append(f"{title.split(chr(10))[0]} from {text(first)} to {text(last)}")
    return picture_of(
        figure,
        f"Two maps of {design} over TTL and looks per message, from the shortest TTL and fewest "
        f"looks to the longest and most: {'; '.join(told)}.",
    )  # fmt: skip


def _cells(numbers: Any) -> Iterator[tuple[tuple[int, int], float]]:
    for row, line in enumerate(numbers):
        for column, number in enumerate(line):
            yield (row, column), float(number)


def _brief(per_second: float) -> str:
    return "never" if math.isinf(per_second) else f"{per_second:,.0f}"


def dax_lines(run: Run, nodes: Nodes, *, messages_per_second: float = 10.0) -> Iterator[str]:
    """The table of the usual TTL, the map of each design, and what the run does not show."""
    cells = run["cells"]
    usual = min({each["ttl_seconds"] for each in cells}, key=lambda s: abs(s - USUAL_TTL_SECONDS))
    yield f"{cells[0]['messages']} messages of {run['log']}; after each, so many looks at the inbox"
    yield "(B) and into the conversation (A). RRU are per message."
    yield f"TTL of both caches {usual:g} s; stale s: median, longest; pays at: messages a second"
    yield f"from which {nodes} save what they cost, {nodes.usd_a_month:,.2f} USD"
    reads = reads_to_pay_for(nodes.usd_a_month, nodes.prices, nodes.region, nodes.assumptions)
    yield f"a month, as much as {reads / 1e6:,.0f} million reads of 4 KB."
    yield dax_frame(run, nodes, ttl_seconds=usual).to_string()
    if any(_is_at(each, 4) for each in cells):
        scale = scale_frame(run, nodes, messages_per_second)
        yield ""
        yield f"USD a month at {messages_per_second:g} messages a second, 4 looks each, TTL 300 s;"
        yield "asked: requests a second that the cluster has to bear:"
        yield scale.to_string()
    for design, update in dict.fromkeys((c["design"], c["stream_update"]) for c in cells):
        yield ""
        yield f"{design}, stream update {update} DAX: messages a second that pay, by TTL and looks"
        yield map_frame(run, design, nodes.payback, stream_update=update).map(_brief).to_string()
        best = max(cells_of(run, design, update), key=rru_saved_per_message)
        yield (
            f"At best {format_mean(rru_saved_per_message(best))} RRU a message are saved "
            f"({saved_share(best):.0%}); {stale_share(best):.0%} of the answers are out of date."
        )
    yield ""
    yield "A model of what is documented, not DAX. Not shown by this run:"
    yield from (f"- {each}" for each in run["not_shown"])
