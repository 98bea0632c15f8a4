"""Tables of a stored run, as data frames for notebooks and as text for terminals.

A pattern that a design does not support has its row, too, which says why; and what was not measured
is no zero: the relational baseline has no request units.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.bill import usd_per_request_unit
from workbench.capacity.prices import PriceList
from workbench.designs.relational import Relational
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.units import format_mean

if TYPE_CHECKING:
    import pandas

StoredRun = Mapping[str, Any]
Frame: TypeAlias = "pandas.DataFrame"

WIDTH = 80
HEADINGS = ("", "design", "trips", "RRU", "WRU", "items", "bytes", "stream", "latency, ms")
NONE = "-"
BASELINE_LEGEND = "Under relational: SQL statements as trips, rows returned or changed as items."
COUNTS = {
    "round_trips": "round trips",
    "rows_touched": "rows touched",
    "estimated_rru": "RRU",
    "estimated_wru": "WRU",
    "items_read": "items read",
    "items_returned": "items returned",
    "bytes_read": "bytes read",
    "bytes_returned": "bytes returned",
    "stream_records": "stream records",
}


def frame_of(rows: Mapping[Any, Mapping[str, Any]], *index: str) -> Frame:
    """A row for each entry, and headings for what the rows are."""
    import pandas

    return pandas.DataFrame.from_dict(dict(rows), orient="index").rename_axis(index=list(index))


def rows_frame(rows: Sequence[Mapping[str, Any]], *index: str) -> Frame:
    """A row for each mapping, with these columns as its heading; an empty frame for no rows."""
    import pandas

    return pandas.DataFrame(list(rows)).set_index(list(index)) if rows else pandas.DataFrame()


def log_frame(run: StoredRun) -> Frame:
    """What the replayed log holds: counts, and quantiles where there are many values."""
    import pandas

    log = run["log"]
    counts = {key: log[key] for key in ("messages", "users", "conversations")}
    spreads = {
        "messages per conversation": log["messages_per_conversation"],
        "conversations per user": log["conversations_per_user"],
        "bytes per text": log["text_bytes"],
    }
    rows = {heading: (count, "", "") for heading, count in counts.items()} | {
        heading: (f"{median:g}", f"{p90:g}", f"{most:g}")
        for heading, (_, median, p90, most) in spreads.items()
    }
    columns = ["count or median", "90th percentile", "most"]
    return pandas.DataFrame.from_dict(rows, orient="index", columns=columns)


def pattern_frame(run: StoredRun) -> Frame:
    """Means per call: a row for each access pattern and design, a column for each count."""
    results = list(_results(run))
    has_rows = any(result and result["rows_touched"] is not None for *_, result in results)
    counts = {key: heading for key, heading in COUNTS.items() if has_rows or key != "rows_touched"}
    rows = {
        place: {heading: result and result[key] for key, heading in counts.items()}
        for place, _, result in results
    }
    return frame_of(rows, "access pattern", "design").astype(float)


def _results(run: StoredRun) -> Iterator[tuple[tuple[str, str], str, Mapping[str, Any] | None]]:
    """Place in a table, why there is no result, and the result, for each pattern and design."""
    for pattern, question in ACCESS_PATTERNS.items():
        for name, design in run["designs"].items():
            why = design["unsupported"].get(pattern, "")
            result = None if why else design["patterns"][pattern]
            yield (f"{pattern} {question}", name), why and f"not supported: {why}", result


def message_frame(run: StoredRun) -> Frame:
    """What one message sent uses, its stream update included (C + E): a row for each design."""
    wanted = ("round_trips", "estimated_wru", "estimated_rru", "stream_records")
    rows = {
        name: {
            COUNTS[key]: math.fsum(
                math.nan if (figure := design["patterns"][pattern][key]) is None else figure
                for pattern in "CE"
            )
            for key in wanted
        }
        for name, design in run["designs"].items()
    }
    return frame_of(rows, "design")


def price_frame(run: StoredRun, prices: PriceList, region: str = "us-east-1") -> Frame:
    """USD per million calls, on demand, of the request units alone: pattern by design.

    Storage, indexes apart, and the function are in a month's bill: `workbench cost`.
    """
    usd = {
        "estimated_rru": usd_per_request_unit("read", prices, region, Assumptions()) * 1_000_000,
        "estimated_wru": usd_per_request_unit("write", prices, region, Assumptions()) * 1_000_000,
    }
    rows: dict[str, dict[str, float]] = {}
    for (question, name), _, result in _results(run):
        figures = [(result or {}).get(key) for key in usd]
        known = result is not None and None not in figures
        rows.setdefault(question, {})[name] = (
            math.fsum(f * u for f, u in zip(figures, usd.values(), strict=True) if f is not None)
            if known
            else math.nan
        )
    return frame_of(rows, "USD per million calls")


def latency_frame(run: StoredRun) -> Frame:
    """Latency in ms on this run's target: median and quartiles for each pattern and design."""
    rows = {}
    for place, _, result in _results(run):
        low, high = (result and result["latency_quartiles_ms"]) or (None, None)
        rows[place] = {
            "lower quartile, ms": low,
            "median, ms": result and result["median_latency_ms"],
            "upper quartile, ms": high,
            "calls": result and result["calls"],
        }
    return frame_of(rows, "access pattern", "design").astype(float)


