"""The stream of one session: what is done, what comes again, and whether all of it settles.

record   1   2   3   4   5   6        a batch is done, or comes again from its first failure on;
         done    |   next batch       a handler that dies or raises has done nothing of it
"""

import contextlib
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workbench.conformance.grounds import Reader
from workbench.conformance.injection import Crash, Injector
from workbench.conformance.program import Fault
from workbench.designs.loading import own_line
from workbench.errors import PromiseBroken, TooSlow
from workbench.streams.filters import matches
from workbench.streams.handlers import LOG
from workbench.streams.mapping import Batch, EventSourceMapping, first_failure
from workbench.streams.records import TTL_PRINCIPAL, StreamRecord, to_lambda_record
from workbench.streams.runner import Handler

ROUNDS = 8  # each delivers what the one before left, or wrote itself; then the stream is quiet
MAPPING = EventSourceMapping()
TEXT = re.compile(r"m\d+")  # what is sent in a session
Overtake = Callable[[], object]


class Delivery:
    """Brings records of a stream to a handler, as well or badly as a program wants it."""

    def __init__(
        self,
        reader: Reader,
        handler: Handler,
        injector: Injector,
        stream_filter: Mapping[str, Any],
    ) -> None:
        self._reader = reader
        self._handler = handler
        self._injector = injector
        self._filter = stream_filter
        self._records: list[StreamRecord] = []
        self._done = 0
        self._error = ""
        self.expired: list[Any] = []  # keys of items that time to live deleted

    @property
    def position(self) -> tuple[int, int]:
        """How many records are done, of how many seen."""
        return self._done, len(self._records)

    def new_messages(self) -> list[Mapping[str, Any]]:
        """Images of the message items that the stream has shown, in their order."""
        self._fetch()
        news = [record for record in self._records if matches([self._filter], record)]
        return [record["dynamodb"]["NewImage"] for record in news]

    def deliver(self, count: int, fault: Fault | None, overtake: Overtake | None) -> None:
        """The next records that are not done yet, as one batch; 0 for all there are."""
        self._fetch()
        end = self._done + count if count else len(self._records)
        self._handle(self._records[self._done : end], self._done, fault, overtake)

    def redeliver(self, first: int, count: int, fault: Fault | None, *, is_reversed: bool) -> None:
        """Records that are done, once more: those from a failure on are not done any longer."""
        batch = self._records[: self._done][first - 1 : first - 1 + count]
        self._handle(batch[::-1] if is_reversed else batch, first - 1, fault)

    def restart(self, first: int) -> None:
        """Forget that records from this one on were done."""
        self._done = min(self._done, first - 1)

    def drain(self) -> None:
        """Deliver each record alone, without faults, until the stream is quiet."""
        for _ in range(ROUNDS):
            self._fetch()
            if self._done == len(self._records):
                return
            for record in self._records[self._done :]:
                if not self._handle([record], self._done):
                    break
        why = self._error or "the handler goes on writing"
        raise PromiseBroken("E", f"the stream never becomes quiet: {why}")

    def _fetch(self) -> None:
        for records in self._reader.poll().values():
            for record in records:
                if record["dynamodb"]["Keys"] in self.expired:
                    record = {**record, "userIdentity": TTL_PRINCIPAL}
                self._records.append(to_lambda_record(record, self._reader.stream_arn))

    def _handle(
        self,
        batch: Sequence[StreamRecord],
        first: int,
        fault: Fault | None = None,
        overtake: Overtake | None = None,
    ) -> bool:
        """Hand over a batch whose records start at a place; whether all of it is done."""
        if not batch:
            return True
        before = self._injector.requests
        failed_at = self._invoke(batch, fault, overtake)
        if self._injector.requests > before:
            self._check_ignored(batch)
        if failed_at is None:
            self._done = max(self._done, first + len(batch))
            return True
        is_in_order = batch[0] is self._records[first]
        self._done = first + failed_at if is_in_order else first
        return False

    def _invoke(
        self, batch: Sequence[StreamRecord], fault: Fault | None, overtake: Overtake | None
    ) -> int | None:
        """Place of the first record that is not done; None for none."""
        event = json.dumps({"Records": batch})

        def handle() -> Any:
            return self._handler(json.loads(event), None)

        self._error = ""

        def another_copy() -> None:
            with contextlib.suppress(Exception):
                handle()

        try:
            with (
                unlogged(self._note_failure),
                self._injector.injecting(fault, overtake or another_copy),
            ):
                return first_failure(handle(), Batch(tuple(batch)), MAPPING)
        except Crash:
            return 0
        except TooSlow as error:
            raise PromiseBroken("E", str(error)) from error
        except Exception as error:
            self._note_failure(error)
            return 0

    def _note_failure(self, error: BaseException) -> None:
        self._error = f"{type(error).__name__}: {str(error)[:200]}, each time{own_line(error)}"

    def _check_ignored(self, batch: Sequence[StreamRecord]) -> None:
        if not any(matches([self._filter], record) for record in batch):
            shown = sorted({f"{r['eventName']} of {_key(r)}" for r in batch})
            raise PromiseBroken("E", f"no new message, and yet requests: {', '.join(shown)}")


def _key(record: StreamRecord) -> str:
    """The first part of an item's partition key, which tells kinds of items apart."""
    return str(record["dynamodb"]["Keys"]["pk"]["S"]).partition("#")[0] + "#"


def text_of(image: Mapping[str, Any]) -> str:
    """The text of a message item, in whichever attribute a design keeps it."""
    texts = (str(value.get("S")) for value in image.values())
    return next(text for text in texts if TEXT.fullmatch(text))


@contextlib.contextmanager
def unlogged(note: Callable[[BaseException], None]) -> Iterator[None]:
    """Hand over what a handler's log would tell of failures, instead of logging it."""

    def refuse(_: logging.LogRecord) -> bool:
        if error := sys.exception():
            note(error)
        return False

    LOG.addFilter(refuse)
    try:
        yield
    finally:
        LOG.removeFilter(refuse)
