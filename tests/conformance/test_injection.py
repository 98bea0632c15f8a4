"""Faults happen once, at the request that they are meant for."""

from typing import Any

import pytest

from tests.conformance.conftest import SessionOf
from workbench.conformance.bootcamp import bootcamp
from workbench.conformance.injection import Crash, Replica
from workbench.conformance.program import Fault, Step
from workbench.designs import Dual, DualFixed
from workbench.errors import PromiseBroken

pytestmark = pytest.mark.local
half_writing = bootcamp(frozenset({10}))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("crash_before", 2),
        Fault("crash_after", 2),
        Fault("throttle", 2),
        Fault("overtaken", 3),
        Fault("stale_index", 1, 1),
        Fault("stale_index", 1, 2),
        Fault("overtaken", 2, by=Step("send", {"who": "bo", "conversation": 1, "second": 3})),
    ],
    ids=repr,
)
def test_fault_happens_once_and_dual_survives_it(session_of: SessionOf, fault: Fault) -> None:
    session = session_of(Dual)
    happened = session.ground.injector.happened
    before = happened[fault.kind]
    session.start("ada", "bo")
    session.send("ada", 1, second=1)

    session.deliver(fault=fault)
    session.settle()

    assert happened[fault.kind] == before + 1


@pytest.mark.parametrize(
    ("kind", "sent"), [("crash_before", 1), ("crash_after", 2), ("throttle", 1)]
)
def test_fault_hits_the_request_it_is_meant_for(
    session_of: SessionOf, kind: Any, sent: int
) -> None:
    session = session_of(DualFixed)
    client: Any = session.design._client  # type: ignore[attr-defined]
    requests: list[str] = []

    def note(request: Any, **_: Any) -> None:
        requests.append(request.headers["X-Amz-Target"])

    ask = {"TableName": session.design._table_name}  # type: ignore[attr-defined]
    client.meta.events.register("before-send.dynamodb", note)
    try:
        with session.ground.injector.injecting(Fault(kind, 2)):
            client.scan(**ask)
            with pytest.raises((Crash, client.exceptions.ProvisionedThroughputExceededException)):
                client.scan(**ask)
            client.scan(**ask)
    finally:
        client.meta.events.unregister("before-send.dynamodb", note)

    assert len(requests) == sent + 1


def test_overtaken_request_fails_its_condition(session_of: SessionOf) -> None:
    session = session_of(Dual)
    client: Any = session.design._client  # type: ignore[attr-defined]
    codes: list[str] = []

    def note(parsed: Any, **_: Any) -> None:
        codes.append(parsed.get("Error", {}).get("Code", ""))

    session.start("ada", "bo")
    session.send("ada", 1, second=1)
    client.meta.events.register("after-call.dynamodb", note)
    session.deliver(fault=Fault("overtaken", 4))
    client.meta.events.unregister("after-call.dynamodb", note)
    session.settle()

    assert "ConditionalCheckFailedException" in codes


def test_half_written_conversation_is_seen(session_of: SessionOf) -> None:
    session = session_of(Dual, half_writing)

    with pytest.raises(PromiseBroken, match=r"bo-.* takes no part") as caught:
        session.start("ada", "bo", fault=Fault("half_written"))

    assert caught.value.pattern == "A"


def test_stale_index_shows_what_was_before_whole_steps(session_of: SessionOf) -> None:
    session = session_of(DualFixed)
    session.start("ada", "bo")
    session.start("ada", "cy", second=1)
    ada = session.agreement.users["ada"]
    session.ground.injector.next_step()

    found = []
    for lag in (2, 1, 0):
        with session.ground.injector.injecting(Fault("stale_index", lag=lag)):
            found.append(len(session.design.list_conversations(ada).entries))

    assert found == [0, 1, 2]


def test_replica_never_goes_back() -> None:
    sent: list[Any] = []

    class Client:
        def put_item(self, **request: Any) -> None:
            sent.append(request)

    replica = Replica(Client(), "table", "other")  # type: ignore[arg-type]
    replica.note(1, "PutItem", b'{"TableName": "table", "Item": 1}')
    replica.note(2, "PutItem", b'{"TableName": "table", "Item": 2}')

    counts = []
    for step in (1, 2, 1, 3):
        replica.catch_up(step)
        counts.append(len(sent))

    assert counts == [0, 1, 1, 2]
    assert sent[0] == {"TableName": "other", "Item": 1}
