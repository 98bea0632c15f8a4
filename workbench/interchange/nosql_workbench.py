"""NoSQL Workbench's model JSON: written as version 3.0, read as 2.0 and 3.0.

Sample data lie in the facets, and in the table itself where it has none. The format has one
attribute for each key, so an index with keys of several is noted in the description, in a line
that is read again. It has no place for streams and local secondary indexes.

Source
------
Models in public repositories: aws-samples/aws-dynamodb-examples, SchemaDesign/SchemaExamples and
schema_design/SchemaExamples; aws-samples/amazon-dynamodb-design-patterns, examples/an-online-shop.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from workbench.capacity.indexes import Item
from workbench.dynamodb.bulk import to_json
from workbench.interchange.model import (
    Facet,
    Model,
    Table,
    key_schema,
    key_types,
    keys_of,
    make_table,
)
from workbench.interchange.parts import CONTENT, Part, attribute_value

VERSIONS = ("2.0", "3.0")
SERVICE = "Amazon DynamoDB"
PROJECTIONS = ("ALL", "KEYS_ONLY", "INCLUDE")
KEY_TYPES = ("S", "N", "B")
NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
SEVERAL_KEYS = re.compile(r"Keys of (\S+) (\S+): (\[\[.*\]\])")
KNOWN = {
    "": {"ModelName", "ModelMetadata", "DataModel"},
    "ModelMetadata": {
        "Author", "DateCreated", "DateLastModified", "Description", "AWSService", "Version",
    },
    "table": {
        "TableName", "KeyAttributes", "NonKeyAttributes", "TableFacets", "GlobalSecondaryIndexes",
        "TableData", "DataAccess", "SampleDataFormats", "BillingMode",
    },
    "index": {"IndexName", "KeyAttributes", "Projection"},
    "facet": {"FacetName", "KeyAttributeAlias", "NonKeyAttributes", "TableData", "DataAccess"},
}  # fmt: skip


class Reading(NamedTuple):
    """A model that was read, and the parts of its file that have no place in it."""

    model: Model
    left_out: tuple[str, ...]


# --- Writing ---------------------------------------------------------------------------------


def write_model(model: Model, now: datetime) -> str:
    """The model as NoSQL Workbench's JSON 3.0, made at this moment."""
    moment = now.strftime("%b %d, %Y, %I:%M %p")
    description = "\n".join([model.description, *_several_keys(model)]).strip("\n")
    document = {
        "ModelName": model.name,
        "ModelMetadata": {
            "Author": model.author,
            "DateCreated": moment,
            "DateLastModified": moment,
            "Description": description,
            "AWSService": SERVICE,
            "Version": "3.0",
        },
        "DataModel": [_written_table(table) for table in model.tables],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def without_place(model: Model) -> list[str]:
    """What of a model NoSQL Workbench's format has no place for, a sentence each."""
    found = [f"{_said(line)}: the tool shows the first of each" for line in _several_keys(model)]
    for table in model.tables:
        if "StreamSpecification" in table.definition:
            view = table.definition["StreamSpecification"].get("StreamViewType", "")
            found.append(f"the stream of {table.name} ({view}) has no place in this format")
        for index in table.definition.get("LocalSecondaryIndexes", ()):
            found.append(f"the local index {index['IndexName']} has no place in this format")
        for name, kind in table.attributes.items():
            if any(kind not in item.get(name, {kind}) for item in table.items):
                found.append(f"{name} of {table.name} has several types, of which {kind} is shown")
    return found


def _said(line: str) -> str:
    [(table, index, keys)] = SEVERAL_KEYS.findall(line)
    return f"index {index} of {table} has keys of several attributes, {keys}, noted in the text"


def _several_keys(model: Model) -> list[str]:
    return [
        f"Keys of {table.name} {index['IndexName']}: {json.dumps(keys_of(index))}"
        for table in model.tables
        for index in table.definition.get("GlobalSecondaryIndexes", ())
        if any(len(key) > 1 for key in keys_of(index))
    ]


def _written_table(table: Table) -> dict[str, Any]:
    types = key_types(table.definition)
    names = {name for key in keys_of(table.definition) for name in key}
    in_facets = {at for facet in table.facets for at in facet.items}
    others = [item for at, item in enumerate(table.items) if at not in in_facets]
    return {
        "TableName": table.name,
        "KeyAttributes": _written_keys(table.definition, types),
        "NonKeyAttributes": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in table.attributes.items()
            if name not in names
        ],
        "TableFacets": [_written_facet(facet, table.items) for facet in table.facets],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index["IndexName"],
                "KeyAttributes": _written_keys(index, types),
                "Projection": index["Projection"],
            }
            for index in table.definition.get("GlobalSecondaryIndexes", ())
        ],
        **({"TableData": _data(others)} if others or not table.facets else {}),
        "DataAccess": {"MySql": {}},
        "BillingMode": "PAY_PER_REQUEST",
    }


