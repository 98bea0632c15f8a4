"""Pictures of a stored run."""

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.storage import store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with colour-blindness can tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
PANELS = (
    ("round_trips", "round trips per call"),
    ("estimated_rru", "read request units per call"),
    ("estimated_wru", "write request units per call"),
    ("stream_records", "stream records per call"),
)


@dataclass(frozen=True)
class Picture:
    """A PNG that a notebook shows, with the text for those who cannot see it."""

    png: bytes
    alt: str

    def write(self, path: Path) -> None:
        """Store the PNG, in a new folder if there is none, or raise OutputNotWritable."""
        store(path, self.png)

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"image/png": self.png, "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def picture_of(figure: "Figure", alt: str) -> Picture:
    """The picture that matplotlib draws, with a text for those who cannot see it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return Picture(buffer.getvalue(), alt)


def panels(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple["Figure", list[Any]]:
    """A new figure, and the axes of its panels, without lines above and to the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False, **options).flat)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def pattern_figure(run: Mapping[str, Any]) -> Picture:
    """Bars of the main counts: a panel for each, a group for each access pattern."""
    figure, axes = panels(10, 6, 2, 2)
    names = list(run["designs"])
    width = 0.8 / len(names)
    for axis, (key, heading) in zip(axes, PANELS, strict=True):
        patterns = list(ACCESS_PATTERNS)
        for number, name in enumerate(names):
            results = run["designs"][name]["patterns"]
            figures = [results.get(pattern, {}).get(key) for pattern in patterns]
            bars = axis.bar(
                [index + (number - (len(names) - 1) / 2) * width for index in range(len(patterns))],
                [math.nan if figure is None else figure for figure in figures],  # no bar
                width,
                label=name,
                color=COLOURS[number % len(COLOURS)],
            )
            axis.bar_label(bars, fmt=lambda value: f"{value:.3g}" if value > 0 else "", fontsize=8)
        axis.set_title(heading, fontsize=10, loc="left")
        axis.set_xticks(range(len(patterns)), patterns)
        axis.margins(y=0.15)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper right", ncols=len(names))
    return picture_of(
        figure,
        "Bars of round trips, read units, write units and stream records per call "
        f"for {' and '.join(names)}; the same figures are in the table above.",
    )
