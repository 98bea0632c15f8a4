"""The questions that the application asks, as one Protocol that every design answers.

The letters are those that learners know from the modelling session; F to J are what real apps
add, and what tells models apart.

    promise                                      kept
    what A, F and I show; who takes part         when the call that wrote has returned
    B: who and which conversations, last text,   when the stream's records have been handled
    time and order
    never broken, not even meanwhile             an inbox shows no conversation of others, and none
                                                 twice on a page; a conversation is there whole or
                                                 not at all; what is refused has written nothing

On AWS a read that is not strongly consistent, as those of lists are, and any read of an index, may
show all this some milliseconds later. DynamoDB Local has no such lag.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from workbench.errors import NotSupported
from workbench.messaging.entities import Conversation, InboxPage, Message, MessagePage, User

ACCESS_PATTERNS = {
    "A": "show the messages of a conversation",
    "B": "list a user's conversations",
    "C": "send a message in a conversation",
    "D": "send a first message",
    "E": "stream update after a message",
    "F": "count unread messages, mark them as read",
    "G": "hide a conversation for one side",
    "H": "rename a user everywhere",
    "I": "find the conversation of two users",
    "J": "groups: start one, add, leave",
}
ESSENTIAL = "ABCDE"  # what every design must support


class AccessPatterns(Protocol):
    """Patterns A to J; lists are newest first.

    A `Conversation` handed to a pattern says who asks (its viewer) about what. Whoever takes no
    part is refused by each of them with NotAParticipant, and a conversation that does not exist is
    refused alike, so that nobody learns which do. A design that subclasses this refuses the
    patterns that it does not define, for the reasons given in `unsupported`.
    """

    name: ClassVar[str]
    unsupported: ClassVar[Mapping[str, str]] = {}  # letter: why

    @abstractmethod
    def list_messages(
        self, reader: User, group_uuid: str, *, limit: int = 20, cursor: str | None = None
    ) -> MessagePage:
        """A: one page of a conversation's messages, if the reader takes part in it.

        A cursor stays good while messages come in: the list goes on where it was.

        Raises
        ------
        InvalidCursor
            If the cursor is none that a page of this list gave.
        NotAParticipant
            If there is no such conversation for this reader.
        """

    @abstractmethod
    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        """B: one page of the reader's inbox, each entry with the other user's name.

        A conversation is on a page once. One that moves while pages are read may be on two. A page
        may have fewer entries than its limit, where some are hidden, and others follow.

        Raises
        ------
        InvalidCursor
            If the cursor is none that a page of this list gave.
        """

    @abstractmethod
    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        """C: store a message by the conversation's viewer; the inbox follows by the stream.

        Where another message has its instant, it is stored some microseconds later.

        Raises
        ------
        NotAParticipant, TextRefused
            If the viewer takes no part; if the text is empty or over 1,024 characters.
        ValueError
            If the time has no UTC offset.
        """

    @abstractmethod
    def start_conversation(
        self, sender: User, recipient: User, text: str, sent_at: datetime
    ) -> Conversation:
        """D: a conversation of two with its first message, all of it or nothing.

        If the two have one, even if it was begun a moment ago by the other, it is a message in it.

        Raises
        ------
        MessagingOneself, TextRefused
            If both are the same user; if the text cannot be sent.
        """

    @abstractmethod
    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """E: bring the group items of one conversation up to the newest of its new messages.

        The messages are items as the stream shows them, all of one item collection. Handling some
        again, or older ones late, leaves the table as it is.

        Raises
        ------
        ConversationNotFound, IndexBehind
            If what is to be updated may be there and cannot be found yet, as where an index has to
            find it; the records have to be handled again.
        """

    def count_unread(self, conversation: Conversation) -> int:
        """F: messages of others that are later than the viewer has read, or joined."""
        raise _unsupported(self, "F")

    def mark_read(self, conversation: Conversation, read_at: datetime) -> None:
        """F: the viewer has read all messages up to an instant; an earlier one changes nothing."""
        raise _unsupported(self, "F")

    def hide_conversation(self, conversation: Conversation, hidden_at: datetime) -> None:
        """G: leave the conversation out of the viewer's inbox until a message is later than this.

        The others see no difference, and the viewer can still open it.
        """
        raise _unsupported(self, "G")

    def rename_user(self, user: User) -> None:
        """H: show these names of the user in all conversations in which they take part.

        That is, in the inboxes of others and at each message that the user sent. In conversations
        that the user has left the names may stay.
        """
        raise _unsupported(self, "H")

    def find_conversation(self, reader: User, other: User) -> Conversation | None:
        """I: the conversation of these two, as the reader sees it; groups do not count."""
        raise _unsupported(self, "I")

    def start_group(
        self, sender: User, recipients: Sequence[User], text: str, sent_at: datetime
    ) -> Conversation:
        """J: a new conversation with its first message, all of it or nothing.

        The sender sees the first recipient as the other, and the recipients see the sender. Two
        groups of the same users are two.

        Raises
        ------
        GroupSizeRefused
            If there are fewer than two different recipients, or more than 49.
        MessagingOneself, TextRefused
            If the sender is among the recipients; if the text cannot be sent.
        """
        raise _unsupported(self, "J")

    def add_participant(
        self, conversation: Conversation, newcomer: User, added_at: datetime
    ) -> None:
        """J: let one more user into a group; the newcomer sees the viewer as the other.

        The inbox of the newcomer has the group at once, with its last text or an empty one, and
        follows the messages sent from then on; all earlier ones can be read, and count as read.
        Adding who takes part changes nothing.

        Raises
        ------
        GroupSizeRefused
            If the design has no room for one more than 50.
        NotAGroup
            If the conversation is one of two, and stays it.
        """
        raise _unsupported(self, "J")

    def leave_group(self, conversation: Conversation) -> None:
        """J: the viewer takes part no longer; messages stay, and who left may be added again.

        Raises
        ------
        NotAGroup
            If the conversation is one of two.
        """
        raise _unsupported(self, "J")


def _unsupported(design: AccessPatterns, letter: str) -> NotSupported:
    why = design.unsupported.get(letter, "its file does not define it")
    return NotSupported(design.name, ACCESS_PATTERNS[letter], why)
