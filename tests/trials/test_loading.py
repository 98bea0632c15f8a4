"""A log as items in batches: the very items that the design's own code would leave."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.measurement.test_comparison import silent
from workbench.designs import DESIGNS, Design, Dual, Single
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable, TableNotEmpty, TableOfAnotherDesign
from workbench.measurement.comparison import compare
from workbench.messaging.entities import pair_uuid
from workbench.messaging.generator import generate_messages
from workbench.messaging.logs import LoggedMessage, MessageLog, user_named
from workbench.trials.loading import load_log, open_loaded
from workbench.trials.replay import check_inboxes, replay
from workbench.trials.templates import UUID_FORM, make_templates
from workbench.trials.trial import TableTrial, open_trial

pytestmark = pytest.mark.local
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUSY = tuple(generate_messages(users=6, messages=60))


def texts_of(target: Target, table_name: str, messages: Sequence[LoggedMessage]) -> set[str]:
    """Items as texts in which the UUIDs of messages, which are drawn, do not matter."""
    users = {user_named(name) for each in messages for name in (each.sender, each.recipient)}
    known = {each.uuid for each in users} | {pair_uuid(a, b) for a in users for b in users}

    def in_order(value: dict[str, Any]) -> dict[str, Any]:
        return {key: sorted(part) if key == "SS" else part for key, part in value.items()}

    return {
        UUID_FORM.sub(
            lambda found: found[0] if found[0] in known else "drawn",
            json.dumps(json.loads(json.dumps(item), object_hook=in_order), sort_keys=True),
        )
        for item in all_items(target.client(), table_name)
    }


def messages_of(*lines: str) -> tuple[LoggedMessage, ...]:
    """`a>b 3 text` is a message from a to b, three seconds after the first."""
    form = re.compile(r"(\w+)>(\w+) (\d+) (.+)")
    found = [form.fullmatch(line) for line in lines]
    return tuple(
        LoggedMessage(m[1], m[2], AT + timedelta(seconds=int(m[3])), m[4]) for m in found if m
    )


ODD = messages_of(
    'ann>bo 0 a "quoted" \\ text', "bo>ann 0 at the same instant", "ann>cy 4 é 🎉",
    "cy>bo 5 the third pair", "cy>bo 6 again", "cy>bo 6 and again", "bo>cy 7 an answer",
)  # fmt: skip


@pytest.mark.parametrize("messages", [BUSY, ODD], ids=["busy", "odd"])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_items_are_those_that_the_designs_own_code_leaves(
    design: type[Design], messages: tuple[LoggedMessage, ...], target: Target
) -> None:
    with open_trial(design, target) as trial:
        replay(trial, messages, progress=silent)
        wanted = texts_of(target, trial.table_name, messages)
    with open_loaded(design, target, messages, progress=silent) as (loaded, left):
        assert isinstance(loaded, TableTrial)
        replay(loaded, left, progress=silent)
        assert texts_of(target, loaded.table_name, messages) == wanted
        assert len(loaded.sent) == len(messages)
        assert loaded.conversations == {
            pair: replace(each, viewer=each.viewer) for pair, each in trial.conversations.items()
        }


def test_two_conversations_that_want_one_key_are_left_to_the_design(target: Target) -> None:
    messages = messages_of("ann>bo 0 one", "cy>ann 0 two", "ann>bo 9 last", "cy>ann 9 last too")

    with open_loaded(Dual, target, messages, progress=silent) as (trial, left):
        assert left == [messages[1], messages[3]]
        assert trial.sent == [messages[0], messages[2]]
        replay(trial, left, progress=silent)
        assert check_inboxes(trial, messages) == 3
    with open_loaded(Single, target, messages, progress=silent) as (_, left):
        assert left == []


class Counts(Single):
    """Keeps the number of messages, which no pattern shows."""

    name = "counts"

    def update_conversation(self, messages: Any) -> None:
        super().update_conversation(messages)
        for message in messages:
            self._client.update_item(
                TableName=self._table_name,
                Key={"pk": {"S": "count" + message["pk"]["S"]}, "sk": {"S": "count"}},
                UpdateExpression="ADD messages :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )


def test_design_whose_items_follow_no_pattern_is_replayed_whole(target: Target) -> None:
    with pytest.raises(DesignNotUsable, match="follow no pattern"):
        make_templates(Counts, target)

    log = MessageLog("made", BUSY)
    run = compare([Single, Counts], log, [target] * 2, calls=2, replayed=10)

    replays = {name: each.replay for name, each in run.designs.items()}
    assert (replays["single"].loaded, replays["single"].messages) == (50, 10)
    assert (replays["counts"].loaded, replays["counts"].messages) == (0, 60)
    assert replays["single"].inboxes_agreeing == replays["counts"].inboxes_agreeing == 6
    [told] = [each for each in run.not_shown if "in batches" in each]
    assert told.startswith("the sending of 50 of 60 messages under single")


# --- Into a table that stays -----------------------------------------------------------------


class Interrupting:
    """Is told of progress, and has enough at some point."""

    def __init__(self, messages: int) -> None:
        self.messages = messages

    def __call__(self, task: str, done: int, total: int) -> None:
        if done >= self.messages:
            raise KeyboardInterrupt


@pytest.fixture
def table_name(target: Target) -> Iterator[str]:
    yield "loaded"
    client = target.client()
    if "loaded" in client.list_tables()["TableNames"]:
        client.delete_table(TableName="loaded")


LONG = tuple(generate_messages(users=30, messages=1_000))


def test_interrupted_load_goes_on_and_ends_as_one_that_was_not(
    target: Target, table_name: str, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "load.json"
    put = []
    for enough in (300, 600):
        with pytest.raises(KeyboardInterrupt):
            load_log(
                Dual, target, table_name, LONG,
                checkpoint=checkpoint, progress=Interrupting(enough),
            )  # fmt: skip
        put.append(json.loads(checkpoint.read_text())["items"])
    rest = load_log(Dual, target, table_name, LONG, checkpoint=checkpoint, progress=silent)

    with open_loaded(Dual, target, LONG, progress=silent) as (trial, _):
        assert isinstance(trial, TableTrial)
        whole = texts_of(target, trial.table_name, LONG)
    assert texts_of(target, table_name, LONG) == whole
    assert 0 < put[0] < put[1] < len(whole)
    assert put[1] + rest == len(whole)  # nothing was put twice, but what was not counted yet
    assert load_log(Dual, target, table_name, LONG, checkpoint=checkpoint, progress=silent) == 0
    assert "LatestStreamArn" in target.client().describe_table(TableName=table_name)["Table"]


def test_load_killed_before_it_counted_begins_again(
    target: Target, table_name: str, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "load.json"
    with pytest.raises(KeyboardInterrupt):
        load_log(Single, target, table_name, BUSY, checkpoint=checkpoint, progress=Interrupting(0))
    stored = json.loads(checkpoint.read_text())
    checkpoint.write_text(json.dumps({**stored, "items": 0}))

    load_log(Single, target, table_name, BUSY, checkpoint=checkpoint, progress=silent)

    with open_loaded(Single, target, BUSY, progress=silent) as (trial, _):
        assert isinstance(trial, TableTrial)
        whole = texts_of(target, trial.table_name, BUSY)
    assert stored["items"] > 0
    assert texts_of(target, table_name, BUSY) == whole


def test_left_out_conversations_are_sent_once(
    target: Target, table_name: str, tmp_path: Path
) -> None:
    messages = messages_of("ann>bo 0 one", "cy>ann 0 two", "cy>ann 0 three", "ann>bo 0 four")
    for _ in range(2):
        load_log(
            Dual, target, table_name, messages, checkpoint=tmp_path / "load.json", progress=silent
        )

    found = [item["message"]["S"] for item in all_items(target.client(), table_name)]
    assert sorted(found) == sorted([*"one two three four".split(), *["three", "four"] * 2])


def test_table_with_other_items_is_refused(target: Target, table_name: str, tmp_path: Path) -> None:
    checkpoint = tmp_path / "load.json"
    load_log(Single, target, table_name, BUSY, checkpoint=checkpoint, progress=silent)

    with pytest.raises(TableNotEmpty, match="name a new one with --table"):
        load_log(Single, target, table_name, BUSY[:-1], checkpoint=checkpoint, progress=silent)
    with pytest.raises(TableOfAnotherDesign):
        load_log(Dual, target, table_name, BUSY, checkpoint=checkpoint, progress=silent)
    checkpoint.unlink()
    with pytest.raises(TableNotEmpty):
        load_log(Single, target, table_name, BUSY, checkpoint=checkpoint, progress=silent)
