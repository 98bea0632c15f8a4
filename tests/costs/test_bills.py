import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.costs.growths import PRICES, RECORDED, growth, slot, updates
from workbench.capacity.assumptions import Assumptions
from workbench.capacity.growth import Curve
from workbench.capacity.requests import Consistency, query_read_units, write_units
from workbench.costs.bills import (
    check_supported,
    deciding_line,
    design_bill,
    monthly_usage,
    point_of,
    total,
)
from workbench.errors import ItemTooLarge, NotSupported
from workbench.messaging.logs import read_log
from workbench.messaging.workload import LIMITS, Workload, workload_of

BY_HAND = growth(
    slot("A", "GetItem", after=1_000, per_after=1),
    slot("B", "Query", after=300, per_after=1, items=10),
    slot("C", "PutItem", after=300, per_after=1),
    slot("E", "UpdateItem", before=1_100, after=1_100, per_before=1, per_after=1, count=2),
    slot("E", "UpdateItem", before=500, after=500, index="inbox"),
)
CALM = Workload(
    users=1_000,
    messages_per_user_per_day=10,
    inbox_reads_per_user_per_day=20,
    conversation_reads_per_user_per_day=5,
    new_conversations_per_user_per_day=0,
    text_bytes=100,
    months_stored=2,
)
designs = pytest.mark.parametrize("name", RECORDED)


def lists(low: float, high: float) -> Any:
    return st.lists(st.floats(low, high), min_size=1, max_size=4).map(tuple)


usual = st.builds(
    Workload,
    messages_per_user_per_day=st.floats(0.01, 100),
    inbox_reads_per_user_per_day=st.floats(0, 100),
    conversation_reads_per_user_per_day=st.floats(0, 100),
    conversations_per_user=lists(1, 500),
    messages_per_conversation=lists(1, 500),
    text_bytes=lists(*LIMITS["text_bytes"]),
    participants=st.integers(2, 20),
)


def bill(model: Any, workload: Workload, **assumed: Any) -> dict[str, Any]:
    return design_bill(model, workload, PRICES, "us-east-1", Assumptions(**assumed))


# By hand: 30,000 user days in a month; 150,000 A, 600,000 B, 300,000 C and E. A reads 1,100 bytes,
# B 4,000, both 0.5 RRU; C writes 400 bytes, 1 WRU; E writes 2 x 1,200 bytes, 4 WRU, and 1 in the
# index. 600,000 messages of 400 + 100 bytes are stored. 300,000 x 0.125 GB x 0.05 s = 1,875 GB-s.
def test_simple_growth_gives_the_bill_by_hand() -> None:
    lines = bill(BY_HAND, CALM)

    assert {line: usd for line, usd in lines.items() if usd} == {
        "A reads": pytest.approx(0.075 * 0.125),
        "B reads": pytest.approx(0.3 * 0.125),
        "C table writes": pytest.approx(0.3 * 0.625),
        "E table writes": pytest.approx(1.2 * 0.625),
        "index upkeep": pytest.approx(0.3 * 0.625),
        "storage": pytest.approx(0.3 * 0.25),
        "lambda": pytest.approx(0.3 * 0.20 + 1_875 * 0.0000166667),
    }


def test_records_of_all_writes_invoke_without_filter() -> None:
    chatty = replace(
        BY_HAND, stream_records={**BY_HAND.stream_records, "E": BY_HAND.slots[3].count}
    )

    with_filter, without = (
        bill(chatty, CALM, stream_filter=each)["lambda"] for each in (True, False)
    )

    assert without == pytest.approx(3 * with_filter)


def test_first_messages_are_billed_as_d() -> None:
    starting = growth(slot("D", "TransactWriteItems", after=100, count=3, factor=2))

    lines = bill(starting, replace(CALM, new_conversations_per_user_per_day=1))

    assert lines["D table writes"] == pytest.approx(30_000 * 6 / 1e6 * 0.625)
    assert lines["storage"] == pytest.approx(60_000 * 3 * 200 / 1e9 * 0.25)
    usage = monthly_usage(
        starting, replace(CALM, new_conversations_per_user_per_day=1), Assumptions()
    )
    assert usage.lambda_invocations == 300_000 + 30_000


@designs
@settings(deadline=None, max_examples=40)
@given(workload=usual, factor=st.floats(0.1, 1_000))
def test_bill_is_linear_in_users(name: str, workload: Workload, factor: float) -> None:
    workload = replace(workload, participants=2)

    once, often = (
        bill(RECORDED[name], workload.with_users(users)) for users in (1_000, 1_000 * factor)
    )

    assert often == {line: pytest.approx(usd * factor) for line, usd in once.items()}


@designs
@settings(deadline=None, max_examples=40)
@given(workload=usual)
def test_no_line_is_ever_negative(name: str, workload: Workload) -> None:
    assert all(usd >= 0 for usd in bill(RECORDED[name], workload).values())


