from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import user
from workbench.designs import Design
from workbench.designs.dual import Dual
from workbench.designs.single import Single
from workbench.dynamodb.tables import create_table, find_table, temporary_table
from workbench.dynamodb.targets import Target
from workbench.errors import TableOfAnotherDesign
from workbench.measurement.live import read_records, replay_records

pytestmark = pytest.mark.local

DEFINITION = Dual.table_definition
[INDEX] = DEFINITION["GlobalSecondaryIndexes"]
REVERSED = [
    {"AttributeName": "sk", "KeyType": "HASH"},
    {"AttributeName": "message_group_uuid", "KeyType": "RANGE"},
]


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
