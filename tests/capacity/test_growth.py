import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from workbench.capacity.growth import Curve, Growth, Point, Slot, read_growth
from workbench.capacity.requests import Consistency, query_read_units, write_units

FLAT: dict[str, Any] = {}
PAGE_OF_20 = {"inbox_length": [(1, 0.0), (20, 19.0), (40, 19.0)]}
EACH_ONE = {"inbox_length": [(1, 0.0), (2, 1.0)]}
SEEDS = range(4)


def point(
    inbox: Any = 1, conversation: Any = 1, participants: Any = 2, text_bytes: Any = 60
) -> Point:
    given = (inbox, conversation, participants, text_bytes)
    return Point(*(np.atleast_1d(np.asarray(each, dtype=float)) for each in given))


def read(items: Curve, fixed: float, *, per_text: float = 1, factor: float = 0.5) -> Slot:
    """So many items for each page."""
    sizes = {"per_before": 0, "per_after": per_text, "fixed_before": Curve(0, FLAT)}
    return slot("B", "Query", is_write=False, factor=factor, items=items, fixed=fixed, **sizes)


def write(before: float, after: float, *, per_before: float = 1, per_after: float = 1) -> Slot:
    sizes = {"per_before": per_before, "per_after": per_after, "fixed_before": Curve(before, FLAT)}
    return slot("E", "UpdateItem", is_write=True, factor=1, fixed=after, **sizes)


def slot(pattern: str, operation: str, *, fixed: float, **given: Any) -> Slot:
    rest = {"index": None, "count": Curve(1, FLAT), "items": Curve(1, FLAT), **given}
    return Slot(pattern, operation, fixed_after=Curve(fixed, FLAT), **rest)


def drawn(seed: int, count: int = 64) -> tuple[Any, Any]:
    """Sorted lists of inbox lengths and of bytes per text, both with a long tail."""
    random = np.random.default_rng(seed)
    lengths = np.sort(random.lognormal(2.5, 1, count)).clip(1, 400).round()
    return lengths, np.sort(random.lognormal(4.5, 1, count)).clip(1, 4_096).round()


# --- Curves ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "figure"), [(1, 5), (2, 7), (3, 9), (6, 9), (10, 9), (0.5, 4), (12, 9)]
)
def test_curve_is_straight_between_and_beyond(position: float, figure: float) -> None:
    curve = Curve(5, {"inbox_length": [(1, 0), (3, 4), (10, 4)]})

    assert curve.at(point(inbox=position)) == pytest.approx(figure)


def test_curve_adds_up_its_axes() -> None:
    curve = Curve(5, {"inbox_length": [(1, 0), (2, 1)], "participants": [(2, 0), (3, 10)]})

    assert curve.at(point(inbox=4, participants=5)) == pytest.approx(5 + 3 + 30)


def test_curve_without_axes_is_its_base() -> None:
    assert Curve(5, FLAT).at(point(inbox=99)) == 5


# --- Units against brute force ---------------------------------------------------------------


@settings(deadline=None)
@given(
    items=st.integers(0, 200),
    fixed=st.integers(0, 2_000),
    text_bytes=st.integers(1, 4_096),
    consistency=st.sampled_from(Consistency),
)
def test_page_of_equal_texts_costs_the_rule(
    items: int, fixed: int, text_bytes: int, consistency: Consistency
) -> None:
    page = read(Curve(items, FLAT), fixed, factor=consistency.value)

    units = page.units(point(text_bytes=text_bytes))

    assert units == query_read_units([fixed + text_bytes] * items, consistency)


@settings(deadline=None)
@given(
    before=st.integers(0, 5_000),
    after=st.integers(0, 5_000),
    texts=st.sampled_from([(0, 0), (0, 1), (1, 0), (1, 1)]),  # before, after
    text_bytes=st.integers(1, 4_096),
)
def test_write_of_equal_texts_costs_the_rule(
    before: int, after: int, texts: tuple[int, int], text_bytes: int
) -> None:
    change = write(before, after, per_before=texts[0], per_after=texts[1])

    units = change.units(point(text_bytes=text_bytes))

    assert units == write_units(before + texts[0] * text_bytes, after + texts[1] * text_bytes)


def mean_page_units(random: Any, lengths: Any, texts: Any, fixed: int) -> float:
    """Pages drawn one by one: for each inbox, the text of each of its items, many times."""
    pages = [
        query_read_units([fixed + size for size in sizes], Consistency.EVENTUAL)
        for length in lengths.astype(int)
        for sizes in random.choice(texts, (200, length)).astype(int).tolist()
    ]
    return float(np.mean(pages))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("longest_page", [20, 400])
def test_pages_of_unequal_texts_cost_as_if_drawn(seed: int, longest_page: int) -> None:
    lengths, texts = drawn(seed)
    knots = [(1, 0.0), (longest_page, longest_page - 1.0), (2 * longest_page, longest_page - 1.0)]
    page = read(Curve(1, {"inbox_length": knots}), 279)

    units = page.units(point(inbox=lengths, text_bytes=texts))

    random = np.random.default_rng(seed)
    drawn_units = mean_page_units(random, np.minimum(lengths, longest_page), texts, 279)
    assert units == pytest.approx(drawn_units, rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("before", "after"), [(279, 279), (900, 300), (0, 800)])
