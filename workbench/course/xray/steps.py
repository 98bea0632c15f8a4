"""What happens when a message is sent: items, stream records, the function's calls, the bill.

    xray = XRay(Dual)
    step = xray.send(ADA, "Hello Bo!")
    step.frame("changes")              or "records", "calls", "bill"
    xray.close()

`panel.panel()` is the same to click.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.bill import Kind, usd_per_request_unit
from workbench.capacity.prices import read_prices
from workbench.cards.scenario import ADA, BO
from workbench.course.pictures import change_rows, request_rows
from workbench.course.stage import Stage
from workbench.designs import Design
from workbench.dynamodb.install import PRICES
from workbench.dynamodb.meter import Usage
from workbench.dynamodb.targets import reporting_unreachable
from workbench.errors import BadParameter
from workbench.messaging.entities import Conversation, User
from workbench.reports.tables import rows_frame
from workbench.streams.records import StreamRecord, sequence_number
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame

PEOPLE = (ADA, BO)
REGION = "us-east-1"
MILLION = 1_000_000
MESSAGE, UPDATE = "message", "stream update"
PARTS = {  # of a step: what each shows
    "changes": "Items and index entries that changed",
    "records": "Stream records",
    "calls": "Round trips",
    "bill": "The bill so far",
}
Rows = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Spent:
    """Request units by rule, and what they cost in USD."""

    rru: float = 0.0
    wru: float = 0.0
    usd: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.rru + other.rru, self.wru + other.wru, self.usd + other.usd)


@dataclass(frozen=True)
class Step:
    """What one message did, and what all of them cost until then.

    `changes` are those of the message and of its stream update, `records` and `calls` say by which
    of the two they are. `total` is of so many `messages`; prices are those on demand in us-east-1.
    """

    messages: int
    sender: User
    text: str
    changes: Rows
    records: Rows
    calls: Rows
    message: Spent
    update: Spent
    total: Spent

    @property
    def bill(self) -> Rows:
        """Request units, and USD for a million messages like that; storage and Lambda left out."""
        lines = (
            ("this message", self.message, 1),
            ("its stream update", self.update, 1),
            ("both", self.message + self.update, 1),
            (f"all so far: {self.messages}", self.total, self.messages),
        )
        return tuple(
            {
                "for": name,
                "RRU": format_mean(spent.rru),
                "WRU": format_mean(spent.wru),
                "USD per million messages": f"{MILLION * spent.usd / count:,.2f}",
            }
            for name, spent, count in lines
        )

    def frame(self, part: str) -> "DataFrame":
        """One part of `PARTS` as a table, or BadParameter."""

        if part not in PARTS:
            raise BadParameter("part", part, f"one of {', '.join(PARTS)}")
        rows = getattr(self, part)
        return rows_frame(rows, *list(rows[0])[:1]) if rows else rows_frame(rows)


class XRay:
    """Two people who chat on a new table of a design, looked through at every message.

    Raises
    ------
    NoSharedServer, TargetUnreachable
        If no server is up, or it does not answer.
    """

    def __init__(self, design: type[Design], *, endpoint: str | None = None) -> None:
        prices = read_prices(PRICES)
        kinds: tuple[Kind, ...] = ("read", "write")
        self._usd = [usd_per_request_unit(kind, prices, REGION, Assumptions()) for kind in kinds]
        self._told: dict[str, tuple[str, StreamRecord]] = {}  # by sequence number
        self._stage = Stage(design, endpoint=endpoint, observe=self._observe)
        self._before = self._stage.snapshot()
        self._conversation: Conversation | None = None
        self._steps: list[Step] = []

    @property
    def steps(self) -> Sequence[Step]:
        """All messages so far, the oldest first."""
        return tuple(self._steps)

    def send(self, sender: User, text: str) -> Step:
        """Send a message, the first of all as the one that starts the conversation, and look.

        Raises
        ------
        BadParameter
            If the sender is none of the two.
        TargetUnreachable
            If the server does not answer any more.
        TextRefused
            If the text cannot be sent; nothing has changed then.
        """
        if sender not in PEOPLE:
            raise BadParameter("sender", sender.handle, "one of ADA and BO")
        with reporting_unreachable(self._stage.target):
            return self._looked_through(sender, text)

    def _looked_through(self, sender: User, text: str) -> Step:
        stage, stream = self._stage, self._stage.trial.stream
        self._told.clear()
        with stage.watching() as message:
            self._say(sender, text)
        written = stream.fetch()
        with stage.watching() as update:
            stream.deliver()
        before, self._before = self._before, stage.snapshot()
        spent = [self._spent(usage) for usage in (message, update)]
        earlier = self._steps[-1].total if self._steps else Spent()
        calls = [
            {"by": name, **row}
            for name, usage in ((MESSAGE, message), (UPDATE, update))
            for row in request_rows(usage, self._before)
        ]
        step = Step(
            messages=len(self._steps) + 1,
            sender=sender,
            text=text,
            changes=tuple(change_rows(before, self._before)),
            records=tuple(self._records(written)),
            calls=tuple(calls),
            message=spent[0],
            update=spent[1],
            total=sum(spent, earlier),
        )
        self._steps.append(step)
        return step

    def _say(self, sender: User, text: str) -> None:
        if self._conversation is None:
            other = BO if sender == ADA else ADA
            self._conversation = self._stage.start(sender, other, text)
            return
        is_viewer = self._conversation.viewer == sender
        seen = self._conversation if is_viewer else self._conversation.seen_by_other()
        self._stage.send(seen, text)

    def _observe(self, outcome: str, records: tuple[StreamRecord, ...], why: str) -> None:
        for record in records:
            self._told[sequence_number(record)] = (outcome, record)

    def _records(self, written: int) -> Iterable[Mapping[str, Any]]:
        """Records in the order of the stream, the first `written` of them by the message."""
        labels, names = self._before.labels, self._before.schema.key
        for number, sequence in enumerate(sorted(self._told, key=int), start=1):
            outcome, record = self._told[sequence]
            keys = record["dynamodb"]["Keys"]
            yield {
                "by": MESSAGE if number <= written else UPDATE,
                "record": number,
                "event": record["eventName"],
                "key": ", ".join(labels.brief(keys[name]) for name in names),
                "function": "called" if outcome == "handled" else outcome,
            }

    def _spent(self, usage: Usage) -> Spent:
        rru, wru = usage.estimated_rru, usage.estimated_wru
        return Spent(rru, wru, rru * self._usd[0] + wru * self._usd[1])

    def close(self) -> None:
        """Delete the table; the kernel's end does it, too."""
        self._stage.close()
