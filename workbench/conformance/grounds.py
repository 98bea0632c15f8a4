"""The ground on which sessions are held: a design on tables of its own, and its mishaps."""

import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from workbench.conformance.injection import Crash, Injector, Replica
from workbench.designs import AnyDesign, Design
from workbench.designs.loading import own_line
from workbench.designs.relational import Relational
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.errors import DesignExited, DesignNotUsable, PromiseBroken, TooSlow
from workbench.messaging.access_patterns import AccessPatterns
from workbench.streams.handlers import stream_handler
from workbench.streams.reader import StreamReader
from workbench.streams.runner import Handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL_SECONDS = 10.0
SESSION_SECONDS = 15.0  # of all calls of one, of which most take milliseconds
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class World:
    """What a design and its handler are given: a client, a table, a clock, other endpoints."""

    client: "DynamoDBClient"
    table_name: str
    now: Callable[[], datetime]
    connect: Callable[[str, str], "DynamoDBClient"]


class OutOfTime(BaseException):
    """The time of a call is over: no `except Exception` of a design survives it."""


Make = Callable[[World], tuple[Design, Handler]]


class Reader(Protocol):
    """What brings stream records, in their order by shard."""

    stream_arn: str

    def poll(self) -> Mapping[str, Sequence[Any]]:
        """Those not seen before."""


