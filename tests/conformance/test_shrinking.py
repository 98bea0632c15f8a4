"""A failure with needless steps becomes one in which each is needed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.conformance.conftest import SessionOf
from workbench.conformance.program import Failure, Fault, Step
from workbench.conformance.session import first_broken
from workbench.conformance.shrinking import smallest
from workbench.designs import Pointer

pytestmark = pytest.mark.local


class Silent(Pointer):
    """Nobody sees in the inbox what is sent."""

    def update_conversation(self, messages: Sequence[Mapping[str, Any]]) -> None:
        pass


NEEDLESS = (
    Step("start", {"who": "cy", "whom": "bo", "second": 0, "zone": "UTC", "fault": None}),
    Step("stranger", {"conversation": 1}),
    Step("start", {"who": "ada", "whom": "bo", "second": 2, "zone": "+02:00", "fault": None}),
    Step("send", {"who": "ada", "conversation": 2, "second": 3,
                  "fault": Fault("overtaken", 2, by=Step("send", {"who": "bo", "conversation": 1})),
                  }),
    Step("deliver", {"count": 3, "fault": Fault("crash_after", 3)}),
    Step("look_later", {}),
    Step("redeliver", {"first": 2, "count": 2, "order": "backwards", "fault": None}),
)  # fmt: skip


def test_needless_steps_and_values_are_left_out(session_of: SessionOf) -> None:
    session = session_of(Silent)
    broken = first_broken(session, NEEDLESS)
    assert broken is not None

    found = smallest(session.ground, Failure(NEEDLESS, broken))

    [start, send] = found.steps
    assert (start.name, send.name) == ("start", "send")
    assert start.arguments.get("fault") is send.arguments.get("fault") is None
    assert "shows m1 last in 1, not m2" in found.broken.what


def test_nothing_can_be_left_out_of_the_smallest(session_of: SessionOf) -> None:
    session = session_of(Silent)
    steps = (
        Step("start", {"who": "ada", "whom": "bo"}),
        Step("send", {"who": "ada", "conversation": 1}),
    )
    broken = first_broken(session, steps)
    assert broken is not None

    found = smallest(session.ground, Failure(steps, broken))

    assert [step.line() for step in found.steps] == [step.line() for step in steps]
