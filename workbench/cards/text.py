"""A card as text for terminals, and as Markdown."""

import io
import re
import textwrap
from collections.abc import Iterator

from workbench.cards.card import Card, Place
from workbench.cards.labels import shortened
from workbench.cards.sections import Listing, Rows, Section, sections

WIDTH = 100
FIGURE = re.compile(r"[\d.,]+")


def card_text(card: Card) -> str:
    """The card in plain characters, 100 columns wide."""
    head = [f"{card.name}: {card.summary}", card.file]
    return "\n".join([*head, *(line for each in sections(card) for line in _text(each)), ""])


def card_markdown(card: Card) -> str:
    """The card as Markdown: a heading for each section, and its text in a block of code."""
    head = [f"# {card.name}", "", f"`{card.summary}`", "", f"`{card.file}`"]
    for each in sections(card):
        _, _, *lines = _text(each)
        head += ["", f"## {each.title}", "", "```text", *lines, "```"]
    return "\n".join([*head, ""])


def _text(section: Section) -> Iterator[str]:
    yield from ("", section.title.upper())
    for note in section.notes:
        yield from textwrap.wrap(note, WIDTH, subsequent_indent="  ")
    if section.rows:
        yield from ("", *_columns(section.rows))
    yield from _listed(section.listing)
    yield from picture(section.places)
    if section.code:
        yield from ("", *section.code.splitlines())


def _listed(listing: Listing) -> Iterator[str]:
    for heading, lines in listing:
        yield from ("", *textwrap.wrap(heading, WIDTH, subsequent_indent="    "))
        for line in lines:
            yield from (f"  {part}" for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """Lines of at most 98 columns; those that go on are indented."""
    return textwrap.wrap(
        line, WIDTH - 2, subsequent_indent=" " * 5, drop_whitespace=True, break_on_hyphens=False
    )


def _columns(rows: Rows) -> list[str]:
    """A table with a heading, figures to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    headings, *body = rows
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, *cells in zip(headings, *body, strict=True):
        is_figures = all(FIGURE.fullmatch(cell) for cell in cells)
        table.add_column(heading, justify="right" if is_figures else "left")
    for row in body:
        table.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=WIDTH, color_system=None).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


# --- Picture ---------------------------------------------------------------------------------


def picture(places: tuple[Place, ...]) -> Iterator[str]:
    """Item collections as lines: the partition key once, and an item a line."""
    for place in places:
        yield from ("", f"{place.name}: {' + '.join(place.partition_key)} | {_sort_of(place)}")
        keys = max((len(each.partition_key) for each in place.collections), default=0)
        sort_keys = max(
            (len(each.sort_key) for held in place.collections for each in held.entries), default=0
        )
        for held in place.collections:
            shown = held.partition_key
            for each in held.entries:
                rest = ", ".join(f"{name} {value}" for name, value in each.attributes.items())
                line = f"  {shown:{keys}} | [{each.item_type}] {each.sort_key:{sort_keys}}  "
                yield line + shortened(rest, max(WIDTH - len(line), 20))
                shown = ""
            if held.left_out:
                yield f"  {'':{keys}} | ... {held.left_out} more"
        if place.left_out:
            yield f"  ... {place.left_out} more item collections"
        if not place.collections:
            yield "  nothing"


def _sort_of(place: Place) -> str:
    return " + ".join(place.sort_key) or "no sort key"
