"""NoSQL Workbench's JSON: what is written is read again, and what cannot be read is named."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.interchange.conftest import content, document
from workbench.designs import DESIGNS
from workbench.errors import BadParameter
from workbench.interchange.model import Model, key_types, keys_of, make_table
from workbench.interchange.nosql_workbench import Reading, read_model, without_place, write_model

NOW = datetime(2026, 3, 1, 12)


def again(model: Model) -> Reading:
    return read_model(write_model(model, NOW).encode(), "again.json")


def without_stream(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part, value in definition.items() if part != "StreamSpecification"}


@pytest.mark.local
@pytest.mark.parametrize("name", [design.name for design in DESIGNS])
def test_designs_model_is_read_again_but_for_its_stream(
    models: Mapping[str, Model], name: str
) -> None:
    model = models[name]
    [table] = model.tables

    found = again(model)

    expected = replace(table, definition=without_stream(table.definition))
    assert found == (replace(model, tables=(expected,), patterns=()), ())
    assert f"the stream of {name} (NEW_IMAGE) has no place in this format" in without_place(model)
    assert sorted(at for facet in table.facets for at in facet.items) == [*range(len(table.items))]


@pytest.mark.local
def test_keys_of_several_attributes_are_noted(models: Mapping[str, Model]) -> None:
    model = models["multikey"]

    written = json.loads(write_model(model, NOW))

    [index] = written["DataModel"][0]["GlobalSecondaryIndexes"]
    assert index["KeyAttributes"]["PartitionKey"]["AttributeName"] == "owner_uuid"
    assert "Keys of multikey inbox-index: [[" in written["ModelMetadata"]["Description"]
    assert "inbox-index of multikey has keys of several attributes" in without_place(model)[0]


@pytest.mark.parametrize("name", ["library_2_0", "kitchen_3_0"])
def test_model_of_a_file_is_read_again(name: str) -> None:
    model = read_model(content(name), name).model

    assert again(model) == (model, ())


def test_version_2_is_read() -> None:
    model, left_out = read_model(content("library_2_0"), "library.json")

    loans, branches = model.tables
    assert (model.name, model.author, left_out) == ("Library", "a librarian", ())
    assert keys_of(loans.definition) == (("book",), ("entry",))
    assert keys_of(branches.definition) == (("number",), ())
    [index] = loans.definition["GlobalSecondaryIndexes"]
    assert keys_of(index) == (("member",), ("due-day",))
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}
    assert key_types(loans.definition)["due-day"] == "N"
    assert loans.attributes["cover"] == "B"
    assert loans.items[0]["cover"] == {"B": b"\x00\x01\x02\xff"}
    assert len(branches.items) == 2


def test_item_in_two_facets_is_one_item() -> None:
    loans = read_model(content("library_2_0"), "library.json").model.tables[0]

    assert [facet.items for facet in loans.facets] == [(0,), (1, 2), (2,)]
    assert len(loans.items) == 3


def test_plain_values_in_maps_are_given_types() -> None:
    [table] = read_model(content("kitchen_3_0"), "kitchen.json").model.tables

    assert table.items[0]["steps"]["M"] == {
        "minutes": {"N": "45"},
        "salt": {"N": "2.5"},
        "is_hot": {"BOOL": True},
        "note": {"NULL": True},
        "tools": {"L": [{"S": "pot"}, {"S": "spoon"}]},
        "cook": {"M": {"name": {"S": "Di"}, "age": {"N": "61"}}},
        "M": {"M": {"HP": {"N": "50"}}},
    }


def test_what_has_no_place_is_listed_and_the_rest_is_read() -> None:
    kitchen = document("kitchen_3_0")
    kitchen["DataModel"][0]["Colour"] = "red"

    found = read_model(json.dumps(kitchen).encode(), "kitchen.json")

    assert found.left_out == (
        "DataModel[0].ProvisionedCapacitySettings",
        "DataModel[0].Colour",
        "DataModel[0].BillingMode (tables are on demand here)",
    )
    assert found.model.tables[0].definition["BillingMode"] == "PAY_PER_REQUEST"


def test_local_indexes_and_second_types_are_told_when_written() -> None:
    definition = {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "at")
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by-time",
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
    items = tuple({"pk": {"S": "1"}, "sk": {"S": kind}, "v": {kind: "1"}} for kind in "SN")
    model = Model("mine", "", (make_table("mine", definition, items),))

    assert without_place(model) == [
        "the local index by-time has no place in this format",
        "v of mine has several types, of which S is shown",
    ]


# --- What cannot be read ---------------------------------------------------------------------

LOANS, BRANCHES = ("DataModel", 0), ("DataModel", 1)
BOOK = (*LOANS, "TableFacets", 0, "TableData", 0)
INDEX = (*LOANS, "GlobalSecondaryIndexes", 0)
GONE = object()


@pytest.mark.parametrize(
    ("place", "put", "told"),
    [
        (("ModelMetadata",), GONE, "ModelMetadata must be an object; mend it there, or export"),
        (("ModelMetadata", "Version"), "1.0", 'Version must be one of 2.0, 3.0; .* (got "1.0")'),
        (("ModelMetadata", "AWSService"), "Amazon Keyspaces", 'must be "Amazon DynamoDB"'),
        (("DataModel",), {}, "DataModel must be a list"),
        (("DataModel",), [], "DataModel must be a list of one table or more"),
        (LOANS, "Loans", "DataModel[0] must be an object"),
        ((*LOANS, "TableName"), "my table", "DataModel[0].TableName must be 3 to 255 letters"),
        ((*BRANCHES, "TableName"), "Loans", "DataModel[1].TableName must be a name that no other"),
        ((*LOANS, "KeyAttributes"), None, "DataModel[0].KeyAttributes must be an object"),
        (
            (*LOANS, "KeyAttributes", "PartitionKey"),
            GONE,
            "DataModel[0].KeyAttributes.PartitionKey must be an object; .* (got nothing)",
        ),
        (
            (*LOANS, "KeyAttributes", "SortKey", "AttributeType"),
            "M",
            "SortKey.AttributeType must be one of S, N, B; .* (got \"M\")",
        ),
        (
            (*LOANS, "NonKeyAttributes", 0, "AttributeType"),
            "String",
            "NonKeyAttributes[0].AttributeType must be one of S, N, B, BOOL, NULL, L, M, SS, NS",
        ),
        (
            (*INDEX, "KeyAttributes", "PartitionKey", "AttributeType"),
            "N",
            "must be S, the type that member has elsewhere in this table",
        ),
        ((*INDEX, "Projection", "ProjectionType"), "SOME", "one of ALL, KEYS_ONLY, INCLUDE"),
        (
            (*INDEX, "Projection", "NonKeyAttributes"),
            [],
            "Projection must be INCLUDE with NonKeyAttributes, or ALL or KEYS_ONLY without",
        ),
        ((*BOOK, "entry"), GONE, "TableData[0] must be an item with all key attributes, and entry"),
        ((*BOOK, "entry", "S"), "", "TableData[0].entry must be of type S and not empty"),
        ((*BOOK, "entry"), {"N": "5"}, "entry must be of type S and not empty, as it is a key"),
        ((*BOOK, "title"), "Graphs", 'title must be an object with a type and a value, such as'),
        ((*BOOK, "title"), {"T": "x"}, "TableData[0].title must be an object with a type"),
        ((*BOOK, "\x1b[2J"), 5, "TableData[0].'\\x1b[2J' must be an object with a type"),
        ((*BOOK, "title", "S"), 5, "TableData[0].title.S must be a text"),
        ((*BOOK, "is_rare", "BOOL"), "yes", "is_rare.BOOL must be true or false"),
        ((*BOOK, "authors", "SS"), [], "authors.SS must be a set of one value or more"),
        ((*BOOK, "authors", "SS", 1), 5, "authors.SS[1] must be a text"),
        ((*BOOK, "cover", "B"), "%%%", "cover.B must be bytes in base64"),
        ((*BOOK, "editions", "L", 0, "N"), "old", "editions.L[0].N must be a number, as text"),
        ((*BOOK, "shelf", "M", "gone", "NULL"), False, "shelf.M.gone.NULL must be true"),
        (
            (*LOANS, "TableFacets", 2, "TableData", 0, "member"),
            {"S": "m2"},
            'TableData[0].member must be as in the item that has the same key, {"book": {"S": "B',
        ),
        (
            ("ModelMetadata", "Description"),
            'Keys of Loans by-member: [["member", "colour"], ["due-day"]]',
            "Description, in 'Keys of .* must be attributes of this table, those first that the",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(
    place: tuple[str | int, ...], put: Any, told: str
) -> None:
    library = document("library_2_0")
    inner: Any = library
    for name in place[:-1]:
        inner = inner[name]
    if put is GONE:
        del inner[place[-1]]
    else:
        inner[place[-1]] = put

    with pytest.raises(BadParameter) as raised:
        read_model(json.dumps(library).encode(), "library.json")

    message, at = str(raised.value), 0
    assert message.startswith("library.json: ")
    for part in told.split(" .* "):
        assert part in message[at:], message
        at = message.index(part, at)
    assert "export the model from NoSQL Workbench anew" in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "must be a model in JSON, which it is not (Expecting value: line 1"),
        (b"\xff\xfe", "must be a model in JSON"),
        (b"[" * 100_000, "must be a model in JSON"),
        (b"[]", "broken.json must be an object"),
        (b'{"Resources": {}}', "broken.json: ModelMetadata must be an object"),
    ],
)  # fmt: skip
def test_file_that_holds_no_model_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadParameter) as raised:
        read_model(content, "broken.json")

    assert told in str(raised.value)
