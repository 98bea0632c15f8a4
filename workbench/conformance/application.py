"""The application on a design: it writes, and knows what everybody has to see in the end."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from workbench.conformance.injection import Crash, Injector
from workbench.conformance.schedules import ChangeKind, Send, Start, moment
from workbench.designs import Design
from workbench.designs.messages import message_partition
from workbench.errors import NotAParticipant, NotSupported
from workbench.messaging.entities import Conversation, InboxEntry, User
from workbench.messaging.times import parse_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Written = TypeVar("Written")
EVERYTHING = 50


@dataclass(frozen=True)
class Violation:
    """A promise that was broken, and how."""

    promise: str
    what: str


@dataclass
class Talk:
    """What has been said in a conversation. `unsure` are texts whose sending was interrupted."""

    group_uuid: str
    members: list[User]
    started_at: datetime
    sent: list[tuple[str, datetime]] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def seen_by(self, viewer: User) -> Conversation:
        """The conversation with all its members, whose viewer may be any of them."""
        other, *further = (member for member in self.members if member != viewer)
        return Conversation(self.group_uuid, viewer, other, tuple(user.uuid for user in further))

    def newest_for(self, member: User) -> list[tuple[str, datetime]]:
        """What may be the last message to a member; who joined sees an empty text before any."""
        seen = self.sent
        if member in self.members[2:]:
            later = (each for each in seen if each[1] >= self.started_at)
            seen = [("", self.started_at), *later]
        latest = max((at for _, at in seen), default=None)
        return [(text, at) for text, at in seen if at == latest]


class Application:
    """Users of one schedule, at work on a design."""

    def __init__(
        self,
        design: Design,
        client: "DynamoDBClient",
        table_name: str,
        injector: Injector,
        users: list[User],
        stranger: User,
    ) -> None:
        self._design = design
        self._client = client
        self._table_name = table_name
        self._injector = injector
        self._users = users
        self._stranger = stranger
        self._talks: list[Talk | None] = []
        self.expired: list[Any] = []  # keys of items that time to live deleted
        self.violations: list[Violation] = []

    def _talk(self, number: int) -> Talk | None:
        return self._talks[number] if number < len(self._talks) else None

    # --- Writes --------------------------------------------------------------------------------

    def start(self, step: Start, text: str) -> None:
        """D, then J for the third participant; a start that was interrupted may have happened."""
        members = self._users[step.sender :] + self._users[: step.sender]
        sender, other, *newcomers = members
        at = moment(step)
        made = self._write(
            step, lambda: self._design.start_conversation(sender, other, text, at)
        ) or self._unknown_conversation(sender)
        if made is None:
            self._talks.append(None)
            return
        talk = Talk(made.group_uuid, [sender, other], _aware(at), [(text, _aware(at))])
        for newcomer in newcomers:
            try:
                made = self._design.add_participant(made, newcomer, at)
            except NotSupported:
                break
            talk.members.append(newcomer)
        self._talks.append(talk)

    def send(self, step: Send, text: str) -> None:
        """C, by any member."""
        talk = self._talk(step.conversation)
        if talk is None or step.sender >= len(talk.members):
            return
        seen = talk.seen_by(self._users[step.sender])
        message = self._write(step, lambda: self._design.send_message(seen, text, moment(step)))
        if message is None:
            talk.unsure.append(text)
        else:
            talk.sent.append((text, _aware(message.created_at)))

    def change(self, kind: ChangeKind, number: int) -> None:
        """A write that announces no message: nothing has to come of it."""
        if kind == "other":
            key = {"pk": {"S": "PROFILE#" + self._users[0].uuid}, "sk": {"S": "PROFILE"}}
            self._client.put_item(TableName=self._table_name, Item=key)
        elif talk := self._talk(number):
            oldest = self._client.query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :messages",
                ExpressionAttributeValues={":messages": {"S": message_partition(talk.group_uuid)}},
                Limit=1,
            )["Items"]
            for item in oldest:
                self._change_message(kind, talk, item)

    def _change_message(self, kind: ChangeKind, talk: Talk, item: Any) -> None:
        key = {"pk": item["pk"], "sk": item["sk"]}
        if kind == "modify":
            self._client.put_item(TableName=self._table_name, Item={**item, "is_read": {"S": "y"}})
            return
        self._client.delete_item(TableName=self._table_name, Key=key)
        text = item["message"]["S"]
        talk.gone.append(text)
        if text in talk.unsure:
            talk.unsure.remove(text)
            talk.sent.append((text, parse_time(item["sk"]["S"])))
        if kind == "expire":
            self.expired.append(key)

    def _write(self, step: Start | Send, write: Callable[[], Written]) -> Written | None:
        """What was written; None if a fault came between, or a time without offset is refused."""
        before = self._injector.happened.total()
        try:
            with self._injector.injecting(step.fault):
                return write()
        except (Crash, ClientError, ValueError):
            if step.zone != "naive" and self._injector.happened.total() == before:
                raise
            return None

    def _unknown_conversation(self, sender: User) -> Conversation | None:
        known = {talk.group_uuid for talk in self._talks if talk}
        found = (entry.conversation for entry in self._inbox(sender))
        return next((each for each in found if each.group_uuid not in known), None)

    # --- What everybody has to see ---------------------------------------------------------------

    def let_stranger_read(self, number: int) -> None:
        """A, by somebody who takes no part."""
        if talk := self._talk(number):
            with contextlib.suppress(NotAParticipant):
                self._design.list_messages(self._stranger, talk.group_uuid)
                what = f"a stranger can read conversation {number + 1}"
                self.violations.append(Violation("membership", what))

    def check(self) -> Iterator[Violation]:
        """Where lists differ from what they have to be, once all is delivered."""
        for number, talk in enumerate(self._talks, 1):
            if talk:
                yield from self._check_messages(number, talk)
        for user in self._users:
            entries = self._inbox(user)
            for number, talk in enumerate(self._talks, 1):
                if talk and user in talk.members:
                    yield from _check_entry(number, talk, user, entries)
            known = {talk.group_uuid for talk in self._talks if talk and user in talk.members}
            if any(entry.conversation.group_uuid not in known for entry in entries):
                yield Violation("inbox", f"{user.handle} has an entry of no conversation")

    def _check_messages(self, number: int, talk: Talk) -> Iterator[Violation]:
        try:
            page = self._design.list_messages(talk.members[0], talk.group_uuid, limit=EVERYTHING)
        except NotAParticipant:
            yield Violation("messages", f"{talk.members[0].handle} may not read {number}")
            return
        listed = [(message.text, _aware(message.created_at)) for message in page.messages]
        talk.sent += [each for each in listed if each[0] in talk.unsure]
        wanted = [each for each in talk.sent if each[0] not in talk.gone]
        wanted.sort(key=lambda each: each[1], reverse=True)
        if listed != wanted:
            shown, right = (", ".join(text for text, _ in each) for each in (listed, wanted))
            yield Violation(
                "messages", f"conversation {number} lists {shown or 'nothing'}, not {right}"
            )

    def _inbox(self, reader: User) -> list[InboxEntry]:
        """All entries, read one a page, so that none hides behind another of its conversation."""
        entries: list[InboxEntry] = []
        cursor = None
        while True:
            page = self._design.list_conversations(reader, limit=1, cursor=cursor)
            entries += page.entries
            cursor = page.cursor
            if cursor is None or len(entries) >= EVERYTHING:
                return entries


def _check_entry(
    number: int, talk: Talk, user: User, entries: list[InboxEntry]
) -> Iterator[Violation]:
    mine = [entry for entry in entries if entry.conversation.group_uuid == talk.group_uuid]
    if len(mine) != 1:
        found = "no entry" if not mine else f"{len(mine)} entries"
        yield Violation("inbox", f"{user.handle} has {found} of conversation {number}")
        return
    [entry], newest = mine, talk.newest_for(user)
    if (entry.last_text, _aware(entry.last_message_at)) not in newest:
        who = f"{user.handle} sees {entry.last_text or 'nothing'} as the last message of"
        yield Violation("inbox", f"{who} conversation {number}, not {newest[0][0]}")
    other = talk.members[1] if user == talk.members[0] else talk.members[0]
    if entry.conversation.other != other:
        yield Violation("inbox", f"{user.handle} sees the wrong name in conversation {number}")


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
