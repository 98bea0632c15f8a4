"""Exercising the access patterns one call at a time, on tables that a replay has filled."""

import math
import random
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from workbench.dynamodb.meter import Usage
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.messaging.entities import Conversation
from workbench.messaging.logs import LoggedMessage, MessageLog, user_named
from workbench.trials.replay import Progress
from workbench.trials.statements import StatementUsage
from workbench.trials.trial import Trial

CALLS_PER_BLOCK = 20  # and no more than calls are asked for
# A rename goes through all of a user's conversations, so there are fewer: for every so many calls
# of other patterns one user is renamed and, as the log's names are to stay, renamed back.
CALLS_FOR_A_RENAMING = 40
LEAST_RENAMINGS = 3
FOUNDER, NEWCOMER = user_named("group founder"), user_named("group newcomer")
OTHER_MEMBERS = [user_named("group second"), user_named("group third")]


@dataclass
class Sample:
    """One call of an access pattern: what it used, put on the stream, and how long it took."""

    usage: Usage | StatementUsage
    stream_records: int = 0
    latency_ms: float = 0.0


Samples = dict[str, list[Sample]]
Call = Callable[[Trial, LoggedMessage, int, Samples], None]


class Step(NamedTuple):
    """Calls of one pattern, each for a message of the log's traffic."""

    pattern: str
    call: Call
    messages: Sequence[LoggedMessage]
    block: int


def exercise(
    trials: Sequence[Trial],
    log: MessageLog,
    *,
    calls: int,
    page_size: int,
    seed: int,
    progress: Progress,
    patterns: Container[str] = ACCESS_PATTERNS,
) -> dict[str, Samples]:
    """Samples per design and access pattern, without those that a design does not support.

    Every design gets the same calls, drawn from the log's own traffic: a conversation is opened,
    and an inbox looked at, by whoever was written to. Reads come first, then C with its stream
    update E, then D, and F to J behind them. The designs take turns in short blocks, in seeded
    random order, so that a slow moment of the machine falls on all of them. Each pattern's first
    block is a warm-up: it is not among the samples.
    """
    rng = random.Random(seed)
    samples = {trial.design.name: _no_samples(trial) for trial in trials}
    steps = _essential_steps(log, calls, rng)
    steps += _further_steps(log, calls, random.Random(seed), after=steps)
    steps = [step for step in steps if step.pattern in patterns]
    total, done = sum(len(step.messages) for step in steps), 0
    for step in steps:
        for start in range(0, len(step.messages), step.block):
            block = step.messages[start : start + step.block]
            for trial in rng.sample(trials, len(trials)):
                if step.pattern in trial.design.unsupported:
                    continue
                kept = samples[trial.design.name] if start else _no_samples(trial)
                for message in block:
                    step.call(trial, message, page_size, kept)
            done += len(block)
            progress("exercise", done, total)
    return samples


def block_of(calls: int) -> int:
    """Calls in which a design has its turn."""
    return min(CALLS_PER_BLOCK, calls)


class Traffic(NamedTuple):
    """Messages drawn from a log: those whose recipient looks (A and B), later ones in the same
    conversations (C), and still later ones by newcomers (D)."""

    drawn: list[LoggedMessage]
    new: list[LoggedMessage]
    first: list[LoggedMessage]


def draw_traffic(log: MessageLog, count: int, rng: random.Random) -> Traffic:
    """So many messages of each kind."""
    drawn = rng.choices(log.messages, k=count)
    new = _sent_later(rng.choices(log.messages, k=count), log.messages[-1].sent_at)
    first = [
        replace(message, sender=f"newcomer {number}")
        for number, message in enumerate(
            _sent_later(rng.choices(log.messages, k=count), new[-1].sent_at), start=1
        )
    ]
    return Traffic(drawn, new, first)


def _essential_steps(log: MessageLog, calls: int, rng: random.Random) -> list[Step]:
    block = block_of(calls)
    traffic = draw_traffic(log, block + calls, rng)
    return [
        Step("A", partial(_call, "A"), traffic.drawn, block),
        Step("B", partial(_call, "B"), traffic.drawn, block),
        Step("C", _send_message, traffic.new, block),
        Step("D", partial(_call, "D"), traffic.first, block),
    ]


