"""How the designs begin conversations, and what they answer from the item of one participant.

A conversation of two has one UUID, which follows from the users' own: two who begin it at once put
the same keys, one transaction is refused, and its message goes into the conversation of the other.
"""

import uuid
from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime

from workbench.designs.messages import EVER, Item, MessageItems, to_conversation
from workbench.errors import NotAParticipant
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import (
    Conversation,
    Message,
    User,
    check_group,
    check_two_users,
    checked_text,
    pair_uuid,
)
from workbench.messaging.times import format_time


class Beginnings(AccessPatterns):
    """D, and J's start, for designs that begin both alike, on whatever they keep them."""

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: begin the conversation of the two, or send a message in the one they have."""
        check_two_users(sender, recipient)
        return self._begin(pair_uuid(sender, recipient), sender, [recipient], text, sent_at)

    def start_group(
        self, sender: User, recipients: Sequence[User], text: str, sent_at: datetime
    ) -> Conversation:
        """J: begin a group, whose UUID is its own."""
        check_group(sender, recipients)
        return self._begin(str(self._new_uuid()), sender, recipients, text, sent_at)

    def _begin(
        self, group_uuid: str, sender: User, recipients: Sequence[User], text: str, at: datetime
    ) -> Conversation:
        """All of it or nothing; if it is there, the message is sent in it."""
        message = Message(str(self._new_uuid()), sender, checked_text(text), at)
        format_time(at)  # refuses a naive time before anything is asked
        seen = [Conversation(group_uuid, sender, recipients[0])]
        seen += [Conversation(group_uuid, recipient, sender) for recipient in recipients]
        if not self._put_first(seen, message):
            self.send_message(seen[0], text, at)
        return seen[0]

    @abstractmethod
    def _put_first(self, seen: Sequence[Conversation], message: Message) -> bool:
        """Store a conversation, as each participant sees it, the sender first, with its message.

        False if it is there already; then nothing is stored.
        """

    def _new_uuid(self) -> uuid.UUID:
        return uuid.uuid4()


class ParticipantItems(Beginnings, MessageItems):
    """F, G and I, from the item that shows that somebody takes part."""

    def count_unread(self, conversation: Conversation) -> int:
        """F: read the viewer's mark, then count what others wrote later."""
        reader, group_uuid = conversation.viewer, conversation.group_uuid
        read_at = self._read_at(reader, self._membership(reader, group_uuid))
        return self._count_messages_of_others(group_uuid, reader, read_at)

    def find_conversation(self, reader: User, other: User) -> Conversation | None:
        """I: look for the reader's item of the two, whose UUID follows from theirs."""
        try:
            item = self._membership(reader, pair_uuid(reader, other))
        except NotAParticipant:
            return None
        return self._to_conversation(reader, item)

    def mark_read(self, conversation: Conversation, read_at: datetime) -> None:
        """F: set the mark on the viewer's item."""
        self._mark(conversation, "read_at", read_at)

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        """G: set the mark on the viewer's item; B leaves out what has nothing later."""
        self._mark(conversation, "hidden_at", hidden_at)

    @abstractmethod
    def _mark(self, conversation: Conversation, mark: str, at: datetime) -> None:
        """Set a time where the viewer's own is kept, unless a later one is there."""

    def _to_conversation(self, viewer: User, item: Item) -> Conversation:
        return to_conversation(viewer, item)

    def _read_at(self, reader: User, membership: Item) -> str:
        """Up to when the reader has read."""
        return str(membership.get("read_at", {"S": EVER})["S"])


class KeyedItems(ParticipantItems):
    """One item for each participant, found by its key."""

    @abstractmethod
    def _key_of(self, user_uuid: str, group_uuid: str) -> Item:
        """Primary key of a participant's item."""

    def _membership(self, user: User, group_uuid: str, *, is_writing: bool = False) -> Item:
        item = self._client.get_item(
            TableName=self._table_name,
            Key=self._key_of(user.uuid, group_uuid),
            ConsistentRead=is_writing,
        ).get("Item")
        if item is None:
            raise NotAParticipant(user.uuid, group_uuid)
        return item

    def _mark(self, conversation: Conversation, mark: str, at: datetime) -> None:
        viewer, group_uuid = conversation.viewer, conversation.group_uuid
        if not self._raise_mark(self._key_of(viewer.uuid, group_uuid), mark, at):
            raise NotAParticipant(viewer.uuid, group_uuid)
