"""A stage: a table of a design, or of any definition, on which a lesson acts and looks.

    stage = Stage(Dual)
    with stage.watching() as usage:
        hello = stage.start(ADA, BO, "Hello Bo!")
    stage.settle()                     the stream's records are handled
    before = stage.snapshot()

Times are a second apart and names the same each time, so that a lesson shows the same again.
"""

import atexit
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.cards.labels import Labels
from workbench.cards.scenario import NOON, USERS
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.meter import Meter, Usage
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target, open_targets
from workbench.errors import BadParameter
from workbench.messaging.entities import Conversation, Message, User
from workbench.streams.reader import StreamReader
from workbench.streams.records import StreamRecord
from workbench.trials.trial import TableTrial, trial_on

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}


@dataclass(frozen=True)
class Snapshot:
    """All that a table and its indexes hold at one moment; `held` has the table's under None."""

    schema: Schema
    held: Mapping[str | None, Sequence[Item]]
    labels: Labels

    def key_names(self, index: str | None = None) -> tuple[str, ...]:
        """Names of the partition key and the sort key, if there is one."""
        return self.schema.key if index is None else self.schema.index(index).key


class Stage:
    """A new table on the server that is up, until `close`, another kernel, or the server's end.

    Raises
    ------
    NoSharedServer
        If no server is up: lessons start none. `make lab` and `workbench up` do.
    """

    def __init__(
        self,
        design: type[Design] | Mapping[str, Any],
        *,
        endpoint: str | None = None,
        aws_region: str | None = None,
        observe: Callable[[str, tuple[StreamRecord, ...], str], None] = lambda *_: None,
    ) -> None:
        """A design's table, or one of the arguments of CreateTable without its name.

        With a region it is a table on AWS, which costs money; no lesson does so by itself.
        """
        self._open = contextlib.ExitStack()
        atexit.register(self.close)
        definition = design if isinstance(design, Mapping) else design.table_definition
        definition = {"StreamSpecification": STREAM, **definition}
        with open_targets(endpoint=endpoint, aws_region=aws_region, may_start=False) as [target]:
            self.target: Target = target
        self.client: DynamoDBClient = target.client()
        self.schema = read_schema(definition)
        table = self._open.enter_context(temporary_table(self.client, "lesson", definition))
        self.table_name = table.name
        self.labels = Labels(USERS)
        self._trial: TableTrial | None = None
        if isinstance(design, Mapping):
            self.meter = Meter(self.client)
        else:
            self._trial = trial_on(design, target, self.client, table, observe=observe)
            self.meter = self._trial.meter
        self._reader = StreamReader(target.streams_client(), table.stream_arn)
        self._clock = (NOON + timedelta(seconds=second) for second in count())

    @property
    def trial(self) -> TableTrial:
        """The design at work, or BadParameter where the stage is a table only."""
        if self._trial is None:
            raise BadParameter("stage", self.table_name, "one of a design, as in Stage(Dual)")
        return self._trial

    @property
    def design(self) -> Design:
        """The design's code on this table."""
        return self.trial.design

    @contextlib.contextmanager
    def watching(self) -> Iterator[Usage]:
        """What the requests sent in the block read, wrote and cost; see `Meter`."""
        with self.meter.watching() as usage:
            yield usage

    def now(self) -> datetime:
        """The stage's time, a second later at each call."""
        return next(self._clock)

    def start(self, sender: User, recipient: User, text: str) -> Conversation:
        """D: a first message, by the design's code."""
        conversation = self.design.start_conversation(sender, recipient, text, self.now())
        names = sorted((sender.handle, recipient.handle))
        self.labels.name_conversation(conversation.group_uuid, "+".join(names))
        return conversation

    def send(self, conversation: Conversation, text: str) -> Message:
        """C: a message by the conversation's viewer, by the design's code."""
        return self.design.send_message(conversation, text, self.now())

    def settle(self) -> int:
        """E: have all stream records handled by the design's function; how many there were."""
        return self.trial.settle()

    def new_records(self) -> Sequence[StreamRecord]:
        """Stream records that came since this was last asked."""
        found: list[StreamRecord] = []
        for _ in range(2):  # the first poll of a new shard may be empty
            found += [record for records in self._reader.poll().values() for record in records]
        return found

    def snapshot(self) -> Snapshot:
        """What the table and its indexes hold now; this is not metered."""
        names = [None, *(index.name for index in self.schema.indexes)]
        held = {name: all_items(self.client, self.table_name, name) for name in names}
        return Snapshot(self.schema, held, self.labels)

    def close(self) -> None:
        """Delete the table; the kernel's end does it, too."""
        atexit.unregister(self.close)
        self._open.close()
