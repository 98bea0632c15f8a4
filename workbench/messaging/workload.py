"""A workload: how many users do what, how often, on how much data; a small TOML file."""

import itertools
import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import BadParameter, InputFault
from workbench.messaging.logs import MessageLog, user_named

DAY_SECONDS = 86_400
QUANTILES = 16


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the users of an application do.

    Lists are equally likely values: those that a reader of an inbox, a reader of a conversation and
    a writer of a message meet. `name_bytes` is the length of a user's handle, and of their name.

    Raises
    ------
    BadParameter
        If a value is not allowed.
    """

    users: float = 10_000
    messages_per_user_per_day: float = 10
    inbox_reads_per_user_per_day: float = 10
    conversation_reads_per_user_per_day: float = 10
    new_conversations_per_user_per_day: float = 0.1
    conversations_per_user: Any = (3, 8, 14, 20, 27, 35, 45, 60)
    messages_per_conversation: Any = (1, 3, 6, 10, 16, 25, 40, 80)
    text_bytes: Any = (18, 28, 38, 50, 66, 92, 135, 210)
    name_bytes: float = 7
    participants: float = 2
    inbox_page_size: int = 20
    message_page_size: int = 20
    months_stored: float = 12

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if hasattr(value, "shape"):
                continue  # an axis of a map, whose ends were checked
            allowed = f"a number, {low:,.10g} to {high:,.10g}"
            if name in LISTS:
                allowed += ", or a list of such numbers"
                value = tuple(value) if isinstance(value, list | tuple) else (value,)
                object.__setattr__(self, name, value)
            for each in value if name in LISTS else (value,):
                is_number = isinstance(each, int | float) and not isinstance(each, bool)
                if not is_number or not low <= each <= high:
                    raise BadParameter(name, each, allowed)
            if value == ():
                raise BadParameter(name, [], allowed)
        people = self.participants
        if not hasattr(people, "shape") and people != int(people):
            raise BadParameter("participants", people, "a whole number, 2 to 100")

    def with_users(self, users: float) -> "Workload":
        """The same behaviour of another number of users."""
        return replace(self, users=users)

    def to_toml(self) -> str:
        """The file that `read_workload` reads."""
        lines = []
        for name, (_, _, meaning) in FIELDS.items():
            value = getattr(self, name)
            is_list = isinstance(value, tuple)
            text = f"[{', '.join(map(_short, value))}]" if is_list else _short(value)
            lines.append(f"{name} = {text}  # {meaning}\n")
        return "".join(lines)


FIELDS: Mapping[str, tuple[float, float, str]] = {  # least, most, what it means
    "users": (1, 1e10, "who do all of this"),
    "messages_per_user_per_day": (1e-9, 1e6, "later messages, C with their stream update E"),
    "inbox_reads_per_user_per_day": (0, 1e6, "B; a log does not tell: as many as messages"),
    "conversation_reads_per_user_per_day": (0, 1e6, "A; a log does not tell: as many as messages"),
    "new_conversations_per_user_per_day": (0, 1e6, "first messages, D"),
    "conversations_per_user": (
        1, 1e6, "of those who look at their inbox, equally likely: what B reads",
    ),
    "messages_per_conversation": (
        1, 1e9, "in those that are opened, equally likely: what A reads",
    ),
    "text_bytes": (1, 4 * 1_024, "UTF-8, equally likely"),
    "name_bytes": (1, 200, "of a user's handle, and of the name shown"),
    "participants": (2, 100, "in each conversation"),
    "inbox_page_size": (1, 1_000, "conversations"),
    "message_page_size": (1, 1_000, "messages"),
    "months_stored": (0, 1_200, "of messages and conversations that are kept"),
}  # fmt: skip
LIMITS = {name: (least, most) for name, (least, most, _) in FIELDS.items()}
LISTS = frozenset({"conversations_per_user", "messages_per_conversation", "text_bytes"})


def read_workload(path: Path) -> Workload:
    """The workload in a TOML file; what it leaves out has the default.

    Raises
    ------
    BadParameter
        If a value is not allowed; the message names the field and what is.
    InputFault
        If the file cannot be read, or names a field that there is none of.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputFault(f"{path} cannot be read as TOML: {error}") from error
    given.pop("limits", None)  # those are for `workbench review`
    unknown = sorted(given.keys() - LIMITS.keys())
    if unknown:
        raise InputFault(
            f"{path} has unknown fields: {', '.join(unknown)}. The fields are: {', '.join(LIMITS)}."
        )
    return Workload(**given)


def workload_of(log: MessageLog) -> Workload:
    """The workload that a log shows.

    A log does not tell what was read: each message is taken to be followed by one look at the inbox
    and one at the conversation, by whoever got it.
    """
    inboxes: dict[str, set[str]] = defaultdict(set)
    conversations: Counter[frozenset[str]] = Counter()
    for message in log.messages:
        inboxes[message.sender].add(message.recipient)
        inboxes[message.recipient].add(message.sender)
        conversations[frozenset((message.sender, message.recipient))] += 1
    span = log.messages[-1].sent_at - log.messages[0].sent_at
    days = max(1.0, span.total_seconds() / DAY_SECONDS)
    users = len(inboxes)
    later = len(log.messages) - len(conversations)
    rate = later / users / days
    both = len(log.messages) / users / days
    return Workload(
        users=users,
        messages_per_user_per_day=max(rate, 1e-9),
        inbox_reads_per_user_per_day=both,
        conversation_reads_per_user_per_day=both,
        new_conversations_per_user_per_day=len(conversations) / users / days,
        conversations_per_user=_quantiles([len(inboxes[m.recipient]) for m in log.messages]),
        messages_per_conversation=_quantiles(
            [conversations[frozenset((m.sender, m.recipient))] for m in log.messages]
        ),
        text_bytes=_quantiles([len(m.text.encode()) for m in log.messages]),
        name_bytes=round(
            sum(len(user_named(m.sender).handle.encode()) for m in log.messages)
            / len(log.messages),
            2,
        ),
        months_stored=max(1.0, math.ceil(days / 30)),
    )


def _quantiles(values: Sequence[float]) -> tuple[float, ...]:
    """Equally likely values: the mean of each of so many equal parts of the sorted values."""
    ordered = sorted(values)
    count = min(QUANTILES, len(ordered))
    cuts = [round(part * len(ordered) / count) for part in range(count + 1)]
    return tuple(
        round(sum(ordered[low:high]) / (high - low), 2) for low, high in itertools.pairwise(cuts)
    )


def _short(value: float) -> str:
    return f"{value:.10g}"
