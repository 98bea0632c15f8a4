"""Judges of lesson 02 tell each mistake by its reason."""

from typing import Any

import pytest

from workbench.course.exercises import RIGHT, UNANSWERED
from workbench.course.tasks.keys import EXERCISES, first_message_wru, message_wru

BY_NAME = {exercise.name: exercise for exercise in EXERCISES}
KEY = ("pk", "sk")


def moved(old: Any, message: Any) -> Any:
    if message["sk"]["S"] <= old["sk"]["S"]:
        return []
    new = {**old, "sk": message["sk"], "message": message["message"]}
    return [("PutItem", new), ("DeleteItem", {name: old[name] for name in KEY})]


def changed(**attributes: Any) -> Any:
    """A function as `moved`, whose new item has other attributes; None takes one away."""

    def judged(old: Any, message: Any) -> Any:
        if not (requests := moved(old, message)):
            return requests
        (_, item), delete = requests
        differing = {name: make(old, message) for name, make in attributes.items()}
        item = {name: value for name, value in {**item, **differing}.items() if value}
        return [("PutItem", item), delete]

    return judged


def in_place(old: Any, message: Any) -> Any:
    if message["sk"]["S"] <= old["sk"]["S"]:
        return []
    old["sk"], old["message"] = message["sk"], message["message"]
    return [("PutItem", old), ("DeleteItem", {name: old[name] for name in KEY})]


def always(old: Any, message: Any) -> Any:
    new = {**old, "sk": message["sk"], "message": message["message"]}
    return [("PutItem", new), ("DeleteItem", {name: old[name] for name in KEY})]


def again(old: Any, message: Any) -> Any:
    return [] if message["sk"]["S"] < old["sk"]["S"] else always(old, message)


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("02.three_people", 13, RIGHT),
        ("02.three_people", 7, "forgot the index, or the delete"),
        ("02.three_people", 12, "forgot the message"),
        ("02.three_people", 9, "left one out"),
        ("02.three_people", 20, "took it for a transaction"),
        ("02.three_people", "13", "not a number"),
        ("02.long_text", 18, RIGHT),
        ("02.long_text", 9, "kept the units of a short text"),
        ("02.long_text", 14, "took the deleted items for short"),
        ("02.long_text", 10, "forgot the index, or that copies grow"),
        ("02.inbox_page", 1, RIGHT),
        ("02.inbox_page", 10, "rounded each item"),
        ("02.inbox_page", 1.5, "read the whole inbox"),
        ("02.inbox_page", 2, "took it for strongly consistent"),
        ("02.inbox_page", 0.5, "took a page for one block"),
        ("02.one_transaction", 14, RIGHT),
        ("02.one_transaction", 18, "doubled the index in a transaction"),
        ("02.one_transaction", 9, "forgot that a transaction doubles"),
        ("02.one_transaction", 10, "forgot the index"),
        ("02.moved", moved, RIGHT),
        ("02.moved", lambda old, message: ..., UNANSWERED),
        ("02.moved", moved({"sk": {"S": "2"}}, {"sk": {"S": "1"}}), "not a function"),
        ("02.moved", lambda old, message: None, "raised an error"),
        ("02.moved", lambda old, message: moved(old, message)[::-1], "deleted first"),
        ("02.moved", lambda old, message: moved(old, message)[:1], "forgot the delete"),
        ("02.moved", lambda old, message: [("UpdateItem", {})], "other requests"),
        ("02.moved", changed(pk=lambda old, message: message["pk"]), "lost the owner"),
        ("02.moved", changed(sk=lambda old, message: old["sk"]), "kept the old time"),
        ("02.moved", changed(message=lambda old, message: old["message"]), "kept the old text"),
        ("02.moved", changed(message_group_uuid=lambda *_: None), "fell out of the index"),
        ("02.moved", changed(user_handle=lambda old, m: m["user_handle"]), "named the sender"),
        ("02.moved", in_place, "deleted another item"),
        ("02.moved", always, "went back in time"),
        ("02.moved", again, "deleted what it had put"),
    ],
)  # fmt: skip
def test_judge_says_why_an_answer_is_wrong(name: str, answer: Any, reason: str) -> None:
    assert BY_NAME[name].judge(answer).reason == reason


@pytest.mark.parametrize(
    ("people", "alone", "in_a_transaction"), [(1, 5, 8), (2, 9, 14), (10, 41, 62)]
)
def test_one_message_costs_what_is_known(people: int, alone: int, in_a_transaction: int) -> None:
    assert message_wru(people) == alone
    assert message_wru(people, is_transactional=True) == in_a_transaction


def test_first_message_is_a_transaction_of_three_items_and_two_entries() -> None:
    assert first_message_wru() == 8
