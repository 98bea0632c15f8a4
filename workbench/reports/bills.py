"""Bills, maps and predictions as text and pictures."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.bill import Kind, break_even_utilisation
from workbench.costs.bills import bill_lines, deciding_line, monthly_usage, total
from workbench.costs.flips import AXES, Costs, FlipMap, flips_along, position_of
from workbench.costs.predictions import MOST_ERROR, Place, Prediction
from workbench.errors import PriceMissing
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL
from workbench.messaging.workload import Workload
from workbench.reports.figures import COLOURS, Picture, panels, picture_of
from workbench.reports.tables import Frame, frame_of

Report = Mapping[str, Any]
SAMPLES = 400
FLIP_COLUMNS = ("parameter", "here", "flips at", "from", "to", "because of")

LINE_COLOURS = ("#0072B2", "#56B4E9", "#009E73", "#88CCEE", "#999933", "#E69F00", "#D55E00",
                "#CC79A7", "#DDCC77", "#BBBBBB", "#332288", "#777777")  # fmt: skip


def cost_report(
    costs: Costs, workloads: Sequence[Workload], errors: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The designs' bills for each workload, verdicts, and where the cheapest design changes.

    USD a month. `errors` are the largest errors of the designs' predictions, as shares.
    """
    bills = cost_bills(costs, workloads)
    return {
        "region": costs.region,
        "assumptions": asdict(costs.assumptions),
        "workload": {**asdict(workloads[0]), "users": [each.users for each in workloads]},
        "largest_errors": dict(errors or {}),
        "provisioned_wins_above": provisioned_wins_above(costs),
        "bills": bills,
        "verdict": [verdict(each["designs"]) for each in bills],
        "flips": {
            name: {
                "here": position_of(workloads[0], axis),
                "flips": [asdict(flip) for flip in flips_along(costs, workloads[0], axis)],
            }
            for name, axis in AXES.items()
        },
    }


def cost_bills(costs: Costs, workloads: Sequence[Workload]) -> list[dict[str, Any]]:
    """The designs' bills for each workload, and the month's usage behind them, as plain numbers."""
    return [
        {
            "users": workload.users,
            "designs": {
                name: {line: float(usd) for line, usd in bill.items()}
                for name, bill in costs.bills(workload).items()
            },
            "usage": {
                name: _plain(asdict(monthly_usage(growth, workload, costs.assumptions)))
                for name, growth in costs.models.items()
            },
        }
        for workload in workloads
    ]


def provisioned_wins_above(costs: Costs) -> dict[str, float] | None:
    """The utilisation above which provisioned capacity is cheaper; None where it has no price."""
    table_class = costs.assumptions.table_class
    kinds: dict[str, Kind] = {"reads": "read", "writes": "write"}
    try:
        return {
            name: break_even_utilisation(costs.prices, costs.region, kind, table_class=table_class)
            for name, kind in kinds.items()
        }
    except PriceMissing:
        return None


def verdict(bills: Mapping[str, Mapping[str, Any]]) -> str:
    """One sentence on the designs' bills: which is cheapest, by how much, and why."""
    totals = {name: float(total(bill)) for name, bill in bills.items()}
    best, *others = sorted(totals, key=totals.__getitem__)
    if totals[best] == float("inf"):
        return f"No design here has a place for so many participants: {', '.join(totals)}."
    if not others:
        return f"{best} costs USD {totals[best]:,.4g} a month."
    second = others[0]
    if totals[second] == float("inf"):
        return f"{best} is the only design with a place for so many participants."
    if not totals[best]:
        return f"{best} costs nothing."
    line, saved = deciding_line(bills[best], bills[second])
    back = float(saved) - (totals[second] - totals[best])
    return (
        f"{best} is cheapest: USD {totals[best]:,.4g} a month; {second}, the next, costs "
        f"{totals[second] / totals[best] - 1:.1%} more. What decides is {line}, which saves USD "
        f"{saved:,.3g}; the other lines {'take' if back > 0 else 'save'} USD {abs(back):,.3g}"
        f"{' of it back' if back > 0 else ' more'}."
    )


