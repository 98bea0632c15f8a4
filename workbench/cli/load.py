"""`workbench load`: a log on a table at once."""

import time
from pathlib import Path

import click

from workbench.cli.options import (
    INTERRUPTED,
    NEW_FILE,
    design_option,
    endpoint_option,
    log_options,
    progress_bars,
    table_option,
)


@click.command()
@design_option
@table_option("workbench-log", "Table to fill, made if there is none.")
@log_options
@click.option("--messages", type=click.IntRange(min=1), help="Only the log's first so many.")
@click.option(
    "--checkpoint",
    type=NEW_FILE,
    help="File to count the items in, and resume from.  [default: .workbench/load-<table>.json]",
)
@endpoint_option
def load(
    *,
    design_name: str,
    table_name: str,
    log_path: Path,
    texts: Path | None,
    seed: int,
    messages: int | None,
    checkpoint: Path | None,
    endpoint: str | None,
) -> None:
    """Put a whole log on a table of a running server, in batches.

    The design's own code is watched sending a few messages; the log's items are made after that
    pattern, and put as fast as the server takes them. Ctrl-C stops: the same command goes on from
    there. The table's stream is switched on at the end, and knows nothing of these items.

    \b
    Examples:
      workbench up
      workbench load --design single
      workbench load --log CollegeMsg.txt.gz --texts texts.txt --table college
    """
    from workbench.designs import find_design
    from workbench.dynamodb.server import state_folder
    from workbench.dynamodb.targets import open_targets
    from workbench.messaging.logs import read_log
    from workbench.trials.loading import load_log

    design_class = find_design(design_name)
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    there = 0
    with open_targets(endpoint=endpoint, may_start=False) as [target]:
        started = time.perf_counter()
        try:
            with progress_bars() as progress:

                def note(task: str, done: int, total: int) -> None:
                    nonlocal there
                    there = done
                    progress(task, done, total)

                put = load_log(
                    design_class,
                    target,
                    table_name,
                    log.messages,
                    checkpoint=checkpoint or state_folder() / f"load-{table_name}.json",
                    progress=note,
                )
        except KeyboardInterrupt:
            click.echo(
                f"interrupted: some {there:,} of {len(log.messages):,} messages are on "
                f"{table_name}. The same command goes on from there",
                err=True,
            )
            raise SystemExit(INTERRUPTED) from None
    seconds = time.perf_counter() - started
    click.echo(
        f"{len(log.messages):,} messages are on {table_name} on {target}: put {put:,} items in "
        f"{seconds:.1f} s, {put / seconds:,.0f} a second"
    )
