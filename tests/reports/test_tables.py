import io
from typing import Any

import pytest
from rich.console import Console

from tests.conftest import ROOT
from workbench.measurement.results import read_run
from workbench.reports.figures import pattern_figure
from workbench.reports.tables import (
    bullets,
    latency_frame,
    log_frame,
    message_frame,
    message_sentences,
    pattern_frame,
    terminal_table,
)
from workbench.units import format_bytes, format_mean, format_ms


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return read_run(ROOT / "data" / "compare.json")


def test_pattern_frame_has_a_row_for_each_pattern_and_design(run: dict[str, Any]) -> None:
    frame = pattern_frame(run)

    assert len(frame) == 10
    assert frame.loc[("B list a user's conversations", "single"), "round trips"] == 2


def test_message_frame_adds_the_stream_update(run: dict[str, Any]) -> None:
    frame = message_frame(run)

    assert frame.loc["dual", "WRU"] == pytest.approx(9)
    assert frame.loc["dual", "RRU"] == pytest.approx(0.5)
    assert frame.loc["single", "WRU"] == pytest.approx(6)
    assert frame.loc["dual", "stream records"] == 5


def test_latency_frame_orders_its_quartiles(run: dict[str, Any]) -> None:
    frame = latency_frame(run)

    assert (frame["lower quartile, ms"] <= frame["median, ms"]).all()
    assert (frame["median, ms"] <= frame["upper quartile, ms"]).all()


def test_log_frame_tells_what_was_replayed(run: dict[str, Any]) -> None:
    assert log_frame(run).loc["messages", "count or median"] == 3_000


def test_terminal_table_fits_and_marks_what_is_wrong(run: dict[str, Any]) -> None:
    written = io.StringIO()

    Console(file=written, width=120).print(terminal_table(run))

    lines = written.getvalue().splitlines()
    assert max(map(len, lines)) <= 120
    [first_message] = [line for line in lines if "D send a first message" in line]
    assert "(!)" in first_message
    assert "to be compared within this table only" in written.getvalue()


def test_not_measured_is_said(run: dict[str, Any]) -> None:
    run["designs"]["dual"]["patterns"]["A"]["bytes_read"] = None
    written = io.StringIO()

    Console(file=written, width=200).print(terminal_table(run))

    assert "not measured read" in written.getvalue()


def test_sentences_say_what_a_message_costs(run: dict[str, Any]) -> None:
    first, second = message_sentences(run)

    assert first.startswith("One message sent under dual: 9 WRU + 0.5 RRU, 6 round trips")
    assert second.startswith("One message sent under single: 6 WRU + 0 RRU, 2 round trips")


def test_picture_is_a_png_with_a_text(run: dict[str, Any]) -> None:
    data, metadata = pattern_figure(run)._repr_mimebundle_()

    assert data["image/png"].startswith(b"\x89PNG")
    assert "dual and single" in metadata["image/png"]["alt"]


@pytest.mark.parametrize(
    ("value", "text"), [(9.0, "9"), (0.5, "0.5"), (1_023.256, "1,023.26"), (None, "not measured")]
)
def test_means_are_printed_short(value: float | None, text: str) -> None:
    assert format_mean(value) == text


def test_units_are_printed_with_the_figure() -> None:
    assert (format_bytes(1_940.4), format_ms(1.754)) == ("1,940 B", "1.75 ms")
    assert format_bytes(None) == format_ms(None) == "not measured"


def test_bullets_are_markdown() -> None:
    assert bullets(["one", "two"]) == "- one\n- two"
