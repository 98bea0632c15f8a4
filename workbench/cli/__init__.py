"""The command line: each command calls one function of the library and prints its result.

Results go to standard output; progress and notes go to standard error.
"""

from typing import Any

import click

from workbench.cli.bursts import bursts
from workbench.cli.card import card
from workbench.cli.check import check
from workbench.cli.compare import compare
from workbench.cli.costs import cost, trace
from workbench.cli.data import data, generate
from workbench.cli.dax import dax
from workbench.cli.drive import drive
from workbench.cli.endpoints import endpoints
from workbench.cli.growth import growth
from workbench.cli.interchange import export, import_
from workbench.cli.latency import latency
from workbench.cli.load import load
from workbench.cli.new import new
from workbench.cli.policy import policy
from workbench.cli.progress import progress
from workbench.cli.review import review
from workbench.cli.servers import doctor, down, install, lab, status, up
from workbench.cli.stream import stream
from workbench.errors import WorkbenchError


class Workbench(click.Group):
    """Prints our own errors as one message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WorkbenchError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


@click.group(
    cls=Workbench,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(package_name="message-group-workbench")
def main() -> None:
    """Which DynamoDB data model, and why? Compare message-group designs with real code.

    \b
    Start here:
      workbench compare              dual and single on the log in data/, measured
      workbench card dual            a design on one page: items, requests, limits
      workbench new my_design.py     a design of your own, which works and is yours to change
      workbench export, import       models for NoSQL Workbench and others, and from it
      workbench review single        one page and one verdict, for a team that has to decide
      workbench cost                 what a month costs, and where the answer flips
      workbench dax                  what a DAX cluster would change, and when it pays
      workbench policy --role api    the rights that a design needs, and no more
      workbench data --log FILE      what a message log holds
      workbench check                is a design right? crashes, redelivery, an index that lags
      workbench load                 a whole log on a table, fast
      workbench stream run           follow a table's stream, as Lambda would
      workbench up                   a DynamoDB Local to share with notebooks
      workbench progress             exercises solved, and how predictions fared
      workbench doctor               what is wrong with the set-up, and the way out

    Requests go to the embedded DynamoDB Local, or to --endpoint / WORKBENCH_ENDPOINT on this
    machine. AWS is used only if you name a region with --aws.
    """


for command in (
    bursts, card, check, compare, cost, data, dax, doctor, down, drive, endpoints, export, generate,
    growth, import_, install, lab, latency, load, new, policy, progress, review, status, stream,
    trace, up,
):  # fmt: skip
    main.add_command(command)
