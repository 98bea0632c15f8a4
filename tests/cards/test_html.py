"""Cards as HTML."""

from html.parser import HTMLParser

from tests.cards.conftest import HOSTILE
from workbench.cards.card import Card
from workbench.cards.html import card_html, card_page
from workbench.cards.sections import sections

VOID = {"br", "meta"}


class Reader(HTMLParser):
    """Reads a page; elements that are not closed in order fail."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def test_page_has_every_section_in_order(card: Card) -> None:
    reader = Reader(card_page(card))

    assert reader.texts["h2"] == [section.title for section in sections(card)]
    assert reader.texts["title"] == ["made: design card"]


def test_page_shows_stored_text_as_text(card: Card) -> None:
    reader = Reader(card_page(card))

    assert "script" not in {tag for tag, _ in reader.seen}
    assert f"message {HOSTILE}" in reader.texts["small"]
    assert f"message = {HOSTILE}" in reader.texts["li"]


def test_page_colours_items_by_their_type(card: Card) -> None:
    reader = Reader(card_page(card))

    [item] = [attributes for _, attributes in reader.seen if attributes.get("class") == "item"]
    assert item["style"] == "background: #cfe8f7"
    assert "empty-index: region + user | at + id" in reader.texts["h3"]


def test_page_fetches_nothing_from_elsewhere(card: Card) -> None:
    reader = Reader(card_page(card))

    assert not any({"src", "href"} & attributes.keys() for _, attributes in reader.seen)
    assert "url(" not in card_page(card)


def test_notebook_shows_the_card_as_one_element(card: Card) -> None:
    assert card._repr_html_() == card_html(card)
    assert card_html(card).startswith('<article class="design-card">')
