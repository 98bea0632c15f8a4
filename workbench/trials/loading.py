"""A log's messages as the items that a design's own code would leave, to be put in batches."""

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from workbench.designs import AnyDesign, Design
from workbench.designs.relational import Relational
from workbench.dynamodb.bulk import BATCH_SIZE, put_items
from workbench.dynamodb.tables import enable_stream, open_silent
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable, TableNotEmpty
from workbench.messaging.access_patterns import AccessPatterns
from workbench.messaging.entities import Conversation, pair_uuid
from workbench.messaging.logs import LoggedMessage, user_named
from workbench.messaging.times import successive_instants
from workbench.storage import store
from workbench.trials.replay import Progress
from workbench.trials.templates import (
    KeyedItem,
    Sent,
    Templates,
    make_templates,
    numbered_uuid,
)
from workbench.trials.trial import TableTrial, Trial, open_any_trial, open_trial, trial_on

NOTED_EVERY = 250  # items


class LogItems:
    """All items of a log's messages, the same each time, conversation by conversation.

    Where two conversations want one key, as under dual two of one user's whose last messages came
    at one instant, the design's code finds the second a key of its own. Those are left out:
    `left_out` has their messages, in the log's order, once all items were asked for.
    """

    def __init__(self, templates: Templates, messages: Sequence[LoggedMessage]) -> None:
        self.conversations: dict[frozenset[str], Conversation] = {}
        self.left_out: list[LoggedMessage] = []
        self.messages_done = 0
        self._templates = templates
        self._messages = messages

    def __iter__(self) -> Iterator[KeyedItem]:
        taken: set[int] = set()
        left_out: list[int] = []
        self.messages_done = 0
        for pair, places in _by_pair(self._messages).items():
            self.messages_done += len(places)
            numbered = [(place + 1, self._messages[place]) for place in places]
            items = list(self._items(numbered))
            keys = {hash(each.key) for each in items}
            if not items or len(keys) < len(items) or keys & taken:
                left_out += places
                continue
            taken |= keys
            _, first = numbered[0]
            starter, other = user_named(first.sender), user_named(first.recipient)
            self.conversations[pair] = Conversation(pair_uuid(starter, other), starter, other)
            yield from items
        self.left_out = [self._messages[place] for place in sorted(left_out)]

    def _items(self, numbered: Sequence[tuple[int, LoggedMessage]]) -> Iterator[KeyedItem]:
        _, first = numbered[0]
        taken: set[datetime] = set()
        sent = []
        for number, message in numbered:
            at = next(each for each in successive_instants(message.sent_at) if each not in taken)
            taken.add(at)
            sent.append(
                Sent(message.sender == first.sender, message.text, at, numbered_uuid(number))
            )
        if any(later.at < earlier.at for earlier, later in itertools.pairwise(sent)):
            return  # moved behind a later one
        starter, other = user_named(first.sender), user_named(first.recipient)
        yield from self._templates.items(starter, other, sent)


def _by_pair(messages: Sequence[LoggedMessage]) -> dict[frozenset[str], list[int]]:
    """Two users -> the places of their messages in the log; those who began first come first."""
    pairs: dict[frozenset[str], list[int]] = defaultdict(list)
    for place, message in enumerate(messages):
        pairs[frozenset((message.sender, message.recipient))].append(place)
    return pairs


@contextmanager
def open_loaded(
    design_class: AnyDesign,
    target: Target,
    messages: Sequence[LoggedMessage],
    *,
    progress: Progress,
) -> Iterator[tuple[Trial, Sequence[LoggedMessage]]]:
    """A trial that has these messages already, and those of them that it has to be sent yet.

    These are all of them for the relational baseline, which writes fast enough, on AWS, and for a
    design of one's own whose items follow no pattern; else only those that `LogItems` leaves out.
    """
    items = None if issubclass(design_class, Relational) else _items(design_class, target, messages)
    if items is None or issubclass(design_class, Relational):
        with open_any_trial(design_class, target) as trial:
            yield trial, messages
        return

    def noted() -> Iterator[str]:
        for number, each in enumerate(items):
            if number % NOTED_EVERY == 0:
                progress(f"{design_class.name}: load", items.messages_done, len(messages))
            yield each.item

    with open_trial(design_class, target, items=noted()) as trial:
        trial.conversations |= items.conversations
        left_out = set(items.left_out)
        trial.sent += [message for message in messages if message not in left_out]
        yield trial, items.left_out


