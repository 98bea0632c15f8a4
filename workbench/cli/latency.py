"""`workbench latency`: is one design faster than another, and by more than the noise?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from workbench.cli.options import (
    EXISTING_FILE,
    ROOT,
    designs_option,
    log_options,
    out_file_option,
    page_size_option,
    per_second_option,
    progress_bars,
)

PUBLISHED = ROOT / "data" / "published_latency.csv"


@click.command()
@log_options
@designs_option("dual,single", note="; the first is what the others are compared with.")
@click.option(
    "--messages",
    type=click.IntRange(min=2),
    default=1_000,
    help="Of the log; every round begins with tables that hold so many.",
)
@click.option("--starts", type=click.IntRange(min=1), default=8)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=3,
    help="For each server start; each has new tables, one for every design.",
)
@click.option(
    "--calls", type=click.IntRange(min=2), default=40, help="Of A to D, for each design in a round."
)
@per_second_option(50.0, "Calls that are sent, whether or not earlier ones are answered.")
@click.option(
    "--arrivals",
    type=click.Choice(["poisson", "log"]),
    default="poisson",
    help="Times drawn with the seed, or those of the log at another speed.",
)
@page_size_option
@out_file_option
@click.option(
    "--show",
    type=EXISTING_FILE,
    multiple=True,
    help="Measure nothing: print a stored run, or several of different seeds as one.",
)
@click.option(
    "--service",
    is_flag=True,
    help="Behind it, an estimate for AWS from published percentiles of writes.",
)
def latency(
    *,
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str,
    messages: int,
    starts: int,
    rounds: int,
    calls: int,
    per_second: float,
    arrivals: str,
    page_size: int,
    out: Path | None,
    show: tuple[Path, ...],
    service: bool,
) -> None:
    """Say whether one design is faster than another on this machine, or that none can tell.

    Designs take turns of ten calls, in each round on new tables, on several servers. A wait
    begins when a call is meant to be sent. The first design is compared with itself as well:
    no difference below that noise is claimed, and where the schedule was not held there is no
    answer at all. A verdict needs 6 rounds in all, or more: 24 as by default take some minutes.

    \b
    Examples:
      workbench latency
      workbench latency --designs dual_fixed,pointer --seed 2 --out two.json
      workbench latency --show one.json --show two.json
    """
    import json

    from workbench.latency.results import read_latency

    if show:
        print_latency(read_latency(show), is_service=service)
        return
    from workbench.designs import find_designs
    from workbench.latency.blocks import Plan
    from workbench.latency.rounds import compare_latency
    from workbench.messaging.logs import read_log

    design_classes = find_designs(names)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    plan = Plan(log, calls, per_second, arrivals, page_size, seed)
    with progress_bars() as progress:
        run = compare_latency(design_classes, plan, starts=starts, rounds=rounds, progress=progress)
    if out is not None:
        run.write(out)
        click.echo(f"stored: {out}", err=True)
    print_latency(json.loads(run.to_json()), is_service=service)


def print_latency(run: Mapping[str, Any], *, is_service: bool) -> None:
    """Print the tables, and apart from them what might be true of AWS."""
    from workbench.reports.latency import latency_lines, service_frame

    click.echo("\n".join(latency_lines(run)))
    if is_service:
        click.echo("\nNot measured, an estimate for AWS (writes one after another, see")
        click.echo("data/published_latency.csv for each figure's source and setting):")
        click.echo(service_frame(run, PUBLISHED).to_string())
