"""`workbench card`: a design on one page."""

from pathlib import Path

import click

from workbench.cli.options import endpoint_option, out_file_option, progress_bars


@click.command()
@click.argument("design_name", metavar="DESIGN")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "html"]), default="text")
@click.option(
    "--programs",
    type=click.IntRange(min=0),
    default=50,
    help="Random programs with faults to try; 0 tries none.",
)
@click.option("--seed", default=1, help="Seed of the programs.")
@out_file_option
@endpoint_option
def card(
    *,
    design_name: str,
    form: str,
    programs: int,
    seed: int,
    out: Path | None,
    endpoint: str | None,
) -> None:
    """Show on one page what a design does: its items, its requests, its limits.

    Nothing on the card is typed in: a few users talk through the design on DynamoDB Local, each
    access pattern is called once, and the card tells what was seen.

    \b
    How to read it:
      Item types        told apart by the shape of their keys and by their attributes
      Item collections  what lies together, in order; an index is the same items, sorted anew
      Requests          what each pattern sends: one Query beats many requests, a condition
                        keeps a write from spoiling what another one wrote
      Costs             request units by rule at this small scale
      Faults survived   random programs with crashes, redelivery, lag: did all lists agree?
      IAM               where a key holds the caller's UUID, a policy can guard it

    \b
    Examples:
      workbench card pointer
      workbench card dual --format html --out dual.html
      workbench card single --programs 0
    """
    from workbench.cards.collecting import collect_card
    from workbench.cards.html import card_page
    from workbench.cards.text import card_markdown, card_text
    from workbench.designs import find_design
    from workbench.dynamodb.targets import open_targets
    from workbench.storage import store

    design = find_design(design_name)
    with progress_bars() as progress, open_targets(endpoint=endpoint, is_brief=True) as [target]:
        found = collect_card(design, target, programs=programs, seed=seed, progress=progress)
    written = {"text": card_text, "markdown": card_markdown, "html": card_page}[form](found)
    if out is None:
        click.echo(written, nl=False)
    else:
        store(out, written)
        click.echo(f"wrote {out}", err=True)
