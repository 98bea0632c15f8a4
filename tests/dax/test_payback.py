"""What a cluster costs against what it saves, in tables and as text."""

import math
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.dax.payback import (
    messages_per_second_to_pay,
    rru_saved_per_message,
    usd_saved_per_month,
)
from workbench.reports.dax import (
    Nodes,
    dax_figure,
    dax_frame,
    dax_lines,
    map_frame,
    scale_frame,
    stale_share,
)

PRICES = read_prices(ROOT / "data" / "prices.csv")


def cell(ttl_seconds: float = 300.0, *, rru_with: float = 100.0) -> dict[str, Any]:
    return {
        "design": "dual", "stream_update": "around", "ttl_seconds": ttl_seconds,
        "reads_per_message": 2, "messages": 100, "looks": 200,
        "rru_without": 300.0, "rru_with": rru_with,
        "requests_without": 600, "requests_with": 200,
        "item_hit_rate": None, "query_hit_rate": 0.5,
        "stale": {"A": 30, "B": 10}, "stale_seconds": [20.0, 100.0, 299.0], "peak_bytes": 1000,
    }  # fmt: skip


RUN = {"log": "log", "cells": [cell(), cell(900.0, rru_with=400.0)], "not_shown": ["time"]}


def test_three_small_nodes_pay_at_the_published_number_of_reads() -> None:
    """1.4 billion reads of 4 KB, here at 2 RRU saved a message: 350 million messages."""
    month = Assumptions(month_days=30)

    per_second = messages_per_second_to_pay(cell(), "dax.t3.small", 3, PRICES, "us-east-1", month)

    assert rru_saved_per_message(cell()) == 2
    assert per_second * 30 * 86_400 == pytest.approx(3 * 0.04 * 720 / (2 * 0.125e-6))
    saved_usd = usd_saved_per_month(cell(), per_second, PRICES, "us-east-1", month)
    assert saved_usd == pytest.approx(86.4)


def test_cluster_that_takes_more_than_it_saves_never_pays() -> None:
    assert Nodes(PRICES).payback(cell(rru_with=300.0)) == math.inf
    assert Nodes(PRICES).payback(cell(rru_with=301.0)) == math.inf


def test_larger_nodes_need_more_traffic_in_proportion() -> None:
    small, large = Nodes(PRICES), Nodes(PRICES, "dax.r5.large")

    assert large.payback(cell()) / small.payback(cell()) == pytest.approx(0.255 / 0.04)


def test_stale_share_is_of_the_answers_to_a_pattern() -> None:
    assert stale_share(cell()) == 0.1
    assert stale_share(cell(), "A") == 0.15


def test_frames_have_a_row_for_each_cell_or_ttl() -> None:
    frame = dax_frame(RUN, Nodes(PRICES))
    shares = map_frame(RUN, "dual", stale_share)

    assert list(frame.loc[("dual", "around", 2)]) == [
        "-, 50%", "3.0", "1.0", "5%, 15%", "20, 299", "133/s",
    ]  # fmt: skip
    assert list(shares.index) == [300, 900]


def test_text_says_never_and_what_is_not_shown() -> None:
    text = "\n".join(dax_lines(RUN, Nodes(PRICES)))

    assert "3 x dax.t3.small in us-east-1 save what they cost, 86.40 USD" in text
    assert "never" in text
    assert text.endswith("- time")


def test_figure_tells_its_corners() -> None:
    alt = dax_figure(RUN, "dual", Nodes(PRICES)).alt

    assert "from 133 to never" in alt
    assert "answers out of date from 10% to 10%" in alt


def test_month_at_one_scale_sets_reads_against_nodes() -> None:
    """100 messages a second in 30 days: 259.2 million, 3 RRU each without DAX and 1 with it."""
    frame = scale_frame(RUN, Nodes(PRICES), 100, looks=2)

    assert list(frame.loc[("dual", "around")]) == [
        "600/s", "1,037 M", "97.20", "32.40", "86.40", "-21.60",
    ]  # fmt: skip
