"""The comparison: several server starts, in each some rounds, in each a block of every subject.

    start 1   warm-up: all subjects   round 1: dual, dual again and single in turns   round 2 ...
    start 2   warm-up: all subjects   round 1 ...

The first design is measured twice under two names: how far it differs from itself is the noise.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from workbench.designs import Design
from workbench.dynamodb.server import Server, private_servers
from workbench.dynamodb.targets import LOCAL_REGION, Target, reporting_unreachable
from workbench.errors import InputFault
from workbench.latency.blocks import (
    CALLS_A_TURN,
    ON_SCHEDULE,
    Plan,
    measure_round,
    prepare,
    warm_up,
)
from workbench.latency.client import time_client
from workbench.latency.results import LatencyRun, describe_machine, histograms_of, stored_block
from workbench.measurement.environment import describe_environment
from workbench.messaging.description import describe_log
from workbench.trials.replay import Progress

AGAIN = " again"


def compare_latency(
    design_classes: Sequence[type[Design]],
    plan: Plan,
    *,
    starts: int,
    rounds: int,
    progress: Progress = lambda task, done, total: None,
) -> LatencyRun:
    """Blocks of all designs in turns, on servers of their own; the first design is the baseline.

    Raises
    ------
    InputFault
        If there are not two different designs, or one does not support A to D.
    InboxesDisagree
        If a design's inboxes are not what was sent.
    """
    _check(design_classes)
    baseline = design_classes[0]
    with own_server() as (_, target):
        environment, machine = describe_environment(target), describe_machine()
        prepared = {each.name: prepare(each, target, plan, progress) for each in design_classes}
        client = time_client(replace(target, access_key="client"))
    counted = {name: each.counted for name, each in prepared.items()}
    subjects = {baseline.name + AGAIN: prepared[baseline.name], **prepared}
    rng = random.Random(plan.seed)
    blocks, warm_ups = [], []
    for start in range(starts):
        with own_server() as (_, target):
            for place, name in enumerate(rng.sample(sorted(subjects), len(subjects))):
                database = replace(target, access_key=f"warmup{place}")
                found = warm_up(subjects[name], database, plan)
                warm_ups.append({"start": start, "subject": name, "service_ms": found})
            for number in range(start * rounds, (start + 1) * rounds):
                blocks += [
                    stored_block(block, name, start=start, pair=number)
                    for name, block in measure_round(subjects, target, plan, number=number).items()
                ]
                progress("rounds", number + 1, starts * rounds)
    return LatencyRun(
        environment=environment,
        machine=machine,
        parameters={
            "designs": [each.name for each in design_classes],
            "starts": starts,
            "rounds": rounds,
            "calls_a_turn": CALLS_A_TURN,
            **{key: value for key, value in vars(plan).items() if key != "log"},
        },
        log=asdict(describe_log(plan.log)),
        counted=counted,
        warm_ups=warm_ups,
        blocks=blocks,
        client=client,
        histograms=histograms_of(blocks),
    )


def _check(design_classes: Sequence[type[Design]]) -> None:
    names = [each.name for each in design_classes]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputFault(
            f"a comparison needs two different designs or more (got {', '.join(names) or 'none'})"
        )
    for each in design_classes:
        if not hasattr(each, "table_definition"):
            raise InputFault(
                f"{each.name} has no table: SQLite runs in the process that asks, and its times "
                "say nothing beside those of a server"
            )
        if lacking := set(ON_SCHEDULE + "E") & set(each.unsupported):
            raise InputFault(f"{each.name} does not support {', '.join(sorted(lacking))}")


@contextmanager
def own_server() -> Iterator[tuple[Server, Target]]:
    """A server for the block alone, whatever else is up."""
    with private_servers() as [server]:
        target = Target("embedded", LOCAL_REGION, server.endpoint_url)
        with reporting_unreachable(target):
            yield server, target
