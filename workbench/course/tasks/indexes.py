"""Exercises of lesson 03: what an index costs, and an item that both participants share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.capacity.indexes import index_writes, read_schema
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import write_units
from workbench.course.exercises import Case, Exercise, Mistake, function, number
from workbench.designs.single import Single

Item = Mapping[str, Any]

ADA, BO, CY = (letter * 8 + "-0000-4000-8000-000000000000" for letter in "abc")
GROUP = "dddddddd-0000-5000-8000-000000000000"
LONGEST = "x" * 1_024
EARLIER, LATER = "2026-03-01T12:00:00.000000Z", "2026-03-01T12:00:01.000000Z"
WRU_IN_RRU = 5  # prices of on-demand tables, us-east-1: data/prices.csv


# --- What a message costs --------------------------------------------------------------------


def _group(text: str = "Hello!", last_reply_at: str = EARLIER, b_name: str = "Bo") -> Item:
    values = {
        "pk": f"GRP#{GROUP}",
        "sk": "GROUP",
        "message_group_uuid": GROUP,
        "message": text,
        "last_reply_at": last_reply_at,
        "user_a_uuid": ADA,
        "user_a_display_name": "Ada",
        "user_a_handle": "ada",
        "user_b_uuid": BO,
        "user_b_display_name": b_name,
        "user_b_handle": "bo",
    }
    return {name: {"S": value} for name, value in values.items()}


def message_wru(text: str, projection: str = "ALL") -> float:
    """WRU of a message under `single` after one of the same text, the stream update included."""
    schema = read_schema(Single.table_definition)
    indexes = tuple(replace(index, projection=projection) for index in schema.indexes)
    old, new = _group(text, EARLIER), _group(text, LATER)
    message = {"pk": {"S": f"MSG#{GROUP}"}, "sk": {"S": LATER}, "message": {"S": text}}
    entries = index_writes(replace(schema, indexes=indexes), old, new)
    return (
        write_units(0, item_size_bytes(message))
        + write_units(item_size_bytes(old), item_size_bytes(new))
        + sum(write_units(before, after) for _, before, after in entries)
    )


def _items_wru(text: str) -> float:
    """WRU of the message and the group item, without the indexes."""
    return message_wru(text, "KEYS_ONLY") - 4


KEYS_ONLY = Exercise(
    "03.keys_only",
    number(
        lambda: message_wru(LONGEST, "KEYS_ONLY"),
        "Message and item are 2 each. The entries are small now, but the sort key of each index "
        "still moves: a deletion and a put, 1 each. With ALL it would be 12.",
        lambda: [
            Mistake(
                message_wru(LONGEST),
                "charged whole entries",
                "that is with ALL: with KEYS_ONLY an entry has no text, and fits into 1 KB.",
            ),
            Mistake(
                _items_wru(LONGEST),
                "forgot the indexes",
                "the text is not in an entry, but `last_reply_at` is, as the sort key of both.",
            ),
            Mistake(
                _items_wru(LONGEST) + 2,
                "forgot one of two things",
                "message and item are over 1 KB each; and the key of an entry cannot change, so "
                "the old entry is deleted and a new one put.",
            ),
        ],
        unit="WRU",
    ),
    (
        "Three things are written: the message, the group item, and entries of two indexes.",
        "A text of 1,024 bytes with names and keys is over 1 KB. Who holds the text?",
        "Which attributes are left in an entry with KEYS_ONLY, and which of them changes?",
        "The key of an entry cannot change: the old entry is deleted, a new one put.",
    ),
)


# --- When both come to the same --------------------------------------------------------------


READS_PER_MESSAGE = Exercise(
    "03.reads_per_message",
    number(
        lambda: (9 - message_wru("Hello!")) * WRU_IN_RRU / (1.0 - 0.5),
        "Three WRU are worth 15 RRU, and each listing takes half of one back. For 5 times "
        "`single` is the cheaper one; an app that polls its inbox may well be beyond.",
        lambda: [
            Mistake(
                (9 - message_wru("Hello!")) / (1.0 - 0.5),
                "forgot the price",
                "a WRU costs five times an RRU: units of two kinds cannot be set off as they are.",
            ),
            Mistake(
                9 * WRU_IN_RRU / (1.0 - 0.5),
                "took one side only",
                "`single` writes, too: what counts is the difference of the two.",
            ),
            Mistake(
                (9 - message_wru("Hello!")) * WRU_IN_RRU,
                "forgot that both read",
                "`dual` pays for its reads, too: a listing makes a difference of half an RRU.",
            ),
        ],
    ),
    (
        "Write down what n listings and one message cost under each.",
        "Put both into RRU: 9 WRU are worth 45 RRU.",
        "45 + 0.5 n is to be 30 + 1 n.",
    ),
)


# --- Code ------------------------------------------------------------------------------------


def _name_cases() -> Sequence[Case]:
    item, namesakes = _group(), _group(b_name="Ada")
    return (
        Case(
            (item, BO),
            "Ada",
            "not the other's name",
            "Bo is logged in, and the item has Ada as `a`: what is asked for is the text of her "
            "display name, 'Ada'.",
        ),
        Case(
            (item, ADA),
            "Bo",
            "took the viewer for b",
            "the viewer may be `a` as well: Ada sees Bo's name.",
        ),
        Case(
            (item, CY),
            None,
            "let a stranger look",
            "Cy takes no part. To know a UUID must not be the right to read.",
        ),
        Case(
            (namesakes, ADA),
            "Ada",
            "compared names",
            "two users may have one name; only their UUIDs tell them apart.",
        ),
    )


SHOW_NAME = Exercise(
    "03.show_name",
    function(_name_cases, "One line of code in place of a second item; and a stranger sees None."),
    (
        'The viewer is `a` if `item["user_a_uuid"]["S"]` is their UUID.',
        'The name of `b` is `item["user_b_display_name"]["S"]`.',
        "Three cases: the viewer is `a`, is `b`, or neither.",
    ),
)


def _listed(*seconds: int, of: str = "a") -> list[Item]:
    """Items with their last replies at these seconds."""
    return [
        {"pk": {"S": f"GRP#{of}{number}"}, "last_reply_at": {"S": f"2026-03-01T12:00:{second:02}Z"}}
        for number, second in enumerate(seconds)
    ]


def _merge_cases() -> Sequence[Case]:
    a, b = _listed(9, 5, 1), _listed(7, 3, of="b")
    woven = [a[0], b[0], a[1], b[1], a[2]]
    new, old = _listed(9, 8), _listed(2, 1, of="b")
    tied = _listed(5), _listed(5, of="b")
    return (
        Case(
            (a, b, 5),
            woven,
            "not newest first",
            "of 9, 5, 1 and 7, 3 it has to become 9, 7, 5, 3, 1, of the items as they are.",
        ),
        Case((a, b, 3), woven[:3], "ignored the limit", "three were asked for, five were there."),
        Case(
            (new, old, 2),
            new,
            "shared the page out",
            "the newest may all be in one of the two lists: of 9, 8 and 2, 1 they are 9, 8.",
        ),
        Case(
            (old, new, 2),
            new,
            "shared the page out",
            "the newest may all be in the second list: of 2, 1 and 9, 8 they are 9, 8.",
        ),
        Case(
            (*tied, 2),
            [*tied[0], *tied[1]],
            "lost a tie",
            "two conversations of the same time are two, and that of `items_a` comes first.",
        ),
        Case(([], b, 9), b, "needs both lists", "a user may never have been `a`."),
    )


MERGE = Exercise(
    "03.merge",
    function(
        _merge_cases,
        "It takes a whole page of each index, and uses half of them: `single` does it with "
        "`heapq.merge`, which needs no sorting.",
    ),
    (
        "Times in ISO 8601 are in order as texts.",
        'Sort by `item["last_reply_at"]["S"]`, with `reverse=True`.',
        "Join the lists first, then sort, then cut off; not the other way round.",
    ),
)

EXERCISES: tuple[Exercise, ...] = (SHOW_NAME, MERGE, KEYS_ONLY, READS_PER_MESSAGE)
