"""`workbench export` and `workbench import`: models for other tools, and from NoSQL Workbench."""

import shlex
from pathlib import Path

import click

from workbench.cli.new import checked_name, write_new
from workbench.cli.options import EXISTING_FILE, endpoint_option, out_file_option

FORMATS = ("nosql-workbench", "cloudformation", "aws-model")


@click.command()
@click.argument("design_name", metavar="DESIGN")
@click.option("--to", "form", type=click.Choice(FORMATS), required=True, help="What to write.")
@out_file_option
@endpoint_option
def export(*, design_name: str, form: str, out: Path | None, endpoint: str | None) -> None:
    """Write a design as a model for another tool, to standard output or a file.

    A few users talk through the design on DynamoDB Local, as for its card: the items which that
    leaves are the sample data, its item types the facets, its requests the access patterns. The
    same design gives the same file, but for its date. What a format has no place for is said on
    standard error.

    \b
    What to write:
      nosql-workbench  a model in JSON, version 3.0: in NoSQL Workbench, "Import data model"
      cloudformation   a template in JSON: the table, its indexes, its stream; no sample data
      aws-model        dynamodb_data_model.json of AWS's data-modelling tool (an MCP server): table,
                       items, and each request of A to J as an AWS CLI command

    \b
    Examples:
      workbench export dual --to nosql-workbench --out dual.json
      workbench export my_design.py --to cloudformation
      workbench export single --to aws-model --out dynamodb_data_model.json
    """
    from datetime import datetime

    from workbench.designs import find_design
    from workbench.dynamodb.targets import open_targets
    from workbench.interchange import aws_model, cloudformation, nosql_workbench
    from workbench.interchange.model import model_of
    from workbench.storage import store

    design = find_design(design_name)
    with open_targets(endpoint=endpoint, is_brief=True) as [target]:
        model = model_of(design, target)
    if form == "nosql-workbench":
        written = nosql_workbench.write_model(model, datetime.now())
        for each in nosql_workbench.without_place(model):
            click.echo(f"note: {each}", err=True)
    elif form == "cloudformation":
        written = cloudformation.write_template(model)
    else:
        written = aws_model.write_model(model)
    if out is None:
        click.echo(written, nl=False)
    else:
        store(out, written)
        click.echo(f"wrote {out}", err=True)


@click.command(name="import")
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Python file to write, such as my_model.py.",
)
@click.option(
    "--load", "is_loaded", is_flag=True, help="Make the tables, and put the sample items."
)
@endpoint_option
def import_(*, file: Path, out: Path | None, is_loaded: bool, endpoint: str | None) -> None:
    """Read a model of NoSQL Workbench from FILE, and write a Python file to begin a design with.

    In NoSQL Workbench, "Export data model" as a NoSQL Workbench model gives such a FILE; versions
    2.0 and 3.0 are read. The Python file has the tables as CreateTable takes them, the item types
    (facets), the sample items, and a function for each read that the keys allow, still to be
    written. What in FILE has no place in it is listed; what cannot be read is named by its place in
    FILE, and then nothing is written.

    With --load the tables are made on the shared server of `workbench up`, or on --endpoint: on
    demand, and without a stream. Items that are there already are replaced.

    \b
    Examples:
      workbench import shop.json --out shop.py
      workbench up
      workbench import shop.json --load
    """
    from workbench.dynamodb.targets import open_targets
    from workbench.interchange.loading import load_tables
    from workbench.interchange.nosql_workbench import read_model
    from workbench.interchange.skeleton import write_skeleton

    if out is None and not is_loaded:
        raise click.UsageError("give --out, --load or both: else there is nothing to do")
    if out is not None:
        checked_name(out, "--out")
    model, left_out = read_model(file.read_bytes(), file.name)
    for each in left_out:
        click.echo(f"left out: {each}", err=True)
    if out is not None:
        write_new(out, write_skeleton(model, file.name))
        click.echo(f"{out}: the model {model.name!r} as Python. Read it from the top.")
    counts, where = {table.name: len(table.items) for table in model.tables}, ""
    if is_loaded:
        with open_targets(endpoint=endpoint, may_start=False) as [target]:
            definitions = {table.name: table.definition for table in model.tables}
            samples = {table.name: table.items for table in model.tables}
            counts, where = load_tables(target, definitions, samples), f" on {target}"
    for name, count in counts.items():
        click.echo(f"  table {name}: {count:,} sample items{where}")
    if not is_loaded:
        shown = shlex.quote(str(file))
        click.echo(f"To have them on a server: workbench up; workbench import {shown} --load")
