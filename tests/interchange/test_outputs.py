"""The template, AWS's model, the Python file, and tables that are really made of them."""

import ast
import json
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from tests.interchange.conftest import content
from workbench.designs import DESIGNS, Dual
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter
from workbench.interchange import aws_model, cloudformation
from workbench.interchange.loading import load_tables
from workbench.interchange.model import Facet, Model, make_table, model_of
from workbench.interchange.nosql_workbench import read_model
from workbench.interchange.skeleton import write_skeleton
from workbench.messaging.access_patterns import ACCESS_PATTERNS

NAMES = [design.name for design in DESIGNS]


def library() -> Model:
    return read_model(content("library_2_0"), "library.json").model


@pytest.mark.local
def test_same_design_gives_the_same_model(models: Mapping[str, Model], target: Target) -> None:
    assert model_of(Dual, target) == models["dual"]


# --- CloudFormation --------------------------------------------------------------------------


@pytest.mark.local
@pytest.mark.process
def test_templates_pass_cfn_lint(models: Mapping[str, Model], tmp_path: Path) -> None:
    for model in (*models.values(), library()):
        (tmp_path / f"{model.name}.json").write_text(cloudformation.write_template(model))

    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [linter, "--include-checks", "I", "--", *tmp_path.glob("*.json")],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.local
def test_template_declares_keys_indexes_and_stream(models: Mapping[str, Model]) -> None:
    template = json.loads(cloudformation.write_template(models["dual"]))

    properties = template["Resources"]["Table1Dual"]["Properties"]
    stream = {"StreamEnabled": True, **properties["StreamSpecification"]}
    assert {**properties, "StreamSpecification": stream} == Dual.table_definition


# --- AWS's model -----------------------------------------------------------------------------


def request(command: str) -> tuple[str, dict[str, Any]]:
    """The method of boto3's client and its arguments that an AWS CLI command stands for."""
    _, service, operation, *options = shlex.split(command)
    assert service == "dynamodb"
    values: dict[str, Any] = {}
    for option in options:
        if option.startswith("--"):
            is_off = option.startswith("--no-")
            words = option.removeprefix("--").removeprefix("no-" if is_off else "")
            last = "".join(word.title() for word in words.split("-"))
            values[last] = not is_off
        else:
            values[last] = json.loads(option) if option[0] in "{[0123456789" else option
    return operation.replace("-", "_"), values


@pytest.mark.local
@pytest.mark.parametrize("name", NAMES)
def test_aws_model_holds_all_patterns_and_its_reads_run(
    models: Mapping[str, Model], name: str, target: Target
) -> None:
    client = target.client()
    found = json.loads(aws_model.write_model(models[name]))

    for table in found["tables"]:
        client.create_table(**table)
    for table, puts in found["items"].items():
        for put in puts:
            client.put_item(TableName=table, **put["PutRequest"])
    assert {entry["pattern"] for entry in found["access_patterns"]} == {*ACCESS_PATTERNS}
    for entry in found["access_patterns"]:
        if "reason" in entry:
            assert entry["reason"].startswith("not supported: ")
            continue
        operation, values = request(entry["implementation"])
        assert operation == xform_name(entry["dynamodb_operation"])
        assert values.get("TableName", name) == entry["table"] == name
        assert values.get("IndexName") == entry.get("index")
        if operation in ("query", "get_item", "batch_get_item"):
            getattr(client, operation)(**values)
    client.delete_table(TableName=name)


@pytest.mark.local
def test_access_pattern_names_index_operation_and_condition(models: Mapping[str, Model]) -> None:
    found = json.loads(aws_model.write_model(models["dual"]))

    first, *_ = found["access_patterns"]
    assert {name: first[name] for name in ("pattern", "table", "index", "dynamodb_operation")} == {
        "pattern": "A",
        "table": "dual",
        "index": "message-group-sk-index",
        "dynamodb_operation": "Query",
    }
    assert "--key-condition-expression 'message_group_uuid = :group'" in first["implementation"]


# --- A Python file, and its tables -----------------------------------------------------------


