"""When a cluster pays for itself: what it saves a message against what its nodes cost."""

import math
from collections.abc import Mapping
from typing import Any

from workbench.capacity.assumptions import HOUR_SECONDS, Assumptions
from workbench.capacity.bill import dax_monthly_usd, usd_per_request_unit
from workbench.capacity.prices import PriceList

Cell = Mapping[str, Any]  # as it is stored


def rru_saved_per_message(cell: Cell) -> float:
    """RRU that a message's reads take less; below zero where a cluster takes more than it saves."""
    return float((cell["rru_without"] - cell["rru_with"]) / cell["messages"])


def usd_saved_per_month(
    cell: Cell,
    messages_per_second: float,
    prices: PriceList,
    region: str,
    assumptions: Assumptions,
) -> float:
    """USD a month that are not spent on reads, at so many messages a second."""
    messages = messages_per_second * HOUR_SECONDS * assumptions.month_hours
    usd_per_rru = usd_per_request_unit("read", prices, region, assumptions)
    return rru_saved_per_message(cell) * messages * usd_per_rru


def messages_per_second_to_pay(
    cell: Cell,
    node_type: str,
    nodes: int,
    prices: PriceList,
    region: str,
    assumptions: Assumptions,
) -> float:
    """Messages a second, day and night, at which nodes cost what they save; infinite if never.

    More users who behave alike have the same hit rate: entries belong to a user or a conversation.
    Whether so many nodes can bear the traffic is another question.
    """
    saved_usd = usd_saved_per_month(cell, 1.0, prices, region, assumptions)
    cost_usd = dax_monthly_usd(node_type, nodes, prices, region, assumptions)
    return cost_usd / saved_usd if saved_usd > 0 else math.inf
