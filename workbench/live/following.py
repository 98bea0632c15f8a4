"""Following a table's stream with a design's function, from one run to the next."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.errors import StreamEnded
from workbench.live.sending import open_table
from workbench.streams.checkpoints import Checkpoint, read_checkpoint
from workbench.streams.handlers import stream_handler
from workbench.streams.mapping import EventSourceMapping
from workbench.streams.reader import StartingPosition, StreamReader
from workbench.streams.runner import Observer, StreamRunner


class Follower:
    """A design's function, a table's stream, and the mapping between the two."""

    def __init__(
        self,
        design_class: type[Design],
        target: Target,
        table_name: str,
        mapping: EventSourceMapping,
        *,
        observe: Observer,
        on_discard: Callable[[Mapping[str, Any]], None],
        start: StartingPosition = "TRIM_HORIZON",
        checkpoint_path: Path | None = None,
    ) -> None:
        client = target.client()
        self.table = open_table(client, table_name, design_class)
        self._checkpoint_path = checkpoint_path
        self.resumed = Checkpoint(self.table.table_id, self.table.stream_arn)
        if checkpoint_path is not None:
            self.resumed = read_checkpoint(
                checkpoint_path, table_id=self.table.table_id, stream_arn=self.table.stream_arn
            )
        self.reader = StreamReader(
            target.streams_client(),
            self.table.stream_arn,
            start=start,
            handled=self.resumed.handled,
        )
        self.reader.open()  # LATEST is from now on, not from the first poll
        self._runner = StreamRunner(
            self.reader,
            stream_handler(design_class(client, self.table.name)),
            mapping,
            on_discard=on_discard,
            observe=observe,
        )

    def follow(self, should_stop: Callable[[], bool]) -> None:
        """Deliver records until told to stop, and write down after each batch how far that is.

        Raises
        ------
        StreamEnded
            If no record will follow, because the table was deleted or its stream switched off.
        """
        written = self.resumed.handled
        while not should_stop():
            if not self._runner.step() and self.reader.is_at_its_end and self._runner.is_idle:
                raise StreamEnded(self.table.name)
            resumed = self.resumed.handled.items()
            still = {shard: number for shard, number in resumed if shard in self.reader.shards}
            handled = {**still, **self._runner.handled}
            if self._checkpoint_path is not None and handled != written:
                replace(self.resumed, handled=handled).write(self._checkpoint_path)
                written = handled
