"""Calling a design: what must succeed, what must be refused, and what a fault may interrupt."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from botocore.exceptions import ClientError

from workbench.conformance.grounds import Ground
from workbench.conformance.injection import Crash
from workbench.conformance.program import Fault, Step
from workbench.designs.loading import own_line
from workbench.dynamodb.targets import connection_errors
from workbench.errors import IndexBehind, MessagingFault, PromiseBroken, TooSlow
from workbench.messaging.access_patterns import ACCESS_PATTERNS

INDEX_TRIES = 3
Answer = TypeVar("Answer")


class Calls:
    """Calls of a design's patterns, which break a promise if they answer otherwise."""

    def __init__(self, ground: Ground, overtake: Callable[[Step], None]) -> None:
        self._ground = ground
        self._take = overtake

    def _overtake(self, fault: Fault | None) -> None:
        if fault is not None and fault.by is not None:
            self._take(fault.by)

    def attempt(
        self, pattern: str, call: Callable[[], Answer], fault: Fault | None
    ) -> Answer | None:
        """What a write returned; None if the fault came between, so that nobody knows."""
        before = self._ground.injector.happened.total()
        try:
            with self._ground.injector.injecting(fault, partial(self._overtake, fault)):
                return self._ground.within_time(call)
        except (Crash, ClientError, MessagingFault) as error:
            if self._ground.injector.happened.total() == before:
                raise _raised(pattern, error) from error
            return None
        except PromiseBroken:
            raise
        except Exception as error:
            raise _raised(pattern, error) from error

    def attempt_again(
        self,
        pattern: str,
        call: Callable[[], None],
        fault: Fault | None,
        again: tuple[type[Exception], ...] = (),
    ) -> None:
        """A write that may be made again, and is where a fault came between."""
        before = self._ground.injector.happened.total()
        self.attempt(pattern, call, fault)
        if self._ground.injector.happened.total() > before:
            with contextlib.suppress(*again):
                self.ask(pattern, call, again)

    def ask(
        self,
        pattern: str,
        call: Callable[[], Answer],
        expected: tuple[type[Exception], ...] = (),
    ) -> Answer:
        """What a call returned that has to succeed."""
        for _ in range(INDEX_TRIES):
            try:
                return self._ground.within_time(call)
            except expected:
                raise
            except IndexBehind:
                continue
            except Exception as error:
                raise _raised(pattern, error) from error
        raise PromiseBroken(pattern, "an index that does not lag is said to be behind")

    def refused(
        self,
        pattern: str,
        error: type[Exception] | tuple[type[Exception], ...],
        call: Callable[[], object],
    ) -> None:
        kinds = error if isinstance(error, tuple) else (error,)
        try:
            self._ground.within_time(call)
        except kinds:
            return
        except Exception as other:
            raise _raised(pattern, other) from other
        what = ACCESS_PATTERNS[pattern]
        raise PromiseBroken(pattern, f"not refused with {kinds[0].__name__}: {what}")


def _raised(pattern: str, error: BaseException) -> PromiseBroken:
    """What is to be said of an error; a server that is gone is no fault of the design."""
    if isinstance(error, connection_errors()):
        raise error
    if isinstance(error, PromiseBroken):
        return error
    if isinstance(error, TooSlow):
        return PromiseBroken(pattern, str(error))
    said = str(error).split(". ")[0][:200]  # the way out is not for who reads a verdict
    what = ": ".join(filter(None, (f"raised {type(error).__name__}", said)))
    return PromiseBroken(pattern, what + own_line(error))
