from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conftest import ROOT
from workbench.capacity.assumptions import PARAMETERS, Assumptions
from workbench.capacity.bill import (
    Amount,
    MonthlyUsage,
    break_even_utilisation,
    dax_monthly_usd,
    monthly_bill,
    reads_to_pay_for,
)
from workbench.capacity.prices import read_prices
from workbench.errors import BadParameter, PriceMissing, UnknownRegion

PRICES = read_prices(ROOT / "data" / "prices.csv")
MILLION = 1e6
GB = 10**9
ON_DEMAND = Assumptions(lambda_ms_per_invocation=20, records_per_invocation=10)
PROVISIONED = replace(ON_DEMAND, mode="provisioned")
USAGE = MonthlyUsage(
    rru={"B": 2 * MILLION, "A": 1 * MILLION, "E": 0},
    table_wru={"E": 3 * MILLION, "C": 1 * MILLION, "D": 0.5 * MILLION},
    index_wru=4 * MILLION,
    stored_bytes_table=30 * GB,
    stored_bytes_indexes=10 * GB,
    lambda_invocations=2 * MILLION,
    stream_get_records=5 * MILLION,
)

amounts = st.floats(0, 1e12)
letters = st.dictionaries(st.sampled_from("ABCDE"), amounts)
usages = st.builds(
    MonthlyUsage,
    rru=letters,
    table_wru=letters,
    index_wru=amounts,
    stored_bytes_table=amounts,
    stored_bytes_indexes=amounts,
    lambda_invocations=amounts,
    stream_get_records=amounts,
)
assumptions_in_use = st.builds(
    Assumptions,
    gb_bytes=st.sampled_from([10**9, 1024**3]),
    month_days=st.floats(28, 31),
    free_tier=st.booleans(),
    table_class=st.sampled_from(["standard", "standard_ia"]),
    mode=st.sampled_from(["on_demand", "provisioned"]),
    utilisation=st.floats(0.01, 1),
    lambda_architecture=st.sampled_from(["x86", "arm"]),
    lambda_memory_mb=st.integers(128, 10_240),
    lambda_ms_per_invocation=st.floats(1, 900_000),
    records_per_invocation=st.floats(1, 10_000),
)


def bill(usage: MonthlyUsage, assumptions: Assumptions) -> dict[str, Amount]:
    return monthly_bill(usage, PRICES, "us-east-1", assumptions)


def test_lines_come_in_a_fixed_order() -> None:
    assert list(bill(USAGE, ON_DEMAND)) == [
        "A reads", "B reads", "E reads", "C table writes", "D table writes", "E table writes",
        "index upkeep", "storage", "stream", "lambda",
    ]  # fmt: skip


# By hand from the us-east-1 prices: 0.125 and 0.625 USD a million, 0.25 USD a GB, 0.02 USD per
# 100,000 stream reads, Lambda 0.20 USD a million and 2 M x 0.125 GB x 0.02 s = 5,000 GB-s.
def test_on_demand_bill_is_units_times_prices() -> None:
    lines = bill(USAGE, ON_DEMAND)

    assert list(lines.values()) == pytest.approx(
        [0.125, 0.25, 0, 0.625, 0.3125, 1.875, 2.5, 10, 1, 0.4 + 5_000 * 0.0000166667]
    )


# DynamoDB pricing for provisioned capacity, its pricing example: 80 RCU and 80 WCU in use of 114
# and 114 cost 64.04 USD in 30 days, of which 2.34 + 11.70 are free; 27 GB cost 0.50 USD.
def test_provisioned_bill_is_that_of_aws_example() -> None:
    units = 80 * 3600 * 24 * 30
    usage = MonthlyUsage(rru={"A": units}, table_wru={"C": units}, stored_bytes_table=27 * GB)
    listed = replace(PROVISIONED, utilisation=80 / 114)

    full = bill(usage, listed)
    reduced = bill(usage, replace(listed, free_tier=True))

    assert full["A reads"] + full["C table writes"] == pytest.approx(64.04, abs=0.02)
    assert reduced["A reads"] == pytest.approx(full["A reads"] - 2.34)
    assert reduced["C table writes"] == pytest.approx(full["C table writes"] - 11.70)
    assert reduced["storage"] == pytest.approx(0.50)


