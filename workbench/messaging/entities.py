"""The things the application talks about: users, conversations, messages, pages."""

from dataclasses import dataclass, replace
from datetime import datetime

from workbench.errors import MessagingOneself, TextRefused

MAX_TEXT_CHARACTERS = 1_024


@dataclass(frozen=True, slots=True)
class User:
    """A person with the names that other people see."""

    uuid: str
    handle: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as one of its participants sees it, who knows one other by name.

    A design hands it out only to a participant (from an inbox, from opening a conversation by
    its UUID, from starting one), so holding it is the right to send: no write checks again.
    `further_uuids` are the UUIDs of participants beyond the two.
    """

    group_uuid: str
    viewer: User
    other: User
    further_uuids: tuple[str, ...] = ()

    @property
    def recipient_uuids(self) -> tuple[str, ...]:
        """UUIDs of all participants but the viewer."""
        return (self.other.uuid, *self.further_uuids)

    def seen_by_other(self) -> "Conversation":
        """The same conversation from the other side."""
        return replace(self, viewer=self.other, other=self.viewer)

    def joined_by(self, newcomer: User) -> "Conversation":
        """The same conversation with one participant more, unless it has them already."""
        if newcomer.uuid in (self.viewer.uuid, *self.recipient_uuids):
            return self
        return replace(self, further_uuids=(*self.further_uuids, newcomer.uuid))


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is stored."""

    message_uuid: str
    sender: User
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One line of an inbox: who, the last text, and when."""

    conversation: Conversation
    last_text: str
    last_message_at: datetime


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages of one conversation, newest first; `cursor` continues, None is the end."""

    conversation: Conversation
    messages: tuple[Message, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Conversations of one user, newest first; `cursor` continues, None is the end."""

    entries: tuple[InboxEntry, ...]
    cursor: str | None


def checked_text(text: str) -> str:
    """The text itself, if it can be sent.

    Raises
    ------
    TextRefused
        If it is empty or longer than 1,024 characters, the application's limit.
    """
    if not text.strip():
        raise TextRefused("a message needs a text (got an empty one)")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextRefused(
            f"a message has at most {MAX_TEXT_CHARACTERS:,} characters (got {len(text):,})"
        )
    return text


def check_two_users(sender: User, recipient: User) -> None:
    """Refuse a conversation of one user with themselves.

    Raises
    ------
    MessagingOneself
        If both are the same user.
    """
    if sender.uuid == recipient.uuid:
        raise MessagingOneself(f"a conversation needs two users (got {sender.handle} twice)")
