"""An event source mapping: how records of a stream become batches for a function.

Only the settings and the decisions are here; `runner.py` reads the stream and calls the handler.

Source
------
AWS Lambda Developer Guide, "Lambda parameters for Amazon DynamoDB event source mappings" for names,
ranges and defaults; AWS Lambda Developer Guide, "Configuring partial batch response with DynamoDB
and Lambda"; AWS Lambda Developer Guide, "Retain discarded records for a DynamoDB event source in
Lambda".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench.errors import BadParameter
from workbench.streams.filters import Pattern, checked_patterns
from workbench.streams.records import StreamRecord, sequence_number

RANGES = {
    "batch_size": (1, 10_000),
    "maximum_batching_window_in_seconds": (0, 300),
    "parallelization_factor": (1, 10),
    "maximum_retry_attempts": (-1, 10_000),
    "maximum_record_age_in_seconds": (-1, 604_800),
}
LEAST_AGE_SECONDS = 60
MAX_BATCH_BYTES = 6 * 1024**2
FOREVER = -1


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping:
    """Settings of a mapping, under AWS's names and with its defaults, but for the reporting.

    A batch that fails is tried again: whole, or from the lowest failed record on if the function
    reports it (`report_batch_item_failures`), or in halves (`bisect_batch_on_function_error`,
    which uses up no attempts). It is discarded after `maximum_retry_attempts` more attempts, or
    when a record is older than `maximum_record_age_in_seconds`; -1 is for ever. What is left of a
    batch that got further keeps its number of attempts, which the sources leave open. DynamoDB
    Local cuts times to the minute, so its records look up to a minute older. With a
    `parallelization_factor`, so many batches of a shard are handled at once, the records of each
    item in order.

    Raises
    ------
    BadParameter
        If a value is out of its range.
    PatternRefused
        If a filter pattern is not supported.
    """

    batch_size: int = 100
    maximum_batching_window_in_seconds: float = 0
    parallelization_factor: int = 1
    report_batch_item_failures: bool = True
    bisect_batch_on_function_error: bool = False
    maximum_retry_attempts: int = FOREVER
    maximum_record_age_in_seconds: float = FOREVER
    patterns: Sequence[Pattern] = ()

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise BadParameter(name, value, f"from {least:,} to {most:,}")
        age = self.maximum_record_age_in_seconds
        if age != FOREVER and age < LEAST_AGE_SECONDS:
            allowed = f"{FOREVER}, or {LEAST_AGE_SECONDS} or more"
            raise BadParameter("maximum_record_age_in_seconds", age, allowed)
        checked_patterns(self.patterns)


@dataclass(frozen=True)
class Batch:
    """Records to be handled together, and how often that has been tried."""

    records: tuple[StreamRecord, ...]
    attempts: int = 0


@dataclass(frozen=True)
class Verdict:
    """What becomes of a batch that failed: records done, batches to try again, one discarded."""

    done: tuple[StreamRecord, ...]
    again: tuple[Batch, ...] = ()
    discarded: Batch | None = None


def first_failure(response: Any, batch: Batch, mapping: EventSourceMapping) -> int | None:
    """Place of the first record that a function's response leaves to be handled; None for none.

    A response that cannot be understood means that all records failed.
    """
    if not mapping.report_batch_item_failures or response is None:
        return None
    if not isinstance(response, Mapping):
        return 0
    failures = response.get("batchItemFailures") or []
    places = {sequence_number(record): place for place, record in enumerate(batch.records)}
    try:
        failed = [places[failure["itemIdentifier"]] for failure in failures]
    except (KeyError, TypeError):
        return 0
    return min(failed, default=None)


def judge(batch: Batch, failed_at: int, mapping: EventSourceMapping) -> Verdict:
    """What becomes of a batch whose record at this place was the first to fail."""
    done, rest = batch.records[:failed_at], batch.records[failed_at:]
    if mapping.bisect_batch_on_function_error and len(batch.records) > 1:
        # The split uses up no attempt. It is at the failed record, if the function reported one.
        middle = (len(rest) + 1) // 2
        parts = (rest,) if done else (rest[:middle], rest[middle:])
        return Verdict(done, tuple(Batch(part, batch.attempts) for part in parts))
    tried = Batch(rest, batch.attempts + 1)
    if (
        mapping.maximum_retry_attempts != FOREVER
        and tried.attempts > mapping.maximum_retry_attempts
    ):
        return Verdict(done, discarded=tried)
    return Verdict(done, (tried,))


def failure_metadata(
    batch: Batch,
    *,
    condition: str,
    has_raised: bool,
    request_id: str,
    shard_id: str,
    stream_arn: str,
    now: float,
) -> dict[str, Any]:
    """What the failure destination is sent about a discarded batch: where it is, not what it holds.

    Who wants the records has to read them from the stream before they are trimmed.
    """
    first, last = batch.records[0], batch.records[-1]
    region = stream_arn.split(":")[3]
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
    if has_raised:
        response["functionError"] = "Unhandled"
    return {
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"arn:aws:lambda:{region}:000000000000:function:local",
            "condition": condition,
            "approximateInvokeCount": batch.attempts,
        },
        **({"responseContext": response} if batch.attempts else {}),
        "version": "1.0",
        "timestamp": _timestamp(now),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": sequence_number(first),
            "endSequenceNumber": sequence_number(last),
            "approximateArrivalOfFirstRecord": _timestamp(created_at(first)),
            "approximateArrivalOfLastRecord": _timestamp(created_at(last)),
            "batchSize": len(batch.records),
            "streamArn": stream_arn,
        },
    }


def created_at(record: StreamRecord) -> float:
    """Seconds since 1970; DynamoDB Local cuts it to the minute."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
