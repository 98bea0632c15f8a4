"""Items as a card shows them: their types, and the item collections in which they lie."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from workbench.capacity.indexes import Item
from workbench.capacity.item_size import item_size_bytes
from workbench.cards.card import TABLE, Collection, Entry, ItemType, Place
from workbench.cards.labels import Labels

MOST_COLLECTIONS = 2  # of each shape of partition key
MOST_ENTRIES = 4
Items = list[Item]


class Kinds:
    """Items sorted by type: the shape of their keys, and attributes of which one has them all."""

    def __init__(self, labels: Labels, key_names: tuple[str, ...]) -> None:
        self.labels, self.key_names = labels, key_names
        self._kinds: list[tuple[str, Items]] = []
        self._number_of: dict[tuple[str, ...], int] = {}

    def sort(self, items: Items) -> None:
        """Give each item a type; one with more attributes comes before its like with less."""
        for item in sorted(
            items, key=lambda each: (-len(each), str(sorted(self.labels.values(each).items())))
        ):
            keys = ", ".join(f"{name} {self.labels.shape(item[name])}" for name in self.key_names)
            fitting = (
                number
                for number, (shape, alike) in enumerate(self._kinds)
                if shape == keys and item.keys() <= alike[0].keys()
            )
            number = next(fitting, len(self._kinds))
            if number == len(self._kinds):
                self._kinds.append((keys, []))
            self._kinds[number][1].append(item)
            self._number_of[self._key(item)] = number + 1

    def type_of(self, entry: Item) -> int:
        """The type's number of the item that an entry of the table or an index shows."""
        return self._number_of[self._key(entry)]

    def types(self) -> Iterator[ItemType]:
        """All types, the one with the most attributes first."""
        for number, (keys, items) in enumerate(self._kinds, start=1):
            example, *others = items
            yield ItemType(
                number,
                keys,
                len(items),
                item_size_bytes(example),
                self.labels.values(_keys_first(example, self.key_names)),
                tuple(name for name in example if any(name not in each for each in others)),
            )

    def _key(self, item: Item) -> tuple[str, ...]:
        return tuple(repr(item[name]) for name in self.key_names)


def _keys_first(item: Item, key_names: tuple[str, ...]) -> Item:
    return {name: item[name] for name in (*key_names, *sorted(item.keys() - set(key_names)))}


def indexes_of(definition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Definitions of all secondary indexes, in the arguments of CreateTable."""
    kinds = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    return [index for kind in kinds for index in definition.get(kind, ())]


def places_of(
    definition: Mapping[str, Any], held: Mapping[str | None, Items], kinds: Kinds
) -> Iterator[Place]:
    """The table and its indexes, given what each holds."""
    for place in (definition, *indexes_of(definition)):
        key = {
            kind: tuple(e["AttributeName"] for e in place["KeySchema"] if e["KeyType"] == kind)
            for kind in ("HASH", "RANGE")
        }
        projection = place.get("Projection", {})
        included = " ".join(projection.get("NonKeyAttributes", ()))
        collections = _collections(held[place.get("IndexName")], key["HASH"], key["RANGE"], kinds)
        alike = itertools.groupby(collections, key=lambda each: each[0])
        drawn = [each for _, some in alike for _, each in itertools.islice(some, MOST_COLLECTIONS)]
        yield Place(
            place.get("IndexName", TABLE),
            key["HASH"],
            key["RANGE"],
            f"{projection.get('ProjectionType', '')} {included}".strip(),
            tuple(drawn),
            len(collections) - len(drawn),
        )


def _collections(
    items: Items, partition: tuple[str, ...], sort: tuple[str, ...], kinds: Kinds
) -> list[tuple[str, Collection]]:
    """All item collections, each with the shape of its partition key."""
    labels = kinds.labels
    found: dict[tuple[str, str], Items] = defaultdict(list)
    for item in sorted(items, key=lambda item: [_order(item[name]) for name in sort]):
        shape = " | ".join(labels.shape(item[name]) for name in partition)
        found[shape, _joined(labels, item, partition)].append(item)
    return [
        (shape, Collection(
            partition_key,
            tuple(
                Entry(
                    _joined(labels, item, sort),
                    kinds.type_of(item),
                    {n: labels.brief(item[n]) for n in sorted(item.keys() - {*partition, *sort})},
                )
                for item in held[:MOST_ENTRIES]
            ),
            len(held[MOST_ENTRIES:]),
        ))
        for (shape, partition_key), held in sorted(found.items())
    ]  # fmt: skip


def _joined(labels: Labels, item: Item, names: tuple[str, ...]) -> str:
    return " | ".join(labels.brief(item[name]) for name in names)


def _order(value: Mapping[str, Any]) -> Any:
    """How DynamoDB orders key values: numbers by size, texts by their bytes."""
    [(kind, content)] = value.items()
    return Decimal(content) if kind == "N" else content.encode() if kind == "S" else bytes(content)
