"""Reading the records of a stream, shard by shard, parents before children."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.streams.records import StreamRecord, sequence_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

StartingPosition = Literal["TRIM_HORIZON", "LATEST"]


@dataclass(frozen=True)
class Gap:
    """Records of a shard behind this sequence number that were trimmed before they were read.

    A stream keeps its records for 24 hours. None as `after` means that the whole shard is gone.
    """

    shard_id: str
    after: str | None


class StreamReader:
    """Reads a stream; each `poll` continues where the last one ended.

    A shard that splits is closed, and its children go on where it ended: none of them is read
    before the last record of its parent is. An iterator that has expired (it lives for 15
    minutes) is replaced by one behind the last record that was read. Where that record has been
    trimmed meanwhile, reading goes on with the oldest that is left, and `gaps` tells of the loss.
    """

    def __init__(
        self,
        client: "DynamoDBStreamsClient",
        stream_arn: str,
        *,
        start: StartingPosition = "TRIM_HORIZON",
        handled: Mapping[str, str] | None = None,
    ) -> None:
        """`handled` is shard -> the last sequence number that need not be read again.

        LATEST counts only where nothing has been handled yet: what came meanwhile is not missed.
        """
        self.stream_arn = stream_arn
        self.gaps: list[Gap] = []
        self._client = client
        self._first_start: StartingPosition = "TRIM_HORIZON" if handled else start
        self._parents: dict[str, str | None] = {}
        self._iterators: dict[str, str] = {}
        self._last_read = dict(handled or {})

    def poll(self) -> dict[str, list[StreamRecord]]:
        """Shard -> the records written to it since the last poll, in order; without empty ones."""
        if self._may_have_unknown_shards():
            self._open_new_shards()
        records: dict[str, list[StreamRecord]] = {}
        for shard_id in list(self._iterators):
            if self._parents[shard_id] not in self._iterators and (
                found := self._read_shard(shard_id)
            ):
                records[shard_id] = found
        return records

    def parent_of(self, shard_id: str) -> str | None:
        """The shard which this one continues."""
        return self._parents[shard_id]

    def _may_have_unknown_shards(self) -> bool:
        closed = self._parents.keys() - self._iterators.keys()
        return not self._parents or bool(closed - set(self._parents.values()))

    def _read_shard(self, shard_id: str) -> list[StreamRecord]:
        """What is there now: an empty page ends it, as does the end of a closed shard."""
        errors = self._client.exceptions
        records: list[StreamRecord] = []
        while True:
            try:
                response = self._client.get_records(ShardIterator=self._iterators[shard_id])
            except errors.ExpiredIteratorException:
                self._open(shard_id)
                continue
            except errors.TrimmedDataAccessException:
                self._open_behind_gap(shard_id)
                continue
            except errors.LimitExceededException:
                return records  # more than two readers, or too often: the next poll goes on
            page: list[StreamRecord] = list(response["Records"])
            if page:
                self._last_read[shard_id] = sequence_number(page[-1])
            records += page
            following = response.get("NextShardIterator")
            if following is None:
                del self._iterators[shard_id]
                return records
            self._iterators[shard_id] = following
            if not page:
                return records

    def _open_new_shards(self) -> None:
        is_first = not self._parents
        for shard in self._list_shards():
            shard_id = shard["ShardId"]
            if shard_id not in self._parents:
                self._parents[shard_id] = shard.get("ParentShardId")
                self._open(shard_id, self._first_start if is_first else "TRIM_HORIZON")

    def _open(self, shard_id: str, start: StartingPosition = "TRIM_HORIZON") -> None:
        """Continue a shard behind the last record read, or begin where the reader begins."""
        position: dict[str, Any] = {"ShardIteratorType": start}
        if shard_id in self._last_read:
            position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": self._last_read[shard_id],
            }
        errors = self._client.exceptions
        try:
            self._iterators[shard_id] = self._client.get_shard_iterator(
                StreamArn=self.stream_arn, ShardId=shard_id, **position
            )["ShardIterator"]
        except errors.TrimmedDataAccessException:
            self._open_behind_gap(shard_id)
        except errors.ResourceNotFoundException:  # the shard has gone with its last record
            self._iterators.pop(shard_id, None)
            self.gaps.append(Gap(shard_id, None))

    def _open_behind_gap(self, shard_id: str) -> None:
        self.gaps.append(Gap(shard_id, self._last_read.pop(shard_id, None)))
        self._open(shard_id)

    def _list_shards(self) -> Iterator[Mapping[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            description = self._client.describe_stream(StreamArn=self.stream_arn, **start)
            yield from description["StreamDescription"]["Shards"]
            last = description["StreamDescription"].get("LastEvaluatedShardId")
            if last is None:
                return
            start = {"ExclusiveStartShardId": last}
