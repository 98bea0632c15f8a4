"""`workbench cost` and `workbench trace`: what a month costs, and where the answer flips."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    EXISTING_FILE,
    NEW_FILE,
    ROOT,
    designs_option,
    json_option,
    progress_bars,
    target_options,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.costs.flips import Costs
    from workbench.costs.storage import TraceRun
    from workbench.messaging.workload import Workload

PRICES = ROOT / "data" / "prices.csv"
TRACES = ROOT / "data" / "traces.json"


@click.command()
@click.option(
    "--workload",
    "workload_path",
    type=EXISTING_FILE,
    help="TOML file; `workbench data --workload` writes one from a log.  [default: an example]",
)
@click.option("--region", default="us-east-1", help="See data/prices.csv.")
@click.option("--users", type=float, multiple=True, help="Number of users, or several of them.")
@click.argument("more_users", type=float, nargs=-1, metavar="")
@click.option(
    "--designs",
    "names",
    help="Which ones, by name, or a file of your own, which is traced first: about a minute.  "
    "[default: all]",
)
@click.option(
    "--assume",
    "assumed",
    metavar="NAME=VALUE",
    multiple=True,
    help="Change an assumption; each is printed with the bill. May be given again.",
)
@click.option(
    "--traces",
    "traces_path",
    type=EXISTING_FILE,
    default=TRACES,
    show_default="data/traces.json",
    help="Growth of the designs, as `workbench trace` stores it.",
)
@click.option("--picture", type=NEW_FILE, help="Write the bill as a PNG.")
@click.option(
    "--map",
    "map_axes",
    type=(str, str, NEW_FILE),
    metavar="X Y FILE",
    help="Write a map of the cheapest design as a PNG; X and Y are two of reads_per_message, "
    "inbox_length, text_bytes, participants, conversation_reads.",
)
@json_option
def cost(
    *,
    workload_path: Path | None,
    region: str,
    users: tuple[float, ...],
    more_users: tuple[float, ...],
    names: str | None,
    assumed: tuple[str, ...],
    traces_path: Path,
    picture: Path | None,
    map_axes: tuple[str, str, Path] | None,
    as_json: bool,
) -> None:
    """Say what a month costs under each design, line by line, and where the answer flips.

    Costs are derived from the designs' own calls on DynamoDB Local (`workbench trace`), with units
    by AWS's rules and the prices in data/prices.csv.

    \b
    Examples:
      workbench cost --users 1 1e5 1e7
      workbench data --log CollegeMsg.txt.gz --workload > college.toml
      workbench cost --workload college.toml --region eu-west-1 --picture bill.png
      workbench cost --designs dual,my_design.py
      workbench cost --designs dual,single --map reads_per_message inbox_length map.png
      workbench cost --assume mode=provisioned --assume utilisation=0.4
    """
    from workbench.capacity.assumptions import read_assumptions
    from workbench.capacity.prices import read_prices
    from workbench.costs.flips import Costs
    from workbench.costs.storage import read_traces
    from workbench.messaging.workload import Workload, read_workload
    from workbench.reports.bills import bill_figure, cost_report, cost_text

    traces = read_traces(traces_path)
    workload = Workload() if workload_path is None else read_workload(workload_path)
    if more_users and not users:
        raise click.UsageError(f"{more_users[0]:g} belongs to no option: did you mean --users?")
    workloads = [workload.with_users(each) for each in (*users, *more_users)] or [workload]
    traces.check_pages(workload)
    wanted = [name.strip() for name in names.split(",")] if names else []
    if own := [name for name in wanted if name.endswith(".py")]:
        traced = trace_own(own, traces)
        traces = traces.joined_with(traced)
        wanted = [name for name in wanted if name not in own] + list(traced.models)
    models, left_out = traces.supporting(workload, wanted)
    for reason in left_out:
        click.echo(f"left out: {reason}", err=True)
    costs = Costs(models, read_prices(PRICES), region, read_assumptions(assumed))
    report = cost_report(costs, workloads, traces.largest_errors(models))
    if picture is not None:
        bill_figure(report).write(picture)
    if map_axes is not None:
        write_map(costs, workload, *map_axes)
    click.echo(json.dumps(report, indent=2) if as_json else "\n".join(cost_text(report)))


def trace_own(files: "Sequence[str]", like: "TraceRun") -> "TraceRun":
    """Traces of the designs in these files, with pages of the sizes of other traces."""
    from workbench.costs.storage import trace_designs
    from workbench.designs import find_designs
    from workbench.dynamodb.targets import open_targets

    designs = find_designs(",".join(files))
    with progress_bars() as progress, open_targets(len(designs)) as targets:
        pages = (like.inbox_page_size, like.message_page_size)
        return trace_designs(designs, targets, pages=pages, progress=progress)


def write_map(costs: "Costs", workload: "Workload", x: str, y: str, file: Path) -> None:
    """Store the map of the cheapest design over two parameters."""
    from workbench.costs.flips import axis_named, flip_map
    from workbench.reports.bills import map_figure

    found = flip_map(costs, workload, axis_named(x), axis_named(y))
    map_figure(found, workload).write(file)


@click.command()
@designs_option()
@click.option("--inbox-page-size", type=click.IntRange(1, 1000), default=20)
@click.option("--message-page-size", type=click.IntRange(1, 1000), default=20)
@click.option("--out", type=NEW_FILE, default="traces.json", help="File to write.")
@target_options
def trace(
    *,
    names: str | None,
    inbox_page_size: int,
    message_page_size: int,
    out: Path,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Learn how the designs' calls grow, and check that on points of which nothing was known.

    Each design is called on small tables of its own while inboxes, conversations and groups grow.
    What it does there is fitted, then predicted for other points and measured at them. Exit code 1
    if a prediction is more than 1% off: bills and maps of such a design are not to be relied on.

    \b
    The traces in data/ are made by:
      workbench trace --out data/traces.json
    """
    from workbench.costs.predictions import MOST_ERROR
    from workbench.costs.storage import trace_designs
    from workbench.designs import DESIGNS, find_designs
    from workbench.dynamodb.targets import open_targets
    from workbench.reports.bills import prediction_lines

    designs = find_designs(names) if names else list(DESIGNS)
    with (
        progress_bars() as progress,
        open_targets(len(designs), endpoint=endpoint, aws_region=aws_region) as targets,
    ):
        pages = (inbox_page_size, message_page_size)
        run = trace_designs(designs, targets, pages=pages, progress=progress)
    run.write(out)
    click.echo("\n".join(prediction_lines(run.predictions)))
    click.echo(f"stored: {out}", err=True)
    for name, error in run.largest_errors(run.models).items():
        if error > MOST_ERROR:
            click.echo(f"error: {name} is predicted up to {error:.0%} wrong", err=True)
            sys.exit(1)