@pytest.fixture
def made(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the Python file of the library defines."""
    path = tmp_path / "library.py"
    path.write_text(write_skeleton(library(), "library.json"))
    yield runpy.run_path(str(path))


def test_python_file_has_the_models_tables_and_items(made: dict[str, Any]) -> None:
    tables = library().tables

    assert made["TABLES"] == {table.name: table.definition for table in tables}
    assert made["SAMPLES"] == {table.name: [*table.items] for table in tables}


def test_python_file_tells_item_types_and_has_reads_to_write(made: dict[str, Any]) -> None:
    assert "    Loan                              BOOK#isbn" in made["__doc__"]
    assert "      member, due-day\n" in made["__doc__"]
    assert "in the order of due-day" in " ".join(made["list_loans_by_by_member"].__doc__.split())
    assert [*made["get_branches"].__annotations__.items()][1:] == [
        ("number", int), ("return", made["Item"] | None),
    ]  # fmt: skip
    with pytest.raises(NotImplementedError):
        made["get_loans"](None, "BOOK#1", "BOOK")


HOSTILE = 'x"""\nraise SystemExit("run")\n\\"""\\' + "\u2028\x00"


def test_text_of_a_model_never_becomes_code() -> None:
    [table] = read_model(content("kitchen_3_0"), "kitchen.json").model.tables
    renamed = json.loads(json.dumps(table.definition).replace('"recipe"', json.dumps(HOSTILE * 9)))
    items = ({HOSTILE * 9: {"S": HOSTILE}},)
    facet = Facet(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (0,))
    model = Model(HOSTILE, HOSTILE, (make_table("Hostile", renamed, items, (facet,)),))

    tree = ast.parse(write_skeleton(model, HOSTILE))

    kinds = [type(each).__name__ for each in tree.body]
    assert kinds == [
        "Expr", *["ImportFrom"] * 4, "If", "Assign", *["AnnAssign"] * 2, *["FunctionDef"] * 2,
    ]  # fmt: skip
    assert ast.literal_eval(tree.body[8].value) == {"Hostile": [*items]}  # type: ignore[attr-defined]


def settled(items: Any) -> list[str]:
    """Items as text, their sets and attributes in order."""
    return sorted(
        str(sorted((name, kind, sorted(value) if kind == "SS" else value)
                   for name, [(kind, value)] in ((n, v.items()) for n, v in item.items())))
        for item in items
    )  # fmt: skip


@pytest.mark.local
@pytest.mark.parametrize("how", ["package", "file"])
def test_tables_are_made_and_hold_the_sample_data(
    made: dict[str, Any], target: Target, how: str
) -> None:
    model = library()
    definitions = {table.name: table.definition for table in model.tables}
    samples = {table.name: table.items for table in model.tables}

    given = made["load"](target) if how == "file" else load_tables(target, definitions, samples)

    client = target.client()
    assert given == {"Loans": 3, "Branches": 2}
    for table in model.tables:
        assert settled(all_items(client, table.name)) == settled(table.items)
    page = client.query(
        TableName="Loans",
        IndexName="by-member",
        KeyConditionExpression="#member = :member",
        ExpressionAttributeNames={"#member": "member"},
        ExpressionAttributeValues={":member": {"S": "m1"}},
    )
    assert [item["due-day"]["N"] for item in page["Items"]] == ["20260315", "20260401"]


@pytest.mark.local
def test_table_with_other_keys_is_left_alone(target: Target) -> None:
    [table] = read_model(content("kitchen_3_0"), "kitchen.json").model.tables
    other = replace(table, definition=library().tables[1].definition)
    load_tables(target, {"Taken": table.definition}, {})

    with pytest.raises(BadParameter, match=r"'Taken' .* delete that table first, or use another"):
        load_tables(target, {"Taken": other.definition}, {})
    with pytest.raises(BadParameter, match=r"table 'Taken' must be as DynamoDB takes it"):
        load_tables(target, {"Taken": table.definition}, {"Taken": [{"recipe": {"N": "1"}}]})
