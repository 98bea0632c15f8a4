from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.costs.growths import RECORDED, costs_of, curve, growth, slot, updates
from workbench.costs.bills import point_of, total
from workbench.costs.flips import (
    AXES,
    NO_PLACE,
    Axis,
    flip_map,
    flips_along,
    moved,
    position_of,
)
from workbench.errors import BadParameter, UnknownRegion
from workbench.messaging.logs import read_log
from workbench.messaging.workload import Workload, workload_of

# A message costs 3 WRU more under one, a look at the inbox 1.5 RRU more under the other: at
# 0.625 and 0.125 USD a million, these are even at 3 x 0.625 / (1.5 x 0.125) = 10 looks a message.
DEAR_READS, DEAR_WRITES = updates(1, 2), updates(4, 0.5)
EVEN = 10
READS, INBOX, TEXTS = (AXES[name] for name in ("reads_per_message", "inbox_length", "text_bytes"))
PAIRS = [(x, y) for x in AXES for y in AXES if x < y]


@pytest.fixture(scope="module")
def shipped() -> Workload:
    return workload_of(read_log(ROOT / "data" / "messages.csv"))


# --- Along one parameter ---------------------------------------------------------------------


def test_flip_is_found_where_worked_out() -> None:
    [flip] = flips_along(costs_of(a=DEAR_READS, b=DEAR_WRITES), Workload(), READS)

    assert flip.position == pytest.approx(EVEN, rel=2e-3)
    assert (flip.left, flip.right, flip.line) == ("a", "b", "B reads")


def test_flip_follows_the_inbox_that_is_read() -> None:
    items = curve(1, inbox_length=[(1, 0), (2, 1)])
    reads_all = growth(slot("B", "Query", after=4_096, items=items))
    keeps_index = growth(slot("B", "GetItem", after=100), slot("E", "UpdateItem", after=0))

    [flip] = flips_along(costs_of(a=reads_all, b=keeps_index), Workload(), INBOX)

    # n x 0.5 RRU at 0.125 against 0.5 RRU and 1 WRU at 0.625: n = 1 + 0.625 / 0.0625
    assert flip.position == pytest.approx(11, rel=2e-3)
    assert flip.line == "B reads"


def test_no_flip_where_one_is_always_cheaper() -> None:
    costs = costs_of(a=updates(1, 1), b=updates(2, 2))

    assert [flips_along(costs, Workload(), axis) for axis in AXES.values()] == [[]] * len(AXES)


@pytest.mark.parametrize(
    "names", ["dual dual_sorted", "dual single dual_fixed", " ".join(RECORDED)]
)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_both_designs_cost_the_same_at_flip(shipped: Workload, names: str, region: str) -> None:
    costs = costs_of(region, **{name: RECORDED[name] for name in names.split()})

    flips = flips_along(costs, shipped, READS)

    assert flips != []
    for flip in flips:
        bills = costs.bills(moved(shipped, READS, flip.position))
        totals = {name: total(bill) for name, bill in bills.items()}
        assert totals[flip.left] == pytest.approx(totals[flip.right], rel=0.01)
        assert totals[flip.right] == min(totals.values())


@pytest.mark.parametrize("axis", AXES.values(), ids=list(AXES))
def test_flips_form_a_chain(shipped: Workload, axis: Axis) -> None:
    flips = flips_along(costs_of(), shipped, axis)

    assert [flip.position for flip in flips] == sorted(flip.position for flip in flips)
    assert [flip.right for flip in flips[:-1]] == [flip.left for flip in flips[1:]]
    assert all(flip.left != flip.right for flip in flips)


def test_end_of_places_is_the_flips_line() -> None:
    costs = costs_of(pair=updates(1, 1, most_participants=2), many=updates(2, 1))

    [flip] = flips_along(costs, Workload(), AXES["participants"])

    assert (flip.left, flip.right, flip.line) == ("pair", "many", NO_PLACE)
    assert flip.position == 3  # people are whole


# --- Over two parameters ---------------------------------------------------------------------


@pytest.mark.parametrize(("x", "y"), PAIRS)
def test_map_agrees_with_bills_at_places(shipped: Workload, x: str, y: str) -> None:
    costs = costs_of()
    found = flip_map(costs, shipped, AXES[x], AXES[y], size=30)

    for row, column in np.random.default_rng(2).integers(0, 30, (12, 2)):
        place = moved(moved(shipped, AXES[x], float(found.x[column])), AXES[y], float(found.y[row]))
        billed = [total(bill) for bill in costs.bills(place).values()]
        # Where texts are an axis, five stand for all of them: items around 1 KB then cost up to a
        # tenth more or less, all designs' alike.
        tolerance = 0.1 if "text_bytes" in (x, y) else 0.02
        assert found.totals[:, row, column] == pytest.approx(billed, rel=tolerance)


