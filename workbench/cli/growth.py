"""`workbench growth`: what a page costs and takes while tables, inboxes and conversations grow."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    EXISTING_FILE,
    NEW_FILE,
    designs_option,
    out_file_option,
    progress_bars,
)

if TYPE_CHECKING:
    from workbench.growth.results import GrowthRun


@click.command()
@designs_option()
@click.option(
    "--most-items",
    type=click.IntRange(1_000, 10_000_000),
    default=10_000,
    help="In a table; a tenth of them are one inbox, and as many one conversation.",
)
@out_file_option
@click.option("--picture", type=NEW_FILE, help="PNG file to write.")
@click.option("--show", type=EXISTING_FILE, help="Measure nothing: print a stored run.")
def growth(
    *, names: str | None, most_items: int, out: Path | None, picture: Path | None, show: Path | None
) -> None:
    """Read pages of 20 while a table grows tenfold again and again, and its collections with it.

    Fitted exponents say what is flat and what is not, beside those of the request units, which
    are by rule. A million items take some twenty minutes for six designs, and 2 GB of memory.

    \b
    The figures in data/ are made by:
      workbench growth --most-items 1000000 --out data/growth.json
    """
    from workbench.growth.results import read_growth
    from workbench.reports.growth import growth_figure, growth_lines

    if show is None:
        run = measure(names, most_items)
        if out is not None:
            run.write(out)
        stored = json.loads(run.to_json())
    else:
        stored = read_growth(show)
    click.echo("\n".join(growth_lines(stored)))
    if picture is not None:
        growth_figure(stored).write(picture)


def measure(names: str | None, most_items: int) -> "GrowthRun":
    """A run of the designs, each on a server of its own."""
    from workbench.designs import DESIGNS, find_designs
    from workbench.dynamodb.targets import open_targets
    from workbench.growth.growing import Point, grow
    from workbench.growth.results import GrowthRun
    from workbench.measurement.environment import describe_environment

    points: list[Point] = []
    for design in find_designs(names) if names else DESIGNS:
        with progress_bars() as progress, open_targets() as [target]:
            environment = describe_environment(target)
            points += grow(design, target, most_items=most_items, progress=progress)
    return GrowthRun(environment, most_items, points)