def _further_steps(
    log: MessageLog, calls: int, rng: random.Random, *, after: Sequence[Step]
) -> list[Step]:
    """F is for the new messages that C has sent, and G for later ones, which end the hiding.

    H takes all who sent something alike: who is busy is not renamed more often.
    """
    drawn, _, new_messages, first_messages = (step.messages for step in after)
    block = block_of(calls)
    total = block + calls
    later_messages = _sent_later(rng.choices(log.messages, k=total), first_messages[-1].sent_at)
    one_of_each_sender = list({message.sender: message for message in log.messages}.values())
    renamings = max(LEAST_RENAMINGS, math.ceil(calls / CALLS_FOR_A_RENAMING))
    return [
        Step("F", _read_unread, new_messages, block),
        Step("G", _hide, later_messages, block),
        Step("H", _rename, rng.choices(one_of_each_sender, k=1 + renamings), 1),
        Step("I", partial(_call, "I"), drawn, block),
        Step("J", _add_and_leave, later_messages, block),
    ]


def _no_samples(trial: Trial) -> Samples:
    return {letter: [] for letter in ACCESS_PATTERNS if letter not in trial.design.unsupported}


def _sent_later(messages: list[LoggedMessage], last: datetime) -> list[LoggedMessage]:
    return [
        replace(message, sent_at=last + timedelta(seconds=number))
        for number, message in enumerate(messages, start=1)
    ]


@contextmanager
def _measured(trial: Trial) -> Iterator[Sample]:
    with trial.meter.watching() as usage:
        sample = Sample(usage)
        started = time.perf_counter()
        yield sample
        sample.latency_ms = (time.perf_counter() - started - usage.side_seconds) * 1_000


@contextmanager
def _measured_write(trial: Trial) -> Iterator[Sample]:
    """The same, with its stream records; what they lead to is handled behind it, unmeasured."""
    with _measured(trial) as sample:
        yield sample
    sample.stream_records = trial.stream.fetch()
    trial.stream.deliver()


# --- A to E ----------------------------------------------------------------------------------


def call_of(
    trial: Trial, pattern: str, message: LoggedMessage, page_size: int
) -> Callable[[], object]:
    """A call of A, B, C, D or I; what it is given is looked up before a clock runs."""
    design, recipient = trial.design, user_named(message.recipient)
    if pattern == "A":
        opened = trial.opened_by_recipient(message)
        return partial(design.list_messages, opened.viewer, opened.group_uuid, limit=page_size)
    if pattern == "B":
        return partial(design.list_conversations, recipient, limit=page_size)
    if pattern == "I":
        return partial(design.find_conversation, recipient, user_named(message.sender))
    return partial(trial.send, message)


def _call(
    pattern: str, trial: Trial, message: LoggedMessage, page_size: int, samples: Samples
) -> None:
    call = call_of(trial, pattern, message, page_size)
    with (_measured_write if pattern == "D" else _measured)(trial) as sample:
        call()
    samples[pattern].append(sample)


def _send_message(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    with _measured(trial) as sample:
        trial.send(message)
    sample.stream_records = trial.stream.fetch()
    samples["C"].append(sample)
    with trial.meter.watching() as usage:
        delivery = trial.stream.deliver()
    latency_ms = delivery.handler_ms - usage.side_seconds * 1_000
    samples["E"].append(Sample(usage, delivery.caused, latency_ms))


# --- F to J ----------------------------------------------------------------------------------


def _read_unread(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    conversation = trial.opened_by_recipient(message)
    with _measured_write(trial) as sample:
        trial.design.count_unread(conversation)
        trial.design.mark_read(conversation, message.sent_at)
    samples["F"].append(sample)


def _hide(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    """The message comes behind it, so that the conversation is in the inbox again."""
    conversation = trial.opened_by_recipient(message)
    with _measured_write(trial) as sample:
        trial.design.hide_conversation(conversation, message.sent_at - timedelta(seconds=0.5))
    samples["G"].append(sample)
    trial.send(message)
    trial.settle()


def _rename(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    user = user_named(message.sender)
    renamed = replace(user, handle=f"{user.handle}_2", display_name=f"{user.display_name} 2")
    for names in (renamed, user):
        with _measured_write(trial) as sample:
            trial.design.rename_user(names)
        samples["H"].append(sample)


def _add_and_leave(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    """The group is started before; nobody of the log is in it, for whom inboxes are checked."""
    group = trial.design.start_group(FOUNDER, OTHER_MEMBERS, message.text, message.sent_at)
    trial.settle()
    with _measured_write(trial) as sample:
        trial.design.add_participant(group, NEWCOMER, message.sent_at + timedelta(seconds=0.5))
        trial.design.leave_group(Conversation(group.group_uuid, NEWCOMER, FOUNDER))
    samples["J"].append(sample)
