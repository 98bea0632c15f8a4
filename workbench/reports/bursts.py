"""What a stream update costs in bursts, from a stored run."""

from collections.abc import Mapping
from typing import Any

from workbench.reports.tables import Frame, frame_of

COLUMNS = {
    "round_trips": "round trips",
    "wru": "WRU",
    "rru": "RRU",
    "stream_records": "stream records",
}


def burst_frame(run: Mapping[str, Any]) -> Frame:
    """Means per message of the stream update: a row for each size of burst and function.

    The last column says in how many bursts both inboxes then showed the last message.
    """
    rows = {
        (each["burst"], each["subject"]): {
            **{heading: round(each[key], 3) for key, heading in COLUMNS.items()},
            "inboxes right": f"{each['shown_right']} of {each['bursts']}",
        }
        for each in run["bursts"]
    }
    return frame_of(rows, "messages per burst", "function")


def speed_frame(run: Mapping[str, Any]) -> Frame:
    """Records handled per second for each size of burst, and the lag of inboxes, on one machine."""
    rows: dict[str, dict[str, str]] = {}
    for each in run["bursts"]:
        column = f"records/s, bursts of {each['burst']}"
        rows.setdefault(each["subject"], {})[column] = f"{each['records_per_second']:,.0f}"
    for each in run["lags"]:
        rows[each["subject"]] |= {
            "lag, median ms": f"{each['median_ms']:,.0f}",
            "lag, p95 ms": f"{each['p95_ms']:,.0f}",
        }
    return frame_of(rows, "function")


def burst_lines(run: Mapping[str, Any]) -> list[str]:
    """Both tables, and what they do not show, as text."""
    return [
        "Means per message of the stream update:",
        burst_frame(run).to_string(),
        "",
        "On this machine, to be compared with each other:",
        speed_frame(run).to_string(),
        "",
        "Not shown by this run:",
        *(f"- {each}" for each in run["not_shown"]),
    ]
