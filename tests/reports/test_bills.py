from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.costs.growths import RECORDED, costs_of, updates
from workbench.capacity.assumptions import Assumptions
from workbench.costs.bills import total
from workbench.costs.flips import AXES, Costs, flip_map
from workbench.costs.storage import read_traces
from workbench.messaging.workload import Workload
from workbench.reports.bills import (
    bill_figure,
    bill_frame,
    cost_report,
    cost_text,
    map_figure,
    prediction_frame,
    prediction_lines,
    provisioned_wins_above,
    verdict,
)
from workbench.reports.figures import Picture

BUSY = Workload(inbox_reads_per_user_per_day=100, text_bytes=(20, 60, 400))


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return cost_report(costs_of(), [BUSY, BUSY.with_users(1e6)])


def test_text_has_every_line_and_total(report: dict[str, Any]) -> None:
    rows = [line.split() for line in cost_text(report)]

    for bill in report["bills"]:
        for line in bill["designs"]["dual"]:
            figures = [f"{each.get(line, 0):,.4g}" for each in bill["designs"].values()]
            assert [*line.split(), *figures] in rows
        totals = [f"{sum(each.values()):,.4g}" for each in bill["designs"].values()]
        assert ["total", *totals] in rows


def test_text_says_what_was_assumed_and_where(report: dict[str, Any]) -> None:
    text = "\n".join(cost_text(report))

    assert "10,000 users in us-east-1, USD a month" in text
    assert "1,000,000 users in us-east-1, USD a month" in text
    assert "  utilisation = 0.7: share of provisioned capacity" in text
    assert "  text_bytes = [20, 60, 400]" in text
    assert all(f"  {axis.label} (" in text for axis in AXES.values())
    assert max(map(len, text.splitlines()[3:17])) <= 26 + 13 * len(RECORDED)


def test_verdict_names_winner_and_deciding_line() -> None:
    bills = costs_of().bills(BUSY)
    best, second = sorted(bills, key=lambda name: total(bills[name]))[:2]
    gaps = {line: bills[second][line] - usd for line, usd in bills[best].items()}

    sentence = verdict(bills)

    share = total(bills[second]) / total(bills[best]) - 1
    assert sentence.startswith(f"{best} is cheapest: USD {total(bills[best]):,.4g} a month")
    assert (
        f"{second}, the next, costs {share:.1%} more. What decides is {max(gaps, key=gaps.get)},"
        in sentence
    )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("pair", "No design here has a place for so many participants: pair."),
        ("pair other", "No design here has a place for so many participants: pair, other."),
        ("pair many", "many is the only design with a place for so many participants."),
        ("many", "many costs USD "),
    ],
)
def test_verdict_says_who_has_no_place(names: str, sentence: str) -> None:
    pair = updates(1, 1, most_participants=2)
    models = {"pair": pair, "other": pair, "many": updates(2, 2)}
    costs = costs_of(**{name: models[name] for name in names.split()})

    assert verdict(costs.bills(replace(BUSY, participants=5))).startswith(sentence)


def test_flips_stand_in_text_or_nowhere() -> None:
    costs = costs_of(a=updates(1, 2), b=updates(4, 0.5))

    lines = list(cost_text(cost_report(costs, [Workload()])))

    assert "  inbox reads per message (0.05 to 50, here 1): a -> b at 10 (B reads)" in lines
    assert "  conversation reads per message (0.05 to 50, here 1): nowhere" in lines


def test_region_without_provisioned_prices_is_said() -> None:
    prices = costs_of().prices
    on_demand = replace(
        prices, prices=tuple(each for each in prices.prices if each.mode != "provisioned")
    )
    costs = replace(costs_of(), prices=on_demand)

    lines = list(cost_text(cost_report(costs, [BUSY])))

    assert provisioned_wins_above(costs) is None
    assert "Provisioned capacity: no price for us-east-1 in data/prices.csv." in lines


def test_break_even_use_is_where_bills_meet() -> None:
    wins = provisioned_wins_above(costs_of())

    assert wins is not None
    even = Assumptions(mode="provisioned", utilisation=wins["reads"])
    on_demand, provisioned = (
        costs_of(assumptions=each).bills(BUSY)["single"]["B reads"]
        for each in (Assumptions(), even)
    )
    assert provisioned == pytest.approx(on_demand)


def test_frame_ends_with_the_total(report: dict[str, Any]) -> None:
    frame = bill_frame(report, 1)

    assert list(frame.columns) == list(RECORDED)
    assert frame.loc["total", "dual"] == pytest.approx(
        sum(report["bills"][1]["designs"]["dual"].values())
    )


# --- Pictures --------------------------------------------------------------------------------


def is_png_with_text(picture: Picture, text: str) -> bool:
    data, metadata = picture._repr_mimebundle_()
    return data["image/png"].startswith(b"\x89PNG") and text in metadata["image/png"]["alt"]


def test_bill_is_a_png_with_totals(report: dict[str, Any]) -> None:
    dual = sum(report["bills"][0]["designs"]["dual"].values())

    assert is_png_with_text(bill_figure(report), f"bill in USD: dual {dual:,.3g}, single ")


def test_bill_shows_who_has_no_place() -> None:
    bills = costs_of().bills(replace(BUSY, participants=5))
    picture = bill_figure({"region": "us-east-1", "bills": [{"users": 1, "designs": bills}]})

    assert is_png_with_text(picture, "single has no place, dual_fixed ")


def drawn_map(costs: Costs, x: str, y: str) -> Picture:
    return map_figure(flip_map(costs, BUSY, AXES[x], AXES[y], size=20), BUSY)


def test_map_is_a_png_with_shares() -> None:
    costs = costs_of(cheap=updates(1, 1), dear=updates(2, 2))

    picture = drawn_map(costs, "participants", "text_bytes")

    assert is_png_with_text(picture, "participants per conversation and bytes per text: cheap 100%")


def test_map_without_any_place_is_drawn() -> None:
    costs = costs_of(pair=updates(1, 1, most_participants=1))

    assert is_png_with_text(drawn_map(costs, "participants", "inbox_length"), "none has a place")


# --- Predictions -----------------------------------------------------------------------------


def test_predictions_are_a_row_for_each_place() -> None:
    predictions = read_traces(ROOT / "data" / "traces.json").predictions

    frame = prediction_frame(predictions)
    lines = list(prediction_lines(predictions))

    assert len(frame) == len(lines) - 2 == 8 + 6 + 8 + 8 + 8 + 8
    assert (frame["WRU derived"] == frame["WRU measured"]).all()
    assert "largest error 0.00%" in lines[2]


def test_design_that_is_predicted_badly_is_marked() -> None:
    report = cost_report(costs_of(), [Workload()], {"dual": 0.5, "single": 0.001})

    marked = [line for line in cost_text(report) if "DO NOT RELY" in line]

    assert marked == ["DO NOT RELY on dual: its units were off by up to 50% where checked."]
