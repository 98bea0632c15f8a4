import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from tests.streams.fakes import STREAM_ARN, api_record, lambda_record
from workbench.designs.messages import NEW_MESSAGES
from workbench.errors import IndexBehind
from workbench.streams.handlers import stream_handler
from workbench.streams.records import described, to_lambda_record


class Updates:
    """A stream update that writes down what it is asked, and fails for one key."""

    stream_filter: ClassVar[Mapping[str, Any]] = NEW_MESSAGES

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.seen: list[list[str]] = []

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        if messages[0]["pk"]["S"] == self.failing:
            raise KeyError(self.failing)
        self.seen.append([message["message"]["S"] for message in messages])


def event(*records: tuple[Any, ...]) -> dict[str, Any]:
    return {"Records": [lambda_record(*record) for record in records]}


def test_burst_of_a_conversation_is_one_update() -> None:
    updates = Updates()

    response = stream_handler(updates)(
        event((1, "MSG#a"), (2, "MSG#b"), (3, "MSG#a"), (4, "MSG#a")), None
    )

    assert updates.seen == [["text 1", "text 3", "text 4"], ["text 2"]]
    assert response == {"batchItemFailures": []}


def test_records_of_anything_but_new_messages_are_ignored() -> None:
    updates = Updates()
    foreign = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"N": "1"}}}}
    removed = lambda_record(3, name="REMOVE")
    del removed["dynamodb"]["NewImage"]
    batch = event((1, "GRP#a"), (2, "MSG#a", "MODIFY"))

    response = stream_handler(updates)({"Records": [*batch["Records"], foreign, removed]}, None)

    assert (updates.seen, response) == ([], {"batchItemFailures": []})


def test_first_failure_stops_the_batch_and_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    updates = Updates(failing="MSG#b")

    with caplog.at_level(logging.ERROR):
        response = stream_handler(updates)(
            event((1, "MSG#a"), (2, "MSG#b"), (3, "MSG#a"), (4, "MSG#c"), (5, "MSG#b")), None
        )

    assert updates.seen == [["text 1", "text 3"]]
    assert response == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert "stopped at record 2" in caplog.text
    assert "Traceback" in caplog.text


def test_fault_that_heals_when_handled_again_is_told_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Behind(Updates):
        def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
            raise IndexBehind("a")

    response = stream_handler(Behind())(event((7, "MSG#a")), None)

    assert response == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    [line] = caplog.text.strip().splitlines()
    assert "stopped at record 7: the index has not caught up" in line


def test_error_is_raised_where_failures_are_not_reported() -> None:
    handler = stream_handler(Updates(failing="MSG#b"), reports_failures=False)

    with pytest.raises(KeyError, match="MSG#b"):
        handler(event((1, "MSG#b")), None)


def test_record_gets_the_shape_that_lambda_gives_it() -> None:
    read = api_record(5)
    read["dynamodb"]["NewImage"]["blob"] = {"B": b"\x00\xff"}
    read["dynamodb"]["NewImage"]["list"] = {"L": [{"M": {"b": {"BS": [b"a"]}}}]}

    record = to_lambda_record(read, STREAM_ARN)

    assert json.loads(json.dumps(record)) == record
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:dynamodb", STREAM_ARN)
    assert (record["awsRegion"], record["eventVersion"]) == ("us-east-1", "1.1")
    created = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC).timestamp()
    assert record["dynamodb"]["ApproximateCreationDateTime"] == created
    assert record["dynamodb"]["NewImage"]["blob"] == {"B": "AP8="}
    assert record["dynamodb"]["NewImage"]["list"] == {"L": [{"M": {"b": {"BS": ["YQ=="]}}}]}
    assert "userIdentity" not in record


def test_deletion_by_time_to_live_is_named_as_the_service_names_it() -> None:
    local = to_lambda_record(api_record(1, name="UNKNOWN_TO_SDK_VERSION"), STREAM_ARN)
    service = {
        **api_record(1, name="REMOVE"),
        "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
    }

    assert local == to_lambda_record(service, STREAM_ARN)
    assert local["eventName"] == "REMOVE"
    assert local["userIdentity"] == {
        "principalId": "dynamodb.amazonaws.com",
        "type": "Service",
    }


def test_record_in_one_line_names_number_change_and_key() -> None:
    assert described(lambda_record(5)).split() == ["5", "INSERT", "MSG#a", "5"]
    assert described(lambda_record(5, "MSG#a\nb")).split() == ["5", "INSERT", r"MSG#a\nb", "5"]
