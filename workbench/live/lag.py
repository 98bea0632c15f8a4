"""How far inboxes lag behind messages that another process sends."""

import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.errors import SenderFailed
from workbench.live.sending import lag_ms, median_and_p95, send_live
from workbench.messaging.logs import MessageLog
from workbench.streams.filters import matches
from workbench.trials.trial import StreamFunction, open_trial


@dataclass(frozen=True)
class LagResult:
    """Milliseconds from the sending of a message until the function that shows it has returned."""

    subject: str
    messages: int
    per_second: float
    median_ms: float
    p95_ms: float


def measure_lag(
    function: StreamFunction, target: Target, log: MessageLog, *, per_second: float
) -> LagResult:
    """The lag while another process sends a log's messages at a steady rate.

    Messages that are discarded have none: `messages` in the result are those that were shown.

    Raises
    ------
    SenderFailed
        If the other process fails.
    """
    design_class = function.design_class
    lags_ms: list[float] = []

    def note(outcome: str, records: Sequence[Mapping[str, Any]], why: str) -> None:
        if outcome == "handled":
            now = datetime.now(UTC)
            pattern = design_class.stream_filter
            messages = [record for record in records if matches([pattern], record)]
            lags_ms.extend(lag_ms(message, now) for message in messages)

    with open_trial(design_class, target, function=function, observe=note) as trial:
        arguments = (design_class, target, trial.table_name, log, per_second)
        sender = multiprocessing.get_context("spawn").Process(
            target=_send, args=arguments, daemon=True
        )
        sender.start()
        try:
            is_more = True
            while is_more:
                is_sending = sender.is_alive()
                is_more = trial.stream.step() or is_sending or not trial.stream.is_idle
        finally:
            sender.terminate()
            sender.join()
    if sender.exitcode:
        raise SenderFailed(
            f"the sending process failed (exit code {sender.exitcode}); see its error above"
        )
    return LagResult(function.name, len(lags_ms), per_second, *median_and_p95(lags_ms))


def _send(
    design_class: type[Design], target: Target, table_name: str, log: MessageLog, per_second: float
) -> None:
    send_live(design_class(target.client(), table_name), log, per_second=per_second)
