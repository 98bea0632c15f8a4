"""Exercises of lessons 13 and 14: what is right, and which mistake is told from which."""

import pytest

from workbench.course.tasks import EXERCISES

REASONS = [
    ("13.supported", 9, "right"),
    ("13.supported", 10, "forgot a gap"),
    ("13.supported", 5, "the essential ones only"),
    ("13.ten_places", 21, "right"),
    ("13.ten_places", 11, "forgot the delete"),
    ("13.ten_places", 20, "forgot the item"),
    ("13.ten_places", 5, "took it for two"),
    ("13.which_item", "Newer", "right"),
    ("13.which_item", "older", "about to be deleted"),
    ("14.stalled", 12, "right"),
    ("14.stalled", 11, "right"),
    ("14.stalled", 1, "counted the server's"),
    ("14.stalled", 40, "too many"),
    ("14.stalled", "12", "not a number"),
    ("14.p99", "withheld", "right"),
    ("14.p99", "shown", "too few samples"),
    ("14.blocks", 48, "right"),
    ("14.blocks", 24, "too few"),
    ("14.blocks", 7, "not in the table"),
]


@pytest.mark.parametrize(("name", "answer", "reason"), REASONS)
def test_answer_is_judged_with_its_reason(name: str, answer: object, reason: str) -> None:
    assert EXERCISES[name].judge(answer).reason == reason
