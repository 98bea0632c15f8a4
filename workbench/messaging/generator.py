"""A seeded generator of message logs that are shaped like real ones.

Three shapes are fitted to SNAP's CollegeMsg (how many messages a pair exchanges, how uneven users
are, how messages come in bursts) and one to text messages (`texts.py`); data/README.md shows how
well.
"""

import csv
import itertools
import math
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TextIO

from workbench.errors import InputFault
from workbench.messaging.logs import CSV_COLUMNS, LoggedMessage
from workbench.messaging.texts import make_text

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 190

USER_LOG_SPREAD = 2.6
MESSAGES_MEDIAN, MESSAGES_LOG_SPREAD = 1.9, 1.2
ONE_SIDED_SHARE = 0.12  # of the pairs with more than one message
REPLY_SHARE = 0.72
BURST_SHARE = 0.49
BURST_GAP_SECONDS, BURST_LOG_SPREAD = 160, 1.1
PAUSE_GAP_SECONDS, PAUSE_LOG_SPREAD = 70_000, 1.5

NAMES = """
    ada amara anouk arjun asta bashir bayo bela bruno carla chen dalia danilo dina edda elio emre
    esra fatou felix gita hana hugo ilse imani ivo jana jonas juno kaito kemal lars leila lin lucia
    luka maja malik mara mateo mina nadia nils noor olga omar otto paz pia priya quinn rafa rosa
    sami selma tariq tess uma vera wren yara yusuf zoe
""".split()


def generate_messages(
    *, users: int = 60, messages: int = 3_000, seed: int = 5
) -> list[LoggedMessage]:
    """A log of so many messages among so many users, in order of time, the same for a seed.

    Raises
    ------
    InputFault
        If there are fewer than two users, no messages, or more users than names.
    """
    if not 2 <= users <= len(NAMES):
        raise InputFault(f"users must be 2 to {len(NAMES)} (got {users})")
    if messages < 1:
        raise InputFault(f"messages must be at least 1 (got {messages})")
    rng = random.Random(seed)
    log: list[LoggedMessage] = []
    for pair in _pairs(rng, NAMES[:users]):
        log += _exchange(rng, *pair)
        if len(log) >= messages:
            break
    log.sort(key=lambda message: message.sent_at)
    return log[:messages]


def write_csv(messages: Iterable[LoggedMessage], file: TextIO) -> None:
    """Write messages in the format that `read_log` reads."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for message in messages:
        sent_at = message.sent_at.isoformat(timespec="seconds")
        writer.writerow((message.sender, message.recipient, sent_at, message.text))


def _pairs(rng: random.Random, names: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs (starter, other), those of busy users earlier; each pair once, then all again."""
    weights = {name: rng.lognormvariate(0, USER_LOG_SPREAD) for name in names}
    pairs = list(itertools.combinations(names, 2))
    while True:
        # In a race of exponential times, the order of arrival is a weighted draw without return.
        arrival = {pair: rng.expovariate(weights[pair[0]] * weights[pair[1]]) for pair in pairs}
        for pair in sorted(pairs, key=arrival.__getitem__):
            yield pair if rng.random() < 0.5 else pair[::-1]


def _exchange(rng: random.Random, starter: str, other: str) -> Iterator[LoggedMessage]:
    """All messages of a pair, in order of time, in bursts with pauses between them."""
    count = max(1, round(rng.lognormvariate(math.log(MESSAGES_MEDIAN), MESSAGES_LOG_SPREAD)))
    reply_share = 0 if rng.random() < ONE_SIDED_SHARE else REPLY_SHARE
    last_day = FIRST_DAY + timedelta(days=DAYS)
    sent_at = FIRST_DAY + timedelta(seconds=round(rng.random() * DAYS * 86_400))
    sender, recipient = starter, other
    for _ in range(count):
        yield LoggedMessage(sender, recipient, sent_at, make_text(rng))
        gap = _gap(rng, is_burst=rng.random() < BURST_SHARE)
        if sent_at + gap > last_day:
            gap = _gap(rng, is_burst=True)
        sent_at += gap
        if rng.random() < reply_share:
            sender, recipient = recipient, sender


def _gap(rng: random.Random, *, is_burst: bool) -> timedelta:
    median, spread = (
        (BURST_GAP_SECONDS, BURST_LOG_SPREAD) if is_burst else (PAUSE_GAP_SECONDS, PAUSE_LOG_SPREAD)
    )
    return timedelta(seconds=round(rng.lognormvariate(math.log(median), spread)))
