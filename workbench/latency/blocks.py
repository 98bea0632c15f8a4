"""A round: a block of every subject, each on a new table, its requests sent on their schedule.

Subjects take turns of a few calls. A machine that is slower for a second is so for all of them:

    pattern A   turn 1: single, dual, dual again   turn 2: dual again, single, dual   ...
    pattern B   turn 1: dual, single, dual again   ...
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from botocore.exceptions import ClientError

from workbench.capacity.indexes import Item
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items, to_json
from workbench.dynamodb.meter import Usage
from workbench.dynamodb.targets import Target
from workbench.latency.sending import (
    Seconds,
    Timings,
    join_timings,
    log_times,
    poisson_times,
    send_on_schedule,
)
from workbench.measurement.exercise import Sample, Traffic, call_of, draw_traffic, exercise
from workbench.measurement.results import summarise
from workbench.messaging.entities import Conversation
from workbench.messaging.logs import MessageLog
from workbench.streams.runner import Handler
from workbench.trials.replay import Progress, replay
from workbench.trials.trial import StreamFunction, TableTrial, each_message_alone, open_trial

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ON_SCHEDULE = "ABCD"  # what users wait for; E has no schedule, it follows from C
COUNTED_CALLS = 20
CALLS_A_TURN = 10  # 0.2 s at 50/s; so few that drift is shared, so many that a queue can form
COUNTS = ("round_trips", "estimated_rru", "estimated_wru", "items_read", "bytes_read")


@dataclass(frozen=True)
class Plan:
    """What every block does.

    `calls` of each pattern are sent, `per_second`, at times of a Poisson process or of the log.
    """

    log: MessageLog
    calls: int
    per_second: float
    arrivals: str
    page_size: int
    seed: int


@dataclass(frozen=True)
class Prepared:
    """A design, what its table holds after the log was replayed, and what its calls use."""

    design_class: type[Design]
    items: Sequence[Item]
    conversations: Mapping[frozenset[str], Conversation]
    counted: Mapping[str, Mapping[str, Any]]


def prepare(design_class: type[Design], target: Target, plan: Plan, progress: Progress) -> Prepared:
    """Replay the log once by the design's own code; blocks then begin with a copy of its items.

    Raises
    ------
    InboxesDisagree
        If the inboxes are not what was sent: its figures would mean nothing.
    """
    with open_trial(design_class, target) as trial:
        replay(trial, plan.log.messages, progress=progress)
        items, conversations = all_items(target.client(), trial.table_name), {**trial.conversations}
        samples = exercise(
            [trial], plan.log, calls=COUNTED_CALLS, page_size=plan.page_size, seed=plan.seed,
            progress=lambda task, done, total: None, patterns=ON_SCHEDULE,
        )[design_class.name]  # fmt: skip
    counted = {letter: _counts(found) for letter, found in samples.items() if found}
    return Prepared(design_class, items, conversations, counted)


def _counts(samples: Sequence[Sample]) -> dict[str, Any]:
    """Means per call, and how many requests of each operation it makes."""
    means = summarise(samples)
    operations = Counter(each for sample in samples for each in _operations(sample))
    return {
        **{name: getattr(means, name) for name in COUNTS},
        "operations": {name: count / len(samples) for name, count in sorted(operations.items())},
    }


def _operations(sample: Sample) -> Sequence[str]:
    assert isinstance(sample.usage, Usage), "only designs on tables are compared"
    return sample.usage.operations


@contextmanager
def open_filled(prepared: Prepared, target: Target, handled: list[float]) -> Iterator[TableTrial]:
    """A trial on a new table that holds the items; its handler's seconds are put to `handled`."""
    function = _timed(each_message_alone(prepared.design_class, target), handled)
    with open_trial(
        prepared.design_class, target, function=function, items=map(to_json, prepared.items)
    ) as trial:
        trial.conversations |= prepared.conversations
        yield trial


def _timed(function: StreamFunction, handled: list[float]) -> StreamFunction:
    def make(client: "DynamoDBClient", table_name: str) -> Handler:
        handler = function.make_handler(client, table_name)

        def timed(event: Any, context: Any) -> Any:
            started = time.perf_counter()
            answer = handler(event, context)
            handled.append(time.perf_counter() - started)
            return answer

        return timed

    return function._replace(make_handler=make)