# Lambda pricing, example 1: 512 MB, 3 million times 1 s cost 18.74 USD beyond the free tier.
def test_lambda_bill_is_that_of_aws_example() -> None:
    usage = MonthlyUsage(lambda_invocations=3 * MILLION)
    assumptions = replace(
        ON_DEMAND, free_tier=True, lambda_memory_mb=512, lambda_ms_per_invocation=1_000
    )

    assert bill(usage, assumptions)["lambda"] == pytest.approx(18.74, abs=0.01)


# DynamoDB pricing, "Free tier": 2.5 million stream reads; the other 2.5 million cost 0.50 USD.
def test_free_tier_covers_the_first_stream_reads() -> None:
    assert bill(USAGE, replace(ON_DEMAND, free_tier=True))["stream"] == pytest.approx(0.5)


def test_free_tier_leaves_on_demand_requests_as_they_are() -> None:
    full, reduced = bill(USAGE, ON_DEMAND), bill(USAGE, replace(ON_DEMAND, free_tier=True))

    assert {line for line in full if full[line] != reduced[line]} == {"storage", "stream", "lambda"}


def test_free_tier_has_nothing_for_infrequent_access() -> None:
    assumptions = replace(PROVISIONED, table_class="standard_ia")

    full, reduced = bill(USAGE, assumptions), bill(USAGE, replace(assumptions, free_tier=True))

    assert {line for line in full if full[line] != reduced[line]} == {"stream", "lambda"}


def test_infrequent_access_trades_requests_for_storage() -> None:
    standard, infrequent = (
        bill(USAGE, ON_DEMAND),
        bill(USAGE, replace(ON_DEMAND, table_class="standard_ia")),
    )

    assert infrequent["storage"] == pytest.approx(0.4 * standard["storage"])
    assert infrequent["index upkeep"] == pytest.approx(1.248 * standard["index upkeep"])


def test_larger_gb_bills_seven_percent_less() -> None:
    larger = bill(USAGE, replace(ON_DEMAND, gb_bytes=1024**3))

    assert larger["storage"] == pytest.approx(10 / 1.0737, rel=1e-4)


def test_arm_is_a_fifth_cheaper_than_x86() -> None:
    usage = MonthlyUsage(lambda_invocations=MILLION)
    x86, arm = (
        bill(usage, replace(ON_DEMAND, lambda_architecture=name))["lambda"] - 0.20
        for name in ("x86", "arm")
    )

    assert arm == pytest.approx(0.8 * x86, rel=1e-4)


@given(usages, usages, assumptions_in_use)
def test_bill_never_falls_when_usage_grows(
    usage: MonthlyUsage, more: MonthlyUsage, assumptions: Assumptions
) -> None:
    grown = MonthlyUsage(
        **{f.name: added(getattr(usage, f.name), getattr(more, f.name)) for f in fields(usage)}
    )

    before, after = sum(bill(usage, assumptions).values()), sum(bill(grown, assumptions).values())

    assert after >= before * (1 - 1e-9)


def added(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        return {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}}
    return one + other


@given(usages, assumptions_in_use)
def test_lines_sum_to_the_bill_of_one_pattern(
    usage: MonthlyUsage, assumptions: Assumptions
) -> None:
    merged = replace(
        usage,
        rru={"A": sum(usage.rru.values())},
        table_wru={"A": sum(usage.table_wru.values()) + usage.index_wru},
        index_wru=0,
    )

    total = sum(bill(usage, assumptions).values())

    assert total == pytest.approx(sum(bill(merged, assumptions).values()), rel=1e-9, abs=1e-9)


@given(usages, assumptions_in_use)
def test_no_line_is_below_zero_or_dearer_when_some_is_free(
    usage: MonthlyUsage, assumptions: Assumptions
) -> None:
    full = bill(usage, replace(assumptions, free_tier=False))
    reduced = bill(usage, replace(assumptions, free_tier=True))

    assert all(0 <= reduced[line] <= full[line] * (1 + 1e-9) for line in full)


