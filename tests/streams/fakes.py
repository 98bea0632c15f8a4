"""A stream whose shards close and split, which DynamoDB Local never shows."""

from types import SimpleNamespace
from typing import Any


class ExpiredIterator(Exception):
    """As the API raises 15 minutes after it gave an iterator."""


class FakeStreams:
    """Answers as the stream API does, from shards given as id -> (records, is closed).

    Two records make a page; a record of number 0 stands for nothing, so two make an empty page.
    """

    def __init__(self, *, shards_per_page: int = 100) -> None:
        self.shards: dict[str, tuple[list[dict[str, Any]], bool]] = {}
        self.parents: dict[str, str] = {}
        self.calls: list[str] = []
        self.expired: set[str] = set()
        self.exceptions = SimpleNamespace(ExpiredIteratorException=ExpiredIterator)
        self._shards_per_page = shards_per_page

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        self.calls.append("describe_stream")
        names = list(self.shards)
        first = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        page = names[first : first + self._shards_per_page]
        description: dict[str, Any] = {"Shards": [self._describe(name) for name in page]}
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
        wanted_type = "TRIM_HORIZON" if SequenceNumber == "0" else "AFTER_SEQUENCE_NUMBER"
        assert ShardIteratorType == wanted_type
        numbers = [str(record["number"]) for record in self.shards[ShardId][0]]
        start = 0 if SequenceNumber == "0" else numbers.index(SequenceNumber) + 1
        return {"ShardIterator": f"{ShardId}:{start}"}

    def get_records(self, ShardIterator: str) -> dict[str, Any]:
        self.calls.append("get_records")
        if ShardIterator in self.expired:
            self.expired.clear()
            raise ExpiredIterator
        shard_id, _, start = ShardIterator.partition(":")
        records, is_closed = self.shards[shard_id]
        page = records[int(start) : int(start) + 2]
        end = int(start) + len(page)
        answer: dict[str, Any] = {"Records": [record for record in page if record["number"]]}
        if not (is_closed and end == len(records)):
            answer["NextShardIterator"] = f"{shard_id}:{end}"
        return answer
