"""Exercising the access patterns one call at a time, on tables that a replay has filled."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workbench.dynamodb.meter import Usage
from workbench.measurement.replay import Progress
from workbench.measurement.trial import Trial
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.messaging.logs import LoggedMessage, MessageLog, user_named

CALLS_PER_BLOCK = 20
WARM_UP_CALLS = CALLS_PER_BLOCK


@dataclass
class Sample:
    """One call of an access pattern: what it used, put on the stream, and how long it took."""

    usage: Usage
    stream_records: int = 0
    latency_ms: float = 0.0


Samples = dict[str, list[Sample]]


def exercise(
    trials: Sequence[Trial],
    log: MessageLog,
    *,
    calls: int,
    page_size: int,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, Samples], list[LoggedMessage]]:
    """Samples per design and access pattern, and the messages that were sent to get them.

    Every design gets the same calls, drawn from the log's own traffic: a conversation is opened,
    and an inbox looked at, by whoever was written to. Reads come first, then C with its stream
    update E, then D. The designs take turns in short blocks, in seeded random order, so that a
    slow moment of the machine falls on all of them. Each pattern's first block is a warm-up: it is
    not among the samples.
    """
    rng = random.Random(seed)
    samples = {trial.design.name: _no_samples() for trial in trials}
    total = WARM_UP_CALLS + calls
    drawn = rng.choices(log.messages, k=total)
    new_messages = _sent_later(rng.choices(log.messages, k=total), log.messages[-1].sent_at)
    first_messages = [
        replace(message, sender=f"newcomer {number}")
        for number, message in enumerate(
            _sent_later(rng.choices(log.messages, k=total), new_messages[-1].sent_at), start=1
        )
    ]
    plan: list[tuple[Callable[[Trial, LoggedMessage, int, Samples], None], list[LoggedMessage]]]
    plan = [
        (_list_messages, drawn),
        (_list_conversations, drawn),
        (_send_message, new_messages),
        (_start_conversation, first_messages),
    ]
    for step, (call, messages) in enumerate(plan):
        for start in range(0, total, CALLS_PER_BLOCK):
            block = messages[start : start + CALLS_PER_BLOCK]
            for trial in rng.sample(trials, len(trials)):
                kept = samples[trial.design.name] if start >= WARM_UP_CALLS else _no_samples()
                for message in block:
                    call(trial, message, page_size, kept)
            progress("exercise", step * total + start + len(block), len(plan) * total)
    return samples, new_messages + first_messages


def _no_samples() -> Samples:
    return {pattern: [] for pattern in ACCESS_PATTERNS}


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


def _list_messages(trial: Trial, message: LoggedMessage, page_size: int, samples: Samples) -> None:
    conversation = trial.conversation(message.recipient, message.sender)
    assert conversation is not None, "every pair of the log has talked in the replay"
    with _measured(trial) as sample:
        trial.design.list_messages(conversation.viewer, conversation.group_uuid, limit=page_size)
    samples["A"].append(sample)


def _list_conversations(
    trial: Trial, message: LoggedMessage, page_size: int, samples: Samples
) -> None:
    reader = user_named(message.recipient)
    with _measured(trial) as sample:
        trial.design.list_conversations(reader, limit=page_size)
    samples["B"].append(sample)


def _send_message(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    with _measured(trial) as sample:
        trial.send(message)
    sample.stream_records = trial.stream.fetch()
    samples["C"].append(sample)
    with trial.meter.watching() as usage:
        delivery = trial.stream.deliver()
    latency_ms = delivery.handler_ms - usage.side_seconds * 1_000
    samples["E"].append(Sample(usage, delivery.caused, latency_ms))


def _start_conversation(trial: Trial, message: LoggedMessage, _: int, samples: Samples) -> None:
    with _measured(trial) as sample:
        trial.send(message)
    sample.stream_records = trial.stream.fetch()
    samples["D"].append(sample)
    trial.stream.deliver()