def test_map_of_constant_texts_is_exact() -> None:
    costs = costs_of()
    constant = Workload(text_bytes=60, conversations_per_user=20, messages_per_conversation=50)
    found = flip_map(costs, constant, TEXTS, INBOX, size=20)

    for row, column in ((0, 0), (7, 13), (19, 19)):
        place = moved(moved(constant, TEXTS, found.x[column]), INBOX, found.y[row])
        billed = [total(bill) for bill in costs.bills(place).values()]
        assert found.totals[:, row, column] == pytest.approx(billed)


def test_lists_thinned_for_a_map_keep_their_means() -> None:
    workload = Workload(text_bytes=tuple(range(10, 90, 10)))

    point = point_of(moved(workload, TEXTS, np.array([[100.0]])))

    assert point.text_bytes.mean() == pytest.approx(100)
    assert point.inbox_length.mean() == pytest.approx(np.mean(workload.conversations_per_user))
    assert point.text_bytes.shape == (1, 1, 5)


def test_map_flips_where_the_line_does(shipped: Workload) -> None:
    costs = costs_of(a=DEAR_READS, b=DEAR_WRITES)

    found = flip_map(costs, shipped, READS, AXES["conversation_reads"], size=50)

    assert (found.winner == (found.x > EVEN)[None, :]).all()


def test_margin_and_line_compare_the_best_two() -> None:
    costs = costs_of(worst=updates(9, 9), a=DEAR_READS, b=DEAR_WRITES)
    found = flip_map(costs, Workload(), READS, INBOX, size=20)

    assert set(found.winner.flat) == {1, 2}
    totals = np.sort(found.totals, axis=0)
    assert found.margin == pytest.approx(totals[1] / totals[0] - 1)
    assert found.deciding_at(0, 0) == ("b", "E table writes")
    assert found.deciding_at(19, 19) == ("a", "B reads")


def test_no_place_is_never_the_winner() -> None:
    found = flip_map(costs_of(), Workload(), AXES["participants"], INBOX, size=40)

    single = found.names.index("single")
    assert (found.winner[:, found.x > 2] != single).all()
    assert (found.winner >= 0).all()
    assert np.isfinite(found.margin[found.winner != single]).all()


@pytest.mark.parametrize("count", [1, 2])
def test_map_without_places_has_no_winner(count: int) -> None:
    pairs = {f"pair{n}": updates(n + 1, 1, most_participants=2) for n in range(count)}

    found = flip_map(costs_of(**pairs), Workload(), AXES["participants"], INBOX, size=5)

    assert found.winner[0].tolist() == [0, -1, -1, -1, -1]
    assert (found.margin[:, 1:] == 0).all()


# --- Moving a workload -----------------------------------------------------------------------


@pytest.mark.parametrize("axis", AXES.values(), ids=list(AXES))
def test_moved_workload_stands_where_moved(shipped: Workload, axis: Axis) -> None:
    there = (axis.low + axis.high) / 2

    assert position_of(moved(shipped, axis, there), axis) == pytest.approx(there, rel=0.02)
    assert axis.values(7)[[0, -1]] == pytest.approx([axis.low, axis.high])


@pytest.mark.parametrize("axis", AXES.values(), ids=list(AXES))
def test_move_to_where_it_is_changes_no_bill(axis: Axis) -> None:
    costs, workload = costs_of(), Workload(text_bytes=(40, 80), conversations_per_user=(5, 50))

    stayed = costs.bills(moved(workload, axis, position_of(workload, axis)))

    for name, bill in costs.bills(workload).items():
        assert stayed[name] == pytest.approx(bill)


def test_same_axis_twice_is_refused() -> None:
    with pytest.raises(BadParameter, match="y_axis must be another parameter than inbox_length"):
        flip_map(costs_of(), Workload(), INBOX, INBOX)


def test_unknown_axis_is_refused_with_the_known() -> None:
    unknown = Axis("wind", "wind", "wind", 1, 2)

    for act in (
        lambda: moved(Workload(), unknown, 1),
        lambda: flips_along(costs_of(), Workload(), unknown),
        lambda: flip_map(costs_of(), Workload(), unknown, INBOX),
    ):
        with pytest.raises(BadParameter, match="axis must be one of reads_per_message, "):
            act()


def test_unknown_region_reaches_the_user() -> None:
    nowhere: Any = replace(costs_of(), region="mars-1")

    with pytest.raises(UnknownRegion, match="no region 'mars-1'"):
        flips_along(nowhere, Workload(), READS)
    with pytest.raises(UnknownRegion, match="no region 'mars-1'"):
        flip_map(nowhere, Workload(), READS, INBOX, size=5)
