import math
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.measurement.results import read_run
from workbench.reports.figures import pattern_figure
from workbench.reports.tables import (
    bullets,
    latency_frame,
    legend,
    log_frame,
    marked_frame,
    message_frame,
    message_sentences,
    pattern_frame,
    terminal_table,
)
from workbench.units import format_mean


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return read_run(ROOT / "data" / "compare.json")


def test_pattern_frame_has_a_row_for_each_pattern_and_design(run: dict[str, Any]) -> None:
    frame = pattern_frame(run)

    assert len(frame) == 20
    assert frame.loc[("B list a user's conversations", "single"), "round trips"] == 2


def test_message_frame_adds_the_stream_update(run: dict[str, Any]) -> None:
    frame = message_frame(run)

    assert frame.loc["dual", "WRU"] == pytest.approx(9)
    assert frame.loc["dual", "RRU"] == pytest.approx(1)
    assert frame.loc["single", "WRU"] == pytest.approx(6)
    assert frame.loc["dual", "stream records"] == 5


def test_latency_frame_orders_its_quartiles(run: dict[str, Any]) -> None:
    frame = latency_frame(run).dropna()

    assert len(frame) == 18  # all but J
    assert (frame["lower quartile, ms"] <= frame["median, ms"]).all()
    assert (frame["median, ms"] <= frame["upper quartile, ms"]).all()


def test_log_frame_tells_what_was_replayed(run: dict[str, Any]) -> None:
    assert log_frame(run).loc["messages", "count or median"] == 3_000


def test_terminal_table_fits_80_columns(run: dict[str, Any]) -> None:
    assert max(map(len, terminal_table(run))) <= 80


def test_reported_units_stand_beside_others_by_rule(run: dict[str, Any]) -> None:
    frame = marked_frame(run)
    first = "D send a first message"

    assert list(frame["WRU"].xs(first)) == ["8 [6]", "6 [8]"]
    assert list(frame["RRU"].xs(first)) == ["0.5 [0]", "0"]
    assert "[" not in "".join(frame["WRU"].drop(first))
    assert ["8 [6]" in line or "6 [8]" in line for line in terminal_table(run)].count(True) == 2


def test_legend_says_what_was_measured(run: dict[str, Any]) -> None:
    lines = legend(run)

    assert lines[0] == (
        "3,000 messages of messages.csv, 150 calls of each pattern (8 of H), "
        "embedded DynamoDB Local 3.3.1"
    )
    assert "C send a message in a conversation" in lines


def test_sentences_say_what_a_message_costs(run: dict[str, Any]) -> None:
    first, second = message_sentences(run)

    assert first.startswith("One message sent under dual: 9 WRU + 1 RRU, 7 round trips")
    assert second.startswith("One message sent under single: 6 WRU + 1 RRU, 3 round trips")


def test_picture_is_a_png_with_a_text(run: dict[str, Any]) -> None:
    data, metadata = pattern_figure(run)._repr_mimebundle_()

    assert data["image/png"].startswith(b"\x89PNG")
    assert "dual and single" in metadata["image/png"]["alt"]


@pytest.mark.parametrize(
    ("value", "text"), [(9.0, "9"), (0.5, "0.5"), (1_023.256, "1,023.26"), (None, "not measured")]
)
def test_means_are_printed_short(value: float | None, text: str) -> None:
    assert format_mean(value) == text


def test_bullets_are_markdown() -> None:
    assert bullets(["one", "two"]) == "- one\n- two"


# --- What is not supported, and what is not measured -------------------------------------------

WHY = "its group item has places for two, and each needs attributes and an index of its own"
REASON = f"not supported: {WHY}"
GROUPS = "J groups: start one, add, leave"


def result(trips: float, rows: float | None = None) -> dict[str, Any]:
    """A pattern's figures: of a table, or of the relational baseline if there are rows."""
    units = {
        f"{kind}_{unit}": None if rows is not None else 2.0
        for kind in ("estimated", "consumed")
        for unit in ("rru", "wru")
    }
    rest = ("items_read", "items_returned", "bytes_read", "bytes_returned")
    return {
        "calls": 1, "round_trips": trips, "rows_touched": rows, **units,
        **dict.fromkeys(rest, None if rows is not None else 3.0),
        "stream_records": 0.0, "median_latency_ms": 0.04, "latency_quartiles_ms": None,
    }  # fmt: skip


@pytest.fixture
def mixed() -> dict[str, Any]:
    """A run of one design that lacks J, and of the baseline."""
    table = {pattern: result(1.0) for pattern in "ABCDEFGHI"}
    baseline = {pattern: result(4.0, rows=5.0) for pattern in "ABCDEFGHIJ"}
    return {
        "environment": {"dynamodb_local_version": "3.3.1", "target": "embedded"},
        "parameters": {"calls": 10},
        "log": {"messages": 5, "name": "made"},
        "designs": {
            "single": {"patterns": table, "unsupported": {"J": WHY}},
            "relational": {"patterns": baseline, "unsupported": {}},
        },
    }


def test_unsupported_pattern_has_a_row_with_the_reason(mixed: dict[str, Any]) -> None:
    lines = terminal_table(mixed)
    frame = marked_frame(mixed)

    [start] = [number for number, line in enumerate(lines) if line.startswith("J  single")]
    shown = " ".join(line.strip() for line in lines[start : start + 2])
    assert " ".join(shown.split()) == f"J single {REASON}"
    assert max(map(len, lines)) <= 80
    assert list(frame.loc[(GROUPS, "single")]) == [REASON, *[""] * (len(frame.columns) - 1)]
    assert REASON in frame.to_html()


def test_unsupported_pattern_is_no_zero_in_numbers(mixed: dict[str, Any]) -> None:
    for frame in (pattern_frame(mixed), latency_frame(mixed)):
        assert len(frame) == 20
        assert frame.loc[(GROUPS, "single")].isna().all()


def test_baseline_shows_a_dash_for_units(mixed: dict[str, Any]) -> None:
    units = marked_frame(mixed).xs("relational", level="design")[["RRU", "WRU", "bytes read"]]
    [line] = [line for line in terminal_table(mixed) if line.startswith("C  relational")]

    assert set(units.to_numpy().ravel()) == {"-"}
    assert line.split()[2:] == ["4", "-", "-", "5", "-", "0", "0.04"]
    assert marked_frame(mixed).loc[(GROUPS, "relational"), "rows touched"] == "5"
    assert any(each.startswith("Under relational: SQL statements") for each in legend(mixed))


def test_rows_are_shown_only_beside_the_baseline(mixed: dict[str, Any]) -> None:
    del mixed["designs"]["relational"]

    assert "rows touched" not in pattern_frame(mixed)


def test_message_of_the_baseline_has_no_units(mixed: dict[str, Any]) -> None:
    [_, sentence] = message_sentences(mixed)

    assert sentence == (
        "One message sent under relational: no request units, 8 round trips, 0 stream records."
    )
    assert math.isnan(message_frame(mixed).loc["relational", "WRU"])


def test_picture_is_drawn_where_figures_are_missing(mixed: dict[str, Any]) -> None:
    assert pattern_figure(mixed).png.startswith(b"\x89PNG")
