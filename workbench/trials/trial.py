"""One design at work: its table, its meter, its stream, and the conversations it holds."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.designs import AnyDesign, Design
from workbench.designs.relational import Relational
from workbench.dynamodb.bulk import put_all
from workbench.dynamodb.divergences import LOCAL_DIVERGENCES, NEVER_REPORTED, Divergence
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import Table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import Conversation
from workbench.messaging.logs import LoggedMessage, user_named
from workbench.streams.handlers import stream_handler
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.reader import StreamReader
from workbench.streams.runner import Handler, Observer, StreamRunner
from workbench.trials.statements import SilentStream, StatementMeter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The service's stream lags behind its table; 2 s is several times the p99 that is published.
AWS_QUIET_SECONDS = 2.0
# There an index lags too, and what cannot be updated yet is handled again.
AWS_RETRIES = 10


class Sender:
    """Sends messages of a log through a design: a pair's first one starts their conversation."""

    def __init__(self, design: AccessPatterns) -> None:
        self.design = design
        self.conversations: dict[frozenset[str], Conversation] = {}  # of two users of the log

    def conversation(self, viewer: str, other: str) -> Conversation | None:
        """The conversation of two users of the log as the first sees it, if they have one."""
        conversation = self.conversations.get(frozenset((viewer, other)))
        if conversation is None or conversation.viewer == user_named(viewer):
            return conversation
        return conversation.seen_by_other()

    def send(self, message: LoggedMessage) -> None:
        """Send a message of the log: in its conversation (C), or as the one that starts it (D)."""
        conversation = self.conversation(message.sender, message.recipient)
        if conversation is not None:
            self.design.send_message(conversation, message.text, message.sent_at)
            return
        sender, recipient = user_named(message.sender), user_named(message.recipient)
        self.conversations[frozenset((message.sender, message.recipient))] = (
            self.design.start_conversation(sender, recipient, message.text, message.sent_at)
        )


class Trial(Sender):
    """A design driven by messages of a log, with its meter and its stream at hand."""

    def __init__(
        self,
        design: AccessPatterns,
        meter: Meter | StatementMeter,
        stream: StreamRunner | SilentStream,
    ) -> None:
        super().__init__(design)
        self.meter = meter
        self.stream = stream
        self.sent: list[LoggedMessage] = []

    def send(self, message: LoggedMessage) -> None:
        """Send a message, and keep it, so that inboxes can be checked."""
        super().send(message)
        self.sent.append(message)

    def opened_by_recipient(self, message: LoggedMessage) -> Conversation:
        """The conversation of a message whose two users have talked, as its recipient sees it."""
        conversation = self.conversation(message.recipient, message.sender)
        assert conversation is not None, "every pair of the log has talked"
        return conversation

    def settle(self) -> int:
        """Handle all that is on the stream; how many records that were, those it caused among."""
        return self.stream.fetch() + self.stream.deliver().caused


class TableTrial(Trial):
    """A trial of a design on a table."""

    design: Design
    meter: Meter
    stream: StreamRunner

    def __init__(
        self,
        design: Design,
        client: "DynamoDBClient",
        table_name: str,
        stream: StreamRunner,
        known: Sequence[Divergence],
    ) -> None:
        super().__init__(design, Meter(client, known=known), stream)
        self.client = client
        self.table_name = table_name


class StreamFunction(NamedTuple):
    """A function on the stream of a design's table, and how records reach it."""

    name: str
    design_class: type[Design]
    make_handler: Callable[["DynamoDBClient", str], Handler]
    mapping: EventSourceMapping
    on_discard: Callable[[Mapping[str, Any]], None] | None = None


def each_message_alone(design_class: type[Design], target: Target) -> StreamFunction:
    """Batches of one, as where messages come minutes apart; what bursts save is measured apart."""
    return StreamFunction(
        design_class.name,
        design_class,
        lambda client, name: stream_handler(design_class(client, name), reports_failures=False),
        EventSourceMapping(
            batch_size=1,
            patterns=[design_class.stream_filter],
            maximum_retry_attempts=AWS_RETRIES if target.kind == "aws" else 0,
        ),
    )


@contextmanager
def open_trial(
    design_class: type[Design],
    target: Target,
    *,
    function: StreamFunction | None = None,
    observe: Observer = lambda outcome, records, why: None,
    items: Iterable[str] = (),
) -> Iterator[TableTrial]:
    """A trial on a new table, which is deleted when the block ends.

    Without a function it is the design's own, handed one message at a time. The table begins with
    these items, of which the stream knows nothing.
    """
    client = target.client()
    put = partial(put_all, target.post(), items=items) if items else None
    with temporary_table(client, design_class.name, design_class.table_definition, put) as table:
        yield trial_on(design_class, target, client, table, function=function, observe=observe)


def trial_on(
    design_class: type[Design],
    target: Target,
    client: "DynamoDBClient",
    table: Table,
    *,
    function: StreamFunction | None = None,
    observe: Observer = lambda outcome, records, why: None,
) -> TableTrial:
    """A trial on a table that there is."""
    function = function or each_message_alone(design_class, target)
    stream = StreamRunner(
        StreamReader(target.streams_client(), table.stream_arn),
        function.make_handler(client, table.name),
        function.mapping,
        on_discard=function.on_discard,
        observe=observe,
        quiet_seconds=AWS_QUIET_SECONDS if target.kind == "aws" else 0.0,
    )
    known = NEVER_REPORTED if target.kind == "aws" else LOCAL_DIVERGENCES
    return TableTrial(design_class(client, table.name), client, table.name, stream, known)


def open_any_trial(design_class: AnyDesign, target: Target) -> AbstractContextManager[Trial]:
    """A trial of a design on a new table, or of the relational baseline, which needs no target."""
    if issubclass(design_class, Relational):
        return _open_baseline(design_class)
    return open_trial(design_class, target)


@contextmanager
def _open_baseline(design_class: type[Relational]) -> Iterator[Trial]:
    """A trial on a new database in a file of its own, which ends with it."""
    with closing(sqlite3.connect("")) as connection:
        connection.executescript(design_class.schema)
        yield Trial(design_class(connection), StatementMeter(connection), SilentStream())
