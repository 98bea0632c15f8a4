"""A card as HTML, without anything from elsewhere: a part for notebooks, a page for files."""

from collections.abc import Iterator
from html import escape

from workbench.cards.card import Card, Collection, Place
from workbench.cards.sections import Listing, Rows, Section, sections

COLOURS = ("#cfe8f7", "#fde3b5", "#c9ecdd", "#f3d9e8", "#fbf5b0", "#f6cfb8", "#dcd9f5", "#e2e2e2")
STYLE = """
.design-card { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 68rem; margin: 0 auto; padding: 1rem; }
.design-card h2 { font-size: 1.15rem; border-bottom: 2px solid #ddd; margin: 1.8rem 0 .5rem; }
.design-card h3 { font-size: .95rem; margin: .9rem 0 .2rem; }
.design-card p { margin: .2rem 0; }
.design-card table { border-collapse: collapse; margin: .6rem 0; font-size: .9rem; }
.design-card th, .design-card td { text-align: left; padding: .15rem .8rem .15rem 0;
  border-bottom: 1px solid #eee; }
.design-card ul { margin: 0; padding-left: 1.2rem; list-style: none; }
.design-card li { white-space: pre-wrap; padding-left: 2.2rem; text-indent: -2.2rem; }
.design-card code, .design-card li, .design-card pre { font: .82rem/1.5 monospace; }
.design-card pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; }
.design-card .places { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: flex-start; }
.design-card .place { flex: 1 1 26rem; min-width: 0; }
.design-card .collection { border: 1px solid #999; border-radius: 6px; margin: .5rem 0;
  padding: .3rem .5rem; }
.design-card .item { border-radius: 4px; padding: .15rem .4rem; margin: .2rem 0;
  font: .8rem/1.4 monospace; overflow-wrap: anywhere; }
.design-card small { color: #444; }
"""


def card_page(card: Card) -> str:
    """A whole page, for a file."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(card.name)}: design card</title></head>\n"
        f"<body>{card_html(card)}</body></html>\n"
    )


def card_html(card: Card) -> str:
    """The card as one element, for a notebook."""
    head = (
        f"<h1>{escape(card.name)}</h1><p>{escape(card.summary)}</p>"
        f"<p><code>{escape(card.file)}</code></p>"
    )
    body = "\n".join(part for each in sections(card) for part in _section(each))
    return f'<article class="design-card"><style>{STYLE}</style>\n{head}\n{body}\n</article>'


def _section(section: Section) -> Iterator[str]:
    yield f"<section><h2>{escape(section.title)}</h2>"
    yield from (f"<p>{escape(note)}</p>" for note in section.notes)
    if section.rows:
        yield _table(section.rows)
    yield from _listed(section.listing)
    if section.places:
        yield f'<div class="places">{"".join(map(_place, section.places))}</div>'
    if section.code:
        yield f"<pre>{escape(section.code)}</pre>"
    yield "</section>"


def _table(rows: Rows) -> str:
    headings, *body = rows
    lines = [_row("th", headings), *(_row("td", each) for each in body)]
    return f"<table>{''.join(lines)}</table>"


def _row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _listed(listing: Listing) -> Iterator[str]:
    for heading, lines in listing:
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        yield f"<h3>{escape(heading)}</h3><ul>{items}</ul>"


# --- Picture ---------------------------------------------------------------------------------


def _place(place: Place) -> str:
    keys = f"{' + '.join(place.partition_key)} | {' + '.join(place.sort_key) or 'no sort key'}"
    more = f"<p>... {place.left_out} more item collections</p>" if place.left_out else ""
    collections = "".join(map(_collection, place.collections)) or "<p>nothing</p>"
    heading = f"<h3>{escape(place.name)}: {escape(keys)}</h3>"
    return f'<div class="place">{heading}{collections}{more}</div>'


def _collection(collection: Collection) -> str:
    items = "".join(
        f'<div class="item" style="background: {COLOURS[(each.item_type - 1) % len(COLOURS)]}">'
        f"[{each.item_type}] <b>{escape(each.sort_key)}</b><br><small>"
        + escape(", ".join(f"{name} {value}" for name, value in each.attributes.items()))
        + "</small></div>"
        for each in collection.entries
    )
    more = f"... {collection.left_out} more" if collection.left_out else ""
    return f'<div class="collection"><b>{escape(collection.partition_key)}</b>{items}{more}</div>'