class Ground:
    """A design, where every session gets users of its own; without a stream or requests to hit."""

    def __init__(self, design: AccessPatterns, injector: Injector) -> None:
        self.design = design
        self.injector = injector
        self.reader: Reader = NoStream()
        self.handler: Handler = lambda event, context: None
        self.filter: Mapping[str, Any] = {}
        self._numbers = itertools.count(1)
        self._seconds_left = SESSION_SECONDS
        self._is_timed = False

    def next_number(self, now: datetime) -> int:
        """A number for the users of a new session, for which everything is as at first."""
        self.reader.poll()  # what the session before left
        self.injector.forget()
        self.set_clock(now)
        self._seconds_left = SESSION_SECONDS
        return next(self._numbers)

    def set_clock(self, now: datetime) -> None:
        """What time it is for the design."""

    def asked_elsewhere(self) -> str | None:
        """An endpoint to which the design would have sent a request."""
        return None

    def change_item(self, image: Mapping[str, Any], *, is_deleted: bool) -> Any:
        """Change or delete an item in a way that announces no message; its key."""

    def put_foreign_item(self, name: str) -> None:
        """Put an item of a kind that the design does not know."""

    def within_time(self, call: Callable[[], Answer]) -> Answer:
        """What the call returns; a call inside another one shares its time.

        Only the main thread can be interrupted.

        Raises
        ------
        DesignExited
            If the call raises what would end the process.
        TooSlow
            If it takes too long, or all calls of the session have.
        """
        if self._is_timed:
            return call()
        started_at, limit = time.monotonic(), min(CALL_SECONDS, max(self._seconds_left, 0.1))
        self._is_timed = True
        try:
            with alarm(limit):
                return call()
        except OutOfTime as error:
            if limit == CALL_SECONDS:
                raise TooSlow(CALL_SECONDS) from error
            raise TooSlow(SESSION_SECONDS, "all calls of a session") from error
        except (Exception, Crash, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise DesignExited(
                f"{error!r}, which ends a program; raise an error instead"
            ) from error
        finally:
            self._is_timed = False
            self._seconds_left -= time.monotonic() - started_at


class NoStream:
    """The stream of what has none."""

    stream_arn = ""

    def poll(self) -> Mapping[str, Sequence[Any]]:
        """Nothing."""
        return {}


class TableGround(Ground):
    """A design on a table of its own, with its stream, and an index that may lag."""

    def __init__(
        self, design: type[Design], make: Make, target: Target, table: Table, replica: Table
    ) -> None:
        self._client, self._unreachable = target.client(), target.client()
        self._table_name = table.name
        self._key_names = [key["AttributeName"] for key in design.table_definition["KeySchema"]]
        self._now = datetime.now(UTC)
        self._elsewhere: list[str] = []
        self._is_timed, self._seconds_left = False, SESSION_SECONDS
        world = World(self._client, table.name, lambda: self._now, self._connect)
        injector = Injector()
        injector.watch(self._client, Replica(target.client(), table.name, replica.name))
        try:
            made, handler = self.within_time(lambda: make(world))
        except Exception as error:
            raise not_usable(design, "making it", error) from error
        super().__init__(made, injector)
        self.reader = StreamReader(target.streams_client(), table.stream_arn)
        self.handler = lambda event, context: self.within_time(lambda: handler(event, context))
        self.filter = design.stream_filter

    def set_clock(self, now: datetime) -> None:
        """What time it is for the design."""
        self._now = now
        self._elsewhere.clear()

    def asked_elsewhere(self) -> str | None:
        """An endpoint to which the design would have sent a request."""
        return self._elsewhere[0] if self._elsewhere else None

    def change_item(self, image: Mapping[str, Any], *, is_deleted: bool) -> Any:
        """Change or delete an item in a way that announces no message; its key."""
        key: Any = {name: image[name] for name in self._key_names}
        if is_deleted:
            self._client.delete_item(TableName=self._table_name, Key=key)
        else:
            with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
                self._client.update_item(
                    TableName=self._table_name,
                    Key=key,
                    UpdateExpression="SET is_flagged = :yes",
                    ConditionExpression=f"attribute_exists({self._key_names[0]})",
                    ExpressionAttributeValues={":yes": {"BOOL": True}},
                )
        return key

    def put_foreign_item(self, name: str) -> None:
        """Put an item of a kind that the design does not know."""
        item: Any = {key: {"S": f"PROFILE#{name}"} for key in self._key_names}
        self._client.put_item(TableName=self._table_name, Item=item)

    def _connect(self, region: str, endpoint_url: str) -> "DynamoDBClient":
        """A client that notes where it was to send, and never sends anything."""

        def refuse(**_: Any) -> None:
            self._elsewhere.append(f"{endpoint_url} in {region}")
            raise EndpointConnectionError(endpoint_url=endpoint_url)

        self._unreachable.meta.events.register("before-call.dynamodb", refuse, unique_id="refuse")
        return self._unreachable


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after so long, if this is the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def not_usable(design: type[Design], doing: str, error: Exception) -> DesignNotUsable:
    """What is said of a design with which there can be no session."""
    is_told = isinstance(error, (DesignExited, PromiseBroken, TooSlow))
    what = f"{'' if is_told else type(error).__name__ + ': '}{error}"
    return DesignNotUsable(design.name, f"{doing} failed: {what}{own_line(error)}")


def make_from(design: type[Design]) -> Make:
    """A design with the handler that is made from its stream update."""

    def make(world: World) -> tuple[Design, Handler]:
        made = design(world.client, world.table_name)
        return made, stream_handler(made)

    return make


@contextlib.contextmanager
def open_ground(design: AnyDesign, target: Target, make: Make | None = None) -> Iterator[Ground]:
    """A ground on new tables, which are deleted when the block ends.

    Raises
    ------
    DesignNotUsable
        If the definition of its table is refused, or the design cannot be made.
    """
    if issubclass(design, Relational):
        yield Ground(design.opened_in_memory(), Injector())
        return
    client, definition = target.client(), design.table_definition
    with contextlib.ExitStack() as stack:
        try:
            table, replica = (
                stack.enter_context(temporary_table(client, f"check-{name}", definition))
                for name in (design.name, "index")
            )
        except (ClientError, ParamValidationError) as error:
            raise not_usable(design, "creating its table", error) from error
        yield TableGround(design, make or make_from(design), target, table, replica)
