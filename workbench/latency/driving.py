"""Load from several processes at a fixed rate: does it hold, and if not, whose limit is it?

One Python process sends some 1,000 requests a second at most, however many threads it has. Each
process here has a share of the schedule and a connection of its own, and does as users do: looks at
an inbox and at a conversation in it, sends, or finds a conversation.
"""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import psutil

from workbench.designs import Design
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.server import Server
from workbench.dynamodb.targets import Target
from workbench.errors import SenderFailed
from workbench.latency.blocks import Plan, Prepared, open_filled
from workbench.latency.sending import (
    RealClock,
    Timings,
    poisson_times,
    schedule_fault,
    send_on_schedule,
)
from workbench.messaging.entities import Conversation

WARM_UP_CALLS = 400
START_SECONDS = 0.5  # between the word to start and the start
ALL_BUT_IDLE = 0.9  # of a core, or of all
TEXT = "a text of forty characters, as it may be"
AWAKE_SECONDS = 0.0001  # so many senders must not keep the cores awake that the server needs


@dataclass(frozen=True)
class Drive:
    """What came of it: calls and requests a second, response times in ms, cores in use.

    `fault` says why response times mean nothing, and `limit` what kept the schedule from holding.
    """

    processes: int
    asked_per_second: float
    calls_per_second: float
    requests_per_second: float
    median_ms: float
    p95_ms: float
    client_cores: float
    server_cores: float
    fault: str | None
    limit: str | None


@dataclass(frozen=True)
class _Told:
    """What a process tells when it has sent its share."""

    timings: Timings
    requests: int
    cpu_seconds: float


def drive(
    prepared: Prepared,
    server: Server,
    target: Target,
    plan: Plan,
    *,
    patterns: str = "BA",
    processes: int,
    seconds: float,
) -> Drive:
    """Send from so many processes for so long, at the plan's rate of calls in all.

    The calls are of these access patterns in turns: A, B, C or I.

    Raises
    ------
    SenderFailed
        If a process ends with an error.
    """
    context = multiprocessing.get_context("spawn")
    target = replace(target, access_key=f"drive{time.monotonic_ns()}")  # see Target
    share = plan.per_second / processes
    with open_filled(prepared, target, []) as trial:
        conversations = list(prepared.conversations.values())
        pipes, theirs, children = [], [], []
        for number in range(processes):
            here, there = context.Pipe()
            times = poisson_times(
                max(1, round(share * seconds)), per_second=share, seed=plan.seed + number
            )
            arguments = (
                prepared.design_class,
                target,
                trial.table_name,
                conversations,
                plan,
                patterns,
                times,
                there,
            )
            children.append(context.Process(target=_send, args=arguments, daemon=True))
            pipes.append(here)
            theirs.append(there)
        try:
            for child, there in zip(children, theirs, strict=True):
                child.start()
                there.close()  # or its end would not be seen: this process would hold it open
            told = _gather(pipes, psutil.Process(server.pid))
        finally:
            for child in children:
                child.terminate()
                child.join()
    return _summary(*told, plan, processes)


def _gather(
    pipes: Sequence[Connection], server: psutil.Process
) -> tuple[list[_Told], float, float]:
    """What all processes tell, the seconds that took, and the server's seconds of CPU in them."""
    try:
        for pipe in pipes:
            pipe.recv()  # ready
        started, used = time.perf_counter() + START_SECONDS, sum(server.cpu_times()[:2])
        for pipe in pipes:
            pipe.send(started)
        told = [pipe.recv() for pipe in pipes]
    except EOFError as error:
        raise SenderFailed("a sending process failed; see its error above") from error
    return told, time.perf_counter() - started, sum(server.cpu_times()[:2]) - used


def _send(
    design_class: type[Design],
    target: Target,
    table_name: str,
    conversations: Sequence[Conversation],
    plan: Plan,
    patterns: str,
    times: Any,
    pipe: Connection,
) -> None:
    """One process: warm up, wait for the word, send a share of the schedule, tell."""
    client = target.client()
    design, meter = design_class(client, table_name), Meter(client)
    rng = np.random.default_rng(plan.seed)
    places = rng.integers(len(conversations), size=len(times))
    calls = [
        _call(design, pattern, conversations[place], plan.page_size)
        for pattern, place in zip(itertools.cycle(patterns), places, strict=False)
    ]
    for call in calls[:WARM_UP_CALLS]:
        call()
    clock = RealClock(AWAKE_SECONDS)
    pipe.send("ready")
    clock.wait_until(pipe.recv())
    requests, used = meter.round_trips, time.process_time()
    timings = send_on_schedule(calls[: len(times)], times, clock=clock)
    pipe.send(_Told(timings, meter.round_trips - requests, time.process_time() - used))


def _call(
    design: Design, pattern: str, opened: Conversation, page_size: int
) -> Callable[[], object]:
    viewer = opened.viewer
    if pattern == "A":
        return partial(design.list_messages, viewer, opened.group_uuid, limit=page_size)
    if pattern == "B":
        return partial(design.list_conversations, viewer, limit=page_size)
    if pattern == "I":
        return partial(design.find_conversation, viewer, opened.other)
    return lambda: design.send_message(opened, TEXT, datetime.now(UTC))


def _summary(
    told: Sequence[_Told], seconds: float, server_seconds: float, plan: Plan, processes: int
) -> Drive:
    response_ms = np.concatenate([each.timings.response_ms for each in told])
    busy = float(np.mean([each.timings.busy for each in told]))
    lateness = float(np.mean([each.timings.lateness for each in told]))
    cores = [each.cpu_seconds / each.timings.done[-1] for each in told]
    fault, server_cores = schedule_fault(busy, lateness), server_seconds / seconds
    median_ms, p95_ms = np.percentile(response_ms, [50, 95]).tolist()
    return Drive(
        processes=processes,
        asked_per_second=plan.per_second,
        calls_per_second=len(response_ms) / seconds,
        requests_per_second=sum(each.requests for each in told) / seconds,
        median_ms=median_ms,
        p95_ms=p95_ms,
        client_cores=sum(cores),
        server_cores=server_cores,
        fault=fault,
        limit=None if fault is None else _limit(cores, server_cores, psutil.cpu_count() or 1),
    )


def _limit(client_cores: Sequence[float], server_cores: float, cpus: int) -> str:
    """Who had nothing left."""
    if max(client_cores) > ALL_BUT_IDLE:
        return "the client: a process used a whole core. More processes would send more"
    total = sum(client_cores) + server_cores
    if total > ALL_BUT_IDLE * cpus:
        side = "client" if sum(client_cores) > server_cores else "server"
        return f"the machine: all {cpus} cores were in use, most of them by the {side}"
    return "the server: the cores had time left while the senders waited for its answers"
