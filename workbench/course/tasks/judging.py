"""Exercises of lessons 13 and 14: is a design right, and is one faster?"""

from typing import Any

from workbench.course.exercises import Exercise, Finding, Mistake, number, right, word
from workbench.designs.dual import Dual
from workbench.latency.fakes import hundred_answers
from workbench.messaging.access_patterns import ACCESS_PATTERNS

STALL_SECONDS, PER_SECOND = 0.3, 40
ENOUGH = 90  # of 100 comparisons


def _judge_stalled(answer: Any) -> Finding:
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return Finding("not a number", "a number of requests is asked for")
    came = STALL_SECONDS * PER_SECOND
    if abs(answer - came) <= 0.2 * came:
        return right("All who came during the stall waited for its end, 0.15 seconds in the mean.")
    if answer == 1:
        return Finding("counted the server's", "one request took long; others waited behind it.")
    return Finding("too many" if answer > came else "too few", "who came while it stood still?")


def _judge_blocks(answer: Any) -> Finding:
    if isinstance(answer, bool) or answer not in (6, 12, 24, 48):
        return Finding("not in the table", "one of 6, 12, 24 and 48 blocks is asked for")
    if _found(answer) < ENOUGH:
        return Finding("too few", f"{answer} blocks found it {_found(answer)} times of 100.")
    return right("Fewer blocks miss it too often, and more only cost time.")


def _found(blocks: int) -> int:
    """Of 100 comparisons with a server that takes 10% longer, how many say so."""
    return hundred_answers(1.1, rounds=blocks)["slower"]


EXERCISES = (
    Exercise(
        "13.supported",
        number(
            lambda: len(ACCESS_PATTERNS.keys() - Dual.unsupported.keys()),
            "All but J, and it says why not.",
            lambda: [
                Mistake(len(ACCESS_PATTERNS), "forgot a gap", "one of them it does not promise."),
                Mistake(5, "the essential ones only", "F to J count, too."),
            ],
        ),
        ("Look at its row of verdicts.", "A line instead of a yes is a promise not made."),
    ),
    Exercise(
        "13.ten_places",
        number(
            lambda: 1 + 10 * 2,
            "One item, and in each of ten indexes a delete and a put, for its sort key changes.",
            lambda: [
                Mistake(1 + 10, "forgot the delete", "an index entry whose key changes is two."),
                Mistake(10 * 2, "forgot the item", "the item itself is written, too."),
                Mistake(1 + 2 * 2, "took it for two", "that is single as it is, with two."),
            ],
            unit="WRU",
        ),
        (
            "What does `single` write today: one item, and what in each index?",
            "The time of the last reply is the sort key of each index.",
        ),
    ),
    Exercise(
        "13.which_item",
        word(
            "14a62544b7173f29",
            "And if the index shows the older alone, its delete is refused, and the record comes "
            "again.",
            [("68afa63bd526805c", "about to be deleted", "what is written there would be lost.")],
        ),
        (
            "Which of the two will be left in the end?",
            "`_membership` in `workbench/designs/dual.py` chooses it.",
        ),
    ),
    Exercise(
        "14.stalled",
        _judge_stalled,
        ("How many users come in 0.3 seconds?", "All of them wait, but for the first."),
    ),
    Exercise(
        "14.p99",
        word(
            "8f4a2ec24089532f",
            "Seven calls would decide it: that is luck, and no percentile.",
            [("8c2e7761762fe3a9", "too few samples", "of 720, seven are beyond it.")],
        ),
        ("How many of 720 samples are beyond the 99th percentile?", "Below 1,000 it is ..."),
    ),
    Exercise(
        "14.blocks",
        _judge_blocks,
        ("Look at the table of fakes.", "Which row is the first with 90 or more?"),
    ),
)
