"""An event source mapping at work: read a stream, filter, batch, call the handler, try again.

stream --poll--> shard --filter--> lanes --batch--> handler(event, context)
                   ^                 |
                   +--- checkpoint --+   behind the last record before which all are done
"""

import json
import time
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import RecordsDiscarded
from workbench.streams.filters import matches
from workbench.streams.mapping import (
    FOREVER,
    MAX_BATCH_BYTES,
    Batch,
    EventSourceMapping,
    created_at,
    failure_metadata,
    first_failure,
    judge,
)
from workbench.streams.reader import PAGE_SIZE, StreamReader
from workbench.streams.records import StreamRecord, sequence_number, to_lambda_record

ENOUGH_BATCHES = 2
POLL_SECONDS = 0.25  # Lambda polls a shard four times a second
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0  # between attempts; Lambda's are not told

Handler = Callable[[Mapping[str, Any], Any], Any]
Observer = Callable[[str, tuple[StreamRecord, ...], str], None]


@dataclass(frozen=True)
class Delivery:
    """What a delivery did: records that the handler's own writes caused, and the handler's time."""

    caused: int
    handler_ms: float


@dataclass
class _Lane:
    """Records of a shard that are handled one batch after another, in order."""

    shard: "_Shard"
    queue: deque[tuple[StreamRecord, int, float]] = field(default_factory=deque)  # bytes, read at
    again: deque[Batch] = field(default_factory=deque)
    not_before: float = 0.0

    def is_due(self, mapping: EventSourceMapping, now: float, *, at_once: bool) -> bool:
        if self.again:
            return at_once or now >= self.not_before
        if not self.queue:
            return False
        oldest_read_at = self.queue[0][2]
        return (
            at_once
            or len(self.queue) >= mapping.batch_size
            or now - oldest_read_at >= mapping.maximum_batching_window_in_seconds
            or sum(size for _, size, _ in self.queue) >= MAX_BATCH_BYTES
        )

    def next_batch(self, mapping: EventSourceMapping) -> Batch:
        if self.again:
            return self.again.popleft()
        records: list[StreamRecord] = []
        left = MAX_BATCH_BYTES
        while self.queue and len(records) < mapping.batch_size:
            record, size, _ = self.queue[0]
            if records and size > left:
                break
            left -= size
            records.append(record)
            self.queue.popleft()
        return Batch(tuple(records))


class _Shard:
    """The records of one shard that are not all done yet."""

    def __init__(self, shard_id: str, lanes: int) -> None:
        self.shard_id = shard_id
        self.lanes = [_Lane(self) for _ in range(lanes)]
        self.handled: str | None = None
        self._open: deque[str] = deque()
        self._done: set[str] = set()

    @property
    def pending(self) -> int:
        return len(self._open)

    @property
    def is_idle(self) -> bool:
        return not self._open

    def accept(self, record: StreamRecord, read_at: float) -> None:
        self._open.append(sequence_number(record))
        key = json.dumps(record["dynamodb"]["Keys"], sort_keys=True).encode()
        lane = self.lanes[zlib.crc32(key) % len(self.lanes)]
        lane.queue.append((record, len(json.dumps(record)), read_at))

    def skip(self, record: StreamRecord) -> None:
        self._open.append(sequence_number(record))
        self.finish([record])

    def finish(self, records: Iterable[StreamRecord]) -> None:
        """Move the checkpoint on, behind the last record before which all are done."""
        self._done.update(map(sequence_number, records))
        while self._open and self._open[0] in self._done:
            self.handled = self._open.popleft()
            self._done.remove(self.handled)


@dataclass(frozen=True)
class _Attempt:
    response: Any
    error: Exception | None
    seconds: float


