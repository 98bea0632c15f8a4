import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import user
from workbench.designs import Design
from workbench.designs.dual import Dual
from workbench.designs.single import Single
from workbench.dynamodb.tables import create_table, find_table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.errors import BadRecords, NotAParticipant, TableOfAnotherDesign
from workbench.live.replaying import load_records, read_records, replay_records
from workbench.live.sending import send_live
from workbench.messaging.entities import Conversation
from workbench.messaging.logs import LoggedMessage, MessageLog

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEFINITION = Dual.table_definition
[INDEX] = DEFINITION["GlobalSecondaryIndexes"]
REVERSED = [
    {"AttributeName": "sk", "KeyType": "HASH"},
    {"AttributeName": "message_group_uuid", "KeyType": "RANGE"},
]


@pytest.mark.local
@pytest.mark.parametrize(
    ("change", "differing"),
    [
        (
            {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]},
            ("keys",),
        ),
        (
            {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}},
            ("stream view",),
        ),
        (
            {"GlobalSecondaryIndexes": [{**INDEX, "KeySchema": REVERSED}]},
            ("index message-group-sk-index",),
        ),
        (
            {"GlobalSecondaryIndexes": [{**INDEX, "IndexName": "other"}]},
            ("index message-group-sk-index", "index other"),
        ),
    ],
    ids=["keys", "stream", "key of an index", "name of an index"],
)
def test_table_laid_out_otherwise_is_refused_by_name(
    target: Target, change: Mapping[str, Any], differing: tuple[str, ...]
) -> None:
    client = target.client()
    name = "-".join(["live", *differing]).replace(" ", "-")
    create_table(client, name, {**DEFINITION, **change})

    with pytest.raises(TableOfAnotherDesign, match=f"table '{name}' was made for") as caught:
        find_table(client, name, DEFINITION)

    assert caught.value.differing == differing


@pytest.mark.local
@pytest.mark.parametrize(
    ("design_class", "changes"),
    [
        (Single, 1),  # the one group item is updated
        (Dual, 4),  # two are put under their new keys, two deleted under the old ones
    ],
)
def test_replay_counts_each_changed_item_once(
    target: Target, design_class: type[Design], changes: int
) -> None:
    client = target.client()
    now = datetime(2026, 1, 5, tzinfo=UTC)
    with temporary_table(client, "replayed", design_class.table_definition) as table:
        design = design_class(client, table.name)
        conversation = design.start_conversation(user("ada"), user("bo"), "first", now)
        design.send_message(conversation, "second", now + timedelta(seconds=1))
        records = read_records(target, table)

        replayed = list(replay_records(design, client, table, [records, records]))

    assert [answer for _, answer, _ in replayed] == [{"batchItemFailures": []}] * 2
    assert [count for _, _, count in replayed] == [changes, 0]


RECORD = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "a"}}, "SequenceNumber": "1"}}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", r"no JSON \(Expecting property name"),
        ("", "no JSON"),
        ("\udcff", "no JSON"),
        ("[1]", "no record with eventName"),
        ('{"a": 1}', "no record with eventName"),
        (json.dumps({**RECORD, "dynamodb": ["Keys"]}), r"dynamodb\.Keys"),
        (json.dumps({**RECORD, "dynamodb": {**RECORD["dynamodb"], "Keys": 5}}), r"dynamodb\.Keys"),
        (json.dumps({**RECORD, "dynamodb": {"Keys": {}}}), r"dynamodb\.SequenceNumber"),
    ],
)
def test_line_that_is_no_record_is_refused_by_its_number(
    tmp_path: Path, line: str, why: str
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f"{json.dumps(RECORD)}\n{line}\n", "utf-8", "surrogateescape")

    with pytest.raises(BadRecords, match=f"records.jsonl, line 2: .*{why}") as caught:
        load_records(path)

    assert caught.value.line == 2


def test_file_of_records_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f"{json.dumps(RECORD)}\n" * 2)

    assert load_records(path) == [RECORD, RECORD]


class Lagging:
    """A design whose index does not show yet, for so many calls, who takes part."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.sent: list[str] = []

    def start_conversation(self, sender: Any, recipient: Any, text: str, sent_at: Any) -> Any:
        return Conversation("g", sender, recipient)

    def send_message(self, conversation: Any, text: str, sent_at: Any) -> None:
        if self.calls:
            self.calls -= 1
            raise NotAParticipant("ada", "g")
        self.sent.append(text)


@pytest.mark.parametrize(("calls", "is_sent"), [(3, True), (100, False)])
def test_message_is_sent_again_while_an_index_lags(calls: int, is_sent: bool) -> None:  # noqa: FBT001
    log = MessageLog("two", tuple(LoggedMessage("ada", "bo", NOW, text) for text in "ab"))
    design: Any = Lagging(calls)

    with nullcontext() if is_sent else pytest.raises(NotAParticipant, match="ada"):
        send_live(design, log, per_second=1_000, sleep=lambda seconds: None)

    assert design.sent == (["b"] if is_sent else [])