def _written_keys(place: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    return {
        role: {"AttributeName": key[0], "AttributeType": types[key[0]]}
        for role, key in zip(("PartitionKey", "SortKey"), keys_of(place), strict=True)
        if key
    }


def _written_facet(facet: Facet, items: tuple[Item, ...]) -> dict[str, Any]:
    alias = {"PartitionKeyAlias": facet.partition_key, "SortKeyAlias": facet.sort_key}
    return {
        "FacetName": facet.name,
        "KeyAttributeAlias": {role: name for role, name in alias.items() if name},
        "TableData": _data(items[at] for at in facet.items),
        "NonKeyAttributes": list(facet.attributes),
        "DataAccess": {"MySql": {}},
    }


def _data(items: Iterable[Item]) -> list[Any]:
    return [json.loads(to_json(item)) for item in items]


# --- Reading ---------------------------------------------------------------------------------


def read_model(content: bytes, file: str) -> Reading:
    """The model in a file that NoSQL Workbench exported.

    Its tables are on demand, and an item that is in several facets is one item.

    Raises
    ------
    BadParameter
        If something in it cannot be read: where it is, what was expected, what is there.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        start = content[:40].decode(errors="replace")
        raise Part(file, "", start).wrong(f"a model in JSON, which it is not ({error})") from error
    root = Part(file, "", document)
    metadata = root.member("ModelMetadata", dict)
    if metadata.text("Version") not in VERSIONS:
        raise metadata.member("Version", str).wrong(f"one of {', '.join(VERSIONS)}")
    if metadata.text("AWSService", default=SERVICE) != SERVICE:
        raise metadata.member("AWSService", str).wrong(f'"{SERVICE}"')
    description = metadata.member("Description", str, default="")
    several = {
        (table, index): Part(file, f"{description.path}, in {line!r}", keys)
        for line in description.value.splitlines()
        for table, index, keys in SEVERAL_KEYS.findall(line)
    }
    tables: dict[str, Table] = {}
    for part in root.elements("DataModel"):
        name = _name(part, "TableName", tables)
        tables[name] = _table(part, name, several)
    if not tables:
        raise root.member("DataModel", list, default=[]).wrong("a list of one table or more")
    lines = description.value.splitlines()
    model = Model(
        root.text("ModelName"),
        "\n".join(line for line in lines if not SEVERAL_KEYS.fullmatch(line)),
        tuple(tables.values()),
        metadata.text("Author", default=""),
    )
    return Reading(model, tuple(_left_out(root)))


def _name(part: Part, member: str, taken: Iterable[str]) -> str:
    name = part.text(member)
    if not NAME.fullmatch(name):
        raise part.member(member, str).wrong("3 to 255 letters, digits, _, - and .")
    if name in taken:
        raise part.member(member, str).wrong("a name that no other one of these has")
    return name


def _table(part: Part, name: str, several: Mapping[tuple[str, str], Part]) -> Table:
    types: dict[str, str] = {}
    keys = _keys(part, types)
    indexes: dict[str, dict[str, Any]] = {}
    index_keys = set()
    for each in part.elements("NonKeyAttributes"):
        _attribute(each, types, tuple(CONTENT))
    for each in part.elements("GlobalSecondaryIndexes"):
        index = _name(each, "IndexName", indexes)
        one = _keys(each, types)
        partition, sort = (
            _all_keys(several[name, index], one, types) if ((name, index) in several) else one
        )
        index_keys |= {*partition, *sort}
        indexes[index] = {
            "IndexName": index,
            "KeySchema": key_schema(partition, sort),
            "Projection": _projection(each),
        }
    all_keys = {*keys[0], *keys[1], *index_keys}
    definition = {
        "AttributeDefinitions": [
            {"AttributeName": each, "AttributeType": types[each]} for each in all_keys
        ],
        "KeySchema": key_schema(*keys),
        "BillingMode": "PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": list(indexes.values())} if indexes else {}),
    }
    samples = _Samples((*keys[0], *keys[1]), {each: types[each] for each in all_keys})
    facets = tuple(_facet(each, samples) for each in part.elements("TableFacets"))
    samples.add(part)
    return make_table(name, definition, tuple(samples.items.values()), facets, types)


def _keys(part: Part, types: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of partition key and sort key; their types are added to those known."""
    keys = part.member("KeyAttributes", dict)
    partition = _attribute(keys.member("PartitionKey", dict), types, KEY_TYPES)
    sort = keys.member("SortKey", dict, default={})
    return (partition,), (_attribute(sort, types, KEY_TYPES),) if sort.value else ()


def _attribute(part: Part, types: dict[str, str], allowed: tuple[str, ...]) -> str:
    name, kind = part.text("AttributeName"), part.member("AttributeType", str)
    if kind.value not in allowed:
        raise kind.wrong(f"one of {', '.join(allowed)}")
    if types.setdefault(name, kind.value) != kind.value:
        raise kind.wrong(f"{types[name]}, the type that {name} has elsewhere in this table")
    return name


def _all_keys(
    noted: Part, one: tuple[tuple[str, ...], tuple[str, ...]], types: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of several attributes, as they are noted in the description."""
    try:
        partition, sort = (tuple(map(str, key)) for key in json.loads(noted.value))
    except (ValueError, TypeError) as error:
        raise noted.wrong("[[partition key attributes], [sort key attributes]]") from error
    kinds = {types.get(name) for name in (*partition, *sort)}
    if (partition[:1], sort[:1]) != one or not kinds <= {*KEY_TYPES}:
        raise noted.wrong("attributes of this table, those first that the index's keys show")
    return partition, sort


def _projection(part: Part) -> dict[str, Any]:
    projection = part.member("Projection", dict, default={"ProjectionType": "ALL"})
    kind = projection.member("ProjectionType", str)
    if kind.value not in PROJECTIONS:
        raise kind.wrong(f"one of {', '.join(PROJECTIONS)}")
    included = _texts(projection, "NonKeyAttributes")
    if (kind.value == "INCLUDE") != bool(included):
        raise projection.wrong("INCLUDE with NonKeyAttributes, or ALL or KEYS_ONLY without")
    return {
        "ProjectionType": kind.value,
        **({"NonKeyAttributes": list(included)} if included else {}),
    }


def _texts(part: Part, name: str) -> tuple[str, ...]:
    for each in part.elements(name):
        if not isinstance(each.value, str):
            raise each.wrong("a text")
    return tuple(each.value for each in part.elements(name))


def _facet(part: Part, samples: "_Samples") -> Facet:
    alias = part.member("KeyAttributeAlias", dict, default={})
    return Facet(
        part.text("FacetName"),
        alias.text("PartitionKeyAlias", default=""),
        alias.text("SortKeyAlias", default=""),
        _texts(part, "NonKeyAttributes"),
        samples.add(part),
    )


class _Samples:
    """The sample items of a table by their keys, of which facets may show parts."""

    def __init__(self, key_names: tuple[str, ...], key_types: Mapping[str, str]) -> None:
        self._key_names, self._key_types = key_names, key_types
        self.items: dict[str, dict[str, Any]] = {}

    def add(self, part: Part) -> tuple[int, ...]:
        """Add the TableData of a facet or table; which items these are."""
        return tuple(self._add(each) for each in part.elements("TableData"))

    def _add(self, part: Part) -> int:
        values = {name: (each, attribute_value(each)) for name, each in part.members()}
        for name in self._key_names:
            if name not in values:
                raise part.wrong(f"an item with all key attributes, and {name} is missing")
        for name, kind in self._key_types.items():
            if name in values and (kind not in values[name][1] or not values[name][1][kind]):
                raise values[name][0].wrong(f"of type {kind} and not empty, as it is a key")
        key = to_json({name: values[name][1] for name in self._key_names})
        there = self.items.setdefault(key, {})
        for name, (each, value) in values.items():
            if there.setdefault(name, value) != value:
                raise each.wrong(f"as in the item that has the same key, {key}")
        return list(self.items).index(key)


def _left_out(root: Part) -> Iterator[str]:
    """Members of the file that nothing here stands for, by their paths."""
    yield from _unknown(root, "")
    yield from _unknown(root.member("ModelMetadata", dict), "ModelMetadata")
    for table in root.elements("DataModel"):
        yield from _unknown(table, "table")
        for member, kind in (("GlobalSecondaryIndexes", "index"), ("TableFacets", "facet")):
            for each in table.elements(member):
                yield from _unknown(each, kind)
        if table.text("BillingMode", default="PAY_PER_REQUEST") != "PAY_PER_REQUEST":
            yield f"{table.path}.BillingMode (tables are on demand here)"


def _unknown(part: Part, kind: str) -> Iterator[str]:
    yield from (each.path for name, each in part.members() if name not in KNOWN[kind])
