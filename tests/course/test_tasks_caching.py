"""Judges of lesson 09 tell each mistake by its reason."""

from typing import Any

import pytest

from workbench.course.exercises import RIGHT
from workbench.course.tasks.caching import EXERCISES, _rru

BY_NAME = {exercise.name: exercise for exercise in EXERCISES}
DUAL, DUAL_WITH = (_rru("dual", kind) for kind in ("rru_without", "rru_with"))
POINTER, POINTER_WITH = (_rru("pointer", kind) for kind in ("rru_without", "rru_with"))


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("09.how_long", 240, RIGHT),
        ("09.how_long", 300, "counted from the message"),
        ("09.how_long", 0, "took it for the item cache"),
        ("09.how_long", 60, "took the entry's age"),
        ("09.how_long", 360, "too many"),
        ("09.transaction", 6, RIGHT),
        ("09.transaction", 0, "forgot the refresh"),
        ("09.transaction", 3, "took a strong read"),
        ("09.transaction", 1.5, "took an eventual read"),
        ("09.transaction", 2, "counted one item"),
        ("09.action", "dax:PutItem", RIGHT),
        ("09.action", "dax:TransactWriteItems", "named like the operation"),
        ("09.action", "TransactWriteItems", "named like the operation"),
        ("09.action", "dynamodb:PutItem", "the table's action"),
        ("09.action", "PutItem", "no service"),
        ("09.action", "dax:*", "more than needed"),
        ("09.action", "dax:Query", "another word"),
        ("09.longest_ttl", 60, RIGHT),
        ("09.longest_ttl", 10, "shorter than needed"),
        ("09.longest_ttl", 300, "too many out of date"),
        ("09.longest_ttl", 90, "too many"),
        ("09.model_first", DUAL / POINTER_WITH, RIGHT),
        ("09.model_first", POINTER_WITH / DUAL, "the other way round"),
        ("09.model_first", DUAL / POINTER, "left the cache out"),
        ("09.model_first", DUAL_WITH / POINTER_WITH, "cached both"),
    ],
)
def test_judge_says_why_an_answer_is_wrong(name: str, answer: Any, reason: str) -> None:
    assert BY_NAME[name].judge(answer).reason == reason