def _items(
    design_class: type[Design], target: Target, messages: Sequence[LoggedMessage]
) -> LogItems | None:
    if not messages or not target.takes_short_way:
        return None
    try:
        return LogItems(make_templates(design_class, target), messages)
    except DesignNotUsable:
        return None


# --- Into a table that stays -----------------------------------------------------------------


def load_log(
    design_class: type[Design],
    target: Target,
    table_name: str,
    messages: Sequence[LoggedMessage],
    *,
    checkpoint: Path,
    progress: Progress,
) -> int:
    """Items put on a table, which is made if there is none, so that it holds these messages.

    Called again after an interruption it goes on behind the items that the checkpoint counts: they
    are the same each time. The stream is switched on behind the last one.

    Raises
    ------
    TableNotEmpty
        If the table has items that are not counted there.
    TableOfAnotherDesign
        If its keys or indexes are others.
    """
    client, post = target.client(), target.post()
    table_id = open_silent(client, table_name, design_class.table_definition)
    digest = hashlib.sha256(repr((design_class.name, messages)).encode()).hexdigest()
    load = {"endpoint": target.endpoint_url, "table_id": table_id, "load": digest}
    there = _items_there(checkpoint, load)
    if there is None:
        if post("Scan", json.dumps({"TableName": table_name, "Limit": 1}))["Items"]:
            raise TableNotEmpty(
                f"table {table_name!r} has items already: name a new one with --table"
            )
        there = 0
    items, put = LogItems(make_templates(design_class, target), messages), 0
    store(checkpoint, json.dumps({**load, "items": there}))
    missing = itertools.islice((each.item for each in items), there, None)
    try:
        for put in put_items(post, table_name, missing):
            progress("load", items.messages_done, len(messages))
            if put % (NOTED_EVERY * BATCH_SIZE) == 0:
                store(checkpoint, json.dumps({**load, "items": there + put}))
    finally:
        store(checkpoint, json.dumps({**load, "items": there + put}))
    table = enable_stream(client, table_name, design_class.table_definition)
    _send_left_out(trial_on(design_class, target, client, table), items.left_out)
    progress("load", len(messages), len(messages))
    return put


def _items_there(checkpoint: Path, load: Mapping[str, object]) -> int | None:
    """How many of a load's items are on its table; None if the file counts those of no such load.

    Some more may be there, which were on their way when it ended: they are put again.
    """
    try:
        stored = json.loads(checkpoint.read_text())
        items = int(stored.pop("items"))
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return items if stored == load else None


def _send_left_out(trial: TableTrial, messages: Sequence[LoggedMessage]) -> None:
    """Send what is not there yet by the design's own code, with its stream update."""
    for pair, places in _by_pair(messages).items():
        first = messages[places[0]]
        starter, other = user_named(first.sender), user_named(first.recipient)
        there = 0
        if trial.design.find_conversation(starter, other) is not None:
            conversation = Conversation(pair_uuid(starter, other), starter, other)
            trial.conversations[pair] = conversation
            there = _count_messages(trial.design, conversation)
        for place in places[there:]:
            trial.send(messages[place])
            trial.settle()


def _count_messages(design: AccessPatterns, conversation: Conversation) -> int:
    count, cursor = 0, None
    while True:
        page = design.list_messages(conversation.viewer, conversation.group_uuid, cursor=cursor)
        count, cursor = count + len(page.messages), page.cursor
        if cursor is None:
            return count
