"""Exercises of lessons 00 and 01: what a request costs, and what an application asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import Consistency, query_read_units, write_units
from workbench.course.exercises import Exercise, Finding, Mistake, code, number, right, word
from workbench.course.tasks.keys import first_message_wru, message_wru
from workbench.designs.messages import message_partition
from workbench.messaging.workload import Workload

MESSAGE_BYTES = 68
LONG_TEXT = {
    "pk": {"S": "MSG#ada-and-bo"},
    "sk": {"S": "2026-03-01T12:00:00Z"},
    "message": {"S": "x" * 1_024},
    "user_handle": {"S": "ada"},
}


def _units(item: Mapping[str, Any]) -> float:
    return write_units(0, item_size_bytes(item))


def _page(count: int) -> float:
    return query_read_units([MESSAGE_BYTES] * count, Consistency.EVENTUAL)


# --- Lesson 01 -------------------------------------------------------------------------------


KEY_WORDS = ("conversation", "last reply", "message", "name", "user")
SOCIABLE = Workload(new_conversations_per_user_per_day=1)
CASES = [
    ("ada+bo", "2026-03-01T12:00:00Z"),
    ("ada+bo", "2026-03-01T12:00:01Z"),
    ("ada+bo", "2026-11-20T08:30:00Z"),
    ("ada+cy", "2026-03-01T12:00:00Z"),
]


def _judge_inbox_keys(answer: Any) -> Finding:
    is_pair = isinstance(answer, list | tuple) and len(answer) == 2
    if not is_pair or any(each not in KEY_WORDS for each in answer):
        words = ", ".join(KEY_WORDS)
        text = f"a list of two of these is asked for, the partition key's first: {words}"
        return Finding("not two of the words", text)
    partition, sort = answer
    if partition == "last reply":
        return Finding(
            "swapped the keys", "a Query needs one exact partition key; who asks knows no time"
        )
    if partition == "conversation":
        return Finding(
            "keyed by what is stored",
            "the inbox would be a Query for each conversation, if one knew which they are",
        )
    if partition != "user":
        return Finding("not what is known", "who opens an inbox knows only who they are")
    if sort != "last reply":
        return Finding(
            "forgot the order",
            "items come in the order of the sort key: by this, the reader has to read all and sort",
        )
    return right("One Query for one user's list, and it comes in the order in which it is shown.")


def _judge_message_keys(keys: list[Any]) -> Finding:
    if not all(isinstance(key, Mapping) and {"pk", "sk"} == set(key) for key in keys):
        return Finding("not a key", 'a dictionary is asked for, {"pk": ..., "sk": ...}')
    pairs = [(key["pk"], key["sk"]) for key in keys]
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        return Finding("not texts", "both keys are texts here")
    first, second, later, elsewhere = pairs
    if len({partition for partition, _ in (first, second, later)}) > 1:
        return Finding("scattered a conversation", "one Query reads one partition key")
    if first[0] == elsewhere[0]:
        return Finding("one partition for all", "the Query of one conversation would read them all")
    if first[1] == second[1]:
        return Finding("overwrote a message", "two messages have one key: the later replaces")
    if not first[1] < second[1] < later[1]:
        return Finding("lost the order", "sort keys have to sort as the times do")
    if first[0] != message_partition("ada+bo"):
        return Finding("no prefix", "other kinds of items share the table: begin with MSG#")
    return right("What is asked for together has one partition key; the order is the sort key's.")


def _day_wru(message: float, first: float) -> float:
    day = SOCIABLE
    return message * day.messages_per_user_per_day + first * day.new_conversations_per_user_per_day


def _day_mistakes() -> Sequence[Mistake]:
    return [
        Mistake(
            _day_wru(1, first_message_wru()),
            "forgot the stream update",
            "a message is C and, behind it, E: the inboxes of both follow.",
        ),
        Mistake(
            _day_wru(message_wru(2), 0),
            "forgot the first messages",
            "that is C and E, and of D nothing or one in ten days; here it is one a day.",
        ),
        Mistake(
            _day_wru(message_wru(2), first_message_wru() + message_wru(2) - 1),
            "had the inboxes follow twice",
            "a first message writes both inbox items in its transaction; E finds nothing to write.",
        ),
        Mistake(
            message_wru(2) + first_message_wru(),
            "forgot how often",
            "that is one of each: multiply by how often a user asks.",
        ),
        Mistake(
            _day_wru(message_wru(2) - 1, first_message_wru()),
            "forgot the message itself",
            "E is 8 WRU for the copies; the message, C, is one more.",
        ),
    ]


LESSON_01 = (
    Exercise(
        "01.inbox_keys",
        _judge_inbox_keys,
        (
            "The partition key is what the one who asks knows exactly.",
            "The sort key is the order in which the answer comes.",
            "Who opens an inbox knows only who they are, and wants the newest first.",
        ),
    ),
    Exercise(
        "01.message_key",
        code(CASES, _judge_message_keys),
        (
            "Who shows a conversation knows its UUID, and wants messages by time.",
            "The times of the cases are ISO 8601 in UTC: as texts, they sort by time.",
            '`{"pk": "MSG#" + ..., "sk": ...}`',
        ),
    ),
    Exercise(
        "01.copies",
        number(
            lambda: 5,
            "One in each participant's inbox, the sender's too. In tables there is none to follow.",
            lambda: [
                Mistake(4, "left out the sender", "the sender's inbox shows the group, too."),
                Mistake(
                    6,
                    "counted the message",
                    "the message item is no copy: it is where the text was first.",
                ),
                Mistake(
                    1,
                    "thought in rows",
                    "one row is the relational answer; here each inbox has its own item.",
                ),
            ],
            unit="items",
        ),
        (
            "Whose inboxes show the group?",
            "Each of these inboxes is an item collection of its own.",
        ),
    ),
    Exercise(
        "01.per_day",
        number(
            lambda: _day_wru(message_wru(2), first_message_wru()),
            "What decides is not what a pattern costs, but that times how often it is asked.",
            _day_mistakes,
            unit="WRU",
        ),
        (
            "WRU of C and E together, times how often; then those of D.",
            "`both.frame()` has the units, `per_day` the rates.",
            "A and B write nothing.",
        ),
    ),
    Exercise(
        "01.new_question",
        word(
            "895d56447dafae9a",
            "No key begins with a sender, so everything is read. That is a new access pattern, "
            "and needs a key of its own: an index, or one more copy.",
            [
                (
                    "fa545df3cdb44745",
                    "no key for it",
                    "a Query needs the partition key, and here it is a conversation's or an "
                    "inbox owner's, of no use for a sender.",
                ),
                ("b364df9c3409dbac", "no key for it", "GetItem needs the whole key of one item."),
            ],
        ),
        (
            "By which partition key would you find the messages that one user sent?",
            "If there is none, which operation reads all items?",
        ),
    ),
)

EXERCISES = (
    *LESSON_01,
    Exercise(
        "00.long_text",
        number(
            lambda: _units(LONG_TEXT),
            "Names and keys count: the text alone fills the first KB, the rest begins a second.",
            lambda: [
                Mistake(
                    1,
                    "forgot names and keys",
                    "1,024 bytes is the text alone; the names of attributes and the keys have "
                    "bytes, too.",
                )
            ],
            unit="WRU",
        ),
        (
            "A write is charged by the KB begun, of the whole item.",
            "Names of attributes count as bytes, like their values.",
            "`item_size_bytes(item)` gives the size; up to 1,024 bytes are one unit.",
        ),
    ),
    Exercise(
        "00.filtered",
        number(
            lambda: _page(300),
            "A filter changes what is returned, never what is read and charged.",
            lambda: [
                Mistake(
                    _page(3),
                    "charged what was returned",
                    "that is for the 3 items returned, but a filter is applied after reading.",
                ),
                Mistake(
                    300 * _page(1),
                    "rounded each item",
                    "a Query adds up the bytes of all items first, and rounds once.",
                ),
                Mistake(
                    2 * _page(300),
                    "took it for strongly consistent",
                    "a read that may be a moment old costs half.",
                ),
            ],
            unit="RRU",
        ),
        (
            "Which items are read: those returned, or those the key condition finds?",
            "Add up their bytes, then round up to blocks of 4,096.",
            "Each block is half a unit here. `query_read_units` does it for you.",
        ),
    ),
    Exercise(
        "00.lie_together",
        word(
            "dcbae9aeda781b95",
            "An item collection is what one Query can read: choose partition keys for that.",
            [
                ("351b1613ea17f2b6", "named the place", "a partition may hold several of them."),
                ("ed487e74ca5f905d", "several", "one of them is asked for: no s."),
            ],
        ),
        (
            "It is in bold above.",
            "The first of the two words is what a table stores.",
        ),
    ),
)
