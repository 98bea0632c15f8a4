"""Items of any number of conversations, after the pattern of one that a design's own code wrote.

A design is asked once to start a conversation and to send a message in it. What it put on the table
is text with the users, the conversation, the message and the time in it: with others in their
places it is what the design would put for those. No design needs to know of this.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from workbench.capacity.indexes import Item
from workbench.designs import Design
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable
from workbench.measurement.trial import open_trial
from workbench.messaging.entities import User, pair_uuid
from workbench.messaging.times import format_time

TEXT = "a text of forty characters, as it may be"
SENDER = User("00000000-0000-4000-8000-00005e4de400", "sender_of_all", "Sender Of All")
RECIPIENT = User("00000000-0000-4000-8000-0000ec1914e0", "recipient_of_all", "Recipient Of All")
STARTED_AT = datetime(2020, 1, 1, 1, 1, 1, 111_111, tzinfo=UTC)
SENT_AT = STARTED_AT + timedelta(days=1, microseconds=111_111)


def numbered_user(number: int) -> User:
    """A user of whom nothing else is known."""
    return User(str(UUID(int=number)), f"user{number}", f"User {number}")


@dataclass(frozen=True)
class Templates:
    """JSON of the items of a new conversation, and of one message more in it."""

    design: type[Design]
    conversation: str
    message: str
    conversation_uuid: str  # of the first message
    message_uuid: str

    def start(self, sender: User, recipient: User, number: int, at: datetime) -> list[Item]:
        """Items as `start_conversation` puts them; the number makes the message's UUID."""
        return _filled(
            self.conversation,
            _users(sender, recipient)
            | {
                self.conversation_uuid: str(UUID(int=number)),
                format_time(STARTED_AT): format_time(at),
            },
        )

    def send(self, sender: User, recipient: User, number: int, at: datetime) -> list[Item]:
        """The item as `send_message` puts it; what the stream update would do is left out."""
        return _filled(
            self.message,
            _users(sender, recipient)
            | {self.message_uuid: str(UUID(int=number)), format_time(SENT_AT): format_time(at)},
        )


def _users(sender: User, recipient: User) -> dict[str, str]:
    return {
        pair_uuid(SENDER, RECIPIENT): pair_uuid(sender, recipient),
        SENDER.uuid: sender.uuid,
        SENDER.handle: sender.handle,
        SENDER.display_name: sender.display_name,
        RECIPIENT.uuid: recipient.uuid,
        RECIPIENT.handle: recipient.handle,
        RECIPIENT.display_name: recipient.display_name,
    }


def _filled(template: str, values: Mapping[str, str]) -> list[Item]:
    for old, new in values.items():
        template = template.replace(old, new)
    items: list[Item] = json.loads(template)
    return items


def make_templates(design_class: type[Design], target: Target) -> Templates:
    """Let the design start a conversation and send a message, and see what it put.

    Raises
    ------
    DesignNotUsable
        If sending puts no item of its own.
    """
    client = target.client()
    with open_trial(design_class, target) as trial:
        conversation = trial.design.start_conversation(SENDER, RECIPIENT, TEXT, STARTED_AT)
        trial.settle()
        started = all_items(client, trial.table_name)
        [first] = trial.design.list_messages(SENDER, conversation.group_uuid).messages
        message = trial.design.send_message(conversation, TEXT, SENT_AT)
        sent = [each for each in all_items(client, trial.table_name) if each not in started]
    if not sent:
        raise DesignNotUsable(design_class.name, "sending a message puts no item")
    return Templates(
        design_class,
        json.dumps(started),
        json.dumps(sent),
        first.message_uuid,
        message.message_uuid,
    )
