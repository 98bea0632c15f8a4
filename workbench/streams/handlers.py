"""The function on a table's stream, made from a design's stream update."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from workbench.errors import MessagingFault
from workbench.streams.filters import matches
from workbench.streams.records import sequence_number
from workbench.streams.runner import Handler

LOG = logging.getLogger(__name__)


class StreamUpdate(Protocol):
    """What a design says about its stream: which records matter, and what they call for."""

    stream_filter: ClassVar[Mapping[str, Any]]

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Handle new images of one item collection."""


def stream_handler(design: StreamUpdate, *, reports_failures: bool = True) -> Handler:
    """A Lambda handler: one update for each item collection in a batch, with its new images.

    Records that the design's filter does not match are ignored, whatever the mapping lets
    through. The handler stops at the first failure, so that nothing overtakes what failed:

        batch     a1  b1  a2  c1         if b fails, b1 is reported, and comes again with all
        updates   a(1, 2)   b(1)   c(1)  that is behind it; a is done, and a2 changes nothing then

    Without `reports_failures` it raises what the update raised: the whole batch has failed.
    """

    def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        collections: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for record in event["Records"]:
            if matches([design.stream_filter], record):
                collections[record["dynamodb"]["Keys"]["pk"]["S"]].append(record)
        for records in collections.values():
            try:
                design.update_conversation([record["dynamodb"]["NewImage"] for record in records])
            except Exception as error:
                if not reports_failures:
                    raise
                first = sequence_number(records[0])
                is_unforeseen = not isinstance(error, MessagingFault)
                LOG.error("stopped at record %s: %s", first, error, exc_info=is_unforeseen)
                return {"batchItemFailures": [{"itemIdentifier": first}]}
        return {"batchItemFailures": []}

    return handler
