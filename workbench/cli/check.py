"""`workbench check`: is a design right?"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import NEW_FILE, endpoint_option, json_option, progress_bars, seed_option

if TYPE_CHECKING:
    from workbench.designs import AnyDesign
    from workbench.dynamodb.targets import Target


@click.command()
@click.argument("names", metavar="[DESIGN]...", nargs=-1)
@click.option(
    "--programs",
    type=click.IntRange(1),
    default=100,
    help="How many to draw for A to E, then with each further pattern, then with all.",
)
@seed_option
@click.option(
    "--bootcamp",
    is_flag=True,
    help="Find the smallest program for each of the eleven faults of the course's handler instead.",
)
@json_option
@click.option("--out", type=NEW_FILE, help="File for the result as JSON.")
@endpoint_option
def check(
    *,
    names: tuple[str, ...],
    programs: int,
    seed: int,
    bootcamp: bool,
    as_json: bool,
    out: Path | None,
    endpoint: str | None,
) -> None:
    """Does a design keep its promises, whatever happens, in whatever order?

    DESIGN is a name, or a file of your own such as my_design.py; without any, all of ours are
    checked. A file is code: it runs with your rights.

    Programs are drawn at random: users write, read, hide, rename, join and leave; stream records
    are delivered in batches, again, out of order; the process dies before or after a request, is
    throttled, is overtaken by another one, or sees an index that lags. After every step what
    everybody reads must agree with a reference of plain dictionaries, and after the stream has been
    handled the inboxes, too. A program that breaks a promise is made as small as possible and
    printed as code to be pasted into a notebook; the exit code is 1. That none is found is no
    proof.

    \b
    Examples:
      workbench check dual
      workbench check my_design.py --programs 500 --seed 7
      workbench check --out data/conformance.json
      workbench check --bootcamp --out data/faults.json
    """
    from workbench.designs import BASELINE, DESIGNS, find_compared
    from workbench.dynamodb.targets import open_targets
    from workbench.measurement.environment import describe_environment
    from workbench.storage import store

    if bootcamp and names:
        raise click.UsageError("--bootcamp checks the course's handler alone: name no designs")
    ours: list[AnyDesign] = [*DESIGNS, BASELINE]
    designs = find_compared(",".join(names)) if names else ours
    report: dict[str, Any] = {"format_version": 1, "seed": seed}
    with open_targets(endpoint=endpoint) as [target]:
        report["environment"] = asdict(describe_environment(target))
        lines = (
            _lessons(report, target) if bootcamp else _verdicts(report, designs, programs, target)
        )
    as_json_text = json.dumps(report, indent=1)
    if out is not None:
        store(out, as_json_text + "\n")
        click.echo(f"stored: {out}", err=True)
    click.echo(as_json_text if as_json else "\n".join(lines))
    rounds = (found for each in report.get("designs", ()) for found in each["rounds"].values())
    if any(found["failure"] for found in rounds):
        sys.exit(1)


def _verdicts(
    report: dict[str, Any], designs: Sequence["AnyDesign"], programs: int, target: "Target"
) -> list[str]:
    """Check designs, each in a database of its own: many records slow one down."""
    from workbench.conformance.check import check_design
    from workbench.reports.conformance import verdict_lines

    report["designs"] = []
    with progress_bars() as progress:
        for number, design in enumerate(designs):
            database = replace(target, access_key=f"design{number}")
            checked = check_design(
                design, database, programs=programs, seed=report["seed"], progress=progress
            )
            report["designs"].append(checked.to_json())
    return verdict_lines(report)


def _lessons(report: dict[str, Any], target: "Target") -> list[str]:
    from workbench.conformance.lessons import LESSONS, find_lesson
    from workbench.reports.lessons import lesson_lines

    report["lessons"] = []
    with progress_bars() as progress:
        for number in LESSONS:
            progress("bootcamp", number - 1, len(LESSONS))
            database = replace(target, access_key=f"lesson{number}")
            report["lessons"].append(find_lesson(number, database, seed=report["seed"]))
        progress("bootcamp", len(LESSONS), len(LESSONS))
    return lesson_lines(report)
