"""What lessons look at, each as a table that can be compared and as a picture.

items_frame, items_figure         item collections, a colour for each partition key
changes_frame, changes_figure     what differs between two snapshots: put, deleted, changed
requests_frame, requests_figure   the round trips of a call, one behind the other
charges_frame, charges_figure     request units, item by item and index entry by index entry
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item, same_item
from workbench.cards.labels import Labels, shortened
from workbench.course.stage import Snapshot
from workbench.dynamodb.meter import Usage
from workbench.reports.figures import COLOURS, Picture, panels, picture_of
from workbench.reports.tables import rows_frame
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame

TABLE = "table"
MOST_CHARACTERS = 50  # pandas cuts off the rest
ROW_INCHES = 0.27
GREY = "#555555"
SIGNS = {"put": "+", "deleted": "\N{MINUS SIGN}", "changed": "~"}
SIGN_COLOURS = {"put": "#009E73", "deleted": "#D55E00", "changed": "#0072B2"}
Rows = Sequence[Mapping[str, str]]


# --- Items -----------------------------------------------------------------------------------


def items_frame(snapshot: Snapshot, index: str | None = None) -> "DataFrame":
    """Items of the table, or entries of an index, in the order in which a Query reads them.

    `<ada>` stands for ada's UUID, `<12:00:01>` for a time of the lesson's day.
    """
    return rows_frame(_item_rows(snapshot, index), *snapshot.key_names(index))


def _item_rows(snapshot: Snapshot, index: str | None) -> Rows:
    names = snapshot.key_names(index)
    labels = snapshot.labels
    rows = []
    for item in sorted(snapshot.held[index], key=lambda each: _sort_key(each, names, labels)):
        others = {name: item[name] for name in sorted(item.keys() - set(names))}
        row = {name: labels.brief(item[name]) for name in names}
        rows.append(row | {"other attributes": _listed(others, labels)})
    return rows


def _sort_key(item: Item, names: Sequence[str], labels: Labels) -> list[str]:
    """By partition key as it is shown, then by sort key as it is stored."""
    first, *rest = names
    return [labels.brief(item[first]), *(str(next(iter(item[each].values()))) for each in rest)]


def _listed(attributes: Mapping[str, Any], labels: Labels, most: int = MOST_CHARACTERS) -> str:
    """Attributes that tell items apart come first: texts, then names."""
    told = [
        f"{name}={shortened(labels.brief(value), 24)}"
        for name, value in sorted(attributes.items(), key=lambda each: _interest(each[0]))
    ]
    return shortened(", ".join(told), most)


def _interest(name: str) -> tuple[int, str]:
    order = ("message", "last_reply_at", "user_handle", "user_display_name")
    return (order.index(name) if name in order else len(order), name)


def items_figure(snapshot: Snapshot, index: str | None = None) -> Picture:
    """The same, drawn: a band of colour for each item collection."""
    rows = _item_rows(snapshot, index)
    names = snapshot.key_names(index)
    partitions = list(dict.fromkeys(row[names[0]] for row in rows))
    colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(partitions)}
    place = f"index {index}" if index else TABLE
    alt = f"The {place}: " + "; ".join(
        f"{name} has {_count(sum(row[names[0]] == name for row in rows))}" for name in partitions
    )
    return _drawn(rows, names, [colours[row[names[0]]] for row in rows], alt + ".", title=place)


def _count(items: int) -> str:
    return "1 item" if items == 1 else f"{items} items"


# --- Changes ---------------------------------------------------------------------------------


def changes_frame(before: Snapshot, after: Snapshot) -> "DataFrame":
    """What became of items and index entries: a row for each that is new, gone or different."""
    return rows_frame(list(change_rows(before, after)), "where", "change")


def change_rows(before: Snapshot, after: Snapshot) -> Iterator[dict[str, str]]:
    """The rows of `changes_frame`: where, change, key, attributes."""
    labels = after.labels
    for index in after.held:
        names = tuple(dict.fromkeys((*after.key_names(index), *after.schema.key)))
        old, new = ({_identity(i, names): i for i in each.held[index]} for each in (before, after))
        for key in sorted(old.keys() | new.keys(), key=lambda key: _shown_key(key, labels)):
            item, gone = new.get(key), old.get(key)
            if item is not None and gone is not None and same_item(item, gone):
                continue
            if item is None or gone is None:
                change, shown = ("put", item) if gone is None else ("deleted", gone)
                told = _listed({n: v for n, v in (shown or {}).items() if n not in names}, labels)
            else:
                change = "changed"
                differing = {n for n in item.keys() | gone.keys() if item.get(n) != gone.get(n)}
                told = ", ".join(
                    _change_of(name, gone, item, labels)
                    for name in sorted(differing, key=_interest)
                )
            shown_names = after.key_names(index)
            yield {
                "where": f"index {index}" if index else TABLE,
                "change": change,
                "key": ", ".join(labels.brief((item or gone or {})[name]) for name in shown_names),
                "attributes": shortened(told, MOST_CHARACTERS),
            }


def _identity(item: Item, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(repr(item[name]) for name in names)


def _shown_key(key: tuple[str, ...], labels: Labels) -> str:
    return labels.read("".join(key))


def _change_of(name: str, old: Item, new: Item, labels: Labels) -> str:
    sides = (labels.brief(each[name]) if name in each else "none" for each in (old, new))
    return f"{name}: " + " → ".join(shortened(side, 12) for side in sides)


def changes_figure(before: Snapshot, after: Snapshot) -> Picture:
    """The same, drawn: what was put, deleted and changed, and where."""
    rows = list(change_rows(before, after))
    colours = [SIGN_COLOURS[row["change"]] for row in rows]
    signed = [row | {"change": f"{SIGNS[row['change']]} {row['change']}"} for row in rows]
    alt = "What changed: " + "; ".join(f"{r['where']} {r['change']} {r['key']}" for r in rows)
    return _drawn(signed, ("where", "change", "key"), colours, alt + ".")


# --- Requests --------------------------------------------------------------------------------


def requests_frame(usage: Usage, snapshot: Snapshot) -> "DataFrame":
    """The round trips of a call in order: operation, where, key, items asked for, RRU and WRU."""
    return rows_frame(request_rows(usage, snapshot), "round trip")


def request_rows(usage: Usage, snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rows of `requests_frame`: round trip, operation, on, key, RRU, WRU."""
    rows = []
    for number, (request, units) in enumerate(zip(usage.requests, usage.units, strict=True), 1):
        operation, params = request
        parts = list(snapshot.labels.requests([(operation, params)], snapshot.schema.key))
        keys = [part.key for part in parts]
        rows.append(
            {
                "round trip": number,
                "operation": operation,
                "on": params.get("IndexName", TABLE),
                "key": shortened("; ".join(keys), MOST_CHARACTERS),
                "RRU": format_mean(units[0]),
                "WRU": format_mean(units[1]),
            }
        )
    return rows