def cost_text(report: Report) -> Iterator[str]:
    """The report for a terminal."""
    yield "; ".join(f"{pattern} {ACCESS_PATTERNS[pattern]}" for pattern in ESSENTIAL)
    yield "(D with its own stream update; storage with AWS's 100 bytes an item)"
    yield "(not in these bills: F to J, as unread counts, renames and changes of groups)"
    yield ""
    for bill, sentence in zip(report["bills"], report["verdict"], strict=True):
        yield f"{bill['users']:,.10g} users in {report['region']}, USD a month"
        yield from _bill_text(bill["designs"])
        yield sentence
        yield ""
    for name, error in report["largest_errors"].items():
        if error > MOST_ERROR:
            yield f"DO NOT RELY on {name}: its units were off by up to {error:.0%} where checked."
    yield f"Where the cheapest design changes, for {report['bills'][0]['users']:,.10g} users:"
    for name, found in report["flips"].items():
        axis = AXES[name]
        where = [
            f"{flip['left']} -> {flip['right']} at {flip['position']:.3g} ({flip['line']})"
            for flip in found["flips"]
        ]
        yield (
            f"  {axis.label} ({axis.low:g} to {axis.high:g}, here {found['here']:.3g}): "
            f"{'; '.join(where) or 'nowhere'}"
        )
    yield ""
    wins = report["provisioned_wins_above"]
    if wins is None:
        yield f"Provisioned capacity: no price for {report['region']} in data/prices.csv."
    else:
        yield (
            f"Provisioned capacity is cheaper where more than {wins['reads']:.1%} (reads) and "
            f"{wins['writes']:.1%} (writes) of it is used."
        )
    yield "Assumed (change with --assume NAME=VALUE):"
    yield from (f"  {line}" for line in Assumptions(**report["assumptions"]).lines())
    yield "The workload:"
    workload = {**report["workload"], "users": report["workload"]["users"][0]}
    yield from (f"  {line}" for line in Workload(**workload).to_toml().splitlines())


def _bill_text(designs: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    bills = list(designs.values())
    rows = {line: [each.get(line, 0.0) for each in bills] for line in bill_lines(bills)}
    rows["total"] = [sum(each.values()) for each in bills]
    yield f"  {'':18}" + "".join(f"{name:>14}" for name in designs)
    yield from (f"  {line:18}" + "".join(f"{n:>14,.4g}" for n in row) for line, row in rows.items())


def bill_frame(report: Report, number: int = 0) -> Frame:
    """One bill: a row for each line, a column for each design, USD a month, and the total."""
    import pandas

    frame = pandas.DataFrame(report["bills"][number]["designs"])
    frame.loc["total"] = frame.sum()
    return frame.rename_axis(index="USD a month")


def bill_figure(report: Report, number: int = 0) -> Picture:
    """Stacked bars: a bar for each design, a colour for each line of the bill."""
    bill = report["bills"][number]
    designs = {
        name: lines if math.isfinite(sum(lines.values())) else {}  # no place, and so no bar
        for name, lines in bill["designs"].items()
    }
    figure, [axis] = panels(8, 4.5)
    bottoms = [0.0] * len(designs)
    largest = max(sum(each.values()) for each in designs.values())
    lines = bill_lines(list(designs.values()))
    for colour, line in zip(LINE_COLOURS, lines, strict=False):
        usd = [each.get(line, 0.0) for each in designs.values()]
        if max(usd) <= 0:
            continue
        bars = axis.bar(list(designs), usd, bottom=bottoms, label=line, color=colour, width=0.6)
        labels = [f"{each:.3g}" if each > largest / 20 else "" for each in usd]
        axis.bar_label(bars, labels=labels, label_type="center", fontsize=8)
        bottoms = [below + each for below, each in zip(bottoms, usd, strict=True)]
    axis.set_xticks(
        range(len(designs)), [name if designs[name] else f"{name}\n(no place)" for name in designs]
    )
    axis.set_ylabel("USD a month")
    axis.set_title(f"{bill['users']:,.10g} users, {report['region']}", loc="left", fontsize=10)
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles[::-1], names[::-1], loc="outside right upper", fontsize=8)
    totals = ", ".join(
        f"{name} {sum(lines.values()):,.3g}" if lines else f"{name} has no place"
        for name, lines in designs.items()
    )
    return picture_of(figure, f"Stacked bars of the monthly bill in USD: {totals}.")


