"""Runs schedules against a design on a real table and stream, and says what came out wrong.

One invariant for all: whatever the schedule, once all is delivered, each participant has exactly
one entry per conversation, and it equals the newest message.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError

from workbench.conformance.application import Application, Violation
from workbench.conformance.delivery import Delivery
from workbench.conformance.injection import Injector, Replica
from workbench.conformance.schedules import (
    NAMES,
    NOON,
    Change,
    Deliver,
    Look,
    Redeliver,
    Restart,
    Schedule,
    Send,
    Start,
    Step,
    Stranger,
)
from workbench.designs import Design, find_design
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target, open_targets
from workbench.messaging.entities import User
from workbench.streams.handlers import stream_handler
from workbench.streams.reader import StreamReader
from workbench.streams.runner import Handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class World:
    """What a design and its handler are given: a client, a table, a clock, other endpoints."""

    client: "DynamoDBClient"
    table_name: str
    now: Callable[[], datetime]
    connect: Callable[[str, str], "DynamoDBClient"]


@dataclass(frozen=True)
class Subject:
    """What is put to the test: a design, and the handler on its stream."""

    name: str
    table_definition: Mapping[str, Any]
    make: Callable[[World], tuple[Design, Handler]]


def subject_of(design_class: type[Design]) -> Subject:
    """A design with the handler that is made from its stream update."""

    def make(world: World) -> tuple[Design, Handler]:
        design = design_class(world.client, world.table_name)
        return design, stream_handler(design)

    return Subject(design_class.name, design_class.table_definition, make)


class Machine:
    """A subject on a table of its own, where every schedule gets users of its own.

    `happened` counts steps taken and faults injected, by kind.
    """

    def __init__(self, subject: Subject, target: Target, table: Table, replica: Table) -> None:
        self.client, self._unreachable = target.client(), target.client()
        self._table_name = table.name
        self._replica = Replica(target.client(), table.name, replica.name)
        self._injector = Injector(self.client, self._replica)
        self._reader = StreamReader(target.streams_client(), table.stream_arn)
        self._now = NOON
        self._elsewhere: list[str] = []
        self._has_leftovers = False
        self.tried = 0
        self.happened: Counter[str] = Counter()
        world = World(self.client, table.name, lambda: self._now, self._connect)
        self._design, self._handler = subject.make(world)

    def run(self, schedule: Schedule) -> tuple[Violation, ...]:
        """What the schedule brings to light: nothing, if all promises are kept."""
        self.tried += 1
        if self._has_leftovers:
            self._reader.poll()
        self._replica.forget()
        self._injector.happened.clear()
        self._now = NOON
        self._elsewhere.clear()
        app = self._application(schedule)
        delivery = Delivery(self._reader, self._handler, self._injector, app.expired.__contains__)
        for number, step in enumerate(schedule.steps, 1):
            self._injector.step = number
            self.happened[type(step).__name__] += 1
            self._take(step, f"m{number}", app, delivery)
        delivery.drain()
        self.happened += self._injector.happened
        self._has_leftovers = bool(delivery.violations)
        elsewhere = [Violation("elsewhere", f"asked {url}") for url in self._elsewhere[:1]]
        return (*elsewhere, *app.violations, *delivery.violations, *app.check())

    def _application(self, schedule: Schedule) -> Application:
        *users, stranger = (
            User(f"{name}-{self.tried}", name, name.title())
            for name in (*NAMES[: schedule.participants], "stranger")
        )
        return Application(
            self._design, self.client, self._table_name, self._injector, users, stranger
        )

    def _take(self, step: Step, text: str, app: Application, delivery: Delivery) -> None:
        match step:
            case Start():
                app.start(step, text)
            case Send():
                app.send(step, text)
            case Deliver(count, fault):
                delivery.deliver(count, fault)
            case Redeliver(first, count, is_reversed, fault):
                delivery.redeliver(first, count, fault, is_reversed=is_reversed)
            case Restart(first):
                delivery.restart(first)
            case Change(kind, conversation):
                app.change(kind, conversation)
            case Look(years):
                self._now = NOON + timedelta(days=365 * years)
            case Stranger(conversation):
                app.let_stranger_read(conversation)

    def _connect(self, region: str, endpoint_url: str) -> "DynamoDBClient":
        """A client that notes where it was to send, and never sends anything."""

        def refuse(**_: Any) -> None:
            self._elsewhere.append(f"{endpoint_url} in {region}, not the target's endpoint")
            raise EndpointConnectionError(endpoint_url=endpoint_url)

        self._unreachable.meta.events.register("before-call.dynamodb", refuse, unique_id="refuse")
        return self._unreachable


@contextlib.contextmanager
def open_machine(subject: Subject, target: Target) -> Iterator[Machine]:
    """A machine on new tables, which are deleted when the block ends; failures are not logged."""
    client, definition = target.client(), subject.table_definition
    log = logging.getLogger(stream_handler.__module__)
    with (
        temporary_table(client, f"faults-{subject.name}", definition) as table,
        temporary_table(client, "faults-index", definition) as replica,
    ):
        log.disabled = True
        try:
            yield Machine(subject, target, table, replica)
        finally:
            log.disabled = False


def replay(design: str, schedule: Mapping[str, Any]) -> tuple[Violation, ...]:
    """What a stored schedule brings to light on a design of this name."""
    with (
        open_targets() as [target],
        open_machine(subject_of(find_design(design)), target) as machine,
    ):
        return machine.run(Schedule.from_json(schedule))
