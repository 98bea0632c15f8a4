"""Tables of a stored run, as data frames for notebooks and as text for terminals."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.units import format_mean

if TYPE_CHECKING:
    import pandas
    from rich.table import Table

StoredRun = Mapping[str, Any]

COUNTS = {
    "round_trips": "round trips",
    "estimated_rru": "RRU",
    "estimated_wru": "WRU",
    "items_read": "items read",
    "items_returned": "items returned",
    "bytes_read": "bytes read",
    "bytes_returned": "bytes returned",
    "stream_records": "stream records",
}


def log_frame(run: StoredRun) -> "pandas.DataFrame":
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


def pattern_frame(run: StoredRun) -> "pandas.DataFrame":
    """Means per call: a row for each access pattern and design, a column for each count."""
    import pandas

    rows = {
        (f"{pattern} {question}", name): {
            heading: design["patterns"][pattern][key] for key, heading in COUNTS.items()
        }
        for pattern, question in ACCESS_PATTERNS.items()
        for name, design in run["designs"].items()
    }
    frame = pandas.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis(index=["access pattern", "design"])


def message_frame(run: StoredRun) -> "pandas.DataFrame":
    """What one message sent uses, its stream update included (C + E): a row for each design."""
    import pandas

    wanted = ("round_trips", "estimated_wru", "estimated_rru", "stream_records")
    rows = {
        name: {
            COUNTS[key]: design["patterns"]["C"][key] + design["patterns"]["E"][key]
            for key in wanted
        }
        for name, design in run["designs"].items()
    }
    return pandas.DataFrame.from_dict(rows, orient="index").rename_axis(index="design")


def latency_frame(run: StoredRun) -> "pandas.DataFrame":
    """Latency in ms on this run's target: median and quartiles for each pattern and design."""
    import pandas

    rows = {}
    for pattern, question in ACCESS_PATTERNS.items():
        for name, design in run["designs"].items():
            result = design["patterns"][pattern]
            low, high = result["latency_quartiles_ms"] or (None, None)
            rows[(f"{pattern} {question}", name)] = {
                "lower quartile, ms": low,
                "median, ms": result["median_latency_ms"],
                "upper quartile, ms": high,
                "calls": result["calls"],
            }
    frame = pandas.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis(index=["access pattern", "design"])


def marked_frame(run: StoredRun) -> "pandas.DataFrame":
    """`pattern_frame` as text; where the target reported other units, these follow in brackets."""
    frame = pattern_frame(run).map(format_mean)
    for name, design in run["designs"].items():
        for pattern, question in ACCESS_PATTERNS.items():
            for key in ("estimated_rru", "estimated_wru"):
                cell = with_report(design["patterns"][pattern], key)
                frame.loc[(f"{pattern} {question}", name), COUNTS[key]] = cell
    return frame


def with_report(result: Mapping[str, Any], key: str) -> str:
    """Units by rule, and in brackets those reported where they are others: `8 [6]`."""
    estimated = result[key]
    reported = result[key.replace("estimated", "consumed")]
    is_same = math.isclose(estimated, reported, abs_tol=0.005)
    return format_mean(estimated) + ("" if is_same else f" [{format_mean(reported)}]")


def terminal_table(run: StoredRun) -> "Table":
    """The run as a table for a terminal of 90 columns."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("design", no_wrap=True)
    for heading in ("trips", "RRU", "WRU", "items", "bytes", "stream", "latency, ms"):
        table.add_column(heading, justify="right")
    for pattern in ACCESS_PATTERNS:
        for name, design in run["designs"].items():
            table.add_row(pattern, name, *_cells(design["patterns"][pattern]))
        table.add_section()
    return table


def legend(run: StoredRun) -> list[str]:
    """What the rows and columns of `terminal_table` are."""
    log, calls = run["log"], run["parameters"]["calls"]
    version = run["environment"]["dynamodb_local_version"]
    where = run["environment"]["target"] + (f" DynamoDB Local {version}" if version else "")
    return [
        f"{log['messages']:,} messages of {log['name']}, {calls} calls of each pattern, {where}",
        *(f"{pattern} {question}" for pattern, question in ACCESS_PATTERNS.items()),
        "Means per call: round trips; request units by rule [as reported, if others]; items and",
        "bytes returned to the design's code; stream records; latency as median (quartiles).",
    ]


def message_sentences(run: StoredRun) -> list[str]:
    """One sentence a design on what a message costs, from the counts of C and E."""
    return [
        f"One message sent under {name}: {format_mean(row['WRU'])} WRU + "
        f"{format_mean(row['RRU'])} RRU, {format_mean(row['round trips'])} round trips, "
        f"{format_mean(row['stream records'])} stream records."
        for name, row in message_frame(run).iterrows()
    ]


def bullets(lines: Iterable[str]) -> str:
    """The lines as a Markdown list."""
    return "\n".join(f"- {line}" for line in lines)


def _cells(result: Mapping[str, Any]) -> list[str]:
    low, high = result["latency_quartiles_ms"] or (None, None)
    spread = "" if low is None else f" ({low:.1f}-{high:.1f})"

    return [
        format_mean(result["round_trips"]),
        with_report(result, "estimated_rru"),
        with_report(result, "estimated_wru"),
        format_mean(round(result["items_returned"], 1)),
        f"{result['bytes_returned']:,.0f}",
        format_mean(result["stream_records"]),
        f"{result['median_latency_ms']:.1f}{spread}",
    ]