def map_figure(flip_map: FlipMap, workload: Workload) -> Picture:
    """Which design is cheapest over two parameters; paler is closer, the cross is the workload."""
    from matplotlib.colors import to_rgb
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    axis = figure.subplots()
    colours = np.array([to_rgb(colour) for colour in COLOURS])[flip_map.winner % len(COLOURS)]
    strength = 0.25 + 0.75 * np.clip(flip_map.margin / 0.3, 0, 1)[..., None]
    strength[flip_map.winner < 0] = 0  # white
    axis.pcolormesh(
        flip_map.x, flip_map.y, 1 - strength * (1 - colours), shading="nearest", rasterized=True
    )
    axes = (flip_map.x_axis, flip_map.y_axis)
    axis.set(xlabel=axes[0].label, ylabel=axes[1].label)
    axis.set_xscale("linear" if axes[0].is_whole else "log")
    axis.set_yscale("linear" if axes[1].is_whole else "log")
    here = [position_of(workload, each) for each in axes]
    axis.plot(*here, "kx", markersize=11, markeredgewidth=2.5)
    shares = [float(np.mean(flip_map.winner == n)) for n in range(len(flip_map.names))]
    winners = [
        (name, colour, share)
        for name, colour, share in zip(flip_map.names, itertools.cycle(COLOURS), shares)
        if share
    ]
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour, _ in winners],
        loc="outside upper right",
        ncols=len(flip_map.names),
        title="cheapest; full colour: by 30% or more",
        title_fontsize=8,
    )
    won = ", ".join(f"{name} {share:.0%} of it" for name, _, share in winners)
    return picture_of(
        figure,
        f"Map of the cheapest design by {axes[0].label} and {axes[1].label}: "
        f"{won or 'none has a place'}.",
    )


def map_sentences(flip_map: FlipMap) -> Iterator[str]:
    """For each design that wins somewhere: where it does, by how much, and why mostly."""
    for number, name in enumerate(flip_map.names):
        rows, columns = np.nonzero(flip_map.winner == number)
        if not len(rows):
            yield f"{name} is nowhere the cheapest."
            continue
        sampled = range(0, len(rows), max(1, len(rows) // SAMPLES))
        reasons = Counter(flip_map.deciding_at(rows[each], columns[each]) for each in sampled)
        (second, line), count = reasons.most_common(1)[0]
        margin = float(np.median(flip_map.margin[rows, columns]))
        if margin == float("inf"):
            yield f"{name} is mostly the only design with a place for so many participants."
            continue
        yield (
            f"{name} is cheapest on {len(rows) / flip_map.winner.size:.0%} of the map, by "
            f"{margin:.0%} (median); mostly ({count / len(sampled):.0%}) ahead of "
            f"{second} because of {line}."
        )


def flip_frame(report: Report) -> Frame:
    """Break-even points: a row for each parameter and flip, all else as in the workload."""
    import pandas

    rows = [
        {
            "parameter": AXES[name].label,
            "here": f"{found['here']:.3g}",
            "flips at": f"{flip['position']:.3g}",
            "from": flip["left"],
            "to": flip["right"],
            "because of": flip["line"],
        }
        for name, found in report["flips"].items()
        for flip in found["flips"]
    ]
    return pandas.DataFrame(rows, columns=list(FLIP_COLUMNS))


def prediction_frame(predictions: Mapping[str, Sequence[Prediction]]) -> Frame:
    """Derived and measured units: a row for each design and place, patterns added up."""
    rows = {
        (name, place): {
            f"{unit} {kind}": sum(
                getattr(each, kind) for each in found if each.place == place and each.unit == unit
            )
            for unit in ("RRU", "WRU")
            for kind in ("derived", "measured")
        }
        | {"largest error": max(each.error for each in found if each.place == place)}
        for name, found in predictions.items()
        for place in dict.fromkeys(each.place for each in found)
    }
    return frame_of(rows, "design", "inbox, messages, participants, text bytes")


def prediction_lines(predictions: Mapping[str, Sequence[Prediction]]) -> Iterator[str]:
    """How well the growth of each design predicts, a line for each place."""
    yield "Derived and measured units of A to E where nothing was fitted:"
    yield "  design        inbox, messages, people, text bytes"
    for key, row in prediction_frame(predictions).iterrows():
        name, place = cast(tuple[str, Place], key)
        yield (
            f"  {name:14}{place!s:22} RRU {row['RRU derived']:6g} {row['RRU measured']:6g}"
            f"   WRU {row['WRU derived']:6g} {row['WRU measured']:6g}"
            f"   largest error {row['largest error']:.2%}"
        )


def _plain(amounts: Any) -> Any:
    """Amounts as numbers that JSON knows."""
    if isinstance(amounts, Mapping):
        return {name: _plain(each) for name, each in amounts.items()}
    return float(amounts)
