"""Reading the records of a stream, shard by shard, parents before children."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

StreamRecord = Mapping[str, Any]


class StreamReader:
    """Reads a stream from its oldest record on; each `poll` continues where the last one ended."""

    def __init__(self, client: "DynamoDBStreamsClient", stream_arn: str) -> None:
        self._client = client
        self._stream_arn = stream_arn
        self._iterators: dict[str, str | None] = {}

    def poll(self) -> list[StreamRecord]:
        """The records written since the last poll, in order within each shard; maybe none."""
        records: list[StreamRecord] = []
        if not any(self._iterators.values()):
            self._open_new_shards()
        for shard_id in list(self._iterators):
            records += self._read_shard(shard_id)
        return records

    def _read_shard(self, shard_id: str) -> list[StreamRecord]:
        records: list[StreamRecord] = []
        while (iterator := self._iterators[shard_id]) is not None:
            response = self._client.get_records(ShardIterator=iterator)
            self._iterators[shard_id] = response.get("NextShardIterator")
            if not response["Records"]:
                break
            records += response["Records"]
        if self._iterators[shard_id] is None:  # closed: its children may exist by now
            self._open_new_shards()
        return records

    def _open_new_shards(self) -> None:
        for shard_id in self._shard_ids():
            if shard_id not in self._iterators:
                self._iterators[shard_id] = self._client.get_shard_iterator(
                    StreamArn=self._stream_arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]

    def _shard_ids(self) -> Iterator[str]:
        """All shard ids; DescribeStream lists parents before their children."""
        start: dict[str, Any] = {}
        while True:
            description = self._client.describe_stream(StreamArn=self._stream_arn, **start)
            shards = description["StreamDescription"]["Shards"]
            yield from (shard["ShardId"] for shard in shards)
            last = description["StreamDescription"].get("LastEvaluatedShardId")
            if last is None:
                return
            start = {"ExclusiveStartShardId": last}
