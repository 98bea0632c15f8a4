"""A session: users at work on a design, held against the reference after every step.

A step that is refused by both changes nothing. After each one the conversation that it touched must
agree for everybody (strong promises); after `settle`, when the stream is quiet, all lists must.
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

from workbench.conformance.agreement import STRANGER, Agreement
from workbench.conformance.calling import Calls
from workbench.conformance.delivery import Delivery, text_of
from workbench.conformance.grounds import Ground, open_ground
from workbench.conformance.program import NOON, Fault, Step, moment
from workbench.conformance.reference import Reference
from workbench.designs import AnyDesign
from workbench.dynamodb.targets import open_targets
from workbench.errors import (
    InvalidCursor,
    MessagingOneself,
    NotAGroup,
    NotAParticipant,
    PromiseBroken,
    TextRefused,
)
from workbench.messaging.access_patterns import ACCESS_PATTERNS, AccessPatterns
from workbench.messaging.entities import MAX_TEXT_CHARACTERS, Conversation, User

LONG_AGO = NOON - timedelta(days=1)
NAMES = ("ada", "bo", "cy", "di")
Method = TypeVar("Method", bound=Callable[..., None])


def a_step(method: Method) -> Method:
    """A method that is a step of its own, unless it is taken in the middle of another one."""

    @functools.wraps(method)
    def take(self: "Session", *args: Any, **arguments: Any) -> None:
        if self.is_nested:
            method(self, *args, **arguments)
            return
        self.ground.injector.next_step()
        method(self, *args, **arguments)
        if self.broken_inside is not None:  # which the design may have caught
            raise self.broken_inside

    return cast(Method, take)


class Session:
    """Steps are methods; each raises PromiseBroken when the design does not do as promised.

    `who` and `whom` are names, a `conversation` is a number from 1 on in the order of starts, and
    a `second` is the time that the user's clock shows, after noon. Whoever takes no part, and
    whatever does not exist, is refused: that is checked as well.
    """

    def __init__(self, ground: Ground, patterns: Collection[str] = ACCESS_PATTERNS) -> None:
        self.ground = ground
        self.patterns = set(patterns) - set(ground.design.unsupported)
        number = ground.next_number(NOON)
        users = [User(f"{name}-{number}", name, name.title()) for name in (*NAMES, STRANGER)]
        self._users = {user.handle: user for user in users}
        self.reference = Reference(users)
        self._calls = Calls(ground, self._take_nested)
        self.agreement = Agreement(
            ground.design, self._calls, self.reference, self._users, self.patterns
        )
        self.delivery = Delivery(ground.reader, ground.handler, ground.injector, ground.filter)
        self._texts = 0
        self.is_nested = False
        self.broken_inside: PromiseBroken | None = None

    @property
    def design(self) -> AccessPatterns:
        """The design at work."""
        return self.ground.design

    def take(self, step: Step) -> None:
        """One step of a program."""
        getattr(self, step.name)(**step.arguments)

    def fingerprint(self) -> int:
        """A number that differs between states that differ."""
        talks = self.reference.talks
        names = {each: str(place) for place, each in enumerate(self.agreement.groups)}
        names |= {each.message_uuid: "" for talk in talks.values() for each in talk.messages}
        names |= {user.uuid: who for who, user in self._users.items()}
        known = repr((talks, self.reference.users))
        for drawn, name in names.items():
            known = known.replace(drawn, name)
        return hash((known, self.delivery.position))

    # --- Steps of users --------------------------------------------------------------------------

    @a_step
    def start(
        self, who: str, whom: str, second: int = 0, zone: str = "UTC", fault: Fault | None = None
    ) -> None:
        """D: a first message, or one more in the conversation of these two."""
        sender, recipient, text = self._users[who], self._users[whom], self._next_text()
        at = moment(second, zone)
        call = partial(self.design.start_conversation, sender, recipient, text, at)
        if who == whom:
            return self._calls.refused("D", MessagingOneself, call)
        if zone == "naive":
            return self._calls.refused("D", ValueError, call)
        made = self._calls.attempt("D", call, fault)
        group_uuid = self.reference.find(sender.uuid, recipient.uuid)
        if made is None and group_uuid is not None:
            seen: Conversation | None = Conversation(group_uuid, sender, recipient)
        else:
            seen = made or self.agreement.made_in_spite(sender, recipient)
        if seen is not None:
            self.agreement.note_start("D", seen, [recipient], text, at, sure=made is not None)
            self._look(seen.group_uuid)
        return None

    @a_step
    def start_group(
        self, who: str, whom: Sequence[str], second: int = 0, fault: Fault | None = None
    ) -> None:
        """J: a new group with its first message."""
        sender, recipients = self._users[who], [self._users[name] for name in whom]
        text, at = self._next_text(), moment(second)
        call = partial(self.design.start_group, sender, recipients, text, at)
        if who in whom:
            return self._calls.refused("J", MessagingOneself, call)
        made = self._calls.attempt("J", call, fault)
        seen = made or self.agreement.made_in_spite(sender, recipients[0])
        if seen is not None:
            self.agreement.note_start("J", seen, recipients, text, at, sure=True)
            self._look(seen.group_uuid)
        return None

    @a_step
    def send(
        self,
        who: str,
        conversation: int,
        second: int = 0,
        zone: str = "UTC",
        fault: Fault | None = None,
    ) -> None:
        """C: a message."""
        handle, text = self.agreement.handle(who, conversation), self._next_text()
        at = moment(second, zone)
        call = partial(self.design.send_message, handle, text, at)
        if not self.agreement.takes_part(handle):
            return self._calls.refused("C", (NotAParticipant, ValueError), call)
        if zone == "naive":
            return self._calls.refused("C", ValueError, call)
        message = self._calls.attempt("C", call, fault)
        if message is None:
            message = self.agreement.listed(handle, text)
        elif (message.text, message.sender) != (text, handle.viewer):
            raise PromiseBroken("C", f"{who} sends {text}, and is told it was {message.text}")
        if message is not None:
            self.agreement.check_time("C", message, at)
            self.reference.send(handle.group_uuid, message)
        return self._look(handle.group_uuid)

    @a_step
    def mark_read(
        self, who: str, conversation: int, second: int = 0, fault: Fault | None = None
    ) -> None:
        """F: all up to an instant is read; then an earlier mark comes late, and changes nothing."""
        handle, at = self.agreement.handle(who, conversation), moment(second)
        self._do("F", handle, lambda: self.design.mark_read(handle, at), fault)
        self._do("F", handle, lambda: self.design.mark_read(handle, LONG_AGO))
        if self.agreement.takes_part(handle):
            self.reference.mark_read(handle.viewer.uuid, handle.group_uuid, at)
        self._look(handle.group_uuid)

    @a_step
    def hide(
        self, who: str, conversation: int, second: int = 0, fault: Fault | None = None
    ) -> None:
        """G: out of the inbox until there is a later message; an earlier hiding comes late."""
        handle, at = self.agreement.handle(who, conversation), moment(second)
        self._do("G", handle, lambda: self.design.hide_conversation(handle, at), fault)
        self._do("G", handle, lambda: self.design.hide_conversation(handle, LONG_AGO))
        if self.agreement.takes_part(handle):
            self.reference.hide(handle.viewer.uuid, handle.group_uuid, at)
        self._look(handle.group_uuid)

    @a_step
    def rename(self, who: str, to: str, fault: Fault | None = None) -> None:
        """H: another name, everywhere."""
        user = User(self._users[who].uuid, to, to.title())
        self._calls.attempt_again("H", lambda: self.design.rename_user(user), fault)
        self._users[who] = user
        self.reference.rename(user)
        for group_uuid in self.agreement.groups:
            self._look(group_uuid)

    @a_step
    def find(self, who: str, whom: str) -> None:
        """I: the conversation of these two, or none."""
        reader, other = self._users[who], self._users[whom]
        found = self._calls.ask("I", lambda: self.design.find_conversation(reader, other))
        wanted = self.reference.find(reader.uuid, other.uuid)
        if (found.group_uuid if found else None) != wanted:
            shown = "none" if found is None else self.agreement.number(found.group_uuid)
            right = "none" if wanted is None else self.agreement.number(wanted)
            raise PromiseBroken("I", f"{who} and {whom} have conversation {right}, found: {shown}")
        if found and (found.viewer, found.other) != (reader, other):
            raise PromiseBroken("I", f"found for {who} and {whom}: one of {found.viewer.handle}'s")

    @a_step
    def add(
        self, who: str, conversation: int, whom: str, second: int = 0, fault: Fault | None = None
    ) -> None:
        """J: one more participant, if it is a group."""
        handle, at = self.agreement.handle(who, conversation), moment(second)
        newcomer = self._users[whom]

        def call() -> None:
            self.design.add_participant(handle, newcomer, at)

        if not self.agreement.is_pair(handle.group_uuid):
            self._do("J", handle, call, fault)
            if self.agreement.takes_part(handle):
                self.reference.add(handle.viewer.uuid, handle.group_uuid, newcomer.uuid, at)
            self.ground.injector.let_indexes_catch_up()
        else:
            self._calls.refused("J", (NotAGroup, NotAParticipant), call)
        self._look(handle.group_uuid)

    @a_step
    def leave(self, who: str, conversation: int, fault: Fault | None = None) -> None:
        """J: a participant less, if it is a group."""
        handle = self.agreement.handle(who, conversation)

        def call() -> None:
            self.design.leave_group(handle)

        if not self.agreement.is_pair(handle.group_uuid):
            self._do("J", handle, call, fault, again=(NotAParticipant,))
            if self.agreement.takes_part(handle):
                self.reference.leave(handle.viewer.uuid, handle.group_uuid)
            self.ground.injector.let_indexes_catch_up()
        else:
            self._calls.refused("J", (NotAGroup, NotAParticipant), call)
        self._look(handle.group_uuid)

    @a_step
    def stranger(self, conversation: int) -> None:
        """A, C, F, G and J: somebody who takes no part in anything tries to read and to write."""
        eve, ada = self._users[STRANGER], self._users["ada"]
        handle, design = self.agreement.handle(STRANGER, conversation), self.design
        if handle.group_uuid not in self.agreement.groups:
            return  # those that are not there are named by others, too
        self.agreement.check_refused(handle)
        for pattern, call in (
            ("C", partial(design.send_message, handle, "x", NOON)),
            ("F", partial(design.count_unread, handle)),
            ("F", partial(design.mark_read, handle, NOON)),
            ("G", partial(design.hide_conversation, handle, NOON)),
            ("J", partial(design.add_participant, handle, ada, NOON)),
            ("J", partial(design.leave_group, handle)),
        ):
            if pattern in self.patterns:
                self._calls.refused(pattern, NotAParticipant, call)
        if self._calls.ask("B", lambda: design.list_conversations(eve)).entries:
            raise PromiseBroken("B", "a stranger's inbox has conversations of others")
        self._look(handle.group_uuid)

    @a_step
    def refuse(self, who: str, conversation: int, what: str) -> None:
        """A to D: empty and long texts, forged cursors; nothing is written."""
        reader, handle = self._users[who], self.agreement.handle(who, conversation)
        texts = {"empty": " ", "long": "x" * (MAX_TEXT_CHARACTERS + 1)}
        if what in texts:
            text = texts[what]
            start, send = self.design.start_conversation, self.design.send_message
            other = self._users[NAMES[NAMES.index(who) - 1]]
            self._calls.refused("D", TextRefused, lambda: start(reader, other, text, NOON))
            if self.agreement.takes_part(handle):
                self._calls.refused("C", TextRefused, lambda: send(handle, text, NOON))
        elif self.agreement.takes_part(handle):
            read, group_uuid = self.design.list_messages, handle.group_uuid
            self._calls.refused("A", InvalidCursor, lambda: read(reader, group_uuid, cursor=what))
            lists = self.design.list_conversations
            self._calls.refused("B", InvalidCursor, lambda: lists(reader, cursor=what))
        self._look(handle.group_uuid)

    # --- Steps of the stream ---------------------------------------------------------------------

    @a_step
    def deliver(self, count: int = 0, fault: Fault | None = None) -> None:
        """The next records that are not done yet reach the handler as one batch; 0: all of them."""
        overtake = None
        if fault is not None and fault.by is not None:
            overtake = partial(self._take_nested, fault.by)
        self.delivery.deliver(count, fault, overtake)
        if not self.is_nested:
            for user in self._users.values():
                self.agreement.check_inbox_meanwhile(user)

    @a_step
    def redeliver(
        self, first: int, count: int = 1, order: str = "forwards", fault: Fault | None = None
    ) -> None:
        """Records that were done before reach the handler again, as one batch."""
        self.delivery.redeliver(first, count, fault, is_reversed=order == "backwards")

    @a_step
    def restart(self, first: int = 1) -> None:
        """The runner starts again with an older checkpoint: from this record on all comes again."""
        self.delivery.restart(first)

    @a_step
    def change(self, kind: str, number: int = 1) -> None:
        """A record of no new message: an item changes, expires or goes, or is a foreign one."""
        gone = {text for talk in self.reference.talks.values() for text in talk.deleted}
        news = [image for image in self.delivery.new_messages() if text_of(image) not in gone]
        if kind == "foreign" or number > len(news):
            self.ground.put_foreign_item(self._users["ada"].uuid)
            return
        image = news[number - 1]
        key = self.ground.change_item(image, is_deleted=kind != "modify")
        if kind != "modify":
            self.agreement.forget(text_of(image))
        if kind == "expire":
            self.delivery.expired.append(key)

    @a_step
    def look_later(self, years: int = 1) -> None:
        """From now on everybody reads so many years later."""
        self.ground.set_clock(NOON + timedelta(days=365 * years))

    @a_step
    def settle(self) -> None:
        """All that is left is delivered without faults; then everything must agree."""
        self.delivery.drain()
        if elsewhere := self.ground.asked_elsewhere():
            raise PromiseBroken("E", f"asked {elsewhere}, not the target's endpoint")
        self.agreement.check_all()

    # --- How a step is taken ---------------------------------------------------------------------

    def _look(self, group_uuid: str) -> None:
        """Hold a conversation against the reference, unless another step is under way."""
        if not self.is_nested:
            self.agreement.look(group_uuid)

    def _take_nested(self, step: Step) -> None:
        """A step in the middle of another one, whose looks have to wait."""
        self.is_nested = True
        try:
            getattr(self, step.name)(**step.arguments)
        except PromiseBroken as broken:
            self.broken_inside = broken
        finally:
            self.is_nested = False

    def _do(
        self,
        pattern: str,
        handle: Conversation,
        call: Callable[[], None],
        fault: Fault | None = None,
        again: tuple[type[Exception], ...] = (),
    ) -> None:
        """A write in a conversation, which is refused to who takes no part."""
        if self.agreement.takes_part(handle):
            self._calls.attempt_again(pattern, call, fault, again)
        else:
            self._calls.refused(pattern, NotAParticipant, call)

    # --- What is written -------------------------------------------------------------------------

    def _next_text(self) -> str:
        self._texts += 1
        return f"m{self._texts}"  # see TEXT


@contextlib.contextmanager
def open_session(design: AnyDesign) -> Iterator[Session]:
    """A session on a server and a table of its own, for a program to be tried."""
    with open_targets(is_brief=True) as [target], open_ground(design, target) as ground:
        yield Session(ground)


def first_broken(session: Session, steps: Sequence[Step]) -> PromiseBroken | None:
    """The promise that a program breaks, settled in the end; None if it breaks none."""
    try:
        for step in steps:
            session.take(step)
        session.settle()
    except PromiseBroken as broken:
        return broken
    return None
