"""What a message log holds: counts and quantiles."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from workbench.messaging.logs import LoggedMessage, MessageLog


class Quantiles(NamedTuple):
    """Smallest, median, 90th percentile and largest value; each is a value that occurs."""

    least: float
    median: float
    p90: float
    most: float


@dataclass(frozen=True)
class LogDescription:
    """A message log in figures; gaps are the seconds between two messages of a conversation."""

    name: str
    messages: int
    users: int
    conversations: int
    first_sent_at: datetime
    last_sent_at: datetime
    messages_per_conversation: Quantiles
    conversations_per_user: Quantiles
    text_bytes: Quantiles
    gap_seconds: Quantiles | None
    busiest_tenth_share: float
    one_sided_share: float

    def lines(self) -> list[str]:
        """The description as text, a line each."""
        spreads = {
            "messages per conversation": self.messages_per_conversation,
            "conversations per user": self.conversations_per_user,
            "text, bytes of UTF-8": self.text_bytes,
            "seconds between messages": self.gap_seconds,
        }
        return [
            f"{self.name}: {self.messages:,} messages, {self.users:,} users, "
            f"{self.conversations:,} conversations",
            f"from {self.first_sent_at} to {self.last_sent_at}",
            f"{'':28}{'least':>12}{'median':>12}{'p90':>12}{'most':>12}",
            *(
                f"{name:28}" + "".join(f"{value:>12,.0f}" for value in spread)
                for name, spread in spreads.items()
                if spread is not None
            ),
            f"the busiest tenth of users sent {self.busiest_tenth_share:.0%} of all messages; "
            f"in {self.one_sided_share:.0%} of conversations only one user wrote",
        ]


def quantiles(values: Sequence[float]) -> Quantiles:
    """Quantiles by nearest rank of at least one value."""
    ordered = sorted(values)
    at = [ordered[max(0, math.ceil(share * len(ordered)) - 1)] for share in (0, 0.5, 0.9, 1)]
    return Quantiles(*at)


def describe_log(log: MessageLog) -> LogDescription:
    """Figures of a log that has at least one message."""
    exchanges: dict[frozenset[str], list[LoggedMessage]] = defaultdict(list)
    for message in log.messages:
        exchanges[frozenset((message.sender, message.recipient))].append(message)
    partners = Counter(user for pair in exchanges for user in pair)
    sent = Counter(message.sender for message in log.messages)
    gaps = [
        (later.sent_at - earlier.sent_at).total_seconds()
        for exchange in exchanges.values()
        for earlier, later in pairwise(exchange)
    ]
    busiest = sent.most_common(max(1, len(partners) // 10))
    one_sided = sum(len({m.sender for m in exchange}) == 1 for exchange in exchanges.values())
    return LogDescription(
        name=log.name,
        messages=len(log.messages),
        users=len(partners),
        conversations=len(exchanges),
        first_sent_at=log.messages[0].sent_at,
        last_sent_at=log.messages[-1].sent_at,
        messages_per_conversation=quantiles([len(exchange) for exchange in exchanges.values()]),
        conversations_per_user=quantiles(list(partners.values())),
        text_bytes=quantiles([len(message.text.encode()) for message in log.messages]),
        gap_seconds=quantiles(gaps) if gaps else None,
        busiest_tenth_share=sum(count for _, count in busiest) / len(log.messages),
        one_sided_share=one_sided / len(exchanges),
    )