def marked_frame(run: StoredRun) -> Frame:
    """`pattern_frame` as text; where the target reported other units, these follow in brackets."""
    numbers = pattern_frame(run)
    frame = numbers.map(format_mean).mask(numbers.isna(), NONE)
    for place, why, result in _results(run):
        if result is None:
            frame.loc[place] = [why, *[""] * (len(frame.columns) - 1)]
            continue
        for key in ("estimated_rru", "estimated_wru"):
            frame.loc[place, COUNTS[key]] = with_report(result, key)
    return frame


def with_report(result: Mapping[str, Any], key: str) -> str:
    """Units by rule, and in brackets those reported where they are others: `8 [6]`."""
    estimated = result[key]
    reported = result[key.replace("estimated", "consumed")]
    if estimated is None:
        return NONE
    is_same = math.isclose(estimated, reported, abs_tol=0.005)
    return format_mean(estimated) + ("" if is_same else f" [{format_mean(reported)}]")


def terminal_table(run: StoredRun) -> list[str]:
    """The run as lines for a terminal."""
    rows = [
        ((question[0], name), why, result and _cells(result))
        for (question, name), why, result in _results(run)
    ]
    full = [list(HEADINGS), *([*place, *cells] for place, _, cells in rows if cells)]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    lines = [_line(HEADINGS, widths), "-" * (sum(widths) + 2 * len(widths) - 2)]
    for number, (place, why, cells) in enumerate(rows):
        if number and not number % len(run["designs"]):
            lines.append("")
        if cells:
            lines.append(_line([*place, *cells], widths))
        else:
            start = _line(place, widths[:2]) + "  "
            lines += textwrap.wrap(
                why, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
            )
    return lines


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Pattern and design to the left, figures to the right."""
    padded = [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded)


def legend(run: StoredRun) -> list[str]:
    """What the rows and columns of `terminal_table` are."""
    log, calls = run["log"], run["parameters"]["calls"]
    version = run["environment"]["dynamodb_local_version"]
    where = run["environment"]["target"] + (f" DynamoDB Local {version}" if version else "")
    renames = {d["patterns"]["H"]["calls"] for d in run["designs"].values() if "H" in d["patterns"]}
    fewer = "".join(f" ({number} of H)" for number in renames)
    return [
        f"{log['messages']:,} messages of {log['name']}, {calls} calls of each pattern{fewer}, "
        f"{where}",
        *(f"{pattern} {question}" for pattern, question in ACCESS_PATTERNS.items()),
        "Means per call: round trips; request units by rule [as reported, if others]; items and",
        "bytes returned to the design's code; stream records; latency as median (quartiles).",
        *([BASELINE_LEGEND] if Relational.name in run["designs"] else []),
    ]


def message_sentences(run: StoredRun) -> list[str]:
    """One sentence a design on what a message costs, from the counts of C and E."""
    sentences = []
    for name, row in message_frame(run).iterrows():
        units = f"{format_mean(row['WRU'])} WRU + {format_mean(row['RRU'])} RRU, "
        if math.isnan(row["WRU"]):
            units = "no request units, "
        sentences.append(
            f"One message sent under {name}: {units}{format_mean(row['round trips'])} round trips, "
            f"{format_mean(row['stream records'])} stream records."
        )
    return sentences


def bullets(lines: Iterable[str]) -> str:
    """The lines as a Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def _cells(result: Mapping[str, Any]) -> list[str]:
    low, high = result["latency_quartiles_ms"] or (None, None)
    spread = "" if low is None or high is None else f" ({_ms(low)}-{_ms(high)})"

    items = result["items_returned"] if result["rows_touched"] is None else result["rows_touched"]
    size = result["bytes_returned"]
    return [
        format_mean(result["round_trips"]),
        with_report(result, "estimated_rru"),
        with_report(result, "estimated_wru"),
        format_mean(round(items, 1)),
        NONE if size is None else f"{size:,.0f}",
        format_mean(result["stream_records"]),
        f"{_ms(result['median_latency_ms'])}{spread}",
    ]


def _ms(value: float) -> str:
    """To a tenth, or finer where that would leave nothing."""
    return f"{value:.2f}" if value < 0.1 else f"{value:.1f}"
