"""What AWS asks for, one row a price, read from `data/prices.csv`: code holds no price."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workbench.errors import BadParameter, InputFault, PriceMissing, UnknownRegion

ANY_CLASS = "-"  # the price does not depend on the table class
MODES = {  # unit -> the capacity mode that is billed by it
    "wru_million": "on_demand",
    "rru_million": "on_demand",
    "wcu_hour": "provisioned",
    "rcu_hour": "provisioned",
    "storage_gb_month": "any",
    "stream_read_request": "any",
    "lambda_request_million": "any",
    "lambda_gb_second_x86": "any",
    "lambda_gb_second_arm": "any",
    "dax_node_hour": "any",
}
FIELDS = {  # column -> what it must be, in words and as a pattern
    "region": ("an AWS region, such as us-east-1", r"[a-z]{2}(-[a-z]+)+-\d"),
    "table_class": (
        "standard, standard_ia, a DAX node type, or - for any",
        r"standard(_ia)?|dax(\.\w+)+|-",
    ),
    "mode": ("on_demand, provisioned or any", "on_demand|provisioned|any"),
    "unit": (f"one of {', '.join(MODES)}", "|".join(MODES)),
    "usd": ("a decimal number above 0, such as 0.625", r"(?=.*[1-9])\d{1,9}(\.\d+)?"),
    "date": ("a day or a month, such as 2026-09-29 or 2026-09", r"\d{4}-\d\d(-\d\d)?"),
    "source": ("where the price was found", r".*\S.*"),
}


@dataclass(frozen=True)
class Price:
    """USD for one unit of what AWS bills; a DAX node type stands as its table class."""

    region: str
    table_class: str
    mode: str
    unit: str
    usd: float
    date: str
    source: str


@dataclass(frozen=True)
class PriceList:
    """All prices; `read_prices` makes one."""

    prices: tuple[Price, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions with any price, in order of name."""
        return tuple(sorted({price.region for price in self.prices}))

    def usd(self, region: str, unit: str, *, table_class: str = "standard") -> float:
        """USD for one `unit` in a region, tax left out.

        Raises
        ------
        BadParameter
            If there is no such unit, or no region has it in this table class.
        PriceMissing
            If other regions have this price.
        UnknownRegion
            If the region has no prices at all.
        """
        if unit not in MODES:
            raise BadParameter("unit", unit, FIELDS["unit"][0])
        if region not in self.regions:
            raise UnknownRegion(region, self.regions)
        of_unit = [price for price in self.prices if price.unit == unit]
        classes = sorted({price.table_class for price in of_unit})
        wanted = {table_class, ANY_CLASS}
        if classes and wanted.isdisjoint(classes):
            raise BadParameter("table_class", table_class, f"one of {', '.join(classes)}")
        found = {price.region: price.usd for price in of_unit if price.table_class in wanted}
        if region not in found:
            raise PriceMissing(region, unit, sorted(found))
        return found[region]


def read_prices(path: Path) -> PriceList:
    """The price list in a CSV file.

    Raises
    ------
    InputFault
        If the file cannot be read, or a row is malformed; the message names line and field.
    """
    prices: dict[tuple[str, str, str], Price] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, restkey="more", restval="", strict=True)
            if rows.fieldnames != list(FIELDS):
                raise InputFault(f"{path}, line 1: the header must be {','.join(FIELDS)}")
            for row in rows:
                price = _price(row, f"{path}, line {rows.line_num}")
                key = (price.region, price.table_class, price.unit)
                if key in prices:
                    raise InputFault(f"{path}, line {rows.line_num}: unit repeats a price: {key}")
                prices[key] = price
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputFault(f"{path} cannot be read: {error}") from error
    return PriceList(tuple(prices.values()))


def _price(row: dict[str, str], place: str) -> Price:
    if "more" in row:
        raise InputFault(f"{place}: source is not the last value; quote a value that has a comma")
    for field, (allowed, pattern) in FIELDS.items():
        fits = re.fullmatch(pattern, row[field]) and (field != "date" or _is_date(row[field]))
        if not fits:
            raise InputFault(f"{place}: {field} must be {allowed} (got {row[field]!r})")
    unit, mode = row["unit"], row["mode"]
    if mode != MODES[unit]:
        raise InputFault(f"{place}: mode must be {MODES[unit]} for {unit} (got {mode!r})")
    return Price(
        row["region"], row["table_class"], mode, unit, float(row["usd"]), row["date"], row["source"]
    )


def _is_date(day_or_month: str) -> bool:
    try:
        date.fromisoformat(f"{day_or_month}-01"[:10])
    except ValueError:
        return False
    return True
