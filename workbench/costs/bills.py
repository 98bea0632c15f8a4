"""What a workload costs under a design, from the growth of its own traced calls."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.capacity.assumptions import Amount, Assumptions
from workbench.capacity.bill import MonthlyUsage, monthly_bill
from workbench.capacity.growth import Growth, Point
from workbench.capacity.prices import PriceList
from workbench.capacity.requests import ITEM_LIMIT_BYTES
from workbench.errors import ItemTooLarge, NotSupported
from workbench.messaging.access_patterns import ESSENTIAL
from workbench.messaging.workload import LISTS, Workload

VALUES = 64
# Where texts are an axis of a map: all of them would take twice as long. An edge of such a map may
# be off by a tenth; `flips_along` takes all values.
VALUES_IN_TEXT_MAP = 5


def point_of(workload: Workload) -> Point:
    """Where in its growth a workload stands: arrays whose last axis runs over its lists."""
    lists: dict[str, Any] = {
        name: np.sort(np.asarray(getattr(workload, name), dtype=float), axis=-1) for name in LISTS
    }
    count = VALUES  # enough to be mixed
    if lists["text_bytes"].ndim > 2:
        lists = {name: _thinned(values) for name, values in lists.items()}
        least = math.lcm(*(values.shape[-1] for values in lists.values()))
        count = least * math.ceil(VALUES_IN_TEXT_MAP / least)
    if all(values.shape[-1] == 1 for values in lists.values()):
        count = 1

    def resampled(name: str) -> Any:
        values = lists[name]
        ranks = ((np.arange(count) + 0.5) * values.shape[-1] / count).astype(int)
        return values[..., ranks]

    return Point(
        inbox_length=resampled("conversations_per_user"),
        conversation_length=resampled("messages_per_conversation"),
        participants=np.asarray(workload.participants, dtype=float)[..., None],
        text_bytes=resampled("text_bytes"),
        name_bytes=workload.name_bytes,
    )


def _thinned(values: Any) -> Any:
    """The means of equal parts of sorted lists, where they are long."""
    if values.shape[-1] <= VALUES_IN_TEXT_MAP:
        return values
    parts = (*values.shape[:-1], VALUES_IN_TEXT_MAP, -1)
    return np.repeat(values, VALUES_IN_TEXT_MAP, axis=-1).reshape(parts).mean(axis=-1)


def monthly_usage(growth: Growth, workload: Workload, assumptions: Assumptions) -> MonthlyUsage:
    """What a month of a workload uses, when as much is stored as the workload says.

    C and E are a message and its stream update; D is a first message with its own.
    """
    point = point_of(workload)
    user_days = workload.users * assumptions.month_days
    calls = {
        "A": workload.conversation_reads_per_user_per_day * user_days,
        "B": workload.inbox_reads_per_user_per_day * user_days,
        "C": workload.messages_per_user_per_day * user_days,
        "D": workload.new_conversations_per_user_per_day * user_days,
        "E": workload.messages_per_user_per_day * user_days,
    }
    made = {pattern: calls[pattern] * workload.months_stored for pattern in "CDE"}
    records = sum(calls[p] * growth.stream_records[p].mean_at(point) for p in "CDE")
    return MonthlyUsage(
        rru={p: calls[p] * growth.units(p, point, is_write=False) for p in ESSENTIAL},
        table_wru={p: calls[p] * growth.units(p, point, is_write=True) for p in "CDE"},
        index_wru=sum(
            calls[p] * growth.units(p, point, is_write=True, is_index=True) for p in "CDE"
        ),
        stored_bytes_table=sum(
            made[p] * growth.stored_bytes(p, point, is_index=False) for p in "CDE"
        ),
        stored_bytes_indexes=sum(
            made[p] * growth.stored_bytes(p, point, is_index=True) for p in "CDE"
        ),
        lambda_invocations=assumptions.lambda_invocations(
            calls["C"] + calls["D"] if assumptions.stream_filter else records
        ),
        stream_get_records=assumptions.stream_get_records,
    )


def design_bill(
    growth: Growth,
    workload: Workload,
    prices: PriceList,
    region: str,
    assumptions: Assumptions,
) -> dict[str, Amount]:
    """USD a month by line; infinite where a design has no place for so many, or items too large."""
    bill = monthly_bill(monthly_usage(growth, workload, assumptions), prices, region, assumptions)
    has_place = growth.has_place(point_of(workload))
    if np.all(has_place):
        return bill
    return {line: np.where(has_place, usd, np.inf) for line, usd in bill.items()}


def check_supported(name: str, growth: Growth, workload: Workload) -> None:
    """Refuse a workload that a design has no place for.

    Raises
    ------
    ItemTooLarge
        If an item would grow over 400 KB.
    NotSupported
        If there are more participants than the design takes.
    """
    point = point_of(workload)
    if growth.has_place(point):
        return
    largest_bytes = float(growth.largest_item_bytes(point))
    if largest_bytes > ITEM_LIMIT_BYTES:
        raise ItemTooLarge(
            f"under {name} an item would grow to {largest_bytes:,.0f} bytes; at most "
            f"{ITEM_LIMIT_BYTES:,} are allowed: lower text_bytes, messages_per_conversation or "
            "conversations_per_user"
        )
    raise NotSupported(
        name,
        f"{workload.participants:g} participants",
        f"it has places for {growth.most_participants}",
    )


def total(bill: Mapping[str, Amount]) -> Amount:
    """USD a month, all lines together."""
    return sum(bill.values())


def deciding_line(cheaper: Mapping[str, Any], dearer: Mapping[str, Any]) -> tuple[str, float]:
    """The line that sets two bills apart most in the cheaper one's favour, and its USD."""
    gaps = {line: dearer.get(line, 0.0) - usd for line, usd in cheaper.items()}
    line = max(gaps, key=gaps.__getitem__)
    return line, gaps[line]


def bill_lines(bills: Sequence[Mapping[str, Any]]) -> list[str]:
    """The lines that any of the bills has, in their order."""
    return list(dict.fromkeys(line for bill in bills for line in bill))