@given(st.lists(usages, min_size=1, max_size=4), assumptions_in_use)
def test_arrays_are_billed_like_their_elements(
    several: list[MonthlyUsage], assumptions: Assumptions
) -> None:
    one_by_one = [bill(with_all_letters(usage), assumptions) for usage in several]

    at_once = bill(stacked([with_all_letters(usage) for usage in several]), assumptions)

    for line, values in at_once.items():
        assert values == pytest.approx([lines[line] for lines in one_by_one]), line


def with_all_letters(usage: MonthlyUsage) -> MonthlyUsage:
    zeros = dict.fromkeys("ABCDE", 0.0)
    return replace(usage, rru=zeros | dict(usage.rru), table_wru=zeros | dict(usage.table_wru))


def stacked(usages: list[MonthlyUsage]) -> MonthlyUsage:
    def stack(values: list[Any]) -> Any:
        if isinstance(values[0], Mapping):
            return {key: np.array([value[key] for value in values]) for key in values[0]}
        return np.array(values)

    return MonthlyUsage(
        **{f.name: stack([getattr(usage, f.name) for usage in usages]) for f in fields(usages[0])}
    )


def test_amounts_of_different_shapes_broadcast() -> None:
    users = np.array([[1.0], [10.0], [100.0]])
    lengths = np.array([1.0, 2.0])
    usage = MonthlyUsage(rru={"A": users * MILLION}, table_wru={"C": users * lengths * MILLION})

    lines = bill(usage, ON_DEMAND)

    assert lines["A reads"].shape == (3, 1)
    assert lines["C table writes"] == pytest.approx(0.625 * users * lengths)


# DERIVED from the us-east-1 prices: 0.00065 / (0.625e-6 x 3600) and 0.00013 / (0.125e-6 x 3600).
@pytest.mark.parametrize("kind", ["read", "write"])
def test_break_even_is_29_percent_in_virginia(kind: Any) -> None:
    assert break_even_utilisation(PRICES, "us-east-1", kind) == pytest.approx(0.289, abs=5e-4)


@given(st.floats(0.01, 1), st.floats(1, 1e12), st.sampled_from(["standard", "standard_ia"]))
def test_provisioned_is_cheaper_exactly_above_break_even(
    utilisation: float, wru: float, table_class: Any
) -> None:
    break_even = break_even_utilisation(PRICES, "us-east-1", "write", table_class=table_class)
    assume(abs(utilisation - break_even) > 1e-6)
    usage = MonthlyUsage(table_wru={"C": wru})
    on_demand = replace(ON_DEMAND, table_class=table_class)
    provisioned = replace(on_demand, mode="provisioned", utilisation=utilisation)

    is_cheaper = (
        bill(usage, provisioned)["C table writes"] < bill(usage, on_demand)["C table writes"]
    )

    assert is_cheaper == (utilisation > break_even)


def test_break_even_of_another_kind_is_refused() -> None:
    with pytest.raises(BadParameter, match=r"kind must be one of read, write \(got 'scan'\)"):
        break_even_utilisation(PRICES, "us-east-1", "scan")


# One dax.t3.small is 29.2 USD in a month of 730 hours: 467 million reads; three make 1.4 billion.
# A month of 30 days, our default, makes 28.8 USD and 461 million.
@pytest.mark.parametrize(
    ("month_days", "nodes", "usd", "million_reads"),
    [(730 / 24, 1, 29.2, 467.2), (730 / 24, 3, 87.6, 1401.6), (30, 1, 28.8, 460.8)],
)
def test_dax_has_to_save_the_published_number_of_reads(
    month_days: float, nodes: int, usd: float, million_reads: float
) -> None:
    assumptions = replace(ON_DEMAND, month_days=month_days)

    monthly_usd = dax_monthly_usd("dax.t3.small", nodes, PRICES, "us-east-1", assumptions)
    reads = reads_to_pay_for(monthly_usd, PRICES, "us-east-1", assumptions)

    assert monthly_usd == pytest.approx(usd)
    assert reads == pytest.approx(million_reads * MILLION)