def requests_figure(usage: Usage, snapshot: Snapshot, *, title: str = "") -> Picture:
    """The same as a waterfall: each request begins when the one before it is answered.

    A step is one round trip, whatever it takes: milliseconds of this machine would say less.
    """
    rows = request_rows(usage, snapshot)
    figure, [axis] = panels(10, 0.8 + 0.42 * len(rows))
    for step, row in enumerate(rows):
        is_write = row["WRU"] != "0"
        axis.barh(step, 1, left=step, height=0.6, color=COLOURS[1] if is_write else COLOURS[0])
        units = f"{row['WRU']} WRU" if is_write else f"{row['RRU']} RRU"
        place = "" if row["on"] == TABLE else f" on {row['on']}"
        told = f"{row['operation']}{place}, {units}"
        is_late = step >= len(rows) / 2
        axis.text(
            step - 0.05 if is_late else step + 1.05, step, told,
            ha="right" if is_late else "left", va="center", fontsize=9,
        )  # fmt: skip
    axis.set(xlim=(0, max(4, len(rows))), xlabel="round trips, one after another", yticks=[])
    axis.set_xticks(range(max(4, len(rows)) + 1))
    axis.invert_yaxis()
    axis.spines["left"].set_visible(False)
    axis.set_title(title or "reads blue, writes orange", fontsize=10, loc="left")
    return picture_of(
        figure,
        f"{title or 'A call'}: {len(rows)} round trips, "
        + ", ".join(f"{row['operation']} on {row['on']}" for row in rows)
        + ".",
    )


