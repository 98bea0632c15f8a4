import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.capacity.requests import (
    ITEM_LIMIT_BYTES,
    Charge,
    Consistency,
    query_read_units,
    read_units,
    write_units,
)
from workbench.errors import ItemTooLarge, NegativeSize

KB = 1_024
EVENTUAL, STRONG = Consistency.EVENTUAL, Consistency.STRONG
TRANSACTIONAL = Consistency.TRANSACTIONAL
CAPACITY = "Developer Guide, Capacity unit consumption"
THROUGHPUT = "Developer Guide, Provisioned throughput"
READS_AND_WRITES = "Developer Guide, Read and write operations"
TRANSACTIONS = "Developer Guide, Transactions"
DYNOXIDE = "captures of the service by nubo-db/dynoxide, August 2026"

sizes = st.integers(0, ITEM_LIMIT_BYTES)
pages = st.lists(sizes, max_size=20)
consistencies = st.sampled_from(Consistency)


# --- Published examples ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size_kb", "consistency", "rru", "source"),
    [
        (3, STRONG, 1, THROUGHPUT),
        (4, STRONG, 1, CAPACITY),
        (8, STRONG, 2, READS_AND_WRITES),
        (8, EVENTUAL, 1, READS_AND_WRITES),
        (8, TRANSACTIONAL, 4, READS_AND_WRITES),
        (0, STRONG, 1, THROUGHPUT),  # an item that does not exist
        (0, EVENTUAL, 0.5, THROUGHPUT),
        (0, TRANSACTIONAL, 2, TRANSACTIONS),
    ],
)
def test_item_read_takes_the_published_units(
    size_kb: float, consistency: Consistency, rru: float, source: str
) -> None:
    assert read_units(round(size_kb * KB), consistency) == rru, source


@pytest.mark.parametrize(
    ("sizes_kb", "consistency", "rru", "source"),
    [
        ([4.08] * 10, STRONG, 11, CAPACITY),  # together 40.8 KB
        ([4.08] * 10, EVENTUAL, 5.5, CAPACITY),
        ([1] * 5, STRONG, 2, READS_AND_WRITES),
        ([1] * 5, EVENTUAL, 1, READS_AND_WRITES),
        ([], STRONG, 1, "API reference, Query"),
        ([], EVENTUAL, 0.5, "API reference, Query"),
        ([1] * 1_025, EVENTUAL, 128.5, "Developer Guide, Scan: a page of just over 1 MB"),
    ],
)
def test_page_read_takes_the_published_units(
    sizes_kb: list[float], consistency: Consistency, rru: float, source: str
) -> None:
    sizes_bytes = [round(size_kb * KB) for size_kb in sizes_kb]

    assert query_read_units(sizes_bytes, consistency) == rru, source


def test_batch_read_rounds_each_item_up() -> None:
    sizes_bytes = [round(1.5 * KB), round(6.5 * KB)]

    rru = sum(read_units(size, STRONG) for size in sizes_bytes)

    assert rru == 3, CAPACITY


def test_batch_write_rounds_each_item_up() -> None:
    sizes_bytes = [500, round(3.5 * KB)]

    wru = sum(write_units(0, size) for size in sizes_bytes)

    assert wru == 5, CAPACITY


@pytest.mark.parametrize(
    ("before_kb", "after_kb", "wru", "source"),
    [
        (0, 0.5, 1, THROUGHPUT),
        (0, 1, 1, READS_AND_WRITES),
        (0, 2, 2, READS_AND_WRITES),
        (2, 1, 2, CAPACITY),  # an update is charged for the larger image
        (1, 2, 2, CAPACITY),
        (3, 0, 3, CAPACITY),
        (0, 0, 1, CAPACITY),  # the delete of an item that does not exist
    ],
)
def test_write_takes_the_published_units(
    before_kb: float, after_kb: float, wru: float, source: str
) -> None:
    assert write_units(round(before_kb * KB), round(after_kb * KB)) == wru, source


@pytest.mark.parametrize(
    ("before_kb", "after_kb", "wru", "source"),
    [
        (0, 2, 4, READS_AND_WRITES),
        (0, 1.5, 4, DYNOXIDE),  # rounded before it is doubled
        (3, 0, 6, DYNOXIDE),
        (0, 0, 2, DYNOXIDE),
    ],
)
def test_transactional_write_takes_the_published_units(
    before_kb: float, after_kb: float, wru: float, source: str
) -> None:
    before_bytes, after_bytes = round(before_kb * KB), round(after_kb * KB)

    assert write_units(before_bytes, after_bytes, is_transactional=True) == wru, source


