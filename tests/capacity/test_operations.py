"""Writes: what they do, and their charges."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capacity.conftest import SCHEMA, by_arm, item, schema_of, texts
from workbench.capacity.indexes import Index, Schema
from workbench.capacity.operations import Action, actions, replay_charge, write_charges

PUT = Action("Put", "t", {})

# --- One message sent ------------------------------------------------------------------------

GROUP_INDEX = Index("group", ("message_group_uuid", "sk"), "ALL")
INBOX_INDEX = Index("inbox", ("user", "last_reply_at"), "ALL")
TWO_INBOXES = (
    Index("a", ("user_a", "last_reply_at"), "ALL"),
    Index("b", ("user_b", "last_reply_at"), "ALL"),
)
OLD, NEW = "2026-03-01", "2026-03-02"
Change = tuple[Any, Any]


def message(text: str) -> Change:
    return None, texts(sk=NEW, message=text)


def moved(number: int, text: str) -> list[Change]:
    """Dual: the new group item is put, the old one deleted, for the time is in the key."""
    common = {"message_group_uuid": "1", "owner": f"{number}", "message": text}
    return [
        (None, texts(sk=NEW, **common)),
        (texts(sk=OLD, **common), None),
    ]


def bumped(number: int, text: str) -> list[Change]:
    """Fixed key: the group item stays where it is, and shows a new text and time."""
    common = {"sk": f"{number}", "user": f"{number}", "user_a": "1", "user_b": "2", "message": text}
    return [(texts(**common, last_reply_at=OLD), texts(**common, last_reply_at=NEW))]


def message_wru(
    indexes: tuple[Index, ...], changes: list[Change], *, is_transactional: bool = False
) -> float:
    schema = Schema(("pk", "sk"), indexes)
    return sum(
        charge.units
        for old, new in changes
        for charge in write_charges(PUT, schema, old, new, is_transactional=is_transactional)
    )


# Table "Settled numbers" of the modelling session: items under 1 KB, projection ALL, n group items.
@pytest.mark.parametrize(
    ("indexes", "change", "n", "wru"),
    [
        *(((GROUP_INDEX,), moved, n, wru) for n, wru in ((1, 5), (2, 9), (10, 41))),
        *(((INBOX_INDEX,), bumped, n, wru) for n, wru in ((1, 4), (2, 7), (10, 31))),
        *(((), bumped, n, wru) for n, wru in ((1, 2), (2, 3), (10, 11))),
        (TWO_INBOXES, bumped, 1, 6),
    ],
)
def test_message_costs_the_settled_units(
    indexes: tuple[Index, ...], change: Any, n: int, wru: float
) -> None:
    changes = [message("hello")] + [each for number in range(n) for each in change(number, "hello")]

    assert message_wru(indexes, changes) == wru


@pytest.mark.parametrize(("n", "wru"), [(1, 8), (2, 14), (10, 62)])
def test_message_in_one_transaction_costs_more(n: int, wru: float) -> None:
    changes = [message("hello")] + [each for number in range(n) for each in moved(number, "hello")]

    assert message_wru((GROUP_INDEX,), changes, is_transactional=True) == wru


def test_long_message_doubles_every_copy() -> None:
    text = "x" * 1_024
    changes = [message(text), *moved(1, text), *moved(2, text)]

    assert message_wru((GROUP_INDEX,), changes) == 18


# --- Writes ----------------------------------------------------------------------------------


# Captures of the service by nubo-db/dynoxide, August 2026, tests of transactional indexes.
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, texts(sk="1", g="1"), {None: 2, "global": 1}),
        (item(3_072, sk="1"), None, {None: 6}),
        (None, None, {None: 2}),
        (item(1_500, sk="1", g="1"), item(1_500, sk="1", g="2"), {None: 4, "global": 2}),
        (texts(sk="1", g="1"), texts(sk="1", g="1"), {None: 2}),
        (None, texts(sk="1", g="1", l="1"), {None: 2, "global": 1, "local": 1}),
    ],
)
def test_transaction_doubles_the_table_alone(
    old: Any, new: Any, expected: dict[str | None, float]
) -> None:
    assert by_arm(write_charges(PUT, SCHEMA, old, new, is_transactional=True)) == expected


def test_key_move_in_transaction_counts_both_entries() -> None:
    schema = Schema(("pk", "sk"), (Index("all", ("g",), "ALL"),))
    old, new = item(1_500, sk="1", g="1"), item(1_500, sk="1", g="2")

    charges = write_charges(PUT, schema, old, new, is_transactional=True)

    assert by_arm(charges) == {None: 4, "all": 4}, "dynoxide, GSI key move at 1.5 KB per side"


@pytest.mark.parametrize(
    ("old", "new", "wru"),
    [(None, item(1_500, g="1"), 2), (item(3_000, g="1"), item(100, g="2"), 3), (None, None, 1)],
)
def test_refused_write_charges_no_index(old: Any, new: Any, wru: float) -> None:
    assert by_arm(write_charges(PUT, SCHEMA, old, new, is_refused=True)) == {None: wru}


def test_condition_check_charges_no_index() -> None:
    check = Action("ConditionCheck", "t", {})
    stored = item(1_500, sk="1", g="1")

    charges = write_charges(check, SCHEMA, stored, stored, is_transactional=True)

    assert by_arm(charges) == {None: 4}


def test_entry_of_two_images_is_free() -> None:
    schema = Schema(("pk",), (Index("two", ("a", "b"), "ALL"),))

    charges = list(write_charges(PUT, schema, texts(a="1"), texts(b="1")))

    assert [(charge.index, charge.units) for charge in charges] == [(None, 1), ("two", 0)]


@pytest.mark.parametrize(("size_bytes", "rru"), [(0, 2), (100, 2), (5_000, 4)])
def test_replay_is_charged_as_a_read(size_bytes: int, rru: float) -> None:
    stored = item(size_bytes, sk="1") if size_bytes else None

    charge = replay_charge(PUT, stored)

    assert (charge.units, charge.is_write) == (rru, False)


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("PutItem", {"TableName": "t", "Item": texts(sk="1", a="1")}, ["Put"]),
        ("UpdateItem", {"TableName": "t", "Key": texts(sk="1")}, ["Update"]),
        ("DeleteItem", {"TableName": "t", "Key": texts(sk="1")}, ["Delete"]),
        (
            "BatchWriteItem",
            {
                "RequestItems": {
                    "t": [
                        {"PutRequest": {"Item": texts(sk="1", a="1")}},
                        {"DeleteRequest": {"Key": texts(sk="1")}},
                    ]
                }
            },
            ["Put", "Delete"],
        ),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "t", "Item": texts(sk="1", a="1")}},
                    {"Update": {"TableName": "t", "Key": texts(sk="1")}},
                    {"ConditionCheck": {"TableName": "t", "Key": texts(sk="1")}},
                ]
            },
            ["Put", "Update", "ConditionCheck"],
        ),
    ],
)
def test_request_is_split_into_its_actions(
    operation: str, params: Any, expected: list[str]
) -> None:
    found = list(actions(operation, params, schema_of))

    assert [action.verb for action in found] == expected
    assert all((action.table, action.key) == ("t", texts(sk="1")) for action in found)
    assert [action.new_item is not None for action in found] == [v == "Put" for v in expected]


# --- Properties ------------------------------------------------------------------------------

values = st.dictionaries(st.sampled_from(("g", "l", "a")), st.sampled_from(("1", "2", "x" * 1_100)))
images = st.none() | values.map(lambda some: texts(sk="1", **some))


@given(images, images)
def test_transaction_never_doubles_an_index(old: Any, new: Any) -> None:
    plain = by_arm(write_charges(PUT, SCHEMA, old, new))
    doubled = by_arm(write_charges(PUT, SCHEMA, old, new, is_transactional=True))

    assert doubled == {**plain, None: 2 * plain[None]}


@given(images, images)
def test_refusal_never_costs_more_than_success(old: Any, new: Any) -> None:
    refused = by_arm(write_charges(PUT, SCHEMA, old, new, is_refused=True))
    done = by_arm(write_charges(PUT, SCHEMA, old, new))

    assert refused == {None: done[None]}
    assert done[None] >= 1
