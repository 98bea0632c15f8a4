"""What lesson 04 acts with: stream records as a table, the bootcamp's handler, a design that fails.

records_frame       what a stream shows, a row for each record
bootcamp_on         the bootcamp's handler on a stage, with some of its faults
hand_over           a batch of records for a handler, and what it returns
message_record      a record of a new message, for trying handlers
FailsFor            stands in for a design: notes updates, and fails for one conversation
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from workbench.cards.labels import Labels, shortened
from workbench.conformance.bootcamp import bootcamp_handler
from workbench.conformance.delivery import unlogged
from workbench.conformance.grounds import World
from workbench.course.stage import Stage
from workbench.designs.messages import MESSAGE_PREFIX, NEW_MESSAGES
from workbench.errors import BadParameter, ConversationNotFound
from workbench.reports.tables import rows_frame
from workbench.streams.records import StreamRecord
from workbench.streams.runner import Handler

if TYPE_CHECKING:
    from pandas import DataFrame

SHOWN = ("message", "user_handle")
MOST_CHARACTERS = 24
HARD_CODED_ENDPOINT = 7


def records_frame(records: Sequence[StreamRecord], labels: Labels) -> "DataFrame":
    """Records in the order of the stream: what happened, to which key, and the new image."""
    rows = [
        {
            "record": number,
            "event": record["eventName"],
            "key": ", ".join(labels.brief(record["dynamodb"]["Keys"][name]) for name in _KEY),
            "new image": _told(record["dynamodb"].get("NewImage"), labels),
        }
        for number, record in enumerate(records, start=1)
    ]
    return rows_frame(rows, "record")


_KEY = ("pk", "sk")


def _told(image: Mapping[str, Any] | None, labels: Labels) -> str:
    if image is None:
        return "none"
    found = {name: labels.brief(image[name]) for name in SHOWN if name in image}
    return ", ".join(f"{name}={shortened(value, MOST_CHARACTERS)}" for name, value in found.items())


def bootcamp_on(stage: Stage, *faults: int) -> Handler:
    """The bootcamp's handler on a stage's table, with these of its faults.

    Raises
    ------
    BadParameter
        For fault 7, the endpoint that is written into the handler: it would leave this machine.
    """
    if HARD_CODED_ENDPOINT in faults:
        raise BadParameter("fault", HARD_CODED_ENDPOINT, "one that stays on this machine")
    world = World(stage.client, stage.table_name, stage.now, _refuse)
    return bootcamp_handler(world, frozenset(faults))


def _refuse(region: str, endpoint_url: str) -> NoReturn:
    raise BadParameter("endpoint", f"{endpoint_url} in {region}", "the stage's")


def hand_over(handler: Handler, records: Sequence[StreamRecord]) -> Any:
    """What a handler returns for a batch; what its log would tell of failures is left out."""
    with unlogged(lambda error: None):
        return handler({"Records": list(records)}, None)


def message_record(
    number: int, conversation: str, *, second: int = 0, text: str = "", event: str = "INSERT"
) -> dict[str, Any]:
    """A record of a message item, by default of a new one; `number` is its place in the shard."""
    keys = {
        "pk": {"S": MESSAGE_PREFIX + conversation},
        "sk": {"S": f"2026-03-01T12:00:0{second or number}.000000+00:00"},
    }
    image = {**keys, "message": {"S": text or f"{conversation}{number}"}}
    change = {"SequenceNumber": str(number), "Keys": keys}
    return {
        "eventName": event,
        "dynamodb": change if event == "REMOVE" else {**change, "NewImage": image},
    }


class FailsFor:
    """Takes the place of a design: `updates` are those asked for, one conversation's fail."""

    stream_filter: ClassVar[Mapping[str, Any]] = NEW_MESSAGES

    def __init__(self, conversation: str = "") -> None:
        self.conversation = conversation
        self.updates: list[tuple[str, ...]] = []

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: noted, then refused for the one conversation."""
        self.updates.append(tuple(message["message"]["S"] for message in messages))
        if messages[0]["pk"]["S"] == MESSAGE_PREFIX + self.conversation:
            raise ConversationNotFound(self.conversation)