# --- Charges ---------------------------------------------------------------------------------


def charges_frame(usage: Usage) -> "DataFrame":
    """What was charged by rule: a row for each read, item written and index entry written."""
    rows = [
        {
            "operation": operation,
            "on": f"index {charge.index}" if charge.index else TABLE,
            "bytes before": charge.before_bytes,
            "bytes after": charge.after_bytes,
            "units": f"{format_mean(charge.units)} {'WRU' if charge.is_write else 'RRU'}",
        }
        for operation, charge in _charged(usage)
    ]
    return rows_frame(rows, "operation", "on")


def charges_figure(usage: Usage, *, title: str = "") -> Picture:
    """The same, drawn: a bar for each item and index entry, as long as its units."""
    charged = list(_charged(usage))
    figure, [axis] = panels(10, 0.9 + 0.3 * len(charged))
    names = [
        f"{operation}, {c.index or TABLE}, {max(c.before_bytes, c.after_bytes)} bytes"
        for operation, c in charged
    ]
    colours = [
        COLOURS[0] if not charge.is_write else COLOURS[5] if charge.index else COLOURS[1]
        for _, charge in charged
    ]
    bars = axis.barh(range(len(charged)), [charge.units for _, charge in charged], color=colours)
    axis.bar_label(bars, fmt=format_mean, padding=3, fontsize=9)
    axis.set_yticks(range(len(charged)), names, fontsize=9)
    axis.invert_yaxis()
    axis.set_xlabel("request units: reads blue, items orange, index entries vermilion")
    axis.set_title(title, fontsize=10, loc="left")
    total = f"{format_mean(usage.estimated_rru)} RRU and {format_mean(usage.estimated_wru)} WRU"
    return picture_of(figure, f"{title or 'Request units'}: {total} in {len(charged)} parts.")


def _charged(usage: Usage) -> Iterator[tuple[str, Any]]:
    return ((operation, charge) for operation, charge in usage.charges if charge.factor)


# --- Drawing ---------------------------------------------------------------------------------


def _drawn(
    rows: Rows, key_names: Sequence[str], colours: Sequence[str], alt: str, *, title: str = ""
) -> Picture:
    """A table with a colour for each row, its columns as wide as their longest text."""
    from matplotlib.patches import Rectangle

    columns = list(rows[0]) if rows else list(key_names)
    widths = [
        max([len(name), *(len(row[name]) for row in rows)]) + 2 for name in columns
    ]  # in characters
    total = sum(widths)
    figure, [axis] = panels(min(12, max(6, total * 0.085)), ROW_INCHES * (len(rows) + 2.2))
    size = min(9.0, 9.0 * 12 / max(12, total * 0.085))
    axis.set(xlim=(0, total), ylim=(len(rows) + 1, -1 if title else 0))
    axis.axis("off")
    for number, (row, colour) in enumerate(zip(rows, colours, strict=True), start=1):
        axis.add_patch(Rectangle((0, number), total, 0.92, color=colour, alpha=0.16, linewidth=0))
        axis.add_patch(Rectangle((0, number), 0.6, 0.92, color=colour, linewidth=0))
        left = 1.0
        for name, width in zip(columns, widths, strict=True):
            is_key = name in key_names
            axis.text(
                left, number + 0.46, row[name], va="center", fontsize=size, family="monospace",
                color="black" if is_key else GREY, weight="bold" if is_key else "normal",
            )  # fmt: skip
            left += width
    left = 1.0
    for name, width in zip(columns, widths, strict=True):
        axis.text(left, 0.5, name, va="center", fontsize=size, color=GREY)
        left += width
    if title:
        axis.text(0, -0.5, title, va="center", fontsize=size + 1)
    return picture_of(figure, alt)
