"""Cards as text and as Markdown."""

from dataclasses import replace

from tests.cards.conftest import HOSTILE
from workbench.cards.card import Card, Faults
from workbench.cards.sections import sections
from workbench.cards.text import card_markdown, card_text


def test_text_draws_item_collections_in_lines(card: Card) -> None:
    text = card_text(card)

    assert f"  MSG#<ada+bo> | [1] <12:00:01>  message {HOSTILE}\n" in text
    assert "               | ... 7 more\n  ... 3 more item collections\n" in text
    assert "empty-index: region + user | at + id\n  nothing\n" in text


def test_text_tells_requests_and_costs_of_a_pattern(card: Card) -> None:
    text = card_text(card)

    assert "   1 PutItem  pk = MSG#<ada+bo>; if attribute_not_exists(pk)\n" in text
    assert "C   send_message             1     0   1.5                1" in text
    assert "J groups: start one, add, leave\n  not supported, because it has no room\n" in text


def test_text_shows_the_program_that_broke_a_promise(card: Card) -> None:
    text = card_text(card)

    assert "faults that happened: throttle 2." in text
    assert "Broken promise: E: wrong.\n\nsession.start(who='ada')\n" in text


def test_text_says_not_tried_without_programs(card: Card) -> None:
    assert "FAULTS SURVIVED\nNot tried: give --programs.\n" in card_text(replace(card, faults=None))


def test_text_claims_no_proof_when_all_was_kept(card: Card) -> None:
    text = card_text(replace(card, faults=Faults(9, "ABCDE", {})))

    assert "9 random programs with the patterns ABCDE were tried" in text
    assert "That is no proof" in text


def test_text_is_no_wider_than_a_terminal(card: Card) -> None:
    wide = replace(card, unsupported={"J": "because " * 40}, scale="many " * 40)

    assert max(map(len, card_text(wide).splitlines())) <= 100


def test_markdown_keeps_each_section_in_a_block(card: Card) -> None:
    lines = card_markdown(card).splitlines()

    assert lines[0] == "# made"
    assert [line for line in lines if line.startswith("## ")] == [
        f"## {section.title}" for section in sections(card)
    ]
    assert lines.count("```text") == len(sections(card)) == lines.count("```")
    inside = "\n".join(lines).split("```text")[0]
    assert HOSTILE not in inside
