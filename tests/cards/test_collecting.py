"""What is collected of designs at work."""

import pytest

from workbench.cards import collecting
from workbench.cards.card import Card
from workbench.cards.collecting import collect_card
from workbench.cards.text import card_text
from workbench.conformance.machine import Search
from workbench.conformance.program import Failure, Step
from workbench.designs import Dual, Pointer, Single
from workbench.dynamodb.targets import Target
from workbench.errors import PromiseBroken

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def cards(target: Target) -> dict[str, Card]:
    return {each.name: collect_card(each, target, programs=0) for each in (Dual, Pointer, Single)}


def operations(card: Card, method: str) -> list[tuple[str, str]]:
    [call] = [call for call in card.calls if call.method == method]
    return [(request.operation, request.on) for request in call.requests]


def test_duals_update_queries_its_index_first(cards: dict[str, Card]) -> None:
    index = "message-group-sk-index"

    found = operations(cards["dual"], "update_conversation")

    assert found == [("Query", index), *[("PutItem", "table"), ("DeleteItem", "table")] * 2]
    text = card_text(cards["dual"])
    assert f"{index} is read by A, C, D, E, F, G, H, I: on AWS an index may lag" in text
    assert "E update_conversation wrote with 4 requests, not all or nothing" in text


def test_pointers_inbox_is_a_query_and_a_batch(cards: dict[str, Card]) -> None:
    found = operations(cards["pointer"], "list_conversations")

    assert found == [("Query", "table"), *[("BatchGetItem", "table")] * 3]
    [call] = [call for call in cards["pointer"].calls if call.pattern == "B"]
    assert (call.round_trips, call.rru, call.wru) == (2, 2, 0)
    assert cards["pointer"].scale == "ada's inbox has 3 conversations, the one with bo 2 messages"


def test_unsupported_pattern_is_told_with_its_reason(cards: dict[str, Card]) -> None:
    assert "its group item has places for two" in cards["single"].unsupported["J"]
    assert not [call for call in cards["single"].calls if call.pattern == "J"]
    assert [call.method for call in cards["dual"].calls if call.pattern == "J"] == ["start_group"]
    assert len([call for call in cards["pointer"].calls if call.pattern == "J"]) == 3


def test_item_types_are_told_apart_by_their_keys(cards: dict[str, Card]) -> None:
    found = {kind.keys: kind for kind in cards["pointer"].item_types}

    assert set(found) == {
        "pk MSG#<conversation>, sk <time>",
        "pk GRP#<conversation>, sk GROUP",
        "pk USR#<user>, sk GROUP#<conversation>",
    }
    membership = found["pk USR#<user>, sk GROUP#<conversation>"]
    assert (membership.count, set(membership.optional)) == (7, {"hidden_at", "read_at"})
    assert membership.example["pk"] == "USR#<ada>"
    uuid_bytes, time_bytes = 36, 32
    names = len("pkskother_uuidread_athidden_at")
    assert membership.size_bytes == names + len("USR#GROUP#") + 3 * uuid_bytes + 2 * time_bytes


def test_index_collections_have_their_own_order(cards: dict[str, Card]) -> None:
    table, inbox_a, inbox_b = cards["single"].places

    assert (inbox_a.name, inbox_a.partition_key) == ("inbox-a-index", ("user_a_uuid",))
    assert [each.partition_key for each in inbox_b.collections] == ["<ada>", "<bo>"]
    [messages] = [each for each in table.collections if each.partition_key == "MSG#<ada+bo>"]
    assert [each.sort_key for each in messages.entries] == ["<12:00:00>", "<12:00:03>"]
    [entry] = inbox_a.collections[0].entries
    assert entry.attributes["pk"] == "GRP#<ada+bo>"


def test_guards_follow_from_keys_that_are_the_callers(cards: dict[str, Card]) -> None:
    by_place = {(each.actions, each.on): each.keys for each in cards["single"].guards}

    assert by_place["Query", "inbox-a-index"] == ("<caller>",)
    assert by_place["GetItem", "table"] == ("GRP#*",)
    assert {name: card.guarded_patterns for name, card in cards.items()} == {
        "dual": "B", "pointer": "G", "single": "B",
    }  # fmt: skip


def test_faults_are_counted_after_so_many_programs(target: Target) -> None:
    faults = collect_card(Single, target, programs=8).faults

    assert faults is not None
    assert (faults.programs, faults.patterns, faults.broken) == (8, "ABCDEFGHI", "")
    assert sum(faults.injected.values()) > 0


def test_broken_promise_is_shown_with_its_program(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (Step("start", {"who": "ada", "whom": "bo"}),)
    failure = Failure(steps, PromiseBroken("B", "an entry is missing"))
    # A real search makes its program small first, which takes minutes.
    monkeypatch.setattr(
        collecting, "search", lambda ground, **_: Search(ground, programs=3, failure=failure)
    )

    faults = collect_card(Single, target, programs=20).faults

    assert faults is not None
    assert (faults.programs, faults.broken) == (3, "B: an entry is missing")
    assert "with open_session(find_any('single')) as session:" in faults.program
    assert "session.start(who='ada', whom='bo')" in faults.program


def test_index_with_a_projection_shows_what_it_holds(target: Target) -> None:
    definition = {**Pointer.table_definition, "GlobalSecondaryIndexes": [{
        "IndexName": "wide-index",
        "KeySchema": [
            {"AttributeName": "user_uuid", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["message"]},
    }]}  # fmt: skip
    definition["AttributeDefinitions"] = [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "user_uuid")
    ]

    class Wide(Pointer):
        table_definition = definition

    index = collect_card(Wide, target, programs=0).places[1]

    assert (index.partition_key, index.sort_key) == (("user_uuid",), ("sk",))
    assert index.projection == "INCLUDE message"
    assert set(index.collections[0].entries[0].attributes) == {"pk", "message"}
