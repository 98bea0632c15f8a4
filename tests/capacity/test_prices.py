from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.capacity.prices import FIELDS, MODES, Price, PriceList, read_prices
from workbench.errors import BadParameter, InputFault, PriceMissing, UnknownRegion

PRICES = read_prices(ROOT / "data" / "prices.csv")
HEADER = ",".join(FIELDS)
GOOD_ROW = "us-east-1,standard,on_demand,wru_million,0.625,2026-09-29,a list"


def price_file(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


# Price List API of 2026-09-29 (us-east-1), 2026-09-11 (eu-west-1) and 2026-10-01 (Seoul);
# Standard-IA and DAX from ScyllaDB's DynamoDB cost calculator.
@pytest.mark.parametrize(
    ("region", "unit", "table_class", "usd"),
    [
        ("us-east-1", "wru_million", "standard", 0.625),
        ("us-east-1", "rru_million", "standard", 0.125),
        ("us-east-1", "wcu_hour", "standard", 0.00065),
        ("us-east-1", "rcu_hour", "standard", 0.00013),
        ("us-east-1", "storage_gb_month", "standard", 0.25),
        ("us-east-1", "wru_million", "standard_ia", 0.78),
        ("us-east-1", "storage_gb_month", "standard_ia", 0.10),
        ("us-east-1", "dax_node_hour", "dax.r5.large", 0.255),
        ("eu-west-1", "wru_million", "standard", 0.705),
        ("ap-northeast-2", "storage_gb_month", "standard", 0.27075),
    ],
)
def test_price_is_the_published_one(region: str, unit: str, table_class: str, usd: float) -> None:
    assert PRICES.usd(region, unit, table_class=table_class) == usd


def test_shipped_regions_are_those_with_a_source() -> None:
    assert PRICES.regions == (
        "ap-northeast-1", "ap-northeast-2", "ap-south-1", "eu-west-1", "us-east-1", "us-east-2"
    )  # fmt: skip


@pytest.mark.parametrize("region", PRICES.regions)
def test_every_region_can_bill_requests_and_storage(region: str) -> None:
    units = ("rru_million", "wru_million", "storage_gb_month")

    assert all(PRICES.usd(region, unit) > 0 for unit in units)


@pytest.mark.parametrize("price", PRICES.prices, ids=lambda price: f"{price.region}-{price.unit}")
def test_every_price_has_a_source_and_a_date(price: Price) -> None:
    assert price.source.strip()
    assert "2024-11" <= price.date[:7] <= "2026-11", "on-demand prices were halved in 2024-11"


def test_every_unit_has_a_price() -> None:
    assert {price.unit for price in PRICES.prices} == set(MODES)


@pytest.mark.parametrize("table_class", ["standard", "standard_ia"])
def test_price_for_any_class_holds_for_each(table_class: str) -> None:
    assert PRICES.usd("us-east-1", "stream_read_request", table_class=table_class) == 2e-7


def test_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownRegion, match=r"'us-esat-1'.*ap-northeast-1, .*us-east-2") as refused:
        PRICES.usd("us-esat-1", "wru_million")

    assert refused.value.known == PRICES.regions


def test_missing_price_names_the_regions_that_have_it() -> None:
    with pytest.raises(
        PriceMissing, match=r"no wcu_hour for ap-south-1.*eu-west-1, us-"
    ) as refused:
        PRICES.usd("ap-south-1", "wcu_hour")

    assert refused.value.having == ("eu-west-1", "us-east-1", "us-east-2")


def test_price_missing_everywhere_says_so() -> None:
    prices = PriceList(PRICES.prices[:1])

    with pytest.raises(PriceMissing, match="it has one for no region"):
        prices.usd("us-east-1", "wcu_hour")


def test_unknown_unit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameter, match=r"unit must be one of wru_million, .*'wru'"):
        PRICES.usd("us-east-1", "wru")


def test_unknown_class_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadParameter, match=r"one of dax\.r5\.12xlarge, .*got 'dax\.t3\.smal'"):
        PRICES.usd("us-east-1", "dax_node_hour", table_class="dax.t3.smal")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "Ireland"),
        ("table_class", "glacier"),
        ("mode", "reserved"),
        ("mode", "provisioned"),  # a WRU is billed on demand
        ("unit", "wru"),
        ("usd", "cheap"),
        ("usd", "0.0"),
        ("usd", "-0.625"),
        ("usd", "nan"),
        ("usd", "1e400"),
        ("date", "September 2026"),
        ("date", "2026-13"),
        ("date", "2026-02-30"),
        ("source", " "),
    ],
)
def test_malformed_row_is_refused_with_line_and_field(
    tmp_path: Path, field: str, value: str
) -> None:
    values = dict(zip(FIELDS, GOOD_ROW.split(","), strict=True)) | {field: value}
    path = price_file(
        tmp_path, GOOD_ROW.replace("us-east-1", "us-east-2"), ",".join(values.values())
    )

    with pytest.raises(InputFault, match=rf"prices\.csv, line 3: {field} must be .*{value}'"):
        read_prices(path)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([GOOD_ROW.removesuffix(",a list")], "line 2: source must be .*got ''"),
        ([GOOD_ROW + ", of today"], "line 2: source is not the last value"),
        ([GOOD_ROW, GOOD_ROW], "line 3: unit repeats a price"),
        (['"' + GOOD_ROW], "cannot be read: unexpected end of data"),
    ],
)
def test_malformed_file_is_refused_with_its_line(
    tmp_path: Path, rows: list[str], problem: str
) -> None:
    with pytest.raises(InputFault, match=problem):
        read_prices(price_file(tmp_path, *rows))


def test_other_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match=f"line 1: the header must be {HEADER}"):
        read_prices(price_file(tmp_path, GOOD_ROW, header="region,price"))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match=r"no\.csv cannot be read"):
        read_prices(tmp_path / "no.csv")
