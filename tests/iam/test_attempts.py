"""Attempts that should fail, against the real code of every design."""

from functools import cache

import pytest

from workbench.designs import DESIGNS, Design, Dual
from workbench.dynamodb.targets import Target
from workbench.errors import NotTheCaller
from workbench.iam.attempts import (
    ATTEMPTS,
    BY_IAM,
    DIRECT,
    GOT_IN,
    NO_GROUPS,
    OWN_ONLY,
    REFUSED,
    UNCHECKED,
    Outcome,
    attempt_all,
)
from workbench.iam.scene import ADA, CY
from workbench.messaging.entities import Conversation, User, checked_caller

WITHOUT_GROUPS = {"dual", "single"}
OWN_KEY_IS_NO_PROOF = {"single", "multikey"}
MADE_UP_IS_NO_POSITION = {"dual_fixed", "dual_sorted", "pointer", "multikey"}


@cache
def outcomes(design: type[Design], target: Target) -> dict[str, Outcome]:
    return {each.attempt: each for each in attempt_all(design, target)}


@pytest.mark.local
@pytest.mark.parametrize(
    ("attempt", "by"),
    [
        ("stranger reads with the UUID", "NotAParticipant"),
        ("stranger writes with the UUID", "NotAParticipant"),
        ("who left reads", "NotAParticipant"),
        ("who left writes", "NotAParticipant"),
        ("cursor of another list", "InvalidCursor"),
        ("sender claims another's name", "NotTheCaller"),
        ("sender claims another's UUID", "NotTheCaller"),
    ],
)
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_attempt_is_refused(design: type[Design], attempt: str, by: str, target: Target) -> None:
    outcome = outcomes(design, target)[attempt]

    if attempt.startswith("who left") and design.name in WITHOUT_GROUPS:
        assert outcome.result == NO_GROUPS
    else:
        assert (outcome.result, outcome.by) == (REFUSED, by)
        assert outcome.says


@pytest.mark.local
@pytest.mark.parametrize(
    "attempt", ["cursor of another's inbox", "cursor of another conversation", "cursor made up"]
)
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_forged_cursor_reaches_ones_own_only(
    design: type[Design], attempt: str, target: Target
) -> None:
    outcome = outcomes(design, target)[attempt]

    if attempt == "cursor made up" and design.name in MADE_UP_IS_NO_POSITION:
        assert (outcome.result, outcome.by) == (REFUSED, "InvalidCursor")
    else:
        assert outcome.result == OWN_ONLY


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_names_are_taken_at_their_word_where_nobody_checks(
    design: type[Design], target: Target
) -> None:
    assert outcomes(design, target)[UNCHECKED].result == GOT_IN


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_right_to_write_own_keys_lets_in_where_they_prove_membership(
    design: type[Design], target: Target
) -> None:
    outcome = outcomes(design, target)[DIRECT]

    if design.name in OWN_KEY_IS_NO_PROOF:
        assert (outcome.result, outcome.by) == (REFUSED, BY_IAM)
    else:
        assert (outcome.result, outcome.is_held) == (GOT_IN, False)


@pytest.mark.local
def test_every_attempt_is_made(target: Target) -> None:
    assert set(outcomes(Dual, target)) == {*ATTEMPTS, DIRECT}


@pytest.mark.parametrize("viewer", [ADA, User(CY.uuid, ADA.handle, ADA.display_name)])
def test_caller_who_claims_to_be_another_is_refused(viewer: User) -> None:
    with pytest.raises(NotTheCaller, match="the session is cy's, and the request claims 'ada'"):
        checked_caller(CY, Conversation("group", viewer, ADA))


def test_caller_who_is_the_viewer_passes() -> None:
    conversation = Conversation("group", CY, ADA)

    assert checked_caller(CY, conversation) is conversation
