"""`workbench data` and `workbench generate`: message logs."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from workbench.cli.options import json_option, log_options


@click.command()
@log_options
@json_option
@click.option(
    "--workload", "as_workload", is_flag=True, help="Print the workload, for `workbench cost`."
)
def data(
    *, log_path: Path, texts: Path | None, seed: int, as_json: bool, as_workload: bool
) -> None:
    """Say what a message log holds: users, conversations, quantiles.

    A log that cannot be read is refused as a whole, with the number of each bad line.
    """
    from workbench.messaging.description import describe_log
    from workbench.messaging.logs import read_log
    from workbench.messaging.workload import workload_of

    if as_workload and as_json:
        raise click.UsageError("--workload and --json exclude each other: choose one")
    log = read_log(log_path, texts=texts, seed=seed)
    description = describe_log(log)
    if as_workload:
        click.echo(workload_of(log).to_toml(), nl=False)
    elif as_json:
        click.echo(json.dumps(asdict(description), indent=2, default=str))
    else:
        click.echo("\n".join(description.lines()))


@click.command()
@click.option("--users", default=60, help="2 to 63.")
@click.option("--messages", default=3_000, help="1 or more.")
@click.option("--seed", default=5)
def generate(users: int, messages: int, seed: int) -> None:
    """Write a made-up message log to standard output, as CSV.

    \b
    The log in data/ is made by:
      workbench generate > data/messages.csv
    """
    from workbench.messaging.generator import generate_messages, write_csv

    write_csv(generate_messages(users=users, messages=messages, seed=seed), sys.stdout)
