"""Bringing stream records to a handler until the table is settled."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from workbench.streams.reader import StreamReader, StreamRecord

POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Delivery:
    """What a delivery did: records that the handler's own writes caused, and the handler's time."""

    caused: int
    handler_ms: float


class StreamRunner:
    """Reads a stream and hands each record to a handler, one by one and in order.

    A stream is quiet when no record has come for `quiet_seconds`: none on DynamoDB Local, where a
    record can be read as soon as the write returns; a few on the service, where it lags.
    """

    def __init__(
        self,
        reader: StreamReader,
        handler: Callable[[StreamRecord], None],
        *,
        quiet_seconds: float = 0.0,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._reader = reader
        self._handler = handler
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._sleep = sleep
        self._fetched: list[StreamRecord] = []

    def fetch(self) -> int:
        """Read until the stream is quiet, and tell how many new records that brought."""
        records = self._reader.poll()
        quiet_since = self._clock()
        while self._clock() - quiet_since < self._quiet_seconds:
            self._sleep(POLL_SECONDS)
            if more := self._reader.poll():
                records += more
                quiet_since = self._clock()
        self._fetched += records
        return len(records)

    def deliver(self) -> Delivery:
        """Hand over what was fetched, then what the handler's own writes put on the stream."""
        caused, seconds = 0, 0.0
        while self._fetched:
            batch, self._fetched = self._fetched, []
            started = self._clock()
            for record in batch:
                self._handler(record)
            seconds += self._clock() - started
            caused += self.fetch()
        return Delivery(caused, seconds * 1_000)
