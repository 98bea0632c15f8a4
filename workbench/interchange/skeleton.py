"""A Python file for a model that was read: its tables, its sample data, and reads to be written.

Names and texts of the model come from somebody's file: they go into strings and comments as they
are, and never become code.
"""

import json
import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.cards.items import indexes_of
from workbench.interchange.model import Model, Table, keys_of

WIDTH = 100
PYTHON_TYPES = {"S": "str", "N": "int", "B": "bytes"}
CODE = '''\
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.dynamodb.targets import Target
from workbench.interchange.loading import load_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Mapping[str, Any]]

# --- Keys: the arguments of CreateTable, without the name -------------------------------------

{tables}

# --- Sample data ------------------------------------------------------------------------------

{samples}


def load(target: Target) -> dict[str, int]:
    """Make the tables on a target, and put the sample items; how many each was given."""
    return load_tables(target, TABLES, SAMPLES)


# --- Reads ------------------------------------------------------------------------------------
# What the keys allow. Which of them does the application ask for? Write those, delete the others.
'''
READ = '''

def {signature}:
    """{text}"""
    raise NotImplementedError
'''


def write_skeleton(model: Model, source: str) -> str:
    """The file's text; the source is what its model was read from."""
    tables = {table.name: table.definition for table in model.tables}
    samples = {table.name: [*table.items] for table in model.tables}
    code = CODE.format(
        tables=_constant("TABLES: dict[str, dict[str, Any]]", tables),
        samples=_constant("SAMPLES: dict[str, list[Item]]", samples),
    )
    head = "\n".join(_head(model, source))
    reads = "".join(_reads(model))
    return f'"""{_escaped(head)}\n"""\n\n{code}{reads}'


def _constant(name: str, value: Any) -> str:
    return f"{name} = {_literal(value, 0, len(name) + 3)}"


def _literal(value: Any, indent: int, column: int) -> str:
    """A literal that begins in a column: on one line if it fits, else a line for each member."""
    flat = _flat(value)
    if column + len(flat) < WIDTH or not value or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 4)
    if isinstance(value, dict):
        named = [(f"{pad}{_flat(name)}: ", each) for name, each in value.items()]
    else:
        named = [(pad, each) for each in value]
    lines = [f"{start}{_literal(each, indent + 4, len(start) + 1)},\n" for start, each in named]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _flat(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_flat(name)}: {_flat(value[name])}" for name in value) + "}"
        case list():
            return "[" + ", ".join(map(_flat, value)) + "]"
        case str() if value.isprintable():
            return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _escaped(text: str) -> str:
    """Text for between three double quotes, whatever is in it."""
    printable = "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"')


def _head(model: Model, source: str) -> Iterator[str]:
    yield f"{model.name}: a model from {source}, to be made a design of."
    if model.description:
        yield from ("", *textwrap.wrap(model.description, WIDTH))
    yield from ("", f"    {'table, index':<32}  {'partition key':<30}  sort key")
    for table in model.tables:
        for place in (table.definition, *indexes_of(table.definition)):
            name = f"  {place['IndexName']}" if "IndexName" in place else table.name
            partition, sort = (", ".join(key) for key in keys_of(place))
            yield f"    {name:<32}  {partition:<30}  {sort}".rstrip()
    if any(table.facets for table in model.tables):
        yield from ("", f"    {'item type':<32}  {'partition key':<30}  sort key")
    for table in model.tables:
        for facet in table.facets:
            yield f"    {facet.name:<32}  {facet.partition_key:<30}  {facet.sort_key}".rstrip()
            indent = " " * 6
            yield from textwrap.wrap(
                ", ".join(facet.attributes),
                WIDTH - 4,
                initial_indent=indent,
                subsequent_indent=indent,
            )


def _reads(model: Model) -> Iterator[str]:
    """A function for each table's key and each item collection, that is still to be written."""
    taken: set[str] = set()
    for table in model.tables:
        partition, sort = keys_of(table.definition)
        yield _read(f"get {table.name}", (partition, sort), table, "Item | None", taken)
        if sort:
            yield _read(f"list {table.name}", (partition, sort), table, "list[Item]", taken)
        for index in indexes_of(table.definition):
            name = f"list {table.name} by {index['IndexName']}"
            yield _read(name, keys_of(index), table, "list[Item]", taken, index)


def _read(
    name: str,
    key: tuple[tuple[str, ...], tuple[str, ...]],
    table: Table,
    answer: str,
    taken: set[str],
    index: Mapping[str, Any] | None = None,
) -> str:
    partition, sort = key
    names = [*partition, *sort] if answer != "list[Item]" else [*partition]
    given: set[str] = {"client"}
    kinds = [PYTHON_TYPES[table.attributes[each]] for each in names]
    arguments = ", ".join(
        f"{_identifier(each, given)}: {kind}" for each, kind in zip(names, kinds, strict=True)
    )
    where = f"the index {index['IndexName']} of {table.name}" if index else table.name
    condition = " and ".join(f"{each} = ..." for each in names)
    order = f", in the order of {', '.join(sort)}" if sort and answer == "list[Item]" else ""
    text = f"All items of {where} where {condition}{order}."
    if answer != "list[Item]":
        text = f"The item of {where} where {condition}, or None."
    function = _identifier(name, taken)
    arguments = f'client: "DynamoDBClient", {arguments}'
    signature = f"{function}({arguments}) -> {answer}"
    if len(signature) > WIDTH - len("def :"):
        signature = f"{function}(\n    {arguments}\n) -> {answer}"
    lines = textwrap.wrap(text, WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    return READ.format(signature=signature, text=_escaped("\n    ".join(lines)))


def _identifier(text: str, taken: set[str]) -> str:
    """A name for Python made of a text, and another one for each."""
    name = "_".join(re.findall("[a-z0-9]+", text.lower())) or "value"
    if name[0].isdigit() or keyword.iskeyword(name):
        name = f"_{name}"
    free = next(
        each for each in (name, *(f"{name}_{n}" for n in range(2, 9999))) if each not in taken
    )
    taken.add(free)
    return free
