"""Sliders for a workload, with the bill, the map and the verdict redrawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.costs.flips import AXES, Costs, flip_map, moved, position_of
from workbench.errors import WorkbenchError
from workbench.messaging.workload import Workload
from workbench.reports.bills import bill_figure, cost_bills, map_figure, verdict
from workbench.reports.figures import Picture

if TYPE_CHECKING:
    from ipywidgets import VBox

FIELDS = {"users": (1, 1e8), "messages_per_user_per_day": (0.1, 1e3)}
SLIDERS: dict[str, tuple[float, float]] = FIELDS | {  # field or axis -> lowest and highest
    name: (AXES[name].low, AXES[name].high)
    for name in ("reads_per_message", "inbox_length", "text_bytes")
}


@dataclass(frozen=True)
class View:
    """What the explorer shows for one setting of its controls."""

    sentence: str
    bill: Picture | None = None
    map: Picture | None = None


def view(costs: Costs, workload: Workload, settings: Mapping[str, Any]) -> View:
    """The verdict, the bill and the map for a workload changed by the settings.

    `settings` has a position for sliders, and may have `participants`, `region`, `designs` (names)
    and the axes `x` and `y`. What cannot be worked out is told in the sentence.
    """
    try:
        chosen = replace(
            costs,
            region=settings.get("region", costs.region),
            models={
                name: growth
                for name, growth in costs.models.items()
                if name in settings.get("designs", costs.models)
            },
        )
        if not chosen.models:
            return View("Choose at least one design.")
        fields: dict[str, Any] = {
            name: float(settings[name]) for name in FIELDS if name in settings
        }
        workload = replace(workload, **fields)
        for name, position in settings.items():  # some are rates per message, set just now
            if name in AXES:
                workload = moved(workload, AXES[name], float(position))
        found = flip_map(
            chosen,
            workload,
            AXES[settings.get("x", "reads_per_message")],
            AXES[settings.get("y", "inbox_length")],
        )
        [bill] = cost_bills(chosen, [workload])
        return View(
            verdict(bill["designs"]),
            bill_figure({"region": chosen.region, "bills": [bill]}),
            map_figure(found, workload),
        )
    except WorkbenchError as error:
        return View(f"Not possible: {error}")


def explorer(costs: Costs, workload: Workload) -> "VBox":
    """The controls, and what they show."""
    import ipywidgets as widgets

    controls = _controls(costs, workload)
    whole = widgets.Layout(max_width="100%")  # none is cut off; where two do not fit, one below
    sentence = widgets.HTML()
    bill, chart = widgets.Image(layout=whole), widgets.Image(layout=whole)
    across = widgets.Layout(flex_flow="row wrap")

    def redraw(_: Any = None) -> None:
        shown = view(costs, workload, {name: each.value for name, each in controls.items()})
        sentence.value = f"<b>{shown.sentence}</b>"
        for image, picture in ((bill, shown.bill), (chart, shown.map)):
            image.value = picture.png if picture is not None else b""

    for each in controls.values():
        each.observe(redraw, names="value")
    redraw()
    columns = list(controls.values())
    return widgets.VBox(
        [
            widgets.HBox([widgets.VBox(columns[:5]), widgets.VBox(columns[5:])], layout=across),
            sentence,
            widgets.HBox([bill, chart], layout=across),
        ]
    )


def _controls(costs: Costs, workload: Workload) -> dict[str, Any]:
    import ipywidgets as widgets

    wide = {"style": {"description_width": "15em"}, "layout": widgets.Layout(width="36em")}
    controls: dict[str, Any] = {
        name: widgets.FloatLogSlider(
            value=_start(workload, name),
            min=math.log10(low),
            max=math.log10(high),
            step=0.02,
            readout_format=".3g",
            description=AXES[name].label if name in AXES else name.replace("_", " "),
            **wide,
        )
        for name, (low, high) in SLIDERS.items()
    }
    controls["participants"] = widgets.IntSlider(
        value=int(workload.participants),
        min=AXES["participants"].low,
        max=AXES["participants"].high,
        description="participants",
        **wide,
    )
    controls["region"] = widgets.Dropdown(
        options=costs.prices.regions, value=costs.region, description="region", **wide
    )
    controls["designs"] = widgets.SelectMultiple(
        options=list(costs.models),
        value=tuple(costs.models),
        rows=len(costs.models),
        description="designs",
        **wide,
    )
    for name, axis in (("x", "reads_per_message"), ("y", "inbox_length")):
        options = [(each.label, each.name) for each in AXES.values()]
        controls[name] = widgets.Dropdown(
            options=options, value=axis, description=f"map {name}", **wide
        )
    return controls


def _start(workload: Workload, name: str) -> float:
    return position_of(workload, AXES[name]) if name in AXES else float(getattr(workload, name))
