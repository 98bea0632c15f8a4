"""Exercises of lesson 02: keys, and what a message moves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.capacity.indexes import read_schema
from workbench.capacity.operations import Action, write_charges
from workbench.capacity.requests import Charge, Consistency, query_read_units
from workbench.cards.scenario import ADA, NOON, USERS
from workbench.course.exercises import Exercise, Finding, Mistake, code, number, right
from workbench.designs.dual import Dual, inbox_partition
from workbench.designs.messages import message_item, user_attributes
from workbench.messaging.entities import Message, User
from workbench.messaging.times import format_time

Item = dict[str, Any]
SHORT, LONG = "How are you?", "x" * 1_024
GROUP = "0d6bd7ab-0000-4000-8000-000000000002"
PAGE, INBOX, GROUP_BYTES = 20, 45, 260


# --- What one message writes under dual ------------------------------------------------------


def group_item(owner: User, other: User, text: str, last_reply_at: str) -> Item:
    """A group item as `Dual` stores it."""
    return {
        "pk": {"S": inbox_partition(owner.uuid)},
        "sk": {"S": last_reply_at},
        "message_group_uuid": {"S": GROUP},
        "message": {"S": text},
        **user_attributes(other),
    }


def message_charges(
    people: int, *, text: str = SHORT, last_text: str = SHORT, is_transactional: bool = False
) -> list[tuple[str, Charge]]:
    """What one message in a conversation of so many writes: "message", "put" or "delete", each."""
    schema = read_schema(Dual.table_definition)
    message = message_item(GROUP, Message(GROUP, ADA, text, NOON))
    written: list[tuple[str, Item | None, Item | None]] = [("message", None, message)]
    for place in range(people):
        owner, other = USERS[place % len(USERS)], USERS[(place + 1) % len(USERS)]
        written.append(("put", None, group_item(owner, other, text, format_time(NOON))))
        written.append(("delete", group_item(owner, other, last_text, "2026"), None))
    charges = []
    for kind, old, new in written:
        action = Action("Put" if new else "Delete", "table", schema.key_of(new or old or {}), new)
        each = write_charges(action, schema, old, new, is_transactional=is_transactional)
        charges += [(kind, charge) for charge in each]
    return charges


def message_wru(
    people: int,
    counts: Callable[[str, Charge], bool] = lambda kind, charge: True,
    **how: Any,
) -> float:
    """WRU of one message, or of the charges that count."""
    charges = message_charges(people, **how)
    return sum(charge.units for kind, charge in charges if counts(kind, charge))


def first_message_wru() -> float:
    """WRU of a first message: three items put in one transaction, and two index entries."""
    return message_wru(2, lambda kind, charge: kind != "delete", is_transactional=True)


def _of_table(kind: str, charge: Charge) -> bool:
    return charge.index is None


def _without_message(kind: str, charge: Charge) -> bool:
    return kind != "message"


def _three_mistakes() -> Sequence[Mistake]:
    half = message_wru(3, _of_table)
    return [
        Mistake(
            half,
            "forgot the index, or the delete",
            "a new sort key is a put and a delete, and each of them is one in the index, too: "
            "four writes for each participant.",
        ),
        Mistake(
            message_wru(3, _without_message),
            "forgot the message",
            "that is for the group items; the message itself is an item, too.",
        ),
        Mistake(
            message_wru(2),
            "left one out",
            "that is for two group items. The sender's own moves as well: it is in their inbox.",
        ),
        Mistake(
            message_wru(3, is_transactional=True),
            "took it for a transaction",
            "the stream update writes item by item, in no transaction.",
        ),
    ]


def _long_mistakes() -> Sequence[Mistake]:
    return [
        Mistake(
            message_wru(2),
            "kept the units of a short text",
            "the text is copied into the group items and their index entries; over 1 KB each of "
            "these is 2 WRU.",
        ),
        Mistake(
            message_wru(2, text=LONG),
            "took the deleted items for short",
            "a delete is charged by the size of what it deletes, and the text before was as long.",
        ),
        Mistake(
            message_wru(2, _of_table, text=LONG, last_text=LONG),
            "forgot the index, or that copies grow",
            "either index entries are left out, or only the message is taken for longer.",
        ),
    ]


def _transaction_mistakes() -> Sequence[Mistake]:
    return [
        Mistake(
            2 * message_wru(2),
            "doubled the index in a transaction",
            "a transaction doubles the units of the table's items, never those of index entries.",
        ),
        Mistake(
            message_wru(2),
            "forgot that a transaction doubles",
            "each item of the table is written in two steps, and charged twice.",
        ),
        Mistake(
            message_wru(2, _of_table, is_transactional=True),
            "forgot the index",
            "that is the table alone; the index entries of the group items are written, too.",
        ),
    ]


# --- What a read of an inbox costs -----------------------------------------------------------


def _page(count: int, consistency: Consistency = Consistency.EVENTUAL) -> float:
    return query_read_units([GROUP_BYTES] * count, consistency)


def _page_mistakes() -> Sequence[Mistake]:
    return [
        Mistake(
            PAGE * _page(1),
            "rounded each item",
            "a Query adds up the bytes of all items first, and rounds once.",
        ),
        Mistake(
            _page(INBOX),
            "read the whole inbox",
            "a Query with a Limit of 20 stops after 20; the others are not read.",
        ),
        Mistake(
            _page(PAGE, Consistency.STRONG),
            "took it for strongly consistent",
            "a read that may be a moment old costs half.",
        ),
        Mistake(
            _page(1),
            "took a page for one block",
            "20 items of 260 bytes are more than 4,096 bytes, and begin a second block.",
        ),
    ]


# --- How a group item moves ------------------------------------------------------------------


BO = USERS[1]
OLD = group_item(ADA, BO, "Hello Bo!", "2026-03-01T12:00:05.000000+00:00")
NEWER, SAME, OLDER = (
    {
        "pk": {"S": f"MSG#{GROUP}"},
        "sk": {"S": f"2026-03-01T12:00:{second:02}.000000+00:00"},
        "message": {"S": SHORT},
        "message_uuid": {"S": GROUP},
        **user_attributes(ADA),
    }
    for second in (9, 5, 1)
)


def _key(item: Mapping[str, Any]) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _judge_moved(results: list[Any]) -> Finding:
    newer, older, same = ([(name, dict(body)) for name, body in result] for result in results)
    names = [name for name, _ in newer]
    if names == ["DeleteItem", "PutItem"]:
        return Finding("deleted first", "if the function dies in between, the conversation is gone")
    if names == ["PutItem"]:
        return Finding("forgot the delete", "the old item stays: the inbox shows two entries")
    if names != ["PutItem", "DeleteItem"]:
        return Finding("other requests", f"a PutItem and a DeleteItem are needed (got {names})")
    (_, item), (_, key) = newer
    fault = _fault_of(item, key)
    if fault is None and older:
        fault = Finding(
            "went back in time", "an older message that comes late must not change anything: []"
        )
    if fault is None and same:
        fault = Finding(
            "deleted what it had put",
            "a message that comes a second time has the old item's key: put, then deleted, the "
            "conversation is gone. Return []",
        )
    return fault or right("Put, then delete, and only for a message that is newer.")


def _fault_of(item: Item, key: Item) -> Finding | None:
    """What is wrong with the new item, or with the key that is deleted."""
    if item.get("pk") != OLD["pk"]:
        return Finding("lost the owner", "the new item belongs under the same partition key")
    if item.get("sk") != NEWER["sk"]:
        return Finding("kept the old time", "the sort key is the time of the new message")
    if item.get("message") != NEWER["message"]:
        return Finding("kept the old text", "the inbox shows the last message")
    if "message_group_uuid" not in item:
        return Finding("fell out of the index", "without its key attribute nothing finds the item")
    if item.get("user_handle") != OLD["user_handle"]:
        return Finding(
            "named the sender", "the new item still names the other participant, not who wrote"
        )
    if key != _key(OLD):
        text = "the key to delete is the old item's, pk and sk, as it was before"
        return Finding("deleted another item", text)
    return None


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        "02.three_people",
        number(
            lambda: message_wru(3),
            "One for the message, and four for each participant: delete and put, in table and "
            "index.",
            _three_mistakes,
            unit="WRU",
        ),
        (
            "How many group items has a conversation of three?",
            "Each moves by a put and a delete.",
            "Each put and each delete is one in the index, too. Then add the message.",
        ),
    ),
    Exercise(
        "02.long_text",
        number(
            lambda: message_wru(2, text=LONG, last_text=LONG),
            "All nine writes are of more than 1 KB: what is copied is paid for with each copy.",
            _long_mistakes,
            unit="WRU",
        ),
        (
            "Which of the nine writes carry the text?",
            "An item with a text of 1,024 bytes, and names and keys, is in its second KB.",
            "A delete is charged by the size of what it deletes.",
        ),
    ),
    Exercise(
        "02.inbox_page",
        number(
            lambda: _page(PAGE),
            "5,200 bytes begin two blocks of 4 KB, half a unit each, however long the inbox.",
            _page_mistakes,
            unit="RRU",
        ),
        (
            "How many items does a Query with a Limit read?",
            "Add up their bytes, then round up to blocks of 4,096.",
            "Each block is half a unit, as an inbox may be a moment old.",
        ),
    ),
    Exercise(
        "02.one_transaction",
        number(
            lambda: message_wru(2, is_transactional=True),
            "Five items of the table at 2 WRU each, and four index entries at 1.",
            _transaction_mistakes,
            unit="WRU",
        ),
        (
            "How many items of the table are put or deleted, and how many index entries?",
            "Only one of these two kinds is doubled.",
            "It is the items of the table. The message has no entry in the index.",
        ),
    ),
    Exercise(
        "02.moved",
        code([(OLD, NEWER), (OLD, OLDER), (OLD, SAME)], _judge_moved),
        (
            "Times in this format sort as texts: compare the two values of `sk`.",
            '`{**old, "sk": ...}` is a copy with another sort key; the old item stays as it is.',
            'Return `[("PutItem", new_item), ("DeleteItem", old_key)]`, or `[]`.',
        ),
    ),
)
