"""Tables of a stored run, as data frames for notebooks and as text for terminals."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.units import format_bytes, format_mean, format_ms

if TYPE_CHECKING:
    import pandas
    from rich.table import Table

StoredRun = Mapping[str, Any]

COUNTS = {
    "round_trips": "round trips",
    "consumed_rru": "RRU",
    "consumed_wru": "WRU",
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

    wanted = ("round_trips", "consumed_wru", "consumed_rru", "stream_records")
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


def terminal_table(run: StoredRun) -> "Table":
    """The run as a table for a terminal, at most 100 columns wide."""
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        caption="Means per call. Latency: median (quartiles) of this machine's DynamoDB Local, "
        "to be compared within this table only.",
    )
    table.add_column("access pattern")
    table.add_column("design")
    for heading in ("trips", "RRU", "WRU", "items", "bytes", "stream", "latency, ms"):
        table.add_column(heading, justify="right")
    for pattern, question in ACCESS_PATTERNS.items():
        label = f"{pattern} {question}"
        for name, design in run["designs"].items():
            table.add_row(label, name, *_cells(pattern, design["patterns"][pattern]))
            label = ""
        table.add_section()
    return table


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


def _cells(pattern: str, result: Mapping[str, Any]) -> list[str]:
    low, high = result["latency_quartiles_ms"] or (None, None)
    spread = "" if low is None else f" ({low:.2f}-{high:.2f})"
    return [
        format_mean(result["round_trips"]),
        format_mean(result["consumed_rru"]) + (" (!)" if pattern == "B" else ""),
        format_mean(result["consumed_wru"]) + (" (!)" if pattern == "D" else ""),
        _read_and_returned(format_mean, result["items_read"], result["items_returned"]),
        _read_and_returned(format_bytes, result["bytes_read"], result["bytes_returned"]),
        format_mean(result["stream_records"]),
        format_ms(result["median_latency_ms"]).removesuffix(" ms") + spread,
    ]


def _read_and_returned(formatted: Any, read: float | None, returned: float) -> str:
    """One figure where nothing was read in vain, else both."""
    if read == returned:
        return str(formatted(read))
    return f"{formatted(read)} read, {formatted(returned)} returned"
