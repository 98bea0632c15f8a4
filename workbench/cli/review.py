"""`workbench review`: what a team reads before it commits to keys, and a gate for CI."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import EXISTING_FILE, ROOT, check_writable, log_options, progress_bars

if TYPE_CHECKING:
    from workbench.review.plan import Limits
    from workbench.review.running import Review

REVIEW_NOTEBOOK = ROOT / "notebooks" / "review.ipynb"


@click.command()
@click.argument("names", metavar="DESIGN...", nargs=-1, required=True)
@click.option("--baseline", default="dual", metavar="NAME|FILE", help="What they are held against.")
@click.option(
    "--workload",
    "workload_path",
    type=EXISTING_FILE,
    help="TOML file, as `workbench data --workload` writes; a table [limits] in it sets limits.  "
    "[default: what the log shows]",
)
@log_options
@click.option("--messages", type=click.IntRange(min=2), help="Only the log's first so many.")
@click.option("--region", default="us-east-1", help="See data/prices.csv.")
@click.option("--programs", type=click.IntRange(1), default=5, help="Drawn for each pattern.")
@click.option("--max-cost-ratio", type=float, help="Of a month's bill to the baseline's.")
@click.option("--max-round-trips", type=float, help="Of any call that a user waits for, A to D.")
@click.option("--require", metavar="WHAT,...", help="conformance, faults, or both.")
@click.option("--skip", metavar="SECTION,...", help="Sections to leave out, such as latency.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/review"),
    show_default=True,
    help="Folder; a second call goes on where the first one ended.",
)
def review(
    *,
    names: tuple[str, ...],
    baseline: str,
    workload_path: Path | None,
    log_path: Path,
    texts: Path | None,
    seed: int,
    messages: int | None,
    region: str,
    programs: int,
    max_cost_ratio: float | None,
    max_round_trips: float | None,
    require: str | None,
    skip: str | None,
    out: Path,
) -> None:
    """Review designs against a baseline: one page, one verdict, and a gate.

    DESIGN is a name, or a file of your own, whose code is run. Writes review.html, which needs no
    network, review.md for a pull request, review.json, and the notebook they are made from. Each
    section is stored when it is done; Ctrl-C keeps what is finished. A section that fails says why,
    and the others go on.

    \b
    Exit codes, with limits or without:
      0  all limits hold, and no promise was broken
      3  worse than a limit
      4  could not tell: a section that a limit needs has failed
      5  broken: a design breaks a promise
      1, 2  the command itself failed, or was called wrongly

    \b
    Examples:
      workbench review single
      workbench review my_design.py --baseline dual --workload app.toml --require conformance,faults
      workbench review dual_fixed single --max-cost-ratio 1.1 --max-round-trips 2
    """
    from workbench.designs import find_designs
    from workbench.messaging.logs import read_log
    from workbench.messaging.workload import read_workload, workload_of
    from workbench.review.judging import gate, outcome
    from workbench.review.plan import Plan
    from workbench.review.running import run_review

    check_writable(out)
    designs = find_designs(",".join((baseline, *names)))
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    workload = workload_of(log) if workload_path is None else read_workload(workload_path)
    given = {
        "max_cost_ratio": max_cost_ratio,
        "max_round_trips": max_round_trips,
        "require": _words(require) or None,
    }
    plan = Plan(
        tuple(designs), log, workload, limits=_limits(workload_path, given), region=region,
        seed=seed, programs=programs, skip=_words(skip),
    )  # fmt: skip
    with progress_bars() as progress:
        found = run_review(plan, out, progress)
        progress("page", 0, 1)
        _write(found, out)
        progress("page", 1, 1)
    lines = gate(found)
    _print(found, [str(line) for line in lines], out)
    sys.exit(outcome(lines))


def _words(given: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in given.split(",")) if given else ()


def _limits(path: Path | None, given: dict[str, Any]) -> "Limits":
    """Those of the workload file, and flags before them."""
    from workbench.review.plan import Limits, read_limits

    limits = dict(read_limits(path)) if path else {}
    return Limits(**(limits | {name: each for name, each in given.items() if each is not None}))


def _write(found: "Review", out: Path) -> None:
    from workbench.reports.notebooks import execute_notebook, write_page
    from workbench.review.page import markdown
    from workbench.storage import store

    store(out / "review.json", found.to_json())
    store(out / "review.md", markdown(found))
    notebook = out / "review.ipynb"
    execute_notebook(REVIEW_NOTEBOOK, notebook, {"review_file": "review.json"})
    names = ", ".join(found.proposed)
    write_page(notebook, out / "review.html", title=f"{names} against {found.baseline}")


def _print(found: "Review", lines: list[str], out: Path) -> None:
    from workbench.review.judging import verdict

    for design in found.proposed:
        click.echo("\n".join(verdict(found, design)))
    for name, section in found.sections.items():
        if section["status"] != "done":
            click.echo(f"section {name} {section['status']}: {section['why']}", err=True)
    if lines:
        click.echo("\n" + "\n".join(lines))
    click.echo(f"stored: {out}/review.html, review.md, review.json, review.ipynb", err=True)
