"""Exercises of lesson 09: what a cluster answers, what it costs, and who may ask it."""

import functools
from collections.abc import Mapping
from typing import Any

from workbench.course.exercises import Exercise, Mistake, number, word
from workbench.dax.caches import DEFAULT_TTL_SECONDS
from workbench.dax.trial import read_dax
from workbench.dynamodb.install import DATA
from workbench.reports.dax import stale_share

READ_SECONDS_BEFORE = 60  # the inbox was read so long before the message came
ITEMS_OF_A_FIRST_MESSAGE = 3
RRU_REFRESHED = 2  # for each item of a transaction, up to 4 KB
MOST_STALE, LOOKS = 0.1, 4
MANY_LOOKS = 16


@functools.cache
def _cells() -> Mapping[tuple[str, float, int], Mapping[str, Any]]:
    """Cells whose stream update writes around DAX, by design, TTL and looks a message."""
    run = read_dax(DATA / "dax.json")
    return {
        (each["design"], each["ttl_seconds"], each["reads_per_message"]): each
        for each in run["cells"]
        if each["stream_update"] == "around"
    }


def _rru(design: str, kind: str) -> float:
    """RRU a message at 16 looks, without DAX or with it at the usual TTL."""
    cell = _cells()[design, DEFAULT_TTL_SECONDS, MANY_LOOKS]
    return float(cell[kind] / cell["messages"])


def _longest_ttl() -> float:
    return max(
        ttl_seconds
        for (design, ttl_seconds, looks), cell in _cells().items()
        if (design, looks) == ("dual", LOOKS) and stale_share(cell) <= MOST_STALE
    )


def _other_ttls() -> list[Mistake]:
    ttls = {ttl_seconds for _, ttl_seconds, _ in _cells()} - {_longest_ttl()}
    return [
        Mistake(
            each,
            "shorter than needed" if each < _longest_ttl() else "too many out of date",
            f"at {each:g} s it is {stale_share(_cells()['dual', each, LOOKS]):.1%} of the answers.",
        )
        for each in ttls
    ]


EXERCISES = (
    Exercise(
        "09.how_long",
        number(
            lambda: DEFAULT_TTL_SECONDS - READ_SECONDS_BEFORE,
            "An entry's time begins when it is kept, and the message finds it a minute old.",
            lambda: [
                Mistake(
                    DEFAULT_TTL_SECONDS,
                    "counted from the message",
                    "the entry's time began when the inbox was read, before the message.",
                ),
                Mistake(
                    0,
                    "took it for the item cache",
                    "writes go through to the item cache; an inbox comes from the query cache.",
                ),
                Mistake(READ_SECONDS_BEFORE, "took the entry's age", "so old it is when it comes."),
            ],
            unit="seconds",
        ),
        (
            "Which cache does a Query come from, and does a write touch it?",
            "When did the five minutes of this entry begin?",
        ),
    ),
    Exercise(
        "09.transaction",
        number(
            lambda: ITEMS_OF_A_FIRST_MESSAGE * RRU_REFRESHED,
            "TransactGetItems costs 2 RRU for each item of up to 4 KB, whether anybody reads it.",
            lambda: [
                Mistake(0, "forgot the refresh", "behind the write DAX reads its items again."),
                Mistake(
                    ITEMS_OF_A_FIRST_MESSAGE,
                    "took a strong read",
                    "they are read by a transaction, which costs twice a strong read.",
                ),
                Mistake(
                    ITEMS_OF_A_FIRST_MESSAGE / 2,
                    "took an eventual read",
                    "they are read by a transaction, which costs four times that.",
                ),
                Mistake(RRU_REFRESHED, "counted one item", "it is so much for each item."),
            ],
            unit="RRU",
        ),
        (
            "What does DAX do behind a TransactWriteItems, so that its item cache is right?",
            "A transactional read costs 2 RRU for an item of up to 4 KB.",
            "How many items are written: the message, and how many group items?",
        ),
    ),
    Exercise(
        "09.action",
        word(
            "502593b61fb34989",
            "A transaction needs the actions of its elements, and these are puts.",
            [
                (
                    "39f98ead8161889b",
                    "named like the operation",
                    "no action allows a transaction as such: its elements need theirs.",
                ),
                (
                    "d1ea1ad8c2898414",
                    "named like the operation",
                    "no action allows a transaction as such: its elements need theirs.",
                ),
                (
                    "a82758e180bf1394",
                    "the table's action",
                    "the cluster's service role needs that; who asks the cluster needs DAX's.",
                ),
                ("16ac47eb791002f0", "no service", "write it with its service, as in dax:Query."),
                ("d743be9dfda3eab5", "more than needed", "that allows to delete as well."),
            ],
        ),
        (
            "The denial above names what was missing for a message.",
            "A first message is a transaction of puts. Is there an action for transactions?",
        ),
    ),
    Exercise(
        "09.longest_ttl",
        number(
            _longest_ttl,
            "That is a decision: with every step further more is saved, and more is out of date.",
            _other_ttls,
            unit="seconds",
        ),
        (
            "The right map has a share for each TTL; take the column of 4 looks.",
            "`map_frame(run, 'dual', stale_share)` has the same figures.",
        ),
    ),
    Exercise(
        "09.model_first",
        number(
            lambda: _rru("dual", "rru_without") / _rru("pointer", "rru_with"),
            "A query of what lies together, without any cache, takes less than the cache leaves.",
            lambda: [
                Mistake(
                    _rru("pointer", "rru_with") / _rru("dual", "rru_without"),
                    "the other way round",
                    "that is pointer's RRU for each of dual's.",
                ),
                Mistake(
                    _rru("dual", "rru_without") / _rru("pointer", "rru_without"),
                    "left the cache out",
                    "that is both without DAX.",
                ),
                Mistake(
                    _rru("dual", "rru_with") / _rru("pointer", "rru_with"),
                    "cached both",
                    "that is both with DAX.",
                ),
            ],
            unit="RRU",
        ),
        (
            "The table has a column for RRU without DAX, and one for those with it.",
            "Divide dual's RRU at 16 looks by pointer's with DAX.",
        ),
    ),
)
