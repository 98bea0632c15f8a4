"""`workbench dax`: what a DAX cluster would change, by a model of what is documented."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    EXISTING_FILE,
    NEW_FILE,
    ROOT,
    designs_option,
    endpoint_option,
    json_option,
    log_options,
    out_file_option,
    per_second_option,
    progress_bars,
)

if TYPE_CHECKING:
    from workbench.dax.trial import DaxRun


@click.command()
@log_options
@designs_option("dual,single", note=".")
@click.option("--messages", type=click.IntRange(min=1), help="Take the log's first so many.")
@click.option(
    "--replayed",
    type=click.IntRange(1, 10_000),
    default=120,
    help="Messages at its end after which is looked; those before are there.",
)
@click.option(
    "--update",
    type=click.Choice(["around", "through", "both"]),
    default="around",
    help="Whether the stream update writes around DAX or through it.",
)
@click.option("--node-type", default="dax.t3.small", help="As in data/prices.csv.")
@click.option("--nodes", "count", type=click.IntRange(1, 11), default=3)
@per_second_option(10.0, "Messages a second for which a month is worked out.")
@click.option("--region", default="us-east-1", help="Of the prices.")
@json_option
@out_file_option
@click.option("--picture", type=NEW_FILE, help="PNG file to write: the first design's map.")
@click.option("--show", type=EXISTING_FILE, help="Try nothing: print a stored run.")
@endpoint_option
def dax(
    *,
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str,
    messages: int | None,
    replayed: int,
    update: str,
    node_type: str,
    count: int,
    per_second: float,
    region: str,
    as_json: bool,
    out: Path | None,
    picture: Path | None,
    show: Path | None,
    endpoint: str | None,
) -> None:
    """Try a model of DAX in front of each design: hits, units saved, answers out of date.

    There is no local DAX. The model keeps the rules that AWS's documentation states: an item cache
    by key that writes go through, a query cache by request that they do not, times to live, least
    recently used first to go. After each message of the log its users look at their inboxes and
    into the conversation; the clock is the log's. Each answer is held against the table's own.

    A stale inbox is one that lacks a message. What is saved is set against what the nodes cost.

    \b
    The figures in data/ are made by:
      workbench dax --designs dual,single,pointer --update both --out data/dax.json
    """
    from workbench.capacity.prices import read_prices
    from workbench.dax.trial import read_dax
    from workbench.reports.dax import Nodes, dax_figure, dax_lines

    nodes = Nodes(read_prices(ROOT / "data" / "prices.csv"), node_type, count, region)
    _ = nodes.usd_a_month  # a wrong name or region is told before any work is done
    if show is None:
        run = measure(log_path, texts, seed, names, messages, replayed, update, endpoint)
        if out is not None:
            run.write(out)
            click.echo(f"stored: {out}", err=True)
        stored = json.loads(run.to_json())
    else:
        stored = read_dax(show)
    if as_json:
        click.echo(json.dumps(stored, indent=1))
    else:
        click.echo("\n".join(dax_lines(stored, nodes, messages_per_second=per_second)))
    if picture is not None:
        first = stored["cells"][0]
        shown = dax_figure(stored, first["design"], nodes, stream_update=first["stream_update"])
        shown.write(picture)


def measure(
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str,
    messages: int | None,
    replayed: int,
    update: str,
    endpoint: str | None,
) -> "DaxRun":
    """A run of the designs, each on a server of its own where none is given."""
    from workbench.dax.trial import Cell, DaxRun, try_design
    from workbench.designs import find_designs
    from workbench.dynamodb.targets import open_targets
    from workbench.measurement.environment import describe_environment
    from workbench.messaging.logs import read_log

    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    cells: list[Cell] = []
    for design in find_designs(names):
        for through in {"around": [False], "through": [True], "both": [False, True]}[update]:
            with progress_bars() as progress, open_targets(endpoint=endpoint) as [target]:
                environment = describe_environment(target)
                cells += try_design(
                    design, target, log.messages,
                    replayed=replayed, seed=seed, through=through, progress=progress,
                )  # fmt: skip
    return DaxRun(environment, log.name, len(log.messages), seed, cells)
