"""A card made by hand, with text that a format could take for its own."""

import pytest

from workbench.cards.card import (
    Call,
    Card,
    Collection,
    Entry,
    Faults,
    Guard,
    ItemType,
    Place,
    Request,
)

HOSTILE = "<script>alert('[red]|*')</script>"


@pytest.fixture
def card() -> Card:
    entries = (Entry("<12:00:01>", 1, {"message": HOSTILE}),)
    request = Request(1, "PutItem", "table", "pk = MSG#<ada+bo>", ("if attribute_not_exists(pk)",))
    return Card(
        name="made",
        summary="by hand",
        file="made.py",
        scale="2 conversations",
        places=(
            Place("table", ("pk",), ("sk",), "", (Collection("MSG#<ada+bo>", entries, 7),), 3),
            Place("empty-index", ("region", "user"), ("at", "id"), "KEYS_ONLY", (), 0),
        ),
        item_types=(ItemType(1, "pk MSG#<x>, sk <time>", 8, 90, {"message": HOSTILE}, ()),),
        calls=(Call("C", "send_message", (request,), 1, 0.0, 1.5, 1),),
        unsupported={"J": "it has no room"},
        guards=(Guard("PutItem", "table", ("MSG#*",)),),
        guarded_patterns="",
        faults=Faults(5, "ABCDE", {"throttle": 2}, "E: wrong", "session.start(who='ada')\n# E"),
    )
