"""`workbench export` and `workbench import` as a user meets them."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_cli import call
from workbench.dynamodb.targets import Target
from workbench.interchange.nosql_workbench import read_model

LIBRARY = str(ROOT / "tests" / "interchange" / "models" / "library_2_0.json")
KITCHEN = str(ROOT / "tests" / "interchange" / "models" / "kitchen_3_0.json")


@pytest.mark.local
def test_exported_model_is_imported_again_with_its_items(tmp_path: Path, target: Target) -> None:
    endpoint = ("--endpoint", str(target.endpoint_url))
    model, written = tmp_path / "single.json", tmp_path / "my_single.py"

    out = call("export", "single", "--to", "nosql-workbench", "--out", str(model), *endpoint)
    back = call("import", str(model), "--out", str(written), "--load", *endpoint)

    assert (out.exit_code, out.stdout) == (0, ""), out.stderr
    assert out.stderr == (
        f"note: the stream of single (NEW_IMAGE) has no place in this format\nwrote {model}\n"
    )
    count = len(read_model(model.read_bytes(), "single.json").model.tables[0].items)
    assert (back.exit_code, back.stderr) == (0, "")
    assert back.stdout.splitlines() == [
        f"{written}: the model 'single' as Python. Read it from the top.",
        f"  table single: {count} sample items on DynamoDB API at {target.endpoint_url}",
    ]
    compile(written.read_text(), written, "exec")


@pytest.mark.local
@pytest.mark.parametrize(
    ("form", "part"), [("cloudformation", "Resources"), ("aws-model", "items")]
)
def test_export_prints_json(target: Target, form: str, part: str) -> None:
    done = call("export", "dual", "--to", form, "--endpoint", str(target.endpoint_url))

    assert (done.exit_code, done.stderr) == (0, "")
    assert part in json.loads(done.stdout)


def test_import_lists_tables_and_what_is_left_out(tmp_path: Path) -> None:
    done = call("import", KITCHEN, "--out", str(tmp_path / "kitchen.py"))

    assert done.exit_code == 0
    assert "  table Recipes: 1 sample items\n" in done.stdout
    assert f"workbench up; workbench import {KITCHEN} --load" in done.stdout
    assert done.stderr == (
        "left out: DataModel[0].ProvisionedCapacitySettings\n"
        "left out: DataModel[0].BillingMode (tables are on demand here)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "dual"), 2, "Missing option '--to'"),
        (("export", "duel", "--to", "aws-model"), 1, "there is no design 'duel'"),
        (("export", "dual", "--to", "xml"), 2, "'xml' is not one of 'nosql-workbench'"),
        (("import", LIBRARY), 2, "give --out, --load or both"),
        (("import", "no.json", "--load"), 2, "File 'no.json' does not exist"),
        (("import", LIBRARY, "--out", "my-model.py"), 1, "--out must be named by letters"),
        (("import", LIBRARY, "--out", "{there}"), 1, "is there already, and is left as it is"),
        (("import", "{there}", "--out", "x.py"), 1, "there.py must be a model in JSON, which"),
        (("import", LIBRARY, "--load"), 1, "start one with `workbench up`"),
    ],
)
def test_wrong_usage_is_one_message_with_the_way_out(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    there = tmp_path / "there.py"
    there.write_text("precious")

    done = call(*(argument.replace("{there}", str(there)) for argument in arguments))

    assert (done.exit_code, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
    assert there.read_text() == "precious"