@dataclass(frozen=True)
class Block:
    """What was measured: on schedule for A to D, and the stream update's own times in ms."""

    timings: Mapping[str, Timings]
    update_ms: Sequence[float]


def measure_round(
    subjects: Mapping[str, Prepared], target: Target, plan: Plan, *, number: int
) -> dict[str, Block]:
    """A block of each subject, each in a database of its own on the server.

    The plan's seed and the round's number give the traffic, alike for all, and whose turn it is.
    """
    seed = plan.seed * 10_007 + number
    rng = random.Random(seed)
    traffic = draw_traffic(plan.log, plan.calls, random.Random(seed))
    handled: dict[str, list[float]] = {name: [] for name in subjects}
    timings: dict[str, dict[str, Timings]] = {name: {} for name in subjects}
    with ExitStack() as tables:
        trials = {}
        for place, name in enumerate(rng.sample(sorted(subjects), len(subjects))):
            database = replace(target, access_key=f"round{number}table{place}")
            filled = open_filled(subjects[name], database, handled[name])
            trials[name] = tables.enter_context(filled)
        for place, pattern in enumerate(ON_SCHEDULE):
            calls = {
                name: _calls(trial, pattern, traffic, plan.page_size)
                for name, trial in trials.items()
            }
            times = _times(plan, traffic, seed * 10 + place)
            for name, taken in _in_turns(trials, calls, times, rng).items():
                timings[name][pattern] = taken
            if pattern == "C":
                update_ms = {name: [1_000 * each for each in handled[name]] for name in subjects}
    return {name: Block(timings[name], update_ms[name]) for name in subjects}


def _in_turns(
    trials: Mapping[str, TableTrial],
    calls: Mapping[str, Sequence[Callable[[], object]]],
    times: Seconds,
    rng: random.Random,
) -> dict[str, Timings]:
    """All subjects' calls on one schedule, in an order drawn for each turn; updates end a turn."""
    gaps = np.diff(times, prepend=0.0)
    parts: dict[str, list[Timings]] = {name: [] for name in calls}
    for first in range(0, len(times), CALLS_A_TURN):
        turn = slice(first, first + CALLS_A_TURN)
        for name in rng.sample(sorted(calls), len(calls)):
            taken = send_on_schedule(calls[name][turn], gaps[turn].cumsum(), code_of=_code_of)
            parts[name].append(taken)
            trials[name].settle()
    return {name: join_timings(each) for name, each in parts.items()}


def warm_up(prepared: Prepared, target: Target, plan: Plan) -> dict[str, list[float]]:
    """The same calls, each as soon as the one before is answered: pattern -> ms, in order."""
    traffic = draw_traffic(plan.log, plan.calls, random.Random(plan.seed))
    found: dict[str, list[float]] = {}
    with open_filled(prepared, target, []) as trial:
        for pattern in ON_SCHEDULE:
            calls = _calls(trial, pattern, traffic, plan.page_size)
            timings = send_on_schedule(calls, np.zeros(len(calls)), code_of=_code_of)
            found[pattern] = timings.service_ms.tolist()
            trial.settle()
    return found


def _times(plan: Plan, traffic: Traffic, seed: int) -> Seconds:
    if plan.arrivals == "log":
        in_order = sorted(traffic.drawn, key=lambda message: message.sent_at)
        return log_times(in_order, per_second=plan.per_second)
    return poisson_times(plan.calls, per_second=plan.per_second, seed=seed)


def _calls(
    trial: TableTrial, pattern: str, traffic: Traffic, page_size: int
) -> list[Callable[[], object]]:
    """The calls themselves; what they are given is looked up before the clock runs."""
    messages = {"C": traffic.new, "D": traffic.first}.get(pattern, traffic.drawn)
    return [call_of(trial, pattern, message, page_size) for message in messages]


def _code_of(error: Exception) -> str | None:
    """The code by which DynamoDB refused; anything else is no answer to be counted."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else None
