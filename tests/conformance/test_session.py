"""Steps of a session: what is done, what is refused, and what a fault leaves."""

from typing import Any

import pytest

from tests.conformance.broken import LetsAllWrite
from tests.conformance.conftest import SessionOf
from workbench.conformance.program import Fault, Step
from workbench.designs import DESIGNS, Dual, Multikey, Pointer, Relational
from workbench.errors import PromiseBroken
from workbench.messaging.entities import Conversation

pytestmark = pytest.mark.local

EVERY_STEP = (
    Step("start", {"who": "ada", "whom": "bo"}),
    Step("start", {"who": "ada", "whom": "ada"}),
    Step("start", {"who": "ada", "whom": "cy", "zone": "naive"}),
    Step("start", {"who": "bo", "whom": "ada", "second": 1, "zone": "+02:00"}),
    Step("send", {"who": "bo", "conversation": 1}),
    Step("send", {"who": "cy", "conversation": 1}),
    Step("send", {"who": "ada", "conversation": 2}),
    Step("mark_read", {"who": "ada", "conversation": 1, "second": 1}),
    Step("hide", {"who": "bo", "conversation": 1, "second": 3}),
    Step("rename", {"who": "ada", "to": "zoe"}),
    Step("find", {"who": "bo", "whom": "ada"}),
    Step("find", {"who": "bo", "whom": "cy"}),
    Step("stranger", {"conversation": 1}),
    Step("refuse", {"who": "ada", "conversation": 1, "what": "long"}),
    Step("refuse", {"who": "ada", "conversation": 1, "what": "forged"}),
    Step("deliver", {"count": 2}),
    Step("redeliver", {"first": 1, "count": 2, "order": "backwards"}),
    Step("restart", {"first": 1}),
    Step("look_later", {}),
    Step("settle", {}),
)
GROUP_STEPS = (
    Step("start_group", {"who": "ada", "whom": ["bo", "cy"]}),
    Step("add", {"who": "bo", "conversation": 1, "whom": "di", "second": 1}),
    Step("send", {"who": "di", "conversation": 1, "second": 2}),
    Step("leave", {"who": "cy", "conversation": 1}),
    Step("leave", {"who": "cy", "conversation": 1}),
    Step("add", {"who": "cy", "conversation": 1, "whom": "cy"}),
    Step("send", {"who": "ada", "conversation": 1, "second": 3}),
    Step("settle", {}),
)


@pytest.mark.parametrize("design", [*DESIGNS, Relational], ids=lambda design: design.name)
def test_every_step_is_kept_by_every_design(session_of: SessionOf, design: Any) -> None:
    session = session_of(design)

    for step in EVERY_STEP:
        session.take(step)

    [talk] = session.reference.talks.values()
    assert [message.text for message in talk.messages] == ["m1", "m4", "m5"]


@pytest.mark.parametrize("design", [Pointer, Multikey, Relational], ids=lambda each: each.name)
def test_group_steps_are_kept(session_of: SessionOf, design: Any) -> None:
    session = session_of(design)

    for step in GROUP_STEPS:
        session.take(step)

    [talk] = session.reference.talks.values()
    assert {uuid.partition("-")[0] for uuid in talk.members} == {"ada", "bo", "di"}


def test_step_that_is_not_refused_breaks_a_promise(session_of: SessionOf) -> None:
    session = session_of(LetsAllWrite)
    session.start("ada", "bo")

    with pytest.raises(PromiseBroken, match="not refused with NotAParticipant") as caught:
        session.send("cy", 1)

    assert caught.value.pattern == "C"


def test_promise_broken_inside_another_step_is_told(session_of: SessionOf) -> None:
    class Raising(Dual):
        def mark_read(self, conversation: Conversation, read_at: Any) -> None:
            raise KeyError("mark")

    session = session_of(Raising)
    session.start("ada", "bo")
    mark = Step("mark_read", {"who": "ada", "conversation": 1})

    with pytest.raises(PromiseBroken, match="raised KeyError: 'mark'") as caught:
        session.deliver(fault=Fault("overtaken", by=mark))

    assert caught.value.pattern == "F"


@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "throttle"])
@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_interrupted_writes_happen_or_not_as_a_whole(
    session_of: SessionOf, kind: Any, request_number: int
) -> None:
    session = session_of(Dual)
    session.start("ada", "bo", fault=Fault(kind, request_number))
    session.start("ada", "bo")

    session.send("bo", 1, second=2, fault=Fault(kind, request_number))
    session.settle()

    [talk] = session.reference.talks.values()
    assert 1 <= len(talk.messages) <= 3


def test_fingerprint_is_the_same_for_other_users(session_of: SessionOf) -> None:
    first, second = session_of(Pointer), session_of(Pointer)
    before = first.fingerprint()

    first.start("ada", "bo")
    second.start("ada", "bo")

    assert first.fingerprint() == second.fingerprint() != before