@pytest.mark.parametrize(("size_bytes", "rru"), [(4_096, 1), (4_097, 2), (409_600, 100)])
def test_reads_step_at_four_kilobytes(size_bytes: int, rru: float) -> None:
    assert read_units(size_bytes, STRONG) == rru


@pytest.mark.parametrize(("size_bytes", "wru"), [(1_024, 1), (1_025, 2), (409_600, 400)])
def test_writes_step_at_one_kilobyte(size_bytes: int, wru: float) -> None:
    assert write_units(0, size_bytes) == wru


def test_page_may_exceed_the_item_limit() -> None:
    page = Charge("t", None, 1.0, 0, 1_000_000, 10, is_write=False)

    assert page.units == query_read_units([100_000] * 10, STRONG) == 245


# --- Errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_bytes", "after_bytes", "field"), [(-1, 0, "before_bytes"), (0, -1, "after_bytes")]
)
def test_negative_write_is_refused_by_name(before_bytes: int, after_bytes: int, field: str) -> None:
    with pytest.raises(NegativeSize, match=rf"^{field} must be 0 or more \(got -1\)"):
        write_units(before_bytes, after_bytes)


@pytest.mark.parametrize(
    ("before_bytes", "after_bytes", "field"),
    [(409_601, 0, "before_bytes"), (0, 409_601, "after_bytes")],
)
def test_overlarge_write_is_refused_by_name(
    before_bytes: int, after_bytes: int, field: str
) -> None:
    with pytest.raises(ItemTooLarge, match=rf"^{field} must be at most 409,600.*got 409,601"):
        write_units(before_bytes, after_bytes)


def test_impossible_read_is_refused_by_name() -> None:
    with pytest.raises(NegativeSize, match=r"^size_bytes must be 0 or more \(got -5\)"):
        read_units(-5, EVENTUAL)
    with pytest.raises(ItemTooLarge, match=r"^size_bytes must be at most 409,600"):
        read_units(409_601, EVENTUAL)


def test_impossible_page_is_refused_by_name() -> None:
    with pytest.raises(NegativeSize, match=r"^each of sizes_bytes must be 0 or more"):
        query_read_units([100, -1], EVENTUAL)
    with pytest.raises(ItemTooLarge, match=r"^each of sizes_bytes must be at most 409,600"):
        query_read_units([100, 409_601], EVENTUAL)


# --- Properties ------------------------------------------------------------------------------


@given(sizes, sizes, consistencies)
def test_no_request_is_below_one_block(one: int, other: int, consistency: Consistency) -> None:
    assert read_units(one, consistency) >= consistency.value
    assert write_units(one, other) >= 1
    assert write_units(one, other, is_transactional=True) >= 2


@given(sizes, sizes, sizes, consistencies)
def test_growing_item_is_never_cheaper(
    one: int, other: int, third: int, consistency: Consistency
) -> None:
    small, large = sorted((one, other))

    assert read_units(small, consistency) <= read_units(large, consistency)
    assert write_units(small, third) <= write_units(large, third)
    assert write_units(third, small) <= write_units(third, large)


@given(pages, sizes, consistencies)
def test_longer_page_is_never_cheaper(
    page: list[int], size_bytes: int, consistency: Consistency
) -> None:
    assert query_read_units(page, consistency) <= query_read_units([*page, size_bytes], consistency)


@given(st.data(), pages, consistencies)
def test_page_costs_the_same_reordered(
    data: st.DataObject, page: list[int], consistency: Consistency
) -> None:
    reordered = data.draw(st.permutations(page))

    assert query_read_units(reordered, consistency) == query_read_units(page, consistency)


@given(sizes, sizes)
def test_write_costs_the_same_undone(before: int, after: int) -> None:
    assert write_units(before, after) == write_units(after, before)


@given(pages, consistencies)
def test_page_never_exceeds_single_reads(page: list[int], consistency: Consistency) -> None:
    apart = sum(read_units(size, consistency) for size in page or [0])

    assert query_read_units(page, consistency) <= apart
