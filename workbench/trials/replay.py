"""Replaying a message log through a design's real code, and checking what came of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from workbench.errors import InboxesDisagree
from workbench.messaging.entities import InboxEntry, User
from workbench.messaging.logs import LoggedMessage, user_named
from workbench.trials.trial import Trial

# Reading the stream after every message would double the time; the updates are the same.
MESSAGES_PER_DELIVERY = 50
PAGE_SIZE = 100
# A taken instant moves a message by microseconds; a log's own times differ by seconds.
SAME_INSTANT = timedelta(milliseconds=2)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ReplayResult:
    """Totals of a replay, its stream updates included; the messages before it were loaded."""

    loaded: int
    messages: int
    round_trips: int
    stream_records: int
    seconds: float
    inboxes_agreeing: int


def replay(trial: Trial, messages: Sequence[LoggedMessage], *, progress: Progress) -> ReplayResult:
    """Send messages in order with the stream update running, then check every inbox.

    Raises
    ------
    InboxesDisagree
        If an inbox is not what the log says.
    """
    total, loaded = len(messages), len(trial.sent)
    stream_records, round_trips_before = 0, trial.meter.round_trips
    started = time.perf_counter()
    for sent in range(0, total, MESSAGES_PER_DELIVERY):
        batch = messages[sent : sent + MESSAGES_PER_DELIVERY]
        for message in batch:
            trial.send(message)
        stream_records += trial.stream.fetch()
        stream_records += trial.stream.deliver().caused
        progress(f"{trial.design.name}: replay", sent + len(batch), total)
    seconds = time.perf_counter() - started
    round_trips = (
        trial.meter.round_trips - round_trips_before
    )  # the checks below are not among them
    return ReplayResult(
        loaded=loaded,
        messages=total,
        round_trips=round_trips,
        stream_records=stream_records,
        seconds=seconds,
        inboxes_agreeing=check_inboxes(trial, trial.sent),
    )


def check_inboxes(trial: Trial, messages: Sequence[LoggedMessage]) -> int:
    """How many inboxes there are, if each of them agrees with the messages sent.

    An inbox agrees when it holds each of the user's conversations once, with the other user, the
    last text and its time, newest first.

    Raises
    ------
    InboxesDisagree
        If one does not; the message shows what was expected and what was found.
    """
    expected = _expected_inboxes(messages)
    for user, last_messages in expected.items():
        problem = _first_problem(last_messages, list(_whole_inbox(trial, user)))
        if problem is not None:
            raise InboxesDisagree(f"{trial.design.name}: the inbox of {user.handle} {problem}")
    return len(expected)


def _expected_inboxes(messages: Sequence[LoggedMessage]) -> dict[User, dict[User, LoggedMessage]]:
    """user -> other user -> the last message between the two."""
    inboxes: dict[User, dict[User, LoggedMessage]] = defaultdict(dict)
    for message in sorted(messages, key=lambda message: message.sent_at):
        sender, recipient = user_named(message.sender), user_named(message.recipient)
        inboxes[sender][recipient] = inboxes[recipient][sender] = message
    return inboxes


def _whole_inbox(trial: Trial, user: User) -> Iterator[InboxEntry]:
    cursor = None
    while True:
        page = trial.design.list_conversations(user, limit=PAGE_SIZE, cursor=cursor)
        yield from page.entries
        cursor = page.cursor
        if cursor is None:
            return


def _first_problem(expected: dict[User, LoggedMessage], entries: list[InboxEntry]) -> str | None:
    if any(later.last_message_at < older.last_message_at for later, older in pairwise(entries)):
        return "is not newest first"
    found = {entry.conversation.other: entry for entry in entries}
    if len(found) != len(entries):
        return "shows a conversation twice"
    if found.keys() != expected.keys():
        lacking = sorted(user.handle for user in expected.keys() - found.keys())
        surplus = sorted(user.handle for user in found.keys() - expected.keys())
        return f"lacks conversations with {lacking} and has unknown ones with {surplus}"
    for other, entry in found.items():
        last = expected[other]
        delay = entry.last_message_at - last.sent_at
        if entry.last_text != last.text or not timedelta(0) <= delay < SAME_INSTANT:
            return (
                f"shows {entry.last_text!r} of {entry.last_message_at} from {other.handle}, "
                f"where the last message is {last.text!r} of {last.sent_at}"
            )
    return None
