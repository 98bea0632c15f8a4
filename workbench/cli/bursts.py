"""`workbench bursts`: what a function on the stream costs when messages come in bursts."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    designs_option,
    endpoint_option,
    json_option,
    log_options,
    out_file_option,
    per_second_option,
    progress_bars,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from workbench.streams.runner import Handler
    from workbench.trials.trial import StreamFunction


@click.command()
@log_options
@designs_option()
@click.option(
    "--sizes",
    default="1,10,100",
    callback=lambda _context, _option, text: read_sizes(text),
    help="Messages per burst, several sizes.",
)
@click.option("--repeats", type=click.IntRange(1, 1000), default=5)
@per_second_option(20.0, "Messages that another process sends while the lag is measured.")
@click.option(
    "--messages", type=click.IntRange(min=2), default=200, help="How many of the log it sends."
)
@json_option
@out_file_option
@endpoint_option
def bursts(
    *,
    log_path: Path,
    texts: Path | None,
    seed: int,
    names: str | None,
    sizes: Sequence[int],
    repeats: int,
    per_second: float,
    messages: int,
    as_json: bool,
    out: Path | None,
    endpoint: str | None,
) -> None:
    """Measure the stream update when a conversation's messages come in bursts.

    The bootcamp's handler takes one record a batch, whatever it is given; ours take all messages
    of a conversation in a batch as one update. Shown are round trips, request units and stream
    records per message, whether the inboxes were right afterwards, records per second, and the
    lag of the inboxes while another process sends.

    \b
    The figures in data/ are made by:
      workbench bursts --out data/bursts.json
    """
    from workbench.designs import DESIGNS, find_designs
    from workbench.dynamodb.targets import open_targets
    from workbench.live.bursts import function_of, measure
    from workbench.messaging.logs import read_log
    from workbench.reports.bursts import burst_lines

    designs = find_designs(names) if names else DESIGNS
    log = read_log(log_path, texts=texts, seed=seed).first(messages)
    with (
        progress_bars() as progress,
        open_targets(endpoint=endpoint) as [target],
    ):
        run = measure(
            [*bootcamp_functions(), *map(function_of, designs)],
            target,
            log,
            sizes=sizes,
            repeats=repeats,
            per_second=per_second,
            seed=seed,
            progress=progress,
        )
    if out is not None:
        run.write(out)
        click.echo(f"stored: {out}", err=True)
    if as_json:
        click.echo(run.to_json(), nl=False)
    else:
        click.echo("\n".join(burst_lines(json.loads(run.to_json()))))


def read_sizes(text: str) -> list[int]:
    """Sizes of bursts, which commas part."""
    try:
        sizes = [int(size) for size in text.split(",")]
    except ValueError:
        sizes = [0]
    if min(sizes) < 1:
        raise click.BadParameter(f"whole numbers from 1 on, as in 1,10,100 (got {text})")
    return sizes


def bootcamp_functions() -> "Iterator[StreamFunction]":
    """The bootcamp's handler as built, but for its endpoint: with all records one by one, or not.

    What it raises on records of its own deletes is discarded, or it would go on for ever.
    """
    from workbench.conformance.bootcamp import ALL_FAULTS, bootcamp_handler
    from workbench.conformance.grounds import World
    from workbench.designs.dual import Dual
    from workbench.live.bursts import FIRST_INSTANT
    from workbench.streams.mapping import EventSourceMapping
    from workbench.trials.trial import StreamFunction

    def handler(client: "DynamoDBClient", table_name: str) -> "Handler":
        world = World(client, table_name, lambda: FIRST_INSTANT, lambda region, url: client)
        return bootcamp_handler(world, ALL_FAULTS)

    for size in (1, 100):
        yield StreamFunction(
            f"bootcamp, batches of {size}",
            Dual,
            handler,
            EventSourceMapping(batch_size=size, maximum_retry_attempts=0),
            on_discard=lambda metadata: None,
        )
