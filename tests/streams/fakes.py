"""A stream whose shards close and split, which DynamoDB Local never shows."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from workbench.streams.records import to_lambda_record

STREAM_ARN = "arn:aws:dynamodb:us-east-1:0:table/t/stream/s"


class ExpiredIterator(Exception):
    """As the API raises 15 minutes after it gave an iterator."""


class TrimmedData(Exception):
    """As the API raises for a position that is older than the 24 hours a stream keeps."""


class LimitExceeded(Exception):
    """As the API raises when a shard has too many readers."""


class ResourceNotFound(Exception):
    """As the API raises for a shard that has gone with its last record."""


class FakeStreams:
    """Answers as the stream API does, from shards given as id -> (records, is closed).

    Two records make a page; a record of number 0 stands for nothing, so two make an empty page.
    """

    def __init__(self, *, shards_per_page: int = 100) -> None:
        self.shards: dict[str, tuple[list[dict[str, Any]], bool]] = {}
        self.parents: dict[str, str] = {}
        self.calls: list[str] = []
        self.expired: set[str] = set()
        self.trimmed: set[str] = set()  # iterators that stand before what is left
        self.limited: set[str] = set()
        self.gone: set[str] = set()  # shards
        self.status = "ENABLED"
        self.exceptions = SimpleNamespace(
            ExpiredIteratorException=ExpiredIterator,
            TrimmedDataAccessException=TrimmedData,
            LimitExceededException=LimitExceeded,
            ResourceNotFoundException=ResourceNotFound,
        )
        self._shards_per_page = shards_per_page

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        self.calls.append("describe_stream")
        names = list(self.shards)
        first = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        page = names[first : first + self._shards_per_page]
        shards = [self._describe(name) for name in page]
        description: dict[str, Any] = {"Shards": shards, "StreamStatus": self.status}
        if names[-1:] != page[-1:]:
            description["LastEvaluatedShardId"] = page[-1]
        return {"StreamDescription": description}

    def _describe(self, name: str) -> dict[str, str]:
        shard = {"ShardId": name}
        if name in self.parents:
            shard["ParentShardId"] = self.parents[name]
        return shard

    def get_shard_iterator(
        self, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str = "0"
    ) -> dict[str, str]:
        if ShardId in self.gone:
            raise ResourceNotFound
        numbers = [str(record["number"]) for record in self.shards[ShardId][0]]
        if ShardIteratorType == "AFTER_SEQUENCE_NUMBER":
            if SequenceNumber not in numbers:
                raise TrimmedData
            start = numbers.index(SequenceNumber) + 1
        else:
            assert SequenceNumber == "0"
            start = {"TRIM_HORIZON": 0, "LATEST": len(numbers)}[ShardIteratorType]
        return {"ShardIterator": f"{ShardId}:{start}"}

    def get_records(self, ShardIterator: str) -> dict[str, Any]:
        self.calls.append("get_records")
        if ShardIterator in self.expired:
            self.expired.clear()
            raise ExpiredIterator
        if ShardIterator in self.trimmed:
            self.trimmed.clear()
            raise TrimmedData
        if ShardIterator in self.limited:
            self.limited.clear()
            raise LimitExceeded
        shard_id, _, start = ShardIterator.partition(":")
        records, is_closed = self.shards[shard_id]
        page = records[int(start) : int(start) + 2]
        end = int(start) + len(page)
        answer: dict[str, Any] = {"Records": [record for record in page if record["number"]]}
        if not (is_closed and end == len(records)):
            answer["NextShardIterator"] = f"{shard_id}:{end}"
        return answer


NOON = 1_772_366_400  # 2026-03-01 12:00 UTC


def api_record(number: int, key: str = "MSG#a", name: str = "INSERT") -> dict[str, Any]:
    """A record as GetRecords gives it, one second after the one before."""
    keys = {"pk": {"S": key}, "sk": {"S": str(number)}}
    return {
        "number": number,
        "eventID": f"event-{number}",
        "eventName": name,
        "eventVersion": "1.1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(NOON + number, UTC),
            "Keys": keys,
            "NewImage": {**keys, "message": {"S": f"text {number}"}},
            "SequenceNumber": str(number),
            "SizeBytes": 10,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def lambda_record(number: int, key: str = "MSG#a", name: str = "INSERT") -> dict[str, Any]:
    """The same as a function gets it."""
    return to_lambda_record(api_record(number, key, name), STREAM_ARN)