@designs
@settings(deadline=None, max_examples=40)
@given(workload=usual, kind=st.sampled_from(["inbox_reads", "conversation_reads", "messages"]))
def test_more_activity_never_costs_less(name: str, workload: Workload, kind: str) -> None:
    field = f"{kind}_per_user_per_day"
    busier = replace(workload, **{field: getattr(workload, field) * 2})

    assert total(bill(RECORDED[name], busier)) >= total(bill(RECORDED[name], workload))


def test_free_tier_takes_the_first_messages() -> None:
    small = replace(CALM, users=1)

    assert bill(BY_HAND, small)["lambda"] > 0
    assert bill(BY_HAND, small, free_tier=True)["lambda"] == 0


# --- Lists -----------------------------------------------------------------------------------


def test_equal_lists_are_what_one_value_is() -> None:
    listed = Workload(
        text_bytes=(60, 60, 60), conversations_per_user=(20, 20), messages_per_conversation=50
    )

    for model in RECORDED.values():
        alone = replace(listed, text_bytes=60, conversations_per_user=20)
        assert bill(model, listed) == pytest.approx(bill(model, alone))


@pytest.mark.parametrize("lengths", [(1, 200), (1, 5, 20, 100)])
@pytest.mark.parametrize("texts", [(10, 1_000), (100, 200, 900), (50,)])
def test_short_lists_cost_as_if_drawn(lengths: tuple[int, ...], texts: tuple[int, ...]) -> None:
    knots = {"inbox_length": [(1, 0.0), (2, 1.0)]}
    items = replace(BY_HAND.slots[0].items, knots=knots)
    reads_all = growth(slot("B", "Query", after=279, per_after=1, items=items))
    workload = Workload(conversations_per_user=lengths, text_bytes=texts)

    rru = reads_all.units("B", point_of(workload), is_write=False)

    random = np.random.default_rng(1)
    drawn = [
        query_read_units([279 + size for size in sizes], Consistency.EVENTUAL)
        for length in lengths
        for sizes in random.choice(texts, (1_000, length)).tolist()
    ]
    assert rru == pytest.approx(np.mean(drawn), rel=0.03)


def test_short_lists_of_writes_are_exact() -> None:
    update = growth(slot("E", "UpdateItem", before=500, after=500, per_before=1, per_after=1))
    texts = (10, 1_000)

    wru = update.units("E", point_of(Workload(text_bytes=texts)), is_write=True)

    pairs = [write_units(500 + old, 500 + new) for old in texts for new in texts]
    assert wru == pytest.approx(np.mean(pairs))


# --- What has no place -----------------------------------------------------------------------


def test_bill_without_a_place_is_infinite() -> None:
    pair = updates(1, 1, most_participants=2)

    assert total(bill(pair, Workload(participants=2))) < float("inf")
    assert total(bill(pair, Workload(participants=3))) == float("inf")


def test_design_without_a_place_is_refused() -> None:
    with pytest.raises(NotSupported, match=r"'single' does not support 3 .*: it has places for 2"):
        check_supported("single", RECORDED["single"], Workload(participants=3))

    for name in RECORDED:
        check_supported(name, RECORDED[name], Workload(participants=2))


def test_deciding_line_is_the_widest_gap() -> None:
    cheaper, dearer = {"reads": 5.0, "writes": 1.0}, {"reads": 1.0, "writes": 9.0}

    assert deciding_line(cheaper, dearer) == ("writes", 8.0)


# --- A replayed log --------------------------------------------------------------------------


def test_replayed_log_is_predicted_within_seven_percent() -> None:
    run = json.loads((ROOT / "data" / "compare.json").read_text())
    point = point_of(workload_of(read_log(ROOT / "data" / "messages.csv")))

    for name, design in run["designs"].items():
        for pattern in "ABCE":
            measured = design["patterns"][pattern]
            rru = RECORDED[name].units(pattern, point, is_write=False)
            wru = sum(
                RECORDED[name].units(pattern, point, is_write=True, is_index=is_index)
                for is_index in (False, True)
            )
            assert rru == pytest.approx(measured["estimated_rru"], rel=0.07)
            assert wru == pytest.approx(measured["estimated_wru"], rel=0.07)


def test_item_over_400_kb_is_refused_by_name() -> None:
    curve = Curve(1_000, {"conversation_length": [(1, 0.0), (2, 300.0)]})
    hoards = growth(replace(slot("E", "UpdateItem", before=1, after=1), fixed_after=curve))
    long = replace(CALM, messages_per_conversation=10_000)

    with pytest.raises(ItemTooLarge, match=r"under hoards an item .* messages_per_conversation"):
        check_supported("hoards", hoards, long)
    assert total(bill(hoards, long)) == float("inf")
    check_supported("hoards", hoards, CALM)
