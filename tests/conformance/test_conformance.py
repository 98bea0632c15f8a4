"""Every design of ours does as promised, as far as some programs tell."""

import pytest

from workbench.conformance.check import TOGETHER, check_design
from workbench.designs import BASELINE, DESIGNS, AnyDesign
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import ACCESS_PATTERNS, ESSENTIAL

pytestmark = pytest.mark.local


@pytest.mark.parametrize("design", [*DESIGNS, BASELINE], ids=lambda design: design.name)
def test_design_keeps_what_it_supports(target: Target, design: AnyDesign) -> None:
    checked = check_design(design, target, programs=2, seed=1)

    assert [str(failure.program(design.name)) for failure in checked.failures] == []
    assert {letter: checked.verdict(letter) for letter in ACCESS_PATTERNS} == {
        letter: "not supported" if letter in design.unsupported else "kept"
        for letter in ACCESS_PATTERNS
    }
    further = {letter for letter in "FGHIJ" if letter not in design.unsupported}
    assert set(checked.rounds) == {ESSENTIAL, TOGETHER, *further}
    assert all(found.states > 0 for found in checked.rounds.values())
