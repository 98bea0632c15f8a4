"""Reading the records of a stream, shard by shard, parents before children."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

StreamRecord = Mapping[str, Any]


class StreamReader:
    """Reads a stream from its oldest record on; each `poll` continues where the last one ended.

    A shard that splits is closed, and its children go on where it ended: none of them is read
    before the last record of its parent is. An iterator that has expired (it lives for 15
    minutes) is replaced by one behind the last record that was read.
    """

    def __init__(self, client: "DynamoDBStreamsClient", stream_arn: str) -> None:
        self._client = client
        self._stream_arn = stream_arn
        self._parents: dict[str, str | None] = {}
        self._iterators: dict[str, str] = {}
        self._last_read: dict[str, str] = {}

    def poll(self) -> list[StreamRecord]:
        """The records written since the last poll, in order within each shard; maybe none."""
        if self._may_have_unknown_shards():
            self._open_new_shards()
        records: list[StreamRecord] = []
        for shard_id in list(self._iterators):
            if self._parents[shard_id] not in self._iterators:
                records += self._read_shard(shard_id)
        return records

    def _may_have_unknown_shards(self) -> bool:
        closed = self._parents.keys() - self._iterators.keys()
        return not self._parents or bool(closed - set(self._parents.values()))

    def _read_shard(self, shard_id: str) -> list[StreamRecord]:
        records: list[StreamRecord] = []
        while True:
            try:
                response = self._client.get_records(ShardIterator=self._iterators[shard_id])
            except self._client.exceptions.ExpiredIteratorException:
                self._open(shard_id)
                continue
            if response["Records"]:
                self._last_read[shard_id] = response["Records"][-1]["dynamodb"]["SequenceNumber"]
            records += response["Records"]
            following = response.get("NextShardIterator")
            if following is None:
                del self._iterators[shard_id]
                return records
            self._iterators[shard_id] = following
            if not response["Records"]:
                return records

    def _open_new_shards(self) -> None:
        for shard in self._list_shards():
            shard_id = shard["ShardId"]
            if shard_id not in self._parents:
                self._parents[shard_id] = shard.get("ParentShardId")
                self._open(shard_id)

    def _open(self, shard_id: str) -> None:
        """Continue a shard behind the last record read, or begin with its oldest."""
        start: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard_id in self._last_read:
            start = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": self._last_read[shard_id],
            }
        self._iterators[shard_id] = self._client.get_shard_iterator(
            StreamArn=self._stream_arn, ShardId=shard_id, **start
        )["ShardIterator"]

    def _list_shards(self) -> Iterator[Mapping[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            description = self._client.describe_stream(StreamArn=self._stream_arn, **start)
            yield from description["StreamDescription"]["Shards"]
            last = description["StreamDescription"].get("LastEvaluatedShardId")
            if last is None:
                return
            start = {"ExclusiveStartShardId": last}
