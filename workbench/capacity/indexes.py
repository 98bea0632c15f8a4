"""What a table's indexes hold, and what a write to the table writes to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench.capacity.item_size import item_size_bytes

Item = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Index:
    """A secondary index: its key attributes, up to eight, and what it projects besides."""

    name: str
    key: tuple[str, ...]
    projection: str  # ALL, KEYS_ONLY or INCLUDE
    included: tuple[str, ...] = ()
    is_local: bool = False


@dataclass(frozen=True)
class Schema:
    """The keys of a table and its indexes."""

    key: tuple[str, ...]
    indexes: tuple[Index, ...] = ()

    def index(self, name: str) -> Index:
        """The index of this name."""
        return next(index for index in self.indexes if index.name == name)

    def key_of(self, item: Item) -> Item:
        """The primary key of an item."""
        return {name: item[name] for name in self.key}

    def entry(self, index: Index, item: Item | None) -> Item | None:
        """What the index holds of an item: None unless it has every key attribute (sparse).

        Source
        ------
        DynamoDB Developer Guide, "Using Global Secondary Indexes", "Attribute projections".
        """
        if item is None or not all(name in item for name in index.key):
            return None
        if index.projection == "ALL":
            return item
        kept = {*self.key, *index.key, *index.included}
        return {name: value for name, value in item.items() if name in kept}


def read_schema(description: Mapping[str, Any]) -> Schema:
    """The schema in the arguments of CreateTable, or in the answer of DescribeTable."""
    return Schema(
        key=_key_names(description),
        indexes=tuple(
            Index(
                name=index["IndexName"],
                key=_key_names(index),
                projection=index["Projection"]["ProjectionType"],
                included=tuple(index["Projection"].get("NonKeyAttributes", ())),
                is_local=kind == "LocalSecondaryIndexes",
            )
            for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for index in description.get(kind, ())
        ),
    )


def index_writes(
    schema: Schema, old: Item | None, new: Item | None
) -> Iterator[tuple[Index, int, int]]:
    """(index, bytes before, bytes after) of each write that a change of one item causes.

    None where the entry stays as it is; one where it appears, goes, or changes but for its key;
    two where its key changes, for that is a deletion and a put.

    Source
    ------
    DynamoDB Developer Guide, "Using Global Secondary Indexes", "Write capacity units"; an entry
    that is put again as it was is not written: captures by nubo-db/dynoxide, August 2026.
    """
    for index in schema.indexes:
        before, after = schema.entry(index, old), schema.entry(index, new)
        if before is not None and after is not None:
            if same_item(before, after):
                continue
            if any(not same_value(before[name], after[name]) for name in index.key):
                yield index, item_size_bytes(before), 0
                yield index, 0, item_size_bytes(after)
                continue
        elif before is None and after is None:
            continue
        yield index, size_or_zero(before), size_or_zero(after)


def size_or_zero(item: Item | None) -> int:
    """Bytes of an item, 0 where there is none."""
    return 0 if item is None else item_size_bytes(item)


def same_item(one: Item, other: Item) -> bool:
    """Whether two items are equal for DynamoDB."""
    return one.keys() == other.keys() and all(same_value(one[k], other[k]) for k in one)


def same_value(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two values are equal: sets in any order, numbers however they are written."""
    return bool(_comparable(one) == _comparable(other))


def _comparable(value: Mapping[str, Any]) -> Any:
    [(kind, content)] = value.items()
    match kind:
        case "N":
            return kind, Decimal(content)
        case "NS":
            return kind, frozenset(map(Decimal, content))
        case "SS" | "BS":
            return kind, frozenset(map(_bytes_or_text, content))
        case "L":
            return kind, [_comparable(element) for element in content]
        case "M":
            return kind, {name: _comparable(element) for name, element in content.items()}
    return kind, _bytes_or_text(content)


def _bytes_or_text(content: Any) -> Any:
    return bytes(content) if isinstance(content, bytearray) else content


def _key_names(description: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(element["AttributeName"] for element in description["KeySchema"])
