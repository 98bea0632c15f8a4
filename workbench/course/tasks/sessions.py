"""Exercises of lesson 12: other applications, modelled from their access patterns."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from workbench.course.exercises import (
    UNANSWERED,
    Exercise,
    Finding,
    Judge,
    Mistake,
    number,
    right,
)
from workbench.course.sketches.briefs import GAME, ORDERS, TICKETS, Brief
from workbench.course.sketches.sketch import Measured
from workbench.course.sketches.trying import DAY_SECONDS, PARTITION_WRU, PEAK

Faults = Callable[[Measured, tuple[str, ...]], Iterator[Finding]]

# --- Sketches --------------------------------------------------------------------------------


def _sketch(brief: Brief, faults: Faults, because: str, *names: str) -> Judge:
    """A judge of what `try_out` returned: the first fault of these patterns, or of all."""
    chosen = names or tuple(asked.name for asked in brief.patterns)

    def judge(tried: Any) -> Finding:
        if not isinstance(tried, Measured):
            return Finding("not tried out", "what `try_out(Sketch(...))` returned is asked for.")
        if tried.brief.name != brief.name:
            return Finding("another brief", f"a sketch of the brief {brief.name} is asked for.")
        return next(faults(tried, chosen), right(because))

    return judge


def _answers(tried: Measured, names: tuple[str, ...]) -> Iterator[Finding]:
    """Patterns that are wrong, then those that are not written yet."""
    faults = [row.fault for row in tried.rows if row.asked.name in names and row.fault]
    yield from (fault for fault in faults if fault.reason != UNANSWERED)
    yield from faults


def _answers_and_costs(tried: Measured, names: tuple[str, ...]) -> Iterator[Finding]:
    """Faults first, then what is dear about these patterns."""
    yield from _answers(tried, names)
    for row in tried.rows:
        if row.asked.name in names:
            for each in row.warnings:
                yield Finding(each.reason, f"{row.asked.name}: {each.text}.")


def _whole(tried: Measured, names: tuple[str, ...]) -> Iterator[Finding]:
    """The same of all patterns, then crowded keys, and the bill as a whole."""
    yield from _answers_and_costs(tried, names)
    table = tried.places[0]
    if table.most > table.items / 2:
        text = f"{table.most} of {table.items} items have one partition key: they share its limit."
        yield Finding("all under one key", text)
    for place in tried.places:
        if place.wru_per_second > PARTITION_WRU:
            text = f"{place.name}: {place.wru_per_second:,.0f} WRU a second go to one partition key"
            yield Finding("hot partition", f"{text}, which takes {PARTITION_WRU:,}.")
    most = tried.brief.most_usd
    if tried.usd > most:
        dearest = max(tried.rows, key=lambda row: row.usd).asked.name
        text = f"{tried.usd:,.2f} USD a month, {most:g} at most; the dearest pattern is {dearest}."
        yield Finding("too dear", text)


# --- A ranking -------------------------------------------------------------------------------

SCORES = [
    (9, "p04"), (10, "p02"), (95, "p06"), (100, "p01"), (1_020, "p05"), (99_999, "p07"),
    (100_500, "p03"),
]  # fmt: skip


def _score_key(function: Any) -> Finding:
    """A judge of a function (score, player_id) -> text that sorts as the scores do."""
    if not callable(function):
        return Finding("not a function", "a function of a score and a player's id is asked for.")
    try:
        keys = [function(score, player) for score, player in SCORES]
        tied = {function(7, "p01"), function(7, "p02")}
    except Exception as error:
        return Finding("raised an error", f"{type(error).__name__}: {error}")
    if keys[0] is ...:
        return Finding(UNANSWERED, "Write your answer in place of the three dots.")
    if not all(isinstance(key, str) for key in keys):
        return Finding("not a text", "`define_table` makes key attributes texts.")
    found = [score for _, (score, _) in sorted(zip(keys, SCORES, strict=True))]
    wanted = sorted(score for score, _ in SCORES)
    if found == wanted[::-1]:
        return Finding(
            "upside down", "`list_top_players` reads backwards, so the highest has to sort last."
        )
    if found == [score for score, _ in sorted(SCORES, key=lambda each: each[1])]:
        text = "these keys sort by the players' ids: a text is sorted by how it begins."
        return Finding("the id in front", text)
    if found != wanted:
        text = f"as texts the scores sort as {', '.join(map(str, found))}: sign by sign."
        return Finding("sorted as text", text)
    if len(tied) == 1:
        text = "equal scores have equal keys, so which of them makes the page is left to chance."
        return Finding("ties are left open", text)
    return right(
        "Zeros in front make texts sort as numbers do, and the id decides a tie. A number as "
        "sort key would sort, too, but has no room for the id."
    )


# --- Hot keys --------------------------------------------------------------------------------

MOVE = 2  # WRU of an index entry whose key changes: the old one deleted, the new one put
MATCHES_PER_SECOND = GAME.patterns[-1].per_day / DAY_SECONDS


def _keys_for(wru_per_match: float, peak: float = PEAK) -> int:
    return math.ceil(MATCHES_PER_SECOND * peak * wru_per_match / PARTITION_WRU)


def _orders_at(wru_per_order: float, peak: float = PEAK) -> float:
    return PARTITION_WRU * DAY_SECONDS / (wru_per_order * peak) / 1_000_000


EXERCISES = (
    Exercise(
        "12.open_orders",
        number(
            lambda: _orders_at(2),
            "An order writes its entry twice, when placed and when shipped. This shop has "
            f"{ORDERS.patterns[4].per_day:,} orders a day: one key is enough, and sharding would "
            "only make the list dearer.",
            lambda: [
                Mistake(
                    _orders_at(2, peak=1),
                    "forgot the peak",
                    "that many arrive if they are spread evenly; the busiest second has ten times "
                    "the mean.",
                ),
                Mistake(
                    _orders_at(1),
                    "counted the entry once",
                    "it is put when the order is placed, and deleted when it is shipped.",
                ),
                Mistake(
                    _orders_at(4),
                    "counted the table",
                    "writes to the table go to the customers' keys; only the index has one key.",
                ),
            ],
            unit="million orders",
        ),
        (
            "Which of an order's writes reach the index `open-index`?",
            "A second at the peak has 10 / 86,400 of a day's orders.",
            "1,000 WRU a second, over 2 WRU an order, over the peak of 10, times 86,400 seconds.",
        ),
    ),
    Exercise(
        "12.list_matches",
        _sketch(
            GAME,
            _answers_and_costs,
            "Partition key, the beginning of the sort key, the direction and a limit: nothing is "
            "read that is not shown.",
            "list_matches",
        ),
        (
            "A month is the beginning of a match's number, and so of what follows `MATCH#`.",
            "`begins_with(sk, :month)` belongs into the key condition, not into a filter.",
            "`ScanIndexForward=False` reads the newest first; `Limit=5` stops there.",
        ),
    ),
    Exercise(
        "12.score_key",
        _score_key,
        (
            "Texts are compared sign by sign: is '95' before or after '1020'?",
            "Texts of one length sort as their numbers do.",
            '`f"{score:06}"` has zeros in front; add the player\'s id behind it.',
        ),
    ),
    Exercise(
        "12.shards",
        number(
            lambda: _keys_for(2 * MOVE),
            "At the peak 579 matches a second move two entries each, at two WRU a move.",
            lambda: [
                Mistake(
                    _keys_for(2 * MOVE, peak=1),
                    "forgot the peak",
                    "one key holds the mean; the busiest second has ten times that.",
                ),
                Mistake(
                    _keys_for(MOVE),
                    "counted half",
                    "two players have a new score, and an entry whose key changes is deleted and "
                    "put.",
                ),
                Mistake(
                    _keys_for(4 * MOVE),
                    "doubled the index in the transaction",
                    "a transaction doubles what it writes to the table, never to its indexes.",
                ),
            ],
            unit="keys",
        ),
        (
            "How many matches has the busiest second: 5,000,000 a day, times 10?",
            "How many players' entries does a match move, and what is a move of an entry?",
            "Matches a second times 4 WRU, over 1,000, rounded up.",
        ),
    ),
    Exercise(
        "12.tickets_answers",
        _sketch(TICKETS, _answers, "Each pattern answers what was asked, after each write, too."),
        (
            "Begin with show_ticket: which items would one Query return, and in which order?",
            "Agents' lists and nobody's are one list, by an attribute that each open ticket has.",
            'Priority first, then age: a text such as f"{priority}#{ticket_id}" sorts so. What is '
            "not open has no such attribute, so the index does not hold it.",
        ),
    ),
    Exercise(
        "12.tickets_costs",
        _sketch(
            TICKETS,
            _whole,
            "No Scan, one round trip for each pattern, no crowded key, and a bill below the mark.",
        ),
        (
            "`tried` names what is dear, and `tried.places_frame()` shows crowded keys.",
            "A comment in an item of its own costs its own bytes; in the ticket's item, all of "
            "the ticket's, in each index as well.",
            "Assigning is one UpdateItem by key: no read before it is needed.",
        ),
    ),
)
