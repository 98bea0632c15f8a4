"""Reading the records of a stream, shard by shard, parents before children."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.streams.records import StreamRecord, sequence_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

StartingPosition = Literal["TRIM_HORIZON", "LATEST"]

PAGE_SIZE = 1_000  # the most records that GetRecords answers with
POLLS_PER_LISTING = 20  # 5 s, at four a second: so soon is it found out that a server has gone


@dataclass(frozen=True)
class Gap:
    """Records that were trimmed before they were read; a stream keeps them for 24 hours.

    They stood in this shard, behind this sequence number, or from its first on if that is None.
    """

    shard_id: str
    after: str | None


class StreamReader:
    """Reads a stream; each `poll` continues where the last one ended.

    A shard that splits is closed, and its children go on where it ended: none of them is read
    before the last record of its parent is. An iterator that has expired (it lives for 15
    minutes) is replaced by one behind the last record that was read, or by one at the oldest:
    rather all again than a gap. Where records were trimmed meanwhile, reading goes on with the
    oldest that is left, and `gaps` tells of the loss.
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
        self._polls_since_listing = 0
        self._is_switched_off = False

    @property
    def shards(self) -> Set[str]:
        """All shards that have been listed."""
        return self._parents.keys()

    @property
    def is_at_its_end(self) -> bool:
        """Whether all shards are closed and read, and no other will follow."""
        return self._is_switched_off and not self._iterators

    def parent_of(self, shard_id: str) -> str | None:
        """The shard which this one continues, if it is known."""
        return self._parents.get(shard_id)

    def poll(self, full: Set[str] = frozenset()) -> dict[str, list[StreamRecord]]:
        """Shard -> its next records in order, a page of up to PAGE_SIZE; without empty ones.

        Shards that are `full` are left as they are.
        """
        self.open()
        records: dict[str, list[StreamRecord]] = {}
        for shard_id in list(self._iterators):
            is_next = self._parents[shard_id] not in self._iterators
            if is_next and shard_id not in full and (page := self._read_page(shard_id)):
                records[shard_id] = page
        return records

    def open(self) -> None:
        """List the shards, if there may be new ones, and stand at the start of each."""
        closed = self._parents.keys() - self._iterators.keys()
        lacks_children = bool(closed - set(self._parents.values()))
        self._polls_since_listing += 1
        if lacks_children or not self._parents or self._polls_since_listing > POLLS_PER_LISTING:
            self._polls_since_listing = 0
            self._open_new_shards()

    def _read_page(self, shard_id: str) -> list[StreamRecord]:
        errors = self._client.exceptions
        while shard_id in self._iterators:
            try:
                response = self._client.get_records(ShardIterator=self._iterators[shard_id])
            except errors.ExpiredIteratorException:
                self._open_shard(shard_id)
                continue
            except errors.TrimmedDataAccessException:
                self._open_behind_gap(shard_id)
                continue
            except errors.LimitExceededException:
                return []  # more than two readers, or too often: the next poll goes on
            page: list[StreamRecord] = list(response["Records"])
            if page:
                self._last_read[shard_id] = sequence_number(page[-1])
            following = response.get("NextShardIterator")
            if following is None:
                del self._iterators[shard_id]
            else:
                self._iterators[shard_id] = following
            return page
        return []

    def _open_new_shards(self) -> None:
        is_first = not self._parents
        for shard in self._list_shards():
            shard_id = shard["ShardId"]
            if shard_id not in self._parents:
                self._parents[shard_id] = shard.get("ParentShardId")
                self._open_shard(shard_id, self._first_start if is_first else "TRIM_HORIZON")
        for shard_id in self._last_read.keys() - self._parents.keys() if is_first else ():
            self.gaps.append(Gap(shard_id, self._last_read.pop(shard_id)))

    def _open_shard(self, shard_id: str, start: StartingPosition = "TRIM_HORIZON") -> None:
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
            self.gaps.append(Gap(shard_id, self._last_read.get(shard_id)))

    def _open_behind_gap(self, shard_id: str) -> None:
        self.gaps.append(Gap(shard_id, self._last_read.pop(shard_id, None)))
        self._open_shard(shard_id)

    def _list_shards(self) -> Iterator[Mapping[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            try:
                described = self._client.describe_stream(StreamArn=self.stream_arn, **start)
            except self._client.exceptions.ResourceNotFoundException:
                self._is_switched_off = True
                return
            description = described["StreamDescription"]
            self._is_switched_off = description.get("StreamStatus") == "DISABLED"
            yield from description["Shards"]
            last = description.get("LastEvaluatedShardId")
            if last is None:
                return
            start = {"ExclusiveStartShardId": last}
