"""Who may read what, by IAM alone, for every design."""

import pytest

from workbench.designs import DESIGNS, Design, Dual, Single
from workbench.dynamodb.targets import Target
from workbench.iam.matrix import (
    MAY,
    ONLY_CODE,
    REFUSED,
    TABLE,
    Cell,
    api_policy,
    names_own_keys_only,
    read_matrix,
)
from workbench.iam.scene import CALLERS

pytestmark = pytest.mark.local
of_a_design = pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
OWNED = {  # what is one user's: who but the owner IAM lets read it
    "dual": ("GRP#<owner>", ONLY_CODE),
    "dual_fixed": ("GRP#<owner>", REFUSED),
    "dual_sorted": ("GRP#<owner>", REFUSED),
    "pointer": ("USR#<owner>", REFUSED),
    "multikey": ("GRP#<conversation> <owner>", ONLY_CODE),
}


@of_a_design
def test_owner_may_read_everything_of_theirs(design: type[Design], target: Target) -> None:
    cells = read_matrix(design, target)

    assert {each.verdict for each in cells if each.caller == "owner"} == {MAY}


@of_a_design
def test_messages_are_behind_code_in_every_design(design: type[Design], target: Target) -> None:
    verdicts = {
        each.caller: each.verdict
        for each in read_matrix(design, target)
        if each.item == "MSG#<conversation>"
    }

    outside = {"stranger": ONLY_CODE}
    if "J" not in design.unsupported:
        outside["who left"] = ONLY_CODE
    assert verdicts == {"owner": MAY, "other participant": MAY, **outside}


@of_a_design
def test_item_of_one_user_is_guarded_where_every_key_is_theirs(
    design: type[Design], target: Target
) -> None:
    owned = [each for each in read_matrix(design, target) if each.belongs_to == "one user"]

    found = {(each.item, each.verdict) for each in owned if each.caller != "owner"}

    assert found == ({OWNED[design.name]} if design.name in OWNED else set())


def test_inbox_of_dual_leaks_through_its_index(target: Target) -> None:
    [cell] = [
        each
        for each in read_matrix(Dual, target)
        if (each.item, each.caller) == ("GRP#<owner>", "stranger")
    ]

    assert cell.call == "Query on message-group-sk-index"
    assert cell.reason.startswith("statement ")


def test_item_of_both_belongs_to_all_who_take_part(target: Target) -> None:
    cells = [each for each in read_matrix(Single, target) if each.item == "GRP#<conversation>"]

    assert {each.belongs_to for each in cells} == {"all who take part"}
    assert {each.caller: each.verdict for each in cells} == {
        "owner": MAY, "other participant": MAY, "stranger": ONLY_CODE,
    }  # fmt: skip


@of_a_design
def test_nothing_is_left_to_code_with_rights_on_own_keys_only(
    design: type[Design], target: Target
) -> None:
    cells = read_matrix(design, target, names_own_keys_only)

    assert ONLY_CODE not in {each.verdict for each in cells}
    assert {each.verdict for each in cells if each.item.startswith("MSG#")} == {REFUSED}
    assert {each.caller for each in cells} <= set(CALLERS)


@of_a_design
def test_refusal_says_why(design: type[Design], target: Target) -> None:
    refused: list[Cell] = [
        each for each in read_matrix(design, target, names_own_keys_only) if each.verdict == REFUSED
    ]

    assert refused
    assert all("allow" in each.reason for each in refused)


def test_policy_is_the_least_of_the_calls_kept(target: Target) -> None:
    everything, own = api_policy(Dual, target), api_policy(Dual, target, names_own_keys_only)

    [statement] = own.statements
    assert statement.resources == (TABLE,)
    assert {*statement.actions} == {f"dynamodb:{n}" for n in ("PutItem", "Query", "UpdateItem")}
    assert len(everything.statements) == 4