class StreamRunner:
    """Brings the records of a stream to a handler as Lambda would.

    `on_discard` is the failure destination: it gets the metadata of what was given up. Without one
    that is an error here, and the handler's own if it raised one; Lambda would go on in silence.
    `observe` is told of records as `filtered`, `handled`, `failed` or `discarded`, and why.

    A stream is quiet when no record has come for `quiet_seconds`: none on DynamoDB Local, where all
    records of a write can be read as soon as it returns; a few on the service, where it lags.
    """

    def __init__(
        self,
        reader: StreamReader,
        handler: Handler,
        mapping: EventSourceMapping,
        *,
        on_discard: Callable[[Mapping[str, Any]], None] | None = None,
        observe: Observer = lambda outcome, records, why: None,
        quiet_seconds: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._reader = reader
        self._handler = handler
        self._mapping = mapping
        self._given_up: list[Exception] = []  # where there is no destination for it
        self._on_discard = on_discard
        self._observe = observe
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._shards: dict[str, _Shard] = {}

    @property
    def handled(self) -> dict[str, str]:
        """Shard -> the sequence number up to which all is done: a checkpoint."""
        shards = self._shards.values()
        return {shard.shard_id: shard.handled for shard in shards if shard.handled is not None}

    # --- Until a stream is quiet ---------------------------------------------------------------

    def fetch(self) -> int:
        """Read until the stream is quiet, and tell how many new records that brought."""
        count = 0
        quiet_since = self._clock()
        while True:
            more = self._poll()
            count += more
            if more:
                quiet_since = self._clock()
            if more < PAGE_SIZE and self._clock() - quiet_since >= self._quiet_seconds:
                return count
            if not more:
                self._sleep(POLL_SECONDS)

    def deliver(self) -> Delivery:
        """Hand over what was fetched, then what the handler's own writes put on the stream."""
        caused, seconds = 0, 0.0
        while not self.is_idle:
            while not self.is_idle:
                seconds += sum(each.seconds for each in self._deliver_due(at_once=True))
            caused += self.fetch()
        return Delivery(caused, seconds * 1_000)

    # --- As long as it is wanted ---------------------------------------------------------------

    def step(self) -> bool:
        """Poll once and deliver what is due, or pause; whether there was anything to do.

        A shard that has enough waiting is not read on. Batches that are due together are handled
        together, and all of them awaited: a slow one holds up the next poll, unlike Lambda's.
        """
        enough = ENOUGH_BATCHES * self._mapping.batch_size * self._mapping.parallelization_factor
        full = {name for name, shard in self._shards.items() if shard.pending >= enough}
        polled = self._poll(full)
        delivered = self._deliver_due(at_once=False)
        if not polled and not delivered:
            self._sleep(POLL_SECONDS)
        return bool(polled or delivered)

    @property
    def is_idle(self) -> bool:
        """Whether all that was read is done."""
        return all(shard.is_idle for shard in self._shards.values())

    # --- Reading -------------------------------------------------------------------------------

    def _poll(self, full: Set[str] = frozenset()) -> int:
        count = 0
        for shard_id, records in self._reader.poll(full).items():
            shard = self._shards.setdefault(
                shard_id, _Shard(shard_id, self._mapping.parallelization_factor)
            )
            for record in records:
                self._accept(shard, to_lambda_record(record, self._reader.stream_arn))
            count += len(records)
        return count

    def _accept(self, shard: _Shard, record: StreamRecord) -> None:
        if matches(self._mapping.patterns, record):
            shard.accept(record, self._clock())
        else:
            shard.skip(record)
            self._observe("filtered", (record,), "")

    # --- Delivery ------------------------------------------------------------------------------

    def _deliver_due(self, *, at_once: bool) -> list[_Attempt]:
        """Deliver one batch of each lane that is due."""
        now = self._clock()
        due = [
            lane
            for shard in self._shards.values()
            if not self._is_behind_an_ancestor(shard)
            for lane in shard.lanes
            if lane.is_due(self._mapping, now, at_once=at_once)
        ]
        if at_once and due:
            first = max(now, min(lane.not_before for lane in due))
            self._sleep(first - now)
            due = [lane for lane in due if lane.not_before <= first]
        batches = [self._without_too_old(lane, lane.next_batch(self._mapping)) for lane in due]
        if len(batches) > 1:
            with ThreadPoolExecutor(len(batches)) as threads:
                attempts = list(threads.map(self._attempt, batches))
        else:
            attempts = list(map(self._attempt, batches))
        for lane, batch, attempt in zip(due, batches, attempts, strict=True):
            self._conclude(lane, batch, attempt)
        if self._given_up:  # told when all that was handled beside it is accounted for
            [first_of_all, *_], self._given_up = self._given_up, []
            raise first_of_all
        return attempts

    def _is_behind_an_ancestor(self, shard: _Shard) -> bool:
        """Whether a shard that this one continues is not done; one in between may be empty."""
        ancestor = self._reader.parent_of(shard.shard_id)
        while ancestor is not None:
            if ancestor in self._shards and not self._shards[ancestor].is_idle:
                return True
            ancestor = self._reader.parent_of(ancestor)
        return False

    def _without_too_old(self, lane: _Lane, batch: Batch) -> Batch:
        limit = self._mapping.maximum_record_age_in_seconds
        if limit == FOREVER:
            return batch
        is_old = [self._now() - created_at(record) > limit for record in batch.records]
        count = is_old.index(False) if False in is_old else len(is_old)
        if count:
            too_old = Batch(batch.records[:count], batch.attempts)
            self._discard(lane, too_old, "RecordAgeExceeded", None)
        return Batch(batch.records[count:], batch.attempts)

    def _attempt(self, batch: Batch) -> _Attempt:
        if not batch.records:
            return _Attempt(None, None, 0.0)
        event = json.loads(json.dumps({"Records": batch.records}))
        started = self._clock()
        try:
            response, error = self._handler(event, None), None
        except Exception as raised:
            response, error = None, raised
        return _Attempt(response, error, self._clock() - started)

    def _conclude(self, lane: _Lane, batch: Batch, attempt: _Attempt) -> None:
        failed_at = 0 if attempt.error else first_failure(attempt.response, batch, self._mapping)
        if failed_at is None:
            self._finish(lane, batch.records)
            return
        verdict = judge(batch, failed_at, self._mapping)
        self._finish(lane, verdict.done)
        why = repr(attempt.error) if attempt.error else "reported by the function"
        self._observe("failed", batch.records[failed_at:], why)
        lane.again.extendleft(reversed(verdict.again))
        pause = min(FIRST_PAUSE_SECONDS * 2**batch.attempts, LONGEST_PAUSE_SECONDS)
        lane.not_before = self._clock() + pause
        if verdict.discarded is not None:
            self._discard(lane, verdict.discarded, "RetryAttemptsExhausted", attempt.error)

    def _finish(self, lane: _Lane, records: tuple[StreamRecord, ...]) -> None:
        lane.shard.finish(records)
        if records:
            self._observe("handled", records, "")

    def _discard(self, lane: _Lane, batch: Batch, condition: str, error: Exception | None) -> None:
        if self._on_discard is None:
            lane.again.appendleft(batch)  # who delivers again meets it again
            self._given_up.append(error or RecordsDiscarded(len(batch.records), condition))
            return
        metadata = failure_metadata(
            batch,
            condition=condition,
            has_raised=error is not None,
            request_id=str(uuid.uuid4()),
            shard_id=lane.shard.shard_id,
            stream_arn=self._reader.stream_arn,
            now=self._now(),
        )
        self._on_discard(metadata)
        lane.shard.finish(batch.records)
        self._observe("discarded", batch.records, condition)
