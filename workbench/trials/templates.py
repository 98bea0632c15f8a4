"""Items of any conversation, after the pattern of some that a design's own code wrote.

A design is asked once to start a conversation and to send messages in it. What it puts on the table
is text with the users, the conversation, the messages and their times in it: with others in their
places it is what the design would put for those. No design needs to know of this.

    first message   [first, head 1]
    second          [first, second, head 2]            what stays from here on is a message's own
    third           [first, second, third, head 3]     what goes shows the last one
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from workbench.capacity.indexes import Item, Schema, read_schema
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items, to_json
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable
from workbench.messaging.entities import Conversation, User, pair_uuid
from workbench.messaging.logs import user_named
from workbench.messaging.times import format_time
from workbench.trials.trial import TableTrial, open_trial

USER_PLACES = ("starter", "other")
MESSAGE_PLACES = ("first", "message")
STARTER = User("00000000-0000-4000-8000-00005e4de400", "the_starter_of_it", "The Starter Of It")
OTHER = User("00000000-0000-4000-8000-0000ec1914e0", "the_other_in_it", "The Other In It")
ANSWERED = User(
    "00000000-0000-4000-8000-00005e4de401", "one_who_is_answered", "One Who Is Answered"
)
ANSWERER = User("00000000-0000-4000-8000-0000ec1914e1", "one_who_answers", "One Who Answers")
STARTED_AT = datetime(2020, 1, 1, 1, 1, 1, 111_111, tzinfo=UTC)
STEP = timedelta(days=1, microseconds=111_111)
UUID_FORM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def numbered_uuid(number: int) -> str:
    """A UUID of which nothing is asked but that it is no other's."""
    return str(UUID(int=number))


class Sent(NamedTuple):
    """A message of a conversation: whether who started it sent it, and what is stored of it."""

    is_by_starter: bool
    text: str
    at: datetime
    message_uuid: str


class KeyedItem(NamedTuple):
    """An item and its primary key, both as JSON."""

    key: str
    item: str


Values = Mapping[str, str]


class Pattern:
    """Items with places in them, to be filled with values."""

    def __init__(self, items: Sequence[Item], schema: Schema, places: Values) -> None:
        """`places` are texts and the names of what stands in their place."""
        longest_first = sorted(places, key=len, reverse=True)
        self._any_place = re.compile(f"({'|'.join(map(re.escape, longest_first))})")
        self._items = [
            (self._parts(schema.key_of(item), places), self._parts(item, places)) for item in items
        ]

    def _parts(self, item: Item, places: Values) -> list[tuple[str, bool]]:
        """Literal texts and, in turns with them, names of places."""
        parts = self._any_place.split(to_json(item))
        return [(places[part], True) if n % 2 else (part, False) for n, part in enumerate(parts)]

    def filled(self, values: Values) -> Iterator[KeyedItem]:
        """The items with these values, which are JSON texts without their quotes."""
        for parts in self._items:
            yield KeyedItem(
                *("".join(values[t] if is_place else t for t, is_place in part) for part in parts)
            )


@dataclass(frozen=True)
class Templates:
    """Patterns of what a design puts for the messages of a conversation of two.

    `only` is for the first message as long as there is no other; `first` is what stays of it, and
    `middle` of a later one, by whether the starter sent it; `last` is all that the last one puts.
    """

    design: type[Design]
    only: Pattern
    first: Pattern
    middle: Mapping[bool, Pattern]
    last: Mapping[bool, Pattern]

    def items(self, starter: User, other: User, messages: Sequence[Sent]) -> Iterator[KeyedItem]:
        """All items of a conversation after these messages, whose times must differ and ascend."""
        first, *later = messages
        users = _user_values(starter, other) | _message_values("first", first)
        if not later:
            yield from self.only.filled(users)
            return
        yield from self.first.filled(users)
        for message in later[:-1]:
            yield from self.middle[message.is_by_starter].filled(
                users | _message_values("message", message)
            )
        yield from self.last[later[-1].is_by_starter].filled(
            users | _message_values("message", later[-1])
        )


def _user_values(starter: User, other: User) -> dict[str, str]:
    values = {"conversation": pair_uuid(starter, other)}
    for place, user in zip(USER_PLACES, (starter, other), strict=True):
        values |= {
            f"{place}_uuid": user.uuid,
            f"{place}_handle": _unquoted(user.handle),
            f"{place}_name": _unquoted(user.display_name),
        }
    return values


