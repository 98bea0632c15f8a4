from collections.abc import Mapping
from typing import Any

import pytest

from workbench.designs.dual import Dual
from workbench.dynamodb.tables import create_table, find_table
from workbench.dynamodb.targets import Target
from workbench.errors import TableOfAnotherDesign

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
