"""Who may read what, attempts that failed, and findings of scans: tables and a picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.iam.attempts import Outcome
from workbench.iam.matrix import MAY, ONLY_CODE, REFUSED, Cell
from workbench.iam.template import Finding
from workbench.reports.figures import COLOURS, Picture, panels, picture_of

if TYPE_CHECKING:
    from pandas import DataFrame

SIGNS = {MAY: "+", REFUSED: "x", ONLY_CODE: "!"}
CELL_COLOURS = {MAY: COLOURS[0], REFUSED: COLOURS[2], ONLY_CODE: COLOURS[5]}
NOBODY = "-"  # nobody can leave


def matrix_frame(cells: Sequence[Cell]) -> "DataFrame":
    """A row for each design and item type, a column for each caller: `+` may read, `x`, `!`."""
    import pandas

    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for cell in cells:
        row = rows.setdefault((cell.design, cell.item, cell.belongs_to), {})
        row[cell.caller] = f"{SIGNS[cell.verdict]} {cell.verdict}"
    frame = pandas.DataFrame(rows.values(), index=pandas.MultiIndex.from_tuples(rows))
    frame.index.names = ["design", "item", "belongs to"]
    return frame.fillna(NOBODY)


def reasons_frame(cells: Sequence[Cell]) -> "DataFrame":
    """Where IAM lets what the application does not mean: the call by which."""
    import pandas

    rows = [
        {"design": each.design, "item": each.item, "caller": each.caller, "by": each.call}
        for each in cells
        if each.verdict == ONLY_CODE
    ]
    return pandas.DataFrame(rows, columns=["design", "item", "caller", "by"]).set_index("design")


def matrix_figure(cells: Sequence[Cell]) -> Picture:
    """The same as a picture, with a sign in each coloured cell."""
    from matplotlib.patches import Patch, Rectangle

    frame = matrix_frame(cells)
    figure, [axis] = panels(9, 1.4 + 0.36 * len(frame))
    for row, values in enumerate(frame.itertuples(index=False)):
        for column, value in enumerate(values):
            verdict = value[2:] if value != NOBODY else NOBODY
            colour = CELL_COLOURS.get(verdict, "#eeeeee")
            axis.add_patch(Rectangle((column + 0.02, row + 0.06), 0.96, 0.88, color=colour))
            axis.text(
                column + 0.5, row + 0.5, SIGNS.get(verdict, NOBODY), ha="center", va="center",
                color="white" if verdict in SIGNS else "black", weight="bold", fontsize=12,
            )  # fmt: skip
    axis.set(xlim=(0, len(frame.columns)), ylim=(len(frame), 0))
    axis.set_xticks([n + 0.5 for n in range(len(frame.columns))], list(frame.columns))
    axis.set_yticks(
        [n + 0.5 for n in range(len(frame))],
        [f"{design}  {item}" for design, item, _ in frame.index],
    )
    axis.tick_params(length=0)
    axis.xaxis.tick_top()
    axis.spines[["left", "bottom"]].set_visible(False)
    legend = [Patch(color=CELL_COLOURS[v], label=f"{SIGNS[v]}  {v}") for v in SIGNS]
    figure.legend(handles=legend, loc="outside lower center", ncols=len(SIGNS), frameon=False)
    told = "; ".join(
        f"{design} {item}: " + ", ".join(f"{who} {v[2:] or 'none'}" for who, v in row.items())
        for (design, item, _), row in zip(frame.index, frame.to_dict("records"), strict=True)
    )
    return picture_of(figure, f"Who may read what, by IAM alone. {told}.")


def attempts_frame(outcomes: Sequence[Outcome]) -> "DataFrame":
    """A row for each attempt, a column for each design: who refused it, or what became of it."""
    import pandas

    rows: dict[str, dict[str, str]] = {}
    for each in outcomes:
        rows.setdefault(each.attempt, {})[each.design] = each.by or each.result
    return pandas.DataFrame.from_dict(rows, orient="index").rename_axis("attempt")


def read_scan(path: Path) -> dict[str, Any]:
    """Stored results of `make scan`: what each tool says of each template."""
    scan: dict[str, Any] = json.loads(path.read_text())
    return scan


def scan_frame(scan: dict[str, Any], template: str, result: str = "failed") -> "DataFrame":
    """Rules with this result: the resource it is about, and the reason where one is given."""
    import pandas

    rows = [
        {name: each[name] for name in ("resource", "rule", "tool", "about", "reason") if each[name]}
        for each in scan["templates"][template]
        if each["result"] == result
    ]
    frame = pandas.DataFrame(rows).fillna("").sort_values(["resource", "rule"])
    return frame.set_index(["resource", "rule"])


def findings_frame(findings: Sequence[Finding]) -> "DataFrame":
    """What our own checks found in a template."""
    import pandas

    rows = [{"kind": each.kind, "resource": each.resource, "found": each.text} for each in findings]
    return pandas.DataFrame(rows, columns=["kind", "resource", "found"]).set_index("kind")
