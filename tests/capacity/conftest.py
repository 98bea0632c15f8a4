"""Items in the API's own form, of exact sizes, and a table with an index of each kind."""

from collections.abc import Iterable
from typing import Any

from workbench.capacity.indexes import Index, Schema
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import Charge

GLOBAL = Index("global", ("g",), "KEYS_ONLY")
LOCAL = Index("local", ("pk", "l"), "KEYS_ONLY", is_local=True)
SCHEMA = Schema(("pk", "sk"), (GLOBAL, LOCAL))


def texts(**values: str) -> dict[str, Any]:
    """An item of these text attributes, with the partition key `p`."""
    return {"pk": {"S": "p"}, **{name: {"S": value} for name, value in values.items()}}


def item(size_bytes: int, **values: str) -> dict[str, Any]:
    """An item of exactly this size: `texts` and a filler."""
    bare = texts(**values, filler="")
    return bare | {"filler": {"S": "x" * (size_bytes - item_size_bytes(bare))}}


def schema_of(_: str) -> Schema:
    return SCHEMA


def by_arm(charges: Iterable[Charge]) -> dict[str | None, float]:
    """Units of the table (None) and of each index."""
    arms: dict[str | None, float] = {}
    for charge in charges:
        arms[charge.index] = arms.get(charge.index, 0) + charge.units
    return {index: units for index, units in arms.items() if units}
