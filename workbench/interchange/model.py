"""A data model as a plain value, and the one that a design was seen to have.

A few users talk through the design on a table of its own, as for its card; the items which that
leaves are the model's sample data, and the requests its access patterns.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from workbench.capacity.indexes import Item, read_schema
from workbench.cards.items import Kinds, indexes_of
from workbench.cards.scenario import Scenario
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items, to_json
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.trials.trial import open_trial

Request = tuple[str, Mapping[str, Any]]  # an operation and its parameters
RANDOM_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Facet:
    """Items of a table that are shown together, what their keys mean, and their attributes."""

    name: str
    partition_key: str
    sort_key: str
    attributes: tuple[str, ...]
    items: tuple[int, ...]  # which of the table's


@dataclass(frozen=True)
class Table:
    """The arguments of CreateTable without the name, types of attributes, sample items, facets."""

    name: str
    definition: Mapping[str, Any]
    attributes: Mapping[str, str]
    items: tuple[Item, ...] = ()
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True)
class Pattern:
    """One call of an access pattern: the requests it sent, or the reason that it sent none."""

    letter: str
    description: str
    requests: tuple[Request, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Model:
    """Tables, and, where they were seen, the access patterns on them."""

    name: str
    description: str
    tables: tuple[Table, ...]
    author: str = ""
    patterns: tuple[Pattern, ...] = ()


# --- Parts of a definition -------------------------------------------------------------------


def keys_of(place: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the partition key's and the sort key's attributes, of a table or an index."""
    partition, sort = (
        tuple(each["AttributeName"] for each in place["KeySchema"] if each["KeyType"] == kind)
        for kind in ("HASH", "RANGE")
    )
    return partition, sort


def key_schema(partition: tuple[str, ...], sort: tuple[str, ...]) -> list[dict[str, str]]:
    """The KeySchema of these attributes."""
    kinds = [*((name, "HASH") for name in partition), *((name, "RANGE") for name in sort)]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]


def key_types(definition: Mapping[str, Any]) -> dict[str, str]:
    """Types of all key attributes, those of the table first, then in the order of the indexes."""
    types = {
        each["AttributeName"]: each["AttributeType"] for each in definition["AttributeDefinitions"]
    }
    places = [definition, *indexes_of(definition)]
    return {name: types[name] for place in places for keys in keys_of(place) for name in keys}


def make_table(
    name: str,
    definition: Mapping[str, Any],
    items: tuple[Item, ...],
    facets: tuple[Facet, ...] = (),
    declared: Mapping[str, str] | None = None,
) -> Table:
    """A table whose attributes are the declared ones, then those of its keys and its items."""
    types = key_types(definition)
    definitions = [{"AttributeName": each, "AttributeType": types[each]} for each in types]
    attributes = {**types, **(declared or {})}
    for item in items:
        for each, [kind] in item.items():
            attributes.setdefault(each, kind)
    return Table(
        name, {**definition, "AttributeDefinitions": definitions}, attributes, items, facets
    )


# --- A design's model ------------------------------------------------------------------------


def model_of(design: type[Design], target: Target) -> Model:
    """The model of a design: its table, the items and requests of a small scenario."""
    definition = design.table_definition
    key_names = read_schema(definition).key
    with open_trial(design, target) as trial:
        scenario = Scenario(trial)
        scenario.play()
        kinds = Kinds(scenario.labels, key_names)
        items = [_keys_first(item, key_names) for item in all_items(trial.client, trial.table_name)]
        kinds.sort(items)
    name = design.name.ljust(3, "_")  # a table's name has three characters or more
    renamed = _Renaming({trial.table_name: name})
    patterns = tuple(_patterns(scenario, renamed))
    items.sort(key=lambda item: (kinds.type_of(item), renamed.masked(to_json(item))))
    table = make_table(
        name,
        definition,
        tuple(renamed(item) for item in items),
        tuple(_facets(scenario, kinds, items, key_names)),
    )
    return Model(design.name, design.summary, (table,), patterns=patterns)


def _keys_first(item: Item, key_names: tuple[str, ...]) -> Item:
    return {name: item[name] for name in (*key_names, *sorted(item.keys() - {*key_names}))}


class _Renaming:
    """Puts what is the same each time in the place of random UUIDs, and of other names given."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def __call__(self, value: Any) -> Any:
        """The value with that, and with sets, which have no order of their own, in one."""
        match value:
            case str():
                return self._text(value)
            case dict():
                return {self._text(name): self._member(name, value[name]) for name in value}
            case list():
                return [self(each) for each in value]
        return value

    def _member(self, name: str, value: Any) -> Any:
        is_set = name in ("SS", "NS", "BS") and isinstance(value, list)
        return sorted(map(self, sorted(value))) if is_set else self(value)

    def _text(self, text: str) -> str:
        for found in RANDOM_UUID.findall(text):
            number = len(self._names)
            self._names.setdefault(found, str(uuid.uuid5(uuid.NAMESPACE_OID, f"sample {number}")))
        for old, new in self._names.items():
            text = text.replace(old, new)
        return text

    def masked(self, text: str) -> str:
        """The text, with a blank for each UUID that has no place yet."""
        return RANDOM_UUID.sub(lambda found: self._names.get(found[0], ""), text)


def _patterns(scenario: Scenario, renamed: Callable[[Any], Any]) -> Iterator[Pattern]:
    """All calls in the order of their letters, their requests as they were sent, and refusals."""
    played = [
        Pattern(
            each.pattern,
            f"{ACCESS_PATTERNS[each.pattern]}: {each.method}",
            tuple((operation, renamed(given)) for operation, given in each.usage.requests),
        )
        for each in scenario.watched
    ]
    refused = [
        Pattern(letter, ACCESS_PATTERNS[letter], reason=f"not supported: {why}")
        for letter, why in scenario.unsupported.items()
    ]
    yield from sorted([*played, *refused], key=lambda each: each.letter)


def _facets(
    scenario: Scenario, kinds: Kinds, items: list[Item], key_names: tuple[str, ...]
) -> Iterator[Facet]:
    """One for each item type that the card tells apart, by the shape of its keys."""
    for each in kinds.types():
        held = tuple(at for at, item in enumerate(items) if kinds.type_of(item) == each.number)
        shape = partial(_shape, scenario, items[held[0]])
        partition_key, sort_key = shape(key_names[0]), "".join(map(shape, key_names[1:]))
        words = " ".join(re.findall(r"\w+", partition_key))
        attributes = tuple(name for name in each.example if name not in key_names)
        yield Facet(f"{each.number} {words}", partition_key, sort_key, attributes, held)


def _shape(scenario: Scenario, item: Item, name: str) -> str:
    return scenario.labels.shape(item[name])
