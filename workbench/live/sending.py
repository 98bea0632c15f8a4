"""Sending a log's messages as if written now, and how far behind the inboxes are."""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.designs import Design
from workbench.dynamodb.tables import Table, create_table, find_table
from workbench.errors import NotAParticipant, TableNotEmpty, TableNotFound
from workbench.messaging.logs import LoggedMessage, MessageLog
from workbench.streams.records import StreamRecord
from workbench.trials.trial import Sender

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEND_TRIES, SECONDS_BETWEEN_TRIES = 40, 0.05


def open_table(client: "DynamoDBClient", name: str, design_class: type[Design]) -> Table:
    """The table of this name, made as the design declares it if there is none."""
    definition = design_class.table_definition
    try:
        return find_table(client, name, definition)
    except TableNotFound:
        with contextlib.suppress(client.exceptions.ResourceInUseException):  # another was faster
            return create_table(client, name, definition)
        return find_table(client, name, definition)


def open_empty_table(client: "DynamoDBClient", name: str, design_class: type[Design]) -> Table:
    """The same, if it has no items: a log sent twice would start every conversation twice.

    Raises
    ------
    TableNotEmpty
        If it has any.
    """
    table = open_table(client, name, design_class)
    if client.scan(TableName=name, Limit=1)["Items"]:
        raise TableNotEmpty(f"table {name!r} has items already: name a new one with --table")
    return table


def send_live(
    design: Design,
    log: MessageLog,
    *,
    per_second: float,
    progress: Callable[[int], None] = lambda sent: None,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Send all messages as if written now; seconds by which the last one was late.

    The times of sending are fixed beforehand: a slow answer puts off no later message.
    """
    sender = Sender(design)
    started = clock()
    late = 0.0
    for number, message in enumerate(log.messages):
        late = clock() - started - number / per_second
        if late < 0:
            sleep(-late)
            late = 0.0
        _send(sender, message, sleep)
        progress(number + 1)
    return late


def _send(sender: Sender, message: LoggedMessage, sleep: Callable[[float], None]) -> None:
    """Send a message, again if need be: an index may not show yet, or for now, who takes part."""
    for _ in range(SEND_TRIES):
        try:
            return sender.send(replace(message, sent_at=datetime.now(UTC)))
        except NotAParticipant:
            sleep(SECONDS_BETWEEN_TRIES)
    return sender.send(replace(message, sent_at=datetime.now(UTC)))


def lag_ms(message: StreamRecord, now: datetime) -> float:
    """Milliseconds since a message was sent; its record tells that only to the minute."""
    sent_at = datetime.fromisoformat(message["dynamodb"]["Keys"]["sk"]["S"])
    return (now - sent_at).total_seconds() * 1_000


def median_and_p95(lags_ms: Sequence[float]) -> tuple[float, float]:
    """The median of two values or more, and what 95 of 100 do not exceed."""
    p95 = statistics.quantiles(lags_ms, n=20, method="inclusive")[-1]
    return statistics.median(lags_ms), p95
