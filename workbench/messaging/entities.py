"""The things the application talks about: users, conversations, messages, pages."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.errors import (
    GroupSizeRefused,
    MessagingOneself,
    NotAGroup,
    NotTheCaller,
    TextRefused,
)

MAX_TEXT_CHARACTERS = 1_024
MAX_PARTICIPANTS = 50  # a transaction takes 100 actions


@dataclass(frozen=True, slots=True)
class User:
    """A person with the names that other people see."""

    uuid: str
    handle: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as one of its participants sees it, who knows one other by name.

    It is a value that anybody can make: that its viewer takes part is checked by each pattern.
    """

    group_uuid: str
    viewer: User
    other: User

    @property
    def is_of_two(self) -> bool:
        """Whether it is the one conversation of these two, and no group."""
        return self.group_uuid == pair_uuid(self.viewer, self.other)

    def seen_by_other(self) -> "Conversation":
        """The same conversation from the other side."""
        return replace(self, viewer=self.other, other=self.viewer)


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


def checked_caller(caller: User, conversation: Conversation) -> Conversation:
    """The conversation itself, if its viewer is who calls, names and all.

    Designs take a viewer at their word. Whoever answers requests has to know the caller from the
    session, never from the request, and calls this before any pattern.

    Raises
    ------
    NotTheCaller
        If the viewer is somebody else, or has other names.
    """
    if conversation.viewer != caller:
        claimed = conversation.viewer.handle
        raise NotTheCaller(f"the session is {caller.handle}'s, and the request claims {claimed!r}")
    return conversation


def check_two_users(sender: User, recipient: User) -> None:
    """Refuse a conversation of one user with themselves.

    Raises
    ------
    MessagingOneself
        If both are the same user.
    """
    if sender.uuid == recipient.uuid:
        raise MessagingOneself(f"a conversation needs two users (got {sender.handle} twice)")


def pair_uuid(one: User, other: User) -> str:
    """UUID of the one conversation of two users, whoever begins it.

    As it follows from theirs, two first messages at once make one conversation, and it is found
    by its key. Whoever knows both UUIDs knows it, so it must never stand for the right to read.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(sorted((one.uuid, other.uuid)))))


def check_group(sender: User, recipients: Sequence[User]) -> None:
    """Refuse a group that is none, or is too large.

    Raises
    ------
    GroupSizeRefused
        If there are not 2 to 49 different recipients.
    MessagingOneself
        If the sender is one of them.
    """
    uuids = {recipient.uuid for recipient in recipients}
    if sender.uuid in uuids:
        raise MessagingOneself(f"a group needs others (got {sender.handle} as a recipient)")
    if len(uuids) < len(recipients) or not 3 <= 1 + len(uuids) <= MAX_PARTICIPANTS:
        raise GroupSizeRefused(1 + len(uuids), MAX_PARTICIPANTS)


def check_is_group(conversation: Conversation) -> None:
    """Refuse to change who takes part in a conversation of two.

    Raises
    ------
    NotAGroup
        If it is one.
    """
    if conversation.is_of_two:
        raise NotAGroup(conversation.group_uuid)
