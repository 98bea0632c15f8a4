"""Finding designs, and telling why a transaction was cancelled."""

import pytest

from workbench.designs import DESIGNS, find_design
from workbench.designs.messages import only_keys_were_taken
from workbench.errors import UnknownDesign


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["ConditionalCheckFailed", "ValidationError"], False),
        (["TransactionConflict", "None"], False),
        (["None"], False),
    ],
)
def test_only_taken_keys_are_tried_again(codes: list[str], expected: bool) -> None:  # noqa: FBT001
    response = {"CancellationReasons": [{"Code": code} for code in codes]}

    assert only_keys_were_taken(response) is expected


def test_unknown_design_is_refused_with_the_known_ones() -> None:
    known = ", ".join(design.name for design in DESIGNS)

    with pytest.raises(UnknownDesign, match=f"no design 'duel'.*{known}"):
        find_design("duel")
