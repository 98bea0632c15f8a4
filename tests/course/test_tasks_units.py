"""Judges of lessons 00 and 01 tell each mistake by its reason."""

from typing import Any

import pytest

from workbench.course.exercises import RIGHT, UNANSWERED
from workbench.course.tasks.units import EXERCISES

BY_NAME = {exercise.name: exercise for exercise in EXERCISES}


def keyed(pk: str, sk: str) -> Any:
    """A function that fills two patterns, as in "MSG#{group}" and "{time}"."""

    def message_key(group: str, time: str) -> Any:
        known = {"group": group, "time": time, "day": time[:10], "reversed": time[::-1]}
        return {"pk": pk.format(**known), "sk": sk.format(**known)}

    return message_key


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("00.long_text", 2, RIGHT),
        ("00.long_text", 1, "forgot names and keys"),
        ("00.filtered", 2.5, RIGHT),
        ("00.filtered", 0.5, "charged what was returned"),
        ("00.filtered", 150, "rounded each item"),
        ("00.filtered", 5, "took it for strongly consistent"),
        ("00.lie_together", "item collection", RIGHT),
        ("00.lie_together", "Item collections", "several"),
        ("00.lie_together", "partition", "named the place"),
        ("01.inbox_keys", ["user", "last reply"], RIGHT),
        ("01.inbox_keys", ("last reply", "user"), "swapped the keys"),
        ("01.inbox_keys", ["conversation", "last reply"], "keyed by what is stored"),
        ("01.inbox_keys", ["name", "last reply"], "not what is known"),
        ("01.inbox_keys", ["user", "conversation"], "forgot the order"),
        ("01.inbox_keys", ["user", "time"], "not two of the words"),
        ("01.inbox_keys", [["user"], "name"], "not two of the words"),
        ("01.inbox_keys", "user", "not two of the words"),
        ("01.message_key", keyed("MSG#{group}", "{time}"), RIGHT),
        ("01.message_key", lambda group, time: ..., UNANSWERED),
        ("01.message_key", lambda group, time: time[100], "raised an error"),
        ("01.message_key", lambda group, time: {"pk": "MSG#"}, "not a key"),
        ("01.message_key", lambda group, time: ("MSG#", time), "not a key"),
        ("01.message_key", lambda group, time: {"pk": "MSG#", "sk": 1}, "not texts"),
        ("01.message_key", keyed("MSG#", "{time}"), "one partition for all"),
        ("01.message_key", keyed("MSG#{group}{day}", "{time}"), "scattered a conversation"),
        ("01.message_key", keyed("MSG#{time}", "{group}"), "scattered a conversation"),
        ("01.message_key", keyed("MSG#{group}", "{day}"), "overwrote a message"),
        ("01.message_key", keyed("MSG#{group}", "{reversed}"), "lost the order"),
        ("01.message_key", keyed("{group}", "{time}"), "no prefix"),
        ("01.copies", 5, RIGHT),
        ("01.copies", 4, "left out the sender"),
        ("01.copies", 6, "counted the message"),
        ("01.copies", 1, "thought in rows"),
        ("01.per_day", 98, RIGHT),
        ("01.per_day", 18, "forgot the stream update"),
        ("01.per_day", 90, "forgot the first messages"),
        ("01.per_day", 106, "had the inboxes follow twice"),
        ("01.per_day", 17, "forgot how often"),
        ("01.per_day", 88, "forgot the message itself"),
        ("01.new_question", "scan", RIGHT),
        ("01.new_question", "Query", "no key for it"),
        ("01.new_question", "GetItem", "no key for it"),
        ("01.new_question", "JOIN", "another word"),
    ],
)  # fmt: skip
def test_judge_says_why_an_answer_is_wrong(name: str, answer: Any, reason: str) -> None:
    assert BY_NAME[name].judge(answer).reason == reason
