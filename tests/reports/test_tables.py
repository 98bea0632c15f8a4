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


def printed(run: dict[str, Any], width: int = 80) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=width).print(terminal_table(run))
    return written.getvalue().splitlines()


def test_terminal_table_fits_80_columns_uncut(run: dict[str, Any]) -> None:
    lines = printed(run)

    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


def test_reported_units_stand_beside_others_by_rule(run: dict[str, Any]) -> None:
    wru = marked_frame(run)["WRU"]

    assert list(wru.xs("D send a first message")) == ["8 [6]", "6 [8]"]
    assert "[" not in "".join(wru.drop("D send a first message"))
    assert [line.split()[4:6] for line in printed(run) if "[" in line] == [
        ["8", "[6]"], ["6", "[8]"],
    ]  # fmt: skip


def test_legend_says_what_was_measured(run: dict[str, Any]) -> None:
    lines = legend(run)

    assert lines[0] == (
        "3,000 messages of messages.csv, 200 calls of each pattern, embedded DynamoDB Local 3.3.1"
    )
    assert "C send a message in a conversation" in lines


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


def test_bullets_are_markdown() -> None:
    assert bullets(["one", "two"]) == "- one\n- two"
