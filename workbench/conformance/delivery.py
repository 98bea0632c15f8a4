"""The stream of one schedule: what is done, what comes again, and whether all of it settles.

record   1   2   3   4   5   6        a batch is done, or comes again from its first failure on;
         done    |   next batch       a handler that dies or raises has done nothing of it
"""

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from workbench.conformance.application import Violation
from workbench.conformance.injection import Crash, Injector
from workbench.conformance.schedules import Fault
from workbench.designs.messages import NEW_MESSAGES
from workbench.streams.filters import matches
from workbench.streams.mapping import Batch, EventSourceMapping, first_failure
from workbench.streams.reader import StreamReader
from workbench.streams.records import TTL_PRINCIPAL, StreamRecord, to_lambda_record
from workbench.streams.runner import Handler

ROUNDS = 8  # each delivers what the one before left, or wrote itself; then the stream is quiet
MAPPING = EventSourceMapping()


class Delivery:
    """Brings records of a stream to a handler, as well or badly as a schedule wants it."""

    def __init__(
        self,
        reader: StreamReader,
        handler: Handler,
        injector: Injector,
        is_expired: Callable[[Any], bool],
    ) -> None:
        self._reader = reader
        self._handler = handler
        self._injector = injector
        self._is_expired = is_expired
        self._records: list[StreamRecord] = []
        self._done = 0
        self._error = ""
        self.violations: list[Violation] = []

    def deliver(self, count: int, fault: Fault | None) -> None:
        """The next records that are not done yet, as one batch."""
        self._fetch()
        self._handle(self._records[self._done : self._done + count], self._done, fault)

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
                if not self._handle([record], self._done, None):
                    break
        why = self._error or "the handler goes on writing"
        self.violations.append(Violation("settles", f"the stream never becomes quiet: {why}"))

    def _fetch(self) -> None:
        for records in self._reader.poll().values():
            for record in records:
                if self._is_expired(record["dynamodb"]["Keys"]):
                    record = {**record, "userIdentity": TTL_PRINCIPAL}
                self._records.append(to_lambda_record(record, self._reader.stream_arn))

    def _handle(self, batch: Sequence[StreamRecord], first: int, fault: Fault | None) -> bool:
        """Hand over a batch whose records start at a place; whether all of it is done."""
        if not batch:
            return True
        before = self._injector.requests
        failed_at = self._invoke(batch, fault)
        if self._injector.requests > before:
            self._check_ignored(batch)
        if failed_at is None:
            self._done = max(self._done, first + len(batch))
            return True
        is_in_order = batch[0] is self._records[first]
        self._done = first + failed_at if is_in_order else first
        return False

    def _invoke(self, batch: Sequence[StreamRecord], fault: Fault | None) -> int | None:
        """Place of the first record that is not done; None for none."""
        event = json.dumps({"Records": batch})

        def handle() -> Any:
            return self._handler(json.loads(event), None)

        def overtake() -> None:
            with contextlib.suppress(Exception):
                handle()

        try:
            with self._injector.injecting(fault, overtake):
                return first_failure(handle(), Batch(tuple(batch)), MAPPING)
        except Crash:
            return 0
        except Exception as error:
            self._error = f"{type(error).__name__} each time"
            return 0

    def _check_ignored(self, batch: Sequence[StreamRecord]) -> None:
        if not any(matches([NEW_MESSAGES], record) for record in batch):
            shown = sorted({f"{r['eventName']} of a {_kind(r)} item" for r in batch})
            what = f"no new message, and yet requests are sent: {', '.join(shown)}"
            self.violations.append(Violation("ignored", what))


def _kind(record: StreamRecord) -> str:
    return str(record["dynamodb"]["Keys"]["pk"]["S"]).partition("#")[0] + "#"
