from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.streams.fakes import lambda_record
from workbench.errors import BadParameter, PatternRefused
from workbench.streams.mapping import (
    Batch,
    EventSourceMapping,
    failure_metadata,
    first_failure,
    judge,
)

REPORTING = EventSourceMapping()


def batch_of(*numbers: int, attempts: int = 0) -> Batch:
    return Batch(tuple(lambda_record(number) for number in numbers), attempts)


def failures(*numbers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"batch_size": 0}, "batch_size must be from 1 to 10,000"),
        ({"batch_size": 10_001}, "batch_size"),
        ({"maximum_batching_window_in_seconds": 301}, "from 0 to 300"),
        ({"parallelization_factor": 11}, "from 1 to 10"),
        ({"maximum_retry_attempts": -2}, "from -1 to 10,000"),
        ({"maximum_record_age_in_seconds": 604_801}, "from -1 to 604,800"),
        ({"maximum_record_age_in_seconds": 59}, "-1, or 60 or more"),
        ({"maximum_record_age_in_seconds": -0.5}, "-1, or 60 or more"),
    ],
)
def test_setting_out_of_its_range_is_refused(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(BadParameter, match=named):
        EventSourceMapping(**settings)


def test_unsupported_filter_is_refused_before_anything_runs() -> None:
    with pytest.raises(PatternRefused, match="numeric"):
        EventSourceMapping(patterns=[{"dynamodb": {"x": [{"numeric": ["=", 1]}]}}])


@pytest.mark.parametrize(
    ("response", "place"),
    [
        (None, None),
        ({}, None),
        ({"batchItemFailures": []}, None),
        ({"batchItemFailures": None}, None),
        ({"statusCode": 200}, None),
        (failures("2"), 1),
        (failures("3", "2"), 1),  # the lowest, whatever the order
        (failures("1"), 0),
        (failures(""), 0),
        (failures(None), 0),
        (failures("99"), 0),  # not of this batch
        ({"batchItemFailures": [{"id": "2"}]}, 0),
        ({"batchItemFailures": ["2"]}, 0),
        ({"batchItemFailures": 2}, 0),
        ("", 0),
        (True, 0),
    ],
)
def test_response_tells_the_first_record_left(response: Any, place: int | None) -> None:
    assert first_failure(response, batch_of(1, 2, 3), REPORTING) == place


def test_response_is_not_read_where_reporting_is_off() -> None:
    mapping = EventSourceMapping(report_batch_item_failures=False)

    assert first_failure(failures("1"), batch_of(1, 2), mapping) is None


def test_reported_record_and_what_follows_come_again() -> None:
    verdict = judge(batch_of(1, 2, 3), 1, REPORTING)

    assert verdict.done == batch_of(1).records
    assert verdict.again == (batch_of(2, 3, attempts=1),)


def test_bisecting_halves_without_using_up_attempts() -> None:
    mapping = EventSourceMapping(bisect_batch_on_function_error=True, maximum_retry_attempts=0)

    verdict = judge(batch_of(1, 2, 3), 0, mapping)

    assert (verdict.done, verdict.discarded) == ((), None)
    assert verdict.again == (batch_of(1, 2), batch_of(3))


def test_bisecting_splits_at_the_reported_record() -> None:
    mapping = EventSourceMapping(bisect_batch_on_function_error=True, maximum_retry_attempts=0)

    assert judge(batch_of(1, 2, 3), 1, mapping).again == (batch_of(2, 3),)


@pytest.mark.parametrize(("attempts", "is_discarded"), [(0, False), (1, False), (2, True)])
def test_batch_is_given_up_after_the_attempts_allowed(attempts: int, *, is_discarded: bool) -> None:
    mapping = EventSourceMapping(maximum_retry_attempts=2)

    verdict = judge(batch_of(1, 2, attempts=attempts), 1, mapping)

    left = batch_of(2, attempts=attempts + 1)
    assert verdict.done == batch_of(1).records
    assert (verdict.discarded == left) is is_discarded
    assert (verdict.again == (left,)) is not is_discarded


@given(
    st.integers(1, 40),
    st.integers(0, 39),
    st.booleans(),
    st.integers(-1, 3),
    st.integers(0, 3),
)
def test_no_record_is_lost_or_doubled_by_a_verdict(
    size: int,
    failed_at: int,
    bisect: bool,  # noqa: FBT001
    retries: int,
    attempts: int,
) -> None:
    mapping = EventSourceMapping(
        bisect_batch_on_function_error=bisect, maximum_retry_attempts=retries
    )
    batch = batch_of(*range(size), attempts=attempts)

    verdict = judge(batch, min(failed_at, size - 1), mapping)

    parts = [verdict.done, *(again.records for again in verdict.again)]
    if verdict.discarded:
        parts.append(verdict.discarded.records)
    assert sum(parts, ()) == batch.records
    assert all(parts[1:])


def test_failure_metadata_has_the_shape_that_the_service_sends() -> None:
    metadata = failure_metadata(
        batch_of(7, 8, attempts=3),
        condition="RetryAttemptsExhausted",
        has_raised=True,
        request_id="request",
        shard_id="shard",
        stream_arn="arn:aws:dynamodb:eu-west-1:1:table/t/stream/s",
        now=1_772_366_400.5,
    )

    assert metadata == {
        "requestContext": {
            "requestId": "request",
            "functionArn": "arn:aws:lambda:eu-west-1:000000000000:function:local",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-03-01T12:00:00.500Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard",
            "startSequenceNumber": "7",
            "endSequenceNumber": "8",
            "approximateArrivalOfFirstRecord": "2026-03-01T12:00:07.000Z",
            "approximateArrivalOfLastRecord": "2026-03-01T12:00:08.000Z",
            "batchSize": 2,
            "streamArn": "arn:aws:dynamodb:eu-west-1:1:table/t/stream/s",
        },
    }
