"""Judges of lesson 10 tell each mistake by its reason."""

from typing import Any

import pytest

from workbench.course.exercises import RIGHT, UNANSWERED
from workbench.course.tasks.securing import EXERCISES, FINDERS
from workbench.iam.matrix import TABLE
from workbench.iam.scene import CY

BY_NAME = {exercise.name: exercise for exercise in EXERCISES}
CALLER = "${aws:PrincipalTag/user_uuid}"


def policy(
    key: str = f"GRP#{CALLER}", action: Any = "dynamodb:Query", resource: Any = TABLE, **more: Any
) -> Any:
    condition = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [key]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    } | more
    statement = {
        "Effect": "Allow", "Action": action, "Resource": resource,
        "Condition": {name: tests for name, tests in condition.items() if tests},
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("10.guarded", ["pointer", "dual_sorted", "dual_fixed"], RIGHT),
        ("10.guarded", ["dual", "dual_fixed"], "looked at the table alone"),
        ("10.guarded", ["single"], "not one user's"),
        ("10.guarded", ["multikey"], "took the sort key for the partition key"),
        ("10.guarded", ["dual_fixed", "dual_sorted"], "left one out"),
        ("10.guarded", ["triple"], "no such design"),
        ("10.guarded", "dual_fixed", "not a list of names"),
        ("10.browser_policy", policy(), RIGHT),
        ("10.browser_policy", policy(f"GRP#{CY.uuid}"), RIGHT),
        ("10.browser_policy", policy("*"), "opens every inbox"),
        ("10.browser_policy", policy(action="dynamodb:*", Null=None), "lets a Scan through"),
        ("10.browser_policy", policy(action=["dynamodb:Query", "dynamodb:UpdateItem"]),
         "lets the browser write"),
        ("10.browser_policy", policy(action=["dynamodb:Query", "dynamodb:PutItem"]),
         "lets the browser write"),
        ("10.browser_policy", policy(resource=f"{TABLE}*", key="any"), "opens the index"),
        ("10.browser_policy", policy("MSG#*"), "opens the messages"),
        ("10.browser_policy", policy(CALLER), "denies one's own inbox"),
        ("10.browser_policy", policy(StringEquals={"a": "b"}), "not a policy"),
        ("10.browser_policy", 7, "not a policy"),
        ("10.viewer", lambda session, claimed: session, RIGHT),
        ("10.viewer", lambda session, claimed: ..., UNANSWERED),
        ("10.viewer", lambda session, claimed: claimed, "believed the UUID"),
        ("10.viewer", lambda session, claimed:
         claimed if claimed.uuid == session.uuid else session, "believed the name"),
        ("10.viewer", lambda session, claimed: None, "another user"),
        ("10.viewer", lambda session, claimed:
         session if claimed.uuid == session.uuid else None, "another user"),
        ("10.who_finds", FINDERS, RIGHT),
        ("10.who_finds", {**FINDERS, "stream view": "scanner"}, "asked too much of a scanner"),
        ("10.who_finds", {**FINDERS, "logs kept for ever": "design"}, "asked for no design"),
        ("10.who_finds", {**FINDERS, "stream view": "nobody"}, "not one of the two"),
        ("10.who_finds", {"stream view": "design"}, "not the five faults"),
        ("10.who_finds", "design", "not the five faults"),
    ],
)  # fmt: skip
def test_judge_says_why_an_answer_is_wrong(name: str, answer: Any, reason: str) -> None:
    assert BY_NAME[name].judge(answer).reason == reason
