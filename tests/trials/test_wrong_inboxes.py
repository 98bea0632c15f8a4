from dataclasses import replace
from typing import Any

import pytest

from tests.measurement.test_comparison import silent
from workbench.designs import Dual, Single
from workbench.dynamodb.targets import Target
from workbench.errors import InboxesDisagree
from workbench.measurement.comparison import compare
from workbench.messaging.entities import InboxPage, User
from workbench.messaging.generator import generate_messages
from workbench.messaging.logs import MessageLog, user_named
from workbench.trials.replay import replay
from workbench.trials.trial import open_trial

pytestmark = pytest.mark.local
LOG = MessageLog("made", tuple(generate_messages(users=8, messages=60)))


class LosesUpdates(Single):
    """Handles no stream record at all."""

    def update_conversation(self, messages: Any) -> None:
        pass


class ForgetsTheTime(Single):
    """Writes the text of the last message, but not its time."""

    def update_conversation(self, messages: Any) -> None:
        [image] = messages
        key = {"pk": {"S": image["pk"]["S"].replace("MSG#", "GRP#")}, "sk": {"S": "GROUP"}}
        self._client.update_item(
            TableName=self._table_name,
            Key=key,
            UpdateExpression="SET message = :text",
            ExpressionAttributeValues={":text": image["message"]},
        )


class ForgetsTheText(Single):
    """Shows the right time and the wrong text."""

    def list_conversations(self, reader: Any, **options: Any) -> Any:
        page = super().list_conversations(reader, **options)
        return replace(page, entries=tuple(replace(e, last_text="?") for e in page.entries))


class OldestFirst(Single):
    """Lists an inbox the wrong way round."""

    def list_conversations(self, reader: Any, **options: Any) -> Any:
        page = super().list_conversations(reader, **options)
        return replace(page, entries=page.entries[::-1])


class ShowsTwice(Single):
    """Lists the last entry of an inbox a second time."""

    def list_conversations(self, reader: Any, **options: Any) -> Any:
        page = super().list_conversations(reader, **options)
        return replace(page, entries=page.entries + page.entries[-1:])


class LosesSome(Dual):
    """Leaves a conversation out, for one user."""

    def list_conversations(self, reader: User, **options: Any) -> InboxPage:
        page = super().list_conversations(reader, **options)
        is_lost = reader == user_named(LOG.messages[0].sender)
        return replace(page, entries=page.entries[is_lost:])


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (LosesUpdates, "shows '.*where the last message is"),
        (ForgetsTheTime, "shows '.*where the last message is"),
        (ForgetsTheText, "shows '.*where the last message is"),
        (LosesSome, "lacks conversations with"),
        (OldestFirst, "is not newest first"),
        (ShowsTwice, "shows a conversation twice"),
    ],
)
def test_design_with_wrong_inboxes_is_refused(broken: Any, said: str, target: Target) -> None:
    with (
        open_trial(broken, target) as trial,
        pytest.raises(InboxesDisagree, match=rf"the inbox of \w+ {said}"),
    ):
        replay(trial, LOG.messages, progress=silent)


class TiresOfUpdates(Single):
    """Brings inboxes up to date for as long as the replay lasts, and no longer."""

    left = 0

    def update_conversation(self, messages: Any) -> None:
        TiresOfUpdates.left -= len(messages)
        if TiresOfUpdates.left >= 0:
            super().update_conversation(messages)


def test_inboxes_are_checked_after_the_exercise_too(target: Target) -> None:
    TiresOfUpdates.left = len(LOG.messages)

    with pytest.raises(InboxesDisagree, match=r"inbox of \w+ (shows|lacks)"):
        compare([TiresOfUpdates], LOG, [target], calls=3)
