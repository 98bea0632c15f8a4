"""Exercises of lesson 07: right answers, and the mistakes that their judges know."""

from typing import Any

import pytest

from workbench.course.exercises import RIGHT
from workbench.course.tasks.rights import EXERCISES, TABLE
from workbench.iam.policies import CALLER_VARIABLE, LEADING_KEYS

JUDGES = {exercise.name: exercise.judge for exercise in EXERCISES}
ELSEWHERE = "arn:aws:dynamodb:eu-west-1:210987654321:table/messages"


def statement(
    action: Any = "dynamodb:Query",
    resource: Any = TABLE,
    keys: Any = f"GRP#{CALLER_VARIABLE}",
    **others: Any,
) -> dict[str, Any]:
    condition = {"ForAllValues:StringLike": {LEADING_KEYS: keys}}
    parts = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
    return parts | others


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("07.index_arn", f"{ELSEWHERE}/index/inbox-a-index", RIGHT),
        ("07.index_arn", ELSEWHERE, "named the table"),
        ("07.index_arn", f"{ELSEWHERE}/index/*", "named all indexes"),
        ("07.index_arn", f"{ELSEWHERE}*", "put a star"),
        ("07.index_arn", f"{ELSEWHERE}/inbox-a-index", "forgot the word index"),
        ("07.elements", ["UpdateItem", "PutItem", "ConditionCheckItem"], RIGHT),
        ("07.elements", ["dynamodb:UpdateItem", "PutItem", "ConditionCheckItem"], RIGHT),
        ("07.elements", ["TransactWriteItems"], "named the transaction"),
        ("07.elements", ["BatchWriteItem"], "took it for a batch"),
        ("07.elements", ["PutItem", "UpdateItem"], "forgot the check"),
        ("07.elements", ["PutItem"], "forgot 2 of them"),
        ("07.elements", ["PutItem", "UpdateItem", "ConditionCheck"], "named the element"),
        (
            "07.elements",
            ["PutItem", "UpdateItem", "ConditionCheckItem", "Query"],
            "allows too much",
        ),
        ("07.elements", "PutItem", "not a list"),
        ("07.own_inbox", statement(), RIGHT),
        ("07.own_inbox", statement(keys=[f"GRP#{CALLER_VARIABLE}"]), RIGHT),
        ("07.own_inbox", statement("Query"), "keeps users out"),
        ("07.own_inbox", statement(keys=CALLER_VARIABLE), "keeps users out"),
        ("07.own_inbox", statement(resource=f"{TABLE}/index/*"), "keeps users out"),
        ("07.own_inbox", statement(keys="GRP#*"), "lets bo read ada's inbox"),
        ("07.own_inbox", statement("dynamodb:*"), "lets a Scan through"),
        (
            "07.own_inbox",
            statement(keys=[f"GRP#{CALLER_VARIABLE}", "MSG#*"]),
            "lets messages be read",
        ),
        (
            "07.own_inbox",
            statement(["dynamodb:Query", "dynamodb:PutItem"]),
            "allows more than to list",
        ),
        ("07.own_inbox", statement(resource=f"{TABLE}*"), "covers more than the table"),
        (
            "07.own_inbox",
            statement(resource=[TABLE, f"{TABLE}/index/*"]),
            "covers more than the table",
        ),
        ("07.own_inbox", statement(keys="GRP#${aws:username}"), "not understood"),
        ("07.own_inbox", statement(Effect="Permit"), "not understood"),
        ("07.own_inbox", "Allow", "not a dictionary"),
        ("07.no_keys", "scan", RIGHT),
        ("07.no_keys", "Query", "named one with a key"),
        ("07.no_keys", "GetItem", "named one with a key"),
        ("07.no_keys", "PutItem", "another word"),
    ],
)
def test_judge_says_why(name: str, answer: object, reason: str) -> None:
    finding = JUDGES[name](answer)

    assert finding.reason == reason