def test_dax_has_to_save_more_where_reads_are_cheaper() -> None:
    busy = replace(PROVISIONED, utilisation=1)

    assert reads_to_pay_for(28.8, PRICES, "us-east-1", busy) == pytest.approx(
        460.8 * MILLION / break_even_utilisation(PRICES, "us-east-1", "read")
    )


@pytest.mark.parametrize("nodes", [0, 12, 1.5])
def test_dax_cluster_of_impossible_size_is_refused(nodes: Any) -> None:
    with pytest.raises(BadParameter, match=f"nodes must be a whole number, 1 to 11 .got {nodes}"):
        dax_monthly_usd("dax.t3.small", nodes, PRICES, "us-east-1", ON_DEMAND)


def test_region_without_lambda_price_bills_what_needs_none() -> None:
    usage = MonthlyUsage(table_wru={"C": MILLION})

    lines = monthly_bill(usage, PRICES, "us-east-2", ON_DEMAND)

    assert lines == {
        "C table writes": 0.625, "index upkeep": 0, "storage": 0, "stream": 0, "lambda": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("region", "assumptions", "unit"),
    [
        ("us-east-2", ON_DEMAND, "lambda_request_million"),
        ("eu-west-1", ON_DEMAND, "stream_read_request"),
        ("ap-south-1", PROVISIONED, "rcu_hour"),
        ("eu-west-1", replace(ON_DEMAND, table_class="standard_ia"), "rru_million"),
    ],
)
def test_bill_is_refused_where_a_price_is_missing(
    region: str, assumptions: Assumptions, unit: str
) -> None:
    with pytest.raises(PriceMissing, match=f"no {unit} for {region}; it has one for .*us-east-1"):
        monthly_bill(USAGE, PRICES, region, assumptions)


def test_bill_of_unknown_region_is_refused() -> None:
    with pytest.raises(UnknownRegion, match="'mars-1'"):
        monthly_bill(USAGE, PRICES, "mars-1", ON_DEMAND)


@pytest.mark.parametrize(
    ("field", "amount"),
    [
        ("index_wru", -1),
        ("stored_bytes_table", float("nan")),
        ("lambda_invocations", float("inf")),
        ("stream_get_records", np.array([0.0, -1.0])),
    ],
)
def test_impossible_usage_is_refused(field: str, amount: Any) -> None:
    with pytest.raises(BadParameter, match=f"{field} must be finite and 0 or more"):
        MonthlyUsage(**{field: amount})


def test_impossible_usage_of_a_pattern_is_named() -> None:
    with pytest.raises(BadParameter, match=r"table_wru of C must be .* \(got -5\)"):
        MonthlyUsage(table_wru={"A": 1, "C": -5})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("gb_bytes", 1000),
        ("month_days", 27.9),
        ("month_days", float("nan")),
        ("free_tier", "yes"),
        ("table_class", "glacier"),
        ("mode", "reserved"),
        ("utilisation", 0),
        ("utilisation", 1.01),
        ("utilisation", "0.7"),
        ("lambda_architecture", "riscv"),
        ("lambda_memory_mb", 64),
        ("lambda_ms_per_invocation", 0),
        ("records_per_invocation", 0.5),
        ("other_stream_readers_polls_per_second", -1),
        ("other_stream_readers_polls_per_second", float("inf")),
    ],
)
def test_impossible_parameter_is_refused_with_the_allowed_values(field: str, value: Any) -> None:
    with pytest.raises(BadParameter) as refused:
        replace(ON_DEMAND, **{field: value})

    allowed = PARAMETERS[field].allowed
    assert (refused.value.field, refused.value.allowed) == (field, allowed)
    assert str(refused.value) == f"{field} must be {allowed} (got {value!r})"


def test_every_parameter_is_printed_with_its_meaning() -> None:
    lines = ON_DEMAND.lines()

    assert [line.split(" = ")[0] for line in lines] == list(PARAMETERS)
    assert "mode = on_demand: how requests are billed (one of on_demand, provisioned)" in lines


def test_polls_of_others_and_invocations_follow_from_the_parameters() -> None:
    assumptions = replace(ON_DEMAND, other_stream_readers_polls_per_second=4)

    assert assumptions.stream_get_records == 4 * 60 * 60 * 24 * 30
    assert assumptions.lambda_invocations(1_000) == 100