def test_writes_of_unequal_texts_cost_as_if_drawn(seed: int, before: int, after: int) -> None:
    _, texts = drawn(seed)

    units = write(before, after).units(point(text_bytes=texts))

    olds, news = np.random.default_rng(seed).choice(texts, (2, 20_000)).astype(int).tolist()
    each = [write_units(before + old, after + new) for old, new in zip(olds, news, strict=True)]
    assert units == pytest.approx(np.mean(each), rel=0.03)


def test_many_writes_do_not_go_with_long_texts() -> None:
    lengths, texts = np.linspace(1, 100, 16), np.linspace(10, 2_000, 16)
    fan_out = slot(
        "E", "PutItem", is_write=True, factor=1, per_before=0, per_after=1, fixed=0,
        fixed_before=Curve(0, FLAT), count=Curve(1, EACH_ONE),
    )  # fmt: skip

    units = fan_out.units(point(inbox=lengths, text_bytes=texts))

    blocks = np.mean([write_units(0, int(size)) for size in texts])
    assert units == pytest.approx(lengths.mean() * blocks, rel=0.03)


@settings(deadline=None)
@given(items=st.integers(0, 40), share=st.floats(0.01, 0.99), text_bytes=st.integers(1, 2_000))
def test_fraction_of_an_item_is_a_mixture(items: int, share: float, text_bytes: int) -> None:
    where = point(text_bytes=text_bytes)
    fewer, more, between = (
        read(Curve(number, FLAT), 300).units(where) for number in (items, items + 1, items + share)
    )

    assert between == pytest.approx((1 - share) * fewer + share * more)


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 4_096), min_size=1, max_size=16), items=st.integers(1, 40))
def test_longer_texts_never_cost_less(sizes: list[int], items: int) -> None:
    texts = np.sort(sizes)
    page, change = read(Curve(items, FLAT), 300), write(300, 300)

    shorter, longer = point(text_bytes=texts), point(text_bytes=texts + 50)

    assert page.units(longer) >= page.units(shorter) >= 0.5
    assert change.units(longer) + 1e-9 >= change.units(shorter) >= 1 - 1e-9


def test_charge_that_dies_out_is_never_negative() -> None:
    fading = slot(
        "B", "GetItem", is_write=False, factor=0.5, per_before=0, per_after=0, fixed=100,
        fixed_before=Curve(0, FLAT), count=Curve(2, {"inbox_length": [(1, 0), (2, -1)]}),
    )  # fmt: skip

    assert fading.units(point(inbox=2)) == 0.5
    assert fading.units(point(inbox=50)) == 0


@pytest.mark.parametrize(
    "some", [read(Curve(1, PAGE_OF_20), 279), read(Curve(1, EACH_ONE), 0), write(500, 300)]
)
def test_map_is_its_places_taken_together(some: Slot) -> None:
    lengths, texts = drawn(1)
    stretched_lengths = lengths * np.array([0.5, 1, 3])[None, :, None]
    stretched_texts = texts * np.array([1, 4])[:, None, None]

    units = some.units(
        Point(stretched_lengths, np.ones(1), np.full((1, 1, 1), 2.0), stretched_texts)
    )

    one_by_one = [
        [some.units(point(inbox=row, text_bytes=texts)) for row in stretched_lengths[0]]
        for texts in stretched_texts[:, 0]
    ]
    assert np.broadcast_to(units, (2, 3)) == pytest.approx(np.array(one_by_one))


# --- Stored bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "stored"),
    [
        (write(0, 300, per_before=0), 300 + 60 + 100),
        (write(300, 0, per_after=0), -(300 + 60 + 100)),
        (write(300, 340), 40),
        (write(300, 300), 0),
        (write(300, 300, per_before=0), 60),
        (read(Curve(9, FLAT), 300), None),
    ],
    ids=["put", "delete", "index key moved", "overwritten", "text added", "read"],
)
def test_stored_bytes_are_what_a_call_leaves(change: Slot, stored: float | None) -> None:
    growth = Growth((change,), {})

    if stored is None:
        assert growth.stored_bytes(change.pattern, point(), is_index=False) == 0
    else:
        assert growth.stored_bytes("E", point(), is_index=False) == stored
        assert growth.stored_bytes("E", point(), is_index=True) == 0


def test_index_is_charged_apart_from_its_table() -> None:
    entry = slot(
        "E", "PutItem", is_write=True, factor=1, per_before=0, per_after=1, fixed=2_000,
        fixed_before=Curve(0, FLAT), index="inbox",
    )  # fmt: skip
    growth = Growth((write(0, 100), entry), {})

    assert growth.units("E", point(), is_write=True) == 1
    assert growth.units("E", point(), is_write=True, is_index=True) == 3
    assert growth.units("E", point(), is_write=False) == 0


# --- Storage ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dual", "single", "dual_fixed", "dual_sorted"])
def test_growth_survives_json(name: str) -> None:
    stored = json.loads((ROOT / "data" / "traces.json").read_text())["models"][name]

    growth = read_growth(stored)

    assert json.loads(json.dumps(asdict(growth))) == stored
    assert read_growth(asdict(growth)) == growth
