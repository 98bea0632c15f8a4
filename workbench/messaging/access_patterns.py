"""The questions that the application asks, as one Protocol that every design answers.

The letters are those that learners know from the modelling session.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from workbench.messaging.entities import Conversation, InboxPage, Message, MessagePage, User

ACCESS_PATTERNS = {
    "A": "show the messages of a conversation",
    "B": "list a user's conversations",
    "C": "send a message in a conversation",
    "D": "send a first message",
    "E": "stream update after a message",
}


class AccessPatterns(Protocol):
    """Patterns A to E, and what groups need of J; lists are newest first."""

    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: one page of a conversation's messages, if the reader takes part in it.

        Raises
        ------
        NotAParticipant
            If there is no such conversation for this reader.
        """

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one page of the reader's inbox, each entry with the other user's name.

        A conversation is on a page once. One that moves while pages are read may be on two.
        """

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: store a message by the conversation's viewer; the inbox follows by the stream."""

    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: create a conversation with its first message, all of it or nothing."""

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: bring the group items of one conversation up to the newest of its new messages.

        The messages are items as the stream shows them, all of one item collection. Handling some
        again, or older ones late, leaves the table as it is.

        Raises
        ------
        ConversationNotFound, IndexBehind
            If what is to be updated cannot be found yet; the records have to be handled again.
        """

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> Conversation:
        """J, in part: give one more user the conversation, with the viewer as the other.

        Until the next message its last text is empty. Returned is the conversation with the
        newcomer in it; who takes part already changes nothing. No list of members is kept: a
        conversation from anywhere else, the newcomer's own inbox included, knows two of them.

        Raises
        ------
        NotSupported
            If the design has no place for more than two.
        """
