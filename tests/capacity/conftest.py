"""Items in the API's own form, of exact sizes."""

from typing import Any

from workbench.capacity.item_size import item_size_bytes


def texts(**values: str) -> dict[str, Any]:
    """An item of these text attributes, with the partition key `p`."""
    return {"pk": {"S": "p"}, **{name: {"S": value} for name, value in values.items()}}


def item(size_bytes: int, **values: str) -> dict[str, Any]:
    """An item of exactly this size: `texts` and a filler."""
    bare = texts(**values, filler="")
    return bare | {"filler": {"S": "x" * (size_bytes - item_size_bytes(bare))}}
