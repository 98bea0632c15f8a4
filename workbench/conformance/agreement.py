"""What a design shows, held against the reference."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from workbench.conformance.calling import Calls
from workbench.conformance.reference import Reference
from workbench.errors import NotAParticipant, PromiseBroken
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import Conversation, InboxEntry, Message, User

STRANGER = "eve"
SAME_INSTANT = timedelta(milliseconds=1)  # a taken instant moves a message by microseconds
MOST_PAGES = 60
ONE_PAGE, SMALL_PAGE = 20, 2


class Agreement:
    """A design and the reference; users by the names that programs use, conversations by number."""

    def __init__(
        self,
        design: AccessPatterns,
        calls: Calls,
        reference: Reference,
        users: dict[str, User],
        patterns: Collection[str],
    ) -> None:
        self.counts_unread = "F" in patterns
        self._design = design
        self._calls = calls
        self.reference = reference
        self.users = users
        self.groups: list[str] = []

    # --- Who and what ----------------------------------------------------------------------------

    def handle(self, who: str, number: int) -> Conversation:
        """The conversation as this user would name it, whether they take part or not."""
        viewer = self.users[who]
        if number > len(self.groups):
            return Conversation(f"no-such-conversation-{number}", viewer, self.users[STRANGER])
        group_uuid = self.groups[number - 1]
        talk = self.reference.talks[group_uuid]
        if viewer.uuid in talk.members:
            other_uuid = talk.members[viewer.uuid].other_uuid
        else:
            other_uuid = next(iter(talk.members), viewer.uuid)
        return Conversation(group_uuid, viewer, self.reference.users[other_uuid])

    def takes_part(self, handle: Conversation) -> bool:
        talk = self.reference.talks.get(handle.group_uuid)
        return talk is not None and handle.viewer.uuid in talk.members

    def is_pair(self, group_uuid: str) -> bool:
        talk = self.reference.talks.get(group_uuid)
        return talk is not None and not talk.is_group

    def number(self, group_uuid: str) -> str:
        known = group_uuid in self.groups
        return str(self.groups.index(group_uuid) + 1) if known else "one that nobody began"

    # --- What the reference is told --------------------------------------------------------------

    def made_in_spite(self, sender: User, other: User) -> Conversation | None:
        """A conversation that nobody was told of, which an interrupted start may have made."""
        entries = self._calls.ask("B", lambda: self.inbox(sender))
        for seen in (entry.conversation for entry in entries):
            if seen.group_uuid not in self.groups and seen.other.uuid == other.uuid:
                return seen
        return None

    def note_start(
        self,
        pattern: str,
        made: Conversation,
        recipients: Sequence[User],
        text: str,
        at: datetime,
        *,
        sure: bool,
    ) -> None:
        """Tell the reference of a conversation with its first message, or with one more."""
        sender = made.viewer
        if made.other.uuid != recipients[0].uuid:
            raise PromiseBroken(pattern, f"{sender.handle} is handed another conversation")
        known = self.reference.find(sender.uuid, recipients[0].uuid)
        if pattern == "D" and known not in (None, made.group_uuid):
            raise PromiseBroken("D", "a second first message makes a second conversation")
        message = self.listed(made, text)
        if message is None:
            if sure:
                raise PromiseBroken(pattern, f"{text} began a conversation, which does not list it")
            return
        self.check_time(pattern, message, at)
        if made.group_uuid not in self.groups:
            self.groups.append(made.group_uuid)
        uuids = [recipient.uuid for recipient in recipients]
        self.reference.start(made.group_uuid, sender.uuid, uuids, message)

    def check_time(self, pattern: str, message: Message, at: datetime) -> None:
        """A message is stored as of its time, or moved on from a taken instant."""
        moved = message.created_at - at
        if not timedelta(0) <= moved < SAME_INSTANT:
            raise PromiseBroken(pattern, f"{message.text} of {at} is stored as of {moved} later")

    def forget(self, text: str) -> None:
        """A message was deleted, and is listed no longer."""
        for talk in self.reference.talks.values():
            talk.deleted |= {message.text for message in talk.messages if message.text == text}

    # --- What must agree -------------------------------------------------------------------------

    def look(self, group_uuid: str) -> None:
        """Strong promises: what everybody reads in a conversation, and who may not."""
        if group_uuid not in self.groups:
            return
        for who, user in self.users.items():
            handle = self.handle(who, self.groups.index(group_uuid) + 1)
            if not self.takes_part(handle):
                if user.uuid in self.reference.talks[group_uuid].ever_left:
                    self.check_refused(handle)
                continue
            self._check_messages(user, group_uuid, ONE_PAGE)
            if self.counts_unread:
                count = self._calls.ask("F", partial(self._design.count_unread, handle))
                if count != (right := self.reference.unread(user.uuid, group_uuid)):
                    what = f"{user.handle} has {count} unread messages, not {right}"
                    raise PromiseBroken("F", what)
            self.check_inbox_meanwhile(user)

    def check_refused(self, handle: Conversation) -> None:
        """Who takes no part reads nothing in a conversation, and counts nothing."""
        reader, group_uuid = handle.viewer, handle.group_uuid
        read = partial(self._design.list_messages, reader, group_uuid)
        self._calls.refused("A", NotAParticipant, read)
        if "F" not in self._design.unsupported:
            count = partial(self._design.count_unread, handle)
            self._calls.refused("F", NotAParticipant, count)

    def listed(self, handle: Conversation, text: str) -> Message | None:
        found = self._calls.ask("A", lambda: self._messages(handle.viewer, handle.group_uuid))
        return next((message for message in found if message.text == text), None)

    def _messages(self, reader: User, group_uuid: str, limit: int = ONE_PAGE) -> list[Message]:
        read = partial(self._design.list_messages, reader, group_uuid, limit=limit)
        return [message for page in self._pages("A", read) for message in page.messages]

    def inbox(self, reader: User, limit: int = ONE_PAGE) -> list[InboxEntry]:
        """All entries of an inbox."""
        pages = self._pages("B", partial(self._design.list_conversations, reader, limit=limit))
        return [entry for page in pages for entry in page.entries]

    def _pages(self, pattern: str, read: Callable[..., Any]) -> Iterator[Any]:
        cursor = None
        for _ in range(MOST_PAGES):
            page = read(cursor=cursor)
            yield page
            cursor = page.cursor
            if cursor is None:
                return
        what = f"a list has no end: {MOST_PAGES} pages, and a cursor for more"
        raise PromiseBroken(pattern, what)

    def _check_messages(self, reader: User, group_uuid: str, limit: int) -> None:
        listed = self._calls.ask("A", lambda: self._messages(reader, group_uuid, limit))
        wanted = self.reference.messages(reader.uuid, group_uuid)
        number = self.number(group_uuid)
        if [_told(each) for each in listed] != [_told(each) for each in wanted]:
            shown, right = (", ".join(m.text for m in each) for each in (listed, wanted))
            what = f"{reader.handle} reads {shown or 'nothing'} in {number}, not {right}"
            raise PromiseBroken("A", what)
        left = self.reference.talks[group_uuid].ever_left
        for message in listed:
            right_user = self.reference.users[message.sender.uuid]
            if message.sender.uuid not in left and message.sender != right_user:
                names = f"{message.sender.handle}, not {right_user.handle}"
                raise PromiseBroken("H", f"the sender of {message.text} is shown as {names}")

    def check_inbox_meanwhile(self, reader: User) -> None:
        """What never may be, even before the stream is handled."""
        lists = self._design.list_conversations
        page = self._calls.ask("B", lambda: lists(reader, limit=ONE_PAGE))
        shown = [entry.conversation.group_uuid for entry in page.entries]
        if len(set(shown)) < len(shown):
            raise PromiseBroken("B", f"{reader.handle} has a conversation twice on a page")
        mine = self.reference.inbox(reader.uuid)
        if foreign := [group_uuid for group_uuid in shown if group_uuid not in mine]:
            what = f"{reader.handle}'s inbox has conversation {self.number(foreign[0])} of others"
            raise PromiseBroken("B", what)

    def check_all(self) -> None:
        """Everything that everybody sees, in small pages, once the stream is handled."""
        for group_uuid in self.groups:
            self.look(group_uuid)
            for user_uuid in self.reference.talks[group_uuid].members:
                self._check_messages(self.reference.users[user_uuid], group_uuid, SMALL_PAGE)
        for user in self.users.values():
            for limit in (1, SMALL_PAGE):
                self._check_inbox(user, limit)

    def _check_inbox(self, reader: User, limit: int) -> None:
        entries = self._calls.ask("B", lambda: self.inbox(reader, limit))
        times = [entry.last_message_at for entry in entries]
        if times != sorted(times, reverse=True):
            raise PromiseBroken("B", f"{reader.handle}'s inbox is not newest first")
        wanted = self.reference.inbox(reader.uuid)
        found = {entry.conversation.group_uuid: entry for entry in entries}
        if len(found) < len(entries):
            raise PromiseBroken("B", f"{reader.handle} has a conversation twice")
        for group_uuid in {**wanted, **found}:
            self._check_entry(reader, group_uuid, found.get(group_uuid), wanted.get(group_uuid))

    def _check_entry(
        self,
        reader: User,
        group_uuid: str,
        entry: InboxEntry | None,
        allowed: list[tuple[str, datetime]] | None,
    ) -> None:
        who, number = f"{reader.handle}'s inbox", self.number(group_uuid)
        if entry is None:
            if allowed and not self.reference.may_be_hidden(reader.uuid, group_uuid):
                raise PromiseBroken("B", f"{who} lacks conversation {number}")
            return
        if not allowed:
            why = "is not the reader's" if allowed is None else "is hidden"
            raise PromiseBroken("B", f"{who} shows conversation {number}, which {why}")
        if (entry.last_text, entry.last_message_at) not in allowed:
            shown, right = entry.last_text or "no text", allowed[0][0]
            at = f" of {entry.last_message_at:%H:%M:%S}" if shown == right else ""
            raise PromiseBroken("B", f"{who} shows {shown}{at} last in {number}, not {right}")
        other = entry.conversation.other
        right_uuid = self.reference.talks[group_uuid].members[reader.uuid].other_uuid
        if entry.conversation.viewer.uuid != reader.uuid or other.uuid != right_uuid:
            raise PromiseBroken("B", f"{who} shows {other.handle} as the other in {number}")
        has_left = other.uuid in self.reference.talks[group_uuid].ever_left
        if not has_left and other != (named := self.reference.users[other.uuid]):
            raise PromiseBroken("H", f"{who} shows {other.handle} for {named.handle}")


def _told(message: Message) -> tuple[str, datetime, str]:
    return message.text, message.created_at, message.sender.uuid
