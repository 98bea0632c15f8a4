"""A cluster in front of a stage: the model of DAX, or a real one where an endpoint is given."""

import time
from typing import TYPE_CHECKING, Any

from workbench.course.stage import Stage
from workbench.dax.client import DaxModel
from workbench.designs import Design
from workbench.dynamodb.cluster import DaxCluster
from workbench.messaging.entities import User

if TYPE_CHECKING:
    from pandas import DataFrame

OUTCOMES = ("hit", "miss", "passed", "refreshed")


class Cached:
    """The stage's design once more, reading and writing through DAX; its time is driven.

    With the endpoint of a cluster it is that cluster, and `wait` waits: this was never tried.
    """

    def __init__(self, stage: Stage, dax_endpoint: str = "") -> None:
        self._stage = stage
        self._seconds = 0.0
        self._is_real = bool(dax_endpoint)
        self.dax: Any = (
            DaxCluster(dax_endpoint, stage.client)
            if dax_endpoint
            else DaxModel(stage.client, clock=lambda: self._seconds)
        )
        client: Any = self.dax
        self.design: Design = type(stage.design)(client, stage.table_name)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass for the caches: at once in front of the model."""
        self._seconds += seconds
        if self._is_real:
            time.sleep(seconds)

    def seconds_until_shown(self, reader: User, text: str, *, step: int = 10) -> int:
        """Seconds until an inbox shows this text first, looked for every `step` seconds."""
        waited = 0
        while self._first_text(self.design, reader) != text:
            self.wait(step)
            waited += step
        return waited

    def inbox_frame(self, reader: User) -> "DataFrame":
        """The first line of an inbox at the same moment: by the table, and through DAX."""
        import pandas

        ways = {"by the table": self._stage.design, "through DAX": self.design}
        rows = {way: {"last text": self._first_text(each, reader)} for way, each in ways.items()}
        return pandas.DataFrame.from_dict(rows, orient="index")

    def _first_text(self, design: Design, reader: User) -> str:
        entries = design.list_conversations(reader).entries
        return entries[0].last_text if entries else ""

    def counts_frame(self) -> "DataFrame":
        """By operation, what came of it: hits, misses, passed on, read again.

        A real cluster counts in CloudWatch, not in its client: then the frame is empty.
        """
        import pandas

        counts = getattr(self.dax, "counts", {}) if not self._is_real else {}
        operations = sorted({operation for operation, _ in counts})
        rows = {each: {o: counts[each, o] for o in OUTCOMES} for each in operations}
        return pandas.DataFrame.from_dict(rows, orient="index").rename_axis("operation")
