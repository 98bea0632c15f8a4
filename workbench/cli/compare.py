"""`workbench compare`: the main job."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    ROOT,
    check_writable,
    designs_option,
    json_option,
    log_options,
    page_size_option,
    progress_bars,
    target_options,
)

if TYPE_CHECKING:
    from workbench.measurement.results import Run

COMPARE_NOTEBOOK = ROOT / "notebooks" / "05_compare.ipynb"


@click.command()
@log_options
@designs_option("dual,single", note="; the README lists ours.")
@click.option("--messages", type=click.IntRange(min=1), help="Only the log's first so many.")
@click.option(
    "--calls", type=click.IntRange(min=1), default=150, help="Calls of each access pattern."
)
@page_size_option
@click.option(
    "--replayed",
    type=click.IntRange(min=0),
    default=300,
    show_default=True,
    help="Messages, the log's last, that are sent by the design's own code; those before are put "
    "in batches, as it would have left them.",
)
@json_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for run.json, the notebook and the page.  [default: runs/<time>-...-compare]",
)
@target_options
def compare(
    *,
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str,
    messages: int | None,
    calls: int,
    page_size: int,
    replayed: int,
    as_json: bool,
    out: Path | None,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Fill tables with a message log under each design and measure each access pattern.

    Every design gets a new table with the log's messages, the last ones by its own code with its
    stream update running, and then the same calls, which are metered. The table shows means per
    call: round trips, request units by AWS's rules [as reported, if others; where no known reason
    foretells that, the run fails], items and bytes read, stream records, and latency, which is that
    of this machine's DynamoDB Local and says nothing about AWS. A pattern that a design does not
    support is listed with the reason. The baseline `relational` is SQLite, which has no request
    units.

    \b
    Examples:
      workbench compare
      workbench compare --log CollegeMsg.txt.gz --texts texts.txt --messages 5000
      workbench compare --designs single --json > single.json
    """
    from workbench.designs import find_compared
    from workbench.dynamodb.targets import open_targets
    from workbench.measurement.comparison import compare as measure
    from workbench.messaging.logs import read_log

    design_classes = find_compared(names)
    out = out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-compare"
    check_writable(out)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    with progress_bars() as progress:
        progress("start", 0, 1)
        with open_targets(len(design_classes), endpoint=endpoint, aws_region=aws_region) as targets:
            progress("start", 1, 1)
            note = (
                f"{len(log.messages):,} messages of {log.name} through {names}, the last "
                f"{min(replayed, len(log.messages)):,} of them by each design's own code ..."
            )
            click.echo(note, err=True)
            run = measure(
                design_classes,
                log,
                targets,
                calls=calls,
                page_size=page_size,
                seed=seed,
                replayed=replayed,
                progress=progress,
            )
        progress("notebook and page", 0, 1)
        write_results(run, out)
        progress("notebook and page", 1, 1)
    print_run(run, out, as_json=as_json)


def write_results(run: "Run", out: Path) -> None:
    """Store the run, and the notebook and the page made from it."""
    from workbench.reports.notebooks import execute_notebook, write_page

    out.mkdir(parents=True, exist_ok=True)
    run.write(out / "run.json")
    notebook = out / "compare.ipynb"
    execute_notebook(COMPARE_NOTEBOOK, notebook, {"run_file": "run.json"}, without="lesson")
    page = notebook.with_suffix(".html")
    write_page(notebook, page, title=f"{', '.join(run.designs)}: compared")


def print_run(run: "Run", out: Path, *, as_json: bool) -> None:
    """Print the run for a program or for a person."""
    if as_json:
        click.echo(run.to_json(), nl=False)
    else:
        from workbench.reports.tables import bullets, legend, message_sentences, terminal_table

        stored = json.loads(run.to_json())
        click.echo("\n".join(legend(stored)))
        click.echo("\n" + "\n".join(terminal_table(stored)) + "\n")
        click.echo("\n".join(message_sentences(stored)))
        click.echo(
            "\nWhy reports differ, and what is known to be wrong:\n" + bullets(run.known_errors)
        )
        click.echo("Not shown by this run:\n" + bullets(run.not_shown))
    click.echo(f"stored: {out}/run.json, compare.ipynb, compare.html", err=True)