def _message_values(place: str, message: Sent) -> dict[str, str]:
    return {
        f"{place}_uuid": message.message_uuid,
        f"{place}_text": _unquoted(message.text),
        f"{place}_at": format_time(message.at),
    }


def _unquoted(text: str) -> str:
    return json.dumps(text)[1:-1]


# --- Making them -----------------------------------------------------------------------------


class _Observed(NamedTuple):
    """What was on the table for one conversation after each of its messages."""

    schema: Schema
    conversation: Conversation  # as the starter sees it
    messages: Sequence[Sent]
    states: Sequence[Mapping[str, Item]]  # canonical JSON -> item


def make_templates(design_class: type[Design], target: Target) -> Templates:
    """Let the design hold conversations on a table of their own, and see what it puts.

    Raises
    ------
    DesignNotUsable
        If the items of one more conversation are not those that the patterns give: they depend on
        what no pattern shows, as a number of messages.
    """
    with open_trial(design_class, target) as trial:
        alone = _observe(trial, STARTER, OTHER, (True, True, True))
        answered = _observe(trial, ANSWERED, ANSWERER, (True, False, False))
        after_first, after_second, after_third = alone.states
        kept = {key: item for key, item in after_third.items() if key in after_second}
        templates = Templates(
            design_class,
            only=_pattern(alone, after_first, first=0),
            first=_pattern(
                alone, {k: item for k, item in kept.items() if k in after_first}, first=0
            ),
            middle={True: _middle(alone), False: _middle(answered)},
            last={True: _last(alone), False: _last(answered)},
        )
        _check(templates, trial)
    return templates


def _observe(
    trial: TableTrial, starter: User, other: User, by_starter: Sequence[bool], odd: str = ""
) -> _Observed:
    before = _by_text(trial)
    states, messages = [], []
    for number, is_starter in enumerate(by_starter):
        text, at = f"text {number} of {starter.handle}{odd}", STARTED_AT + number * STEP
        if number == 0:
            conversation = trial.design.start_conversation(starter, other, text, at)
            [message] = trial.design.list_messages(starter, conversation.group_uuid).messages
        else:
            seen = conversation if is_starter else conversation.seen_by_other()
            message = trial.design.send_message(seen, text, at)
        trial.settle()
        messages.append(Sent(is_starter, message.text, message.created_at, message.message_uuid))
        states.append({k: item for k, item in _by_text(trial).items() if k not in before})
    schema = read_schema(trial.design.table_definition)
    return _Observed(schema, conversation, messages, states)


def _by_text(trial: TableTrial) -> dict[str, Item]:
    return {_canonical(to_json(item)): item for item in all_items(trial.client, trial.table_name)}


def _canonical(item: str) -> str:
    """The same for the same item: neither attributes nor the elements of a set have an order."""

    def in_order(value: dict[str, Any]) -> dict[str, Any]:
        return {k: sorted(v) if k in ("SS", "NS", "BS") else v for k, v in value.items()}

    return json.dumps(json.loads(item, object_hook=in_order), sort_keys=True)


def _middle(seen: _Observed) -> Pattern:
    """What the second message put and the third left."""
    after_first, after_second, after_third = seen.states
    kept = {key: item for key, item in after_second.items() if key in after_third}
    return _pattern(seen, {k: item for k, item in kept.items() if k not in after_first}, message=1)


def _last(seen: _Observed) -> Pattern:
    """What the third message put."""
    _, after_second, after_third = seen.states
    put = {key: item for key, item in after_third.items() if key not in after_second}
    return _pattern(seen, put, first=0, message=2)


def _pattern(seen: _Observed, items: Mapping[str, Item], **numbers: int) -> Pattern:
    """The items, with places for the users and for the messages of these numbers."""
    conversation = seen.conversation
    values = _user_values(conversation.viewer, conversation.other)
    for place, number in numbers.items():
        values |= _message_values(place, seen.messages[number])
    places = {value: place for place, value in values.items()}
    return Pattern([*items.values()], seen.schema, places)


def _check(templates: Templates, trial: TableTrial) -> None:
    """Hold the patterns against a conversation of other users, longer and with other texts."""
    starter, other = user_named("7"), user_named('o\'neill "é"')
    seen = _observe(trial, starter, other, (True, False, False, True, True), odd=' "\\é')
    made = {_canonical(each.item) for each in templates.items(starter, other, seen.messages)}
    if made != set(seen.states[-1]):
        raise DesignNotUsable(templates.design.name, "its items follow no pattern")
