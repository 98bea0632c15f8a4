"""The main job: replay one log through several designs and measure every access pattern."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict

from workbench.designs import AnyDesign
from workbench.designs.relational import Relational
from workbench.dynamodb.divergences import LOCAL_DIVERGENCES
from workbench.dynamodb.targets import Target
from workbench.errors import InputFault
from workbench.measurement.environment import describe_environment
from workbench.measurement.exercise import exercise
from workbench.measurement.results import DesignResult, Run, summarise
from workbench.messaging.description import describe_log
from workbench.messaging.logs import MessageLog
from workbench.trials.loading import open_loaded
from workbench.trials.replay import Progress, ReplayResult, check_inboxes, replay

SHARED_SERVER_ERROR = (
    "latency: the designs shared one server. DynamoDB Local serves a table the slower, the more "
    "stream records were written to other tables before its own, so these times favour the design "
    "that came first. Servers apart (no `workbench up`, no --endpoint) do not have this fault."
)
NOT_SHOWN = (
    "the latency of AWS: milliseconds are those of this machine, good only for comparing designs",
    "throttling, and how eventually consistent reads lag: DynamoDB Local has neither",
    "the stream update after a first message (D), which finds the group items up to date",
    "renames (H) of users busier than the log's: each goes through all that a user takes part in",
)
BASELINE_NOT_SHOWN = (
    "the way to a server of the relational baseline: SQLite runs in the process that asks it"
)


def compare(
    design_classes: Sequence[AnyDesign],
    log: MessageLog,
    targets: Sequence[Target],
    *,
    calls: int = 150,
    page_size: int = 20,
    seed: int = 1,
    replayed: int = 300,
    progress: Progress = lambda task, done, total: None,
) -> Run:
    """One run of all designs, each on its target, with the same log and the same calls.

    The last `replayed` messages of the log are sent by each design's own code with its stream
    update running. Those before are loaded: put in batches as its code would have left them.

    Raises
    ------
    InputFault
        If there is nothing to compare.
    InboxesDisagree
        If a design's inboxes are not what was sent: its figures would mean nothing.
    TargetUnreachable
        If the target stops answering.
    UnexplainedDifference
        If units of a call behind the replay differ from those reported, for no known reason.
    """
    _check(design_classes, log, calls=calls, page_size=page_size, replayed=replayed)
    loaded = max(0, len(log.messages) - replayed)
    environment = describe_environment(targets[0])
    with ExitStack() as stack:
        trials, replays = [], {}
        for design, target in zip(design_classes, targets, strict=True):
            opened = open_loaded(design, target, log.messages[:loaded], progress=progress)
            trial, left = stack.enter_context(opened)
            messages = (*left, *log.messages[loaded:])
            replays[design.name] = replay(trial, messages, progress=progress)
            trials.append(trial)
        samples = exercise(
            trials, log, calls=calls, page_size=page_size, seed=seed, progress=progress
        )
        for trial in trials:
            check_inboxes(trial, trial.sent)
    designs = {
        design.name: DesignResult(
            summary=design.summary,
            replay=replays[design.name],
            patterns={letter: summarise(found) for letter, found in samples[design.name].items()},
            unsupported=dict(design.unsupported),
        )
        for design in design_classes
    }
    return Run(
        environment=environment,
        parameters={"calls": calls, "page_size": page_size, "seed": seed, "replayed": replayed},
        log=asdict(describe_log(log)),
        designs=designs,
        known_errors=tuple(_known_errors(designs, targets)),
        not_shown=tuple(_not_shown(replays)),
    )


def _check(
    design_classes: Sequence[AnyDesign],
    log: MessageLog,
    *,
    calls: int,
    page_size: int,
    replayed: int,
) -> None:
    names = [design.name for design in design_classes]
    if not names or len(set(names)) < len(names):
        raise InputFault(f"compare needs different designs (got {', '.join(names) or 'none'})")
    if calls < 1 or page_size < 1 or not log.messages:
        raise InputFault("compare needs a message, and calls and a page size of 1 or more")
    if replayed < 0:
        raise InputFault(f"compare replays 0 messages or more (got {replayed})")


def _not_shown(replays: Mapping[str, ReplayResult]) -> Iterator[str]:
    """What nobody can learn from the run."""
    yield from NOT_SHOWN
    if Relational.name in replays:
        yield BASELINE_NOT_SHOWN
    for name, result in replays.items():
        if result.loaded:
            yield (
                f"the sending of {result.loaded:,} of {result.loaded + result.messages:,} messages "
                f"under {name}: they were put in batches, as its code was seen to leave others"
            )


def _known_errors(designs: Mapping[str, DesignResult], targets: Sequence[Target]) -> Iterator[str]:
    """Why reported units differ from those by rule, and what else is known to be wrong."""
    for divergence in LOCAL_DIVERGENCES:
        where = [
            f"{name} {pattern}"
            for name, design in designs.items()
            for pattern, result in design.patterns.items()
            if divergence.name in result.differences
        ]
        if where:
            yield f"{divergence.name} ({', '.join(where)}): {divergence.cause}"
    if targets[0].kind != "aws" and len(set(targets)) < len(targets):
        yield SHARED_SERVER_ERROR
