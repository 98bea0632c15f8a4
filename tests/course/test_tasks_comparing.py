"""Exercises of lessons 05 and 06: what is right, and which mistake is told from which."""

import pytest

from workbench.course.tasks import EXERCISES, comparing

FLIP = comparing._flip()
REASONS = [
    ("05.dearer_message", comparing._dearer("CE"), "right"),
    ("05.dearer_message", comparing._dearer("E"), "forgot C"),
    ("05.dearer_message", comparing._usd("dual", "CE"), "not the difference"),
    ("05.dearer_message", -comparing._dearer("CE"), "the other way round"),
    ("05.dearer_message", 100, "too many"),
    ("05.break_even", comparing._dearer("CE") / -comparing._dearer("B"), "right"),
    ("05.break_even", 3 / 1.0367, "took a WRU for an RRU"),
    ("05.break_even", comparing._dearer("E") / -comparing._dearer("B"), "forgot C"),
    ("05.break_even", -comparing._dearer("B") / comparing._dearer("CE"), "the other way round"),
    ("05.dearest", "h", "right"),
    ("05.dearest", "E", "not daily"),
    ("05.dearest", "B", "other letters"),
    ("05.dearest", 7, "not a word"),
    ("05.faster", "E", "right"),
    ("05.faster", "D, E", "within the noise"),
    ("05.faster", "D", "within the noise"),
    ("05.faster", "BE", "the other way round"),
    ("05.faster", "B", "the other way round"),
    ("06.break_even", FLIP, "right"),
    ("06.break_even", 47.5, "took the other table"),
    ("06.break_even", FLIP / 2, "too few"),
    ("06.ten_people", "pointer", "right"),
    ("06.ten_people", "single", "no place for ten"),
    ("06.ten_people", "dual", "a copy for each"),
    ("06.ten_people", "triple", "no such design"),
    ("06.text_length", 780, "right"),
    ("06.text_length", 500, "another is cheaper"),
    ("06.text_length", 2_000, "not a text"),
    ("06.text_length", "long", "not a number"),
]


@pytest.mark.parametrize(("name", "answer", "reason"), REASONS)
def test_answer_is_judged_with_its_reason(name: str, answer: object, reason: str) -> None:
    assert EXERCISES[name].judge(answer).reason == reason


def test_break_even_is_what_two_prices_make_of_the_units() -> None:
    # 3 WRU at USD 0.625 a million are saved at each message, 1.0367 RRU at 0.125 lost at each look.
    assert comparing._dearer("CE") == pytest.approx(3 * 0.625 + 0 * 0.125, rel=0.01)
    assert comparing._dearer("B") == pytest.approx(-1.0367 * 0.125, rel=0.01)
