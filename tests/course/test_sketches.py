"""Sketches: answers held against the records, before and after writes, and what they cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from workbench.course.sketches.briefs import GAME, ORDERS, TICKETS, Brief, orders_brief
from workbench.course.sketches.sketch import Measured, Sketch, values_of
from workbench.course.sketches.trying import try_out
from workbench.course.sketches.worked import THREE_KINDS, game_sketch
from workbench.designs.messages import define_table
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter


@pytest.fixture(scope="module")
def tried(target: Target) -> Callable[..., Measured]:
    def try_it(sketch: Sketch) -> Measured:
        measured = try_out(sketch, endpoint=str(target.endpoint_url))
        assert isinstance(measured, Measured)
        return measured

    return try_it


@pytest.fixture(scope="module")
def three_kinds(tried: Callable[..., Measured]) -> Measured:
    return tried(THREE_KINDS)


def reasons(measured: Measured, name: str) -> list[str]:
    [row] = [row for row in measured.rows if row.asked.name == name]
    return [each.reason for each in (row.fault, *row.warnings) if each]


def changed(**patterns: Any) -> Sketch:
    few = orders_brief(60)
    return replace(THREE_KINDS, brief=few, patterns={**THREE_KINDS.patterns, **patterns})


# --- Briefs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("brief", [ORDERS, GAME, TICKETS], ids=lambda brief: str(brief.name))
def test_brief_has_answers_to_all_cases(brief: Brief) -> None:
    assert 5 <= len(brief.patterns) <= 7
    for asked in brief.patterns:
        for given in asked.cases:
            if asked.answer is not None:
                answer = asked.answer(brief.records, **given)
                assert all(list(values_of(answer, name)) for name in asked.shows)
            else:
                assert asked.change is not None
                assert asked.change(brief.records, **given) != brief.records


def test_brief_is_the_same_each_time() -> None:
    assert orders_brief().records == ORDERS.records
    assert len(orders_brief(300).records) == len(ORDERS.records) + 150


def test_values_are_found_in_items_and_records_alike() -> None:
    item = {"total": {"N": "5"}, "lines": {"L": [{"M": {"product": {"S": "mug"}}}]}}

    assert list(values_of([item], "product")) == list(values_of([{"product": "mug"}], "product"))
    assert list(values_of({"Items": [item]}, "total")) == [5]


def test_function_for_no_pattern_of_the_brief_is_refused() -> None:
    with pytest.raises(BadParameter, match="one of show_customer, list_orders"):
        changed(list_order=list_orders)


# --- Measuring -------------------------------------------------------------------------------


@pytest.mark.local
def test_model_of_three_kinds_is_right_and_warned_of(three_kinds: Measured) -> None:
    found = {row.asked.name: reasons(three_kinds, row.asked.name) for row in three_kinds.rows}

    assert found == {
        "show_customer": [],
        "list_orders": ["a Scan"],
        "show_order": ["round trips"],
        "list_open_orders": ["a Scan"],
        "place_order": [],
        "ship_order": [],
    }


@pytest.mark.local
def test_bill_is_units_times_rate_times_price(three_kinds: Measured) -> None:
    # 0.5 RRU at 0.125 USD a million, 400,000 a day; 6 WRU at 0.625, 100,000 a day; 30 days.
    rows = {row.asked.name: row.usd for row in three_kinds.rows}

    assert rows["show_customer"] == pytest.approx(0.75)
    assert rows["place_order"] == pytest.approx(11.25)
    assert three_kinds.usd == pytest.approx(sum(rows.values()))


@pytest.mark.local
def test_writes_are_counted_where_most_items_lie(tried: Callable[..., Measured]) -> None:
    # 5,000,000 matches a day move two entries each, 2 WRU a move; ten times the mean is 2,315.
    table, index = tried(game_sketch()).places

    assert (index.keys, index.items, index.most) == (1, 20, 20)
    assert index.wru_per_second == pytest.approx(5_000_000 / 86_400 * 10 * 4)
    assert table.wru_per_second < index.wru_per_second


@pytest.mark.local
@pytest.mark.parametrize(
    ("name", "function", "reason"),
    [
        ("list_orders", lambda *_, customer_id: [], "shows no order_id"),
        ("list_orders", lambda *_, customer_id: ..., "unanswered"),
        ("list_orders", ..., "unanswered"),
        ("list_orders", lambda *_: [], "raised an error"),
        (
            "list_orders",
            lambda *given, **more: list_orders(*given, **more)[::-1],
            "another order",
        ),
        ("list_orders", lambda *given, **more: list_orders(*given, **more)[:4], "too few"),
        (
            "list_orders",
            lambda *given, **more: [*list_orders(*given, **more), {"order_id": "o1"}],
            "too many",
        ),
        ("list_orders", lambda *given, customer_id: list_orders(*given, "c03"), "another answer"),
        ("ship_order", lambda *_, **more: None, "list_open_orders is wrong afterwards"),
    ],
)
def test_fault_of_an_answer_is_named(
    tried: Callable[..., Measured], name: str, function: Any, reason: str
) -> None:
    assert reason in reasons(tried(changed(**{name: function})), name)


def list_orders(*given: Any, **more: Any) -> list[Any]:
    answer: list[Any] = THREE_KINDS.patterns["list_orders"](*given, **more)
    return answer


@pytest.mark.local
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"items_of": lambda record: [record | {"pk": "1", "sk": "1"}]}, "items have the key"),
        ({"items_of": lambda record: [record]}, "KeyError"),
        ({"table": define_table("board")}, "ValidationException"),
    ],
)
def test_refused_table_or_items_are_the_fault_of_all(
    tried: Callable[..., Measured], change: dict[str, Any], text: str
) -> None:
    rows = tried(replace(THREE_KINDS, **change)).rows

    assert {row.fault.reason for row in rows if row.fault} == {"table or items refused"}
    assert text in str(rows[0].fault)


@pytest.mark.parametrize("change", [{"table": ...}, {"items_of": lambda record: ...}])
def test_sketch_without_table_or_items_is_not_tried(change: dict[str, Any]) -> None:
    assert try_out(replace(THREE_KINDS, **change)) is ...
