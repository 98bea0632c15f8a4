"""The application as plain dictionaries, obviously right: what every design has to agree with.

It is told what a design did (which UUID, which time), and says what everybody has to see then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.errors import NotAParticipant
from workbench.messaging.entities import Message, User


@dataclass
class Member:
    """One participant's side of a conversation."""

    other_uuid: str
    read_at: datetime | None = None
    hidden_at: datetime | None = None
    added_at: datetime | None = None
    messages_before: int = 0  # sent before this member was added


@dataclass
class Talk:
    """A conversation; messages are in the order in which they were sent."""

    is_group: bool
    members: dict[str, Member]
    messages: list[Message] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    ever_left: set[str] = field(default_factory=set)


class Reference:
    """Users with their present names, and conversations by UUID."""

    def __init__(self, users: Sequence[User]) -> None:
        self.users = {user.uuid: user for user in users}
        self.talks: dict[str, Talk] = {}

    def member(self, user_uuid: str, group_uuid: str) -> Member:
        """Who takes part, or NotAParticipant."""
        talk = self.talks.get(group_uuid)
        if talk is None or user_uuid not in talk.members:
            raise NotAParticipant(user_uuid, group_uuid)
        return talk.members[user_uuid]

    # --- What was written ------------------------------------------------------------------------

    def start(
        self, group_uuid: str, sender: str, recipients: Sequence[str], first: Message
    ) -> None:
        """D, and J: a conversation begins, or that of these two gets another message."""
        if group_uuid not in self.talks:
            members = {sender: Member(recipients[0])}
            members |= {recipient: Member(sender) for recipient in recipients}
            self.talks[group_uuid] = Talk(len(recipients) > 1, members)
        self.talks[group_uuid].messages.append(first)

    def send(self, group_uuid: str, message: Message) -> None:
        """C."""
        self.member(message.sender.uuid, group_uuid)
        self.talks[group_uuid].messages.append(message)

    def mark_read(self, user: str, group_uuid: str, at: datetime) -> None:
        """F: a mark only moves forward."""
        member = self.member(user, group_uuid)
        member.read_at = max(member.read_at or at, at)

    def hide(self, user: str, group_uuid: str, at: datetime) -> None:
        """G: a mark only moves forward."""
        member = self.member(user, group_uuid)
        member.hidden_at = max(member.hidden_at or at, at)

    def rename(self, user: User) -> None:
        """H."""
        self.users[user.uuid] = user

    def add(self, user: str, group_uuid: str, newcomer: str, at: datetime) -> None:
        """J: who takes part already changes nothing."""
        self.member(user, group_uuid)
        talk = self.talks[group_uuid]
        if newcomer not in talk.members:
            talk.members[newcomer] = Member(user, at, None, at, len(talk.messages))

    def leave(self, user: str, group_uuid: str) -> None:
        """J: what was this member's own is forgotten."""
        self.member(user, group_uuid)
        del self.talks[group_uuid].members[user]
        self.talks[group_uuid].ever_left.add(user)

    # --- What has to be seen ---------------------------------------------------------------------

    def messages(self, reader: str, group_uuid: str) -> list[Message]:
        """A: newest first; no two are of one instant."""
        self.member(reader, group_uuid)
        talk = self.talks[group_uuid]
        kept = [message for message in talk.messages if message.text not in talk.deleted]
        return sorted(kept, key=lambda message: message.created_at, reverse=True)

    def unread(self, reader: str, group_uuid: str) -> int:
        """F: messages of others later than the mark."""
        read_at = self.member(reader, group_uuid).read_at
        return sum(
            message.sender.uuid != reader and (read_at is None or message.created_at > read_at)
            for message in self.messages(reader, group_uuid)
        )

    def find(self, reader: str, other: str) -> str | None:
        """I: UUID of the conversation of exactly these two."""
        for group_uuid, talk in self.talks.items():
            if not talk.is_group and set(talk.members) == {reader, other}:
                return group_uuid
        return None

    def inbox(self, reader: str) -> dict[str, list[tuple[str, datetime]]]:
        """B: for each conversation what may be its last text and time; none at all: not shown.

        More than one may, where a newcomer need not see what was sent before they came.
        """
        return {
            group_uuid: [
                (text, at)
                for text, at in self._last(talk, talk.members[reader])
                if (hidden_at := talk.members[reader].hidden_at) is None or at > hidden_at
            ]
            for group_uuid, talk in self.talks.items()
            if reader in talk.members
        }

    def may_be_hidden(self, reader: str, group_uuid: str) -> bool:
        """Whether the inbox may leave the conversation out."""
        talk = self.talks[group_uuid]
        hidden_at = talk.members[reader].hidden_at
        last = self._last(talk, talk.members[reader])
        return hidden_at is not None and any(at <= hidden_at for _, at in last)

    def _last(self, talk: Talk, member: Member) -> Iterator[tuple[str, datetime]]:
        sent = [(message.text, message.created_at) for message in talk.messages]
        latest = max(at for _, at in sent)
        yield from (each for each in sent if each[1] == latest)  # more, if the first was deleted
        if member.added_at is not None:
            since = [("", member.added_at), *sent[member.messages_before :]]
            floor = max(since, key=lambda each: each[1])
            yield floor
            yield from (each for each in sent if each[1] >= floor[1])
