"""What a month costs in USD, line by line, from usage, prices and assumptions.

Amounts may be numbers or numpy arrays of shapes that fit together: only operators are used.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from workbench.capacity.assumptions import HOUR_SECONDS, Amount, Assumptions
from workbench.capacity.prices import PriceList
from workbench.errors import BadParameter

Kind: TypeAlias = Literal["read", "write"]

MILLION = 1_000_000
MAX_DAX_NODES = 11
UNITS: Mapping[Kind, tuple[str, str]] = {  # billed on demand, billed provisioned
    "read": ("rru_million", "rcu_hour"),
    "write": ("wru_million", "wcu_hour"),
}


@dataclass(frozen=True, kw_only=True)
class MonthlyUsage:
    """What one month uses: request units by access pattern, stored bytes, and calls.

    Parameters
    ----------
    rru, table_wru
        Request units by letter; E, the stream update, is a pattern like the others.
    index_wru
        Write units of all indexes, whatever the pattern.
    stored_bytes_table, stored_bytes_indexes
        What is stored in that month, with the 100 bytes that each item and each index entry adds.
    stream_get_records
        GetRecords calls by readers other than Lambda, whose own are free.

    Raises
    ------
    BadParameter
        If an amount is below zero, infinite or not a number.
    """

    rru: Mapping[str, Amount] = field(default_factory=dict)
    table_wru: Mapping[str, Amount] = field(default_factory=dict)
    index_wru: Amount = 0
    stored_bytes_table: Amount = 0
    stored_bytes_indexes: Amount = 0
    lambda_invocations: Amount = 0
    stream_get_records: Amount = 0

    def __post_init__(self) -> None:
        for name, amount in self._amounts():
            allowed = (amount >= 0) & (amount < math.inf)
            if not (allowed if isinstance(allowed, bool) else allowed.all()):
                raise BadParameter(name, amount, "finite and 0 or more")

    def _amounts(self) -> Iterator[tuple[str, Amount]]:
        for name, value in vars(self).items():
            if isinstance(value, Mapping):
                yield from ((f"{name} of {letter}", amount) for letter, amount in value.items())
            else:
                yield name, value


class FreeTier(NamedTuple):
    """What is free in a month."""

    storage_gb: float = 0
    request_units: float = 0  # of RRU, and as many of WRU
    stream_reads: float = 0
    lambda_requests: float = 0
    lambda_gb_seconds: float = 0


def free_tier(assumptions: Assumptions) -> FreeTier:
    """The free tier that the assumptions allow: nothing, if they leave it out.

    Source
    ------
    DynamoDB pricing, "Free tier": 25 GB, 25 RCU and 25 WCU are for the Standard class, capacity
    only where provisioned; 2.5 million stream reads. Lambda pricing: 1 million, 400,000 GB-s.
    """
    if not assumptions.free_tier:
        return FreeTier()
    storage_gb = capacity = 0
    if assumptions.table_class == "standard":
        storage_gb = 25
        capacity = 25 if assumptions.mode == "provisioned" else 0
    used_seconds = HOUR_SECONDS * assumptions.month_hours * assumptions.utilisation
    return FreeTier(storage_gb, capacity * used_seconds, 2_500_000, 1_000_000, 400_000)


def monthly_bill(
    usage: MonthlyUsage, prices: PriceList, region: str, assumptions: Assumptions
) -> dict[str, Amount]:
    """USD a month by line: reads by letter, table writes by letter, then what they entail.

    Provisioned capacity is the month's mean divided by the utilisation; that it comes in whole
    units, and reserved capacity, are left out. Lambda stays in its first price tier. Stream reads
    and Lambda need a price only where they are used.

    Raises
    ------
    PriceMissing
        If the region lacks a price that is needed.
    UnknownRegion
        If the region has no prices at all.
    """

    def usd(amount: Amount, unit: str) -> Amount:
        if isinstance(amount, int | float) and amount == 0:
            return 0.0
        return amount * prices.usd(region, unit, table_class=assumptions.table_class)

    free = free_tier(assumptions)
    reads = {f"{letter} reads": rru for letter, rru in sorted(usage.rru.items())}
    writes = {f"{letter} table writes": wru for letter, wru in sorted(usage.table_wru.items())}
    writes["index upkeep"] = usage.index_wru
    usd_per_rru = usd_per_request_unit("read", prices, region, assumptions)
    usd_per_wru = usd_per_request_unit("write", prices, region, assumptions)
    stored_gb = (usage.stored_bytes_table + usage.stored_bytes_indexes) / assumptions.gb_bytes
    requests = _beyond(free.lambda_requests, usage.lambda_invocations)
    gb_seconds = assumptions.lambda_gb_seconds(usage.lambda_invocations)
    return {
        **_request_lines(reads, usd_per_rru, free.request_units),
        **_request_lines(writes, usd_per_wru, free.request_units),
        "storage": usd(_beyond(free.storage_gb, stored_gb), "storage_gb_month"),
        "stream": usd(_beyond(free.stream_reads, usage.stream_get_records), "stream_read_request"),
        "lambda": usd(requests / MILLION, "lambda_request_million")
        + usd(
            _beyond(free.lambda_gb_seconds, gb_seconds),
            f"lambda_gb_second_{assumptions.lambda_architecture}",
        ),
    }


def usd_per_request_unit(
    kind: Kind, prices: PriceList, region: str, assumptions: Assumptions
) -> float:
    """USD for one RRU or WRU; provisioned, it also pays for the capacity that is not used."""
    on_demand, provisioned = UNITS[kind]
    if assumptions.mode == "on_demand":
        return prices.usd(region, on_demand, table_class=assumptions.table_class) / MILLION
    usd_per_hour = prices.usd(region, provisioned, table_class=assumptions.table_class)
    return usd_per_hour / HOUR_SECONDS / assumptions.utilisation


def break_even_utilisation(
    prices: PriceList, region: str, kind: Kind, *, table_class: str = "standard"
) -> float:
    """The share of provisioned capacity in use above which it is cheaper than on demand.

    Raises
    ------
    BadParameter
        If the kind is neither read nor write.
    """
    if kind not in UNITS:
        raise BadParameter("kind", kind, f"one of {', '.join(UNITS)}")
    usd_per_million, usd_per_hour = (
        prices.usd(region, unit, table_class=table_class) for unit in UNITS[kind]
    )
    return usd_per_hour / (usd_per_million / MILLION * HOUR_SECONDS)


def dax_monthly_usd(
    node_type: str, nodes: int, prices: PriceList, region: str, assumptions: Assumptions
) -> float:
    """USD a month for a DAX cluster, busy or idle; for production, AWS advises three nodes.

    Raises
    ------
    BadParameter
        If there is no such node type, or a cluster cannot have so many nodes.

    Source
    ------
    DynamoDB Developer Guide, "DAX cluster components": a primary node and at most ten replicas.
    """
    if nodes not in range(1, MAX_DAX_NODES + 1):
        raise BadParameter("nodes", nodes, f"a whole number, 1 to {MAX_DAX_NODES}")
    usd_per_hour = prices.usd(region, "dax_node_hour", table_class=node_type)
    return nodes * usd_per_hour * assumptions.month_hours


def reads_to_pay_for(
    monthly_usd: float, prices: PriceList, region: str, assumptions: Assumptions
) -> float:
    """Eventually consistent reads of 4 KB that cost as much: what a cache must save a month."""
    return monthly_usd / (usd_per_request_unit("read", prices, region, assumptions) / 2)


def _request_lines(
    units: Mapping[str, Amount], usd_per_unit: float, free_units: float
) -> dict[str, Amount]:
    """USD by line; what is free is shared among the lines in proportion to their units."""
    total = sum(units.values())
    paid_share = _beyond(free_units, total) / (total + (total == 0))
    return {line: amount * paid_share * usd_per_unit for line, amount in units.items()}


def _beyond(free: float, amount: Amount) -> Amount:
    """What of an amount is not free: never below zero."""
    return (amount - free) * (amount > free) + 0.0  # + 0.0 turns -0.0 into 0.0
