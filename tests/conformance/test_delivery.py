"""What reaches a handler, in which order, how often, and what it may do."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.conftest import SessionOf
from workbench.conformance.grounds import Make, World
from workbench.conformance.program import Fault
from workbench.conformance.session import Session
from workbench.designs import Design, Dual
from workbench.errors import PromiseBroken
from workbench.streams.handlers import stream_handler
from workbench.streams.runner import Handler

pytestmark = pytest.mark.local
Batches = list[list[Any]]


def watching(batches: Batches) -> Make:
    """Dual, with a note of each batch that its handler gets."""

    def change(_: Dual, right: Handler) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            batches.append(event["Records"])
            return right(event, context)

        return handler

    return changed(change)


def changed(change: Callable[[Dual, Handler], Handler]) -> Make:
    """Dual, with a handler made from it and from the right one."""

    def make(world: World) -> tuple[Design, Handler]:
        design = Dual(world.client, world.table_name)
        return design, change(design, stream_handler(design))

    return make


def texts(batch: list[Any]) -> list[str]:
    """Texts of the messages in a batch."""
    images = [record["dynamodb"].get("NewImage", {}) for record in batch]
    return [image["message"]["S"] for image in images if "message_uuid" in image]


def begun(session_of: SessionOf, batches: Batches) -> Session:
    """A session with two messages, whose records come in batches that are noted."""
    session = session_of(Dual, watching(batches))
    session.start("ada", "bo")
    session.send("ada", 1, second=1)
    return session


def test_batch_has_so_many_records_or_all(session_of: SessionOf) -> None:
    batches: Batches = []
    session = begun(session_of, batches)

    session.deliver(2)
    session.deliver()

    assert [len(batch) for batch in batches] == [2, 2]


def test_crashed_batch_comes_again(session_of: SessionOf) -> None:
    batches: Batches = []
    session = begun(session_of, batches)

    session.deliver(fault=Fault("crash_before"))
    session.deliver()

    assert batches[0] == batches[1]


def test_redelivered_records_keep_what_is_done(session_of: SessionOf) -> None:
    batches: Batches = []
    session = begun(session_of, batches)
    session.deliver()
    done, _ = session.delivery.position

    session.redeliver(1, 4, order="backwards")

    assert batches[1] == batches[0][::-1]
    assert session.delivery.position[0] == done


def test_restart_brings_all_from_there_again(session_of: SessionOf) -> None:
    batches: Batches = []
    session = begun(session_of, batches)
    session.deliver()

    session.restart(2)
    session.deliver(3)

    assert batches[1] == batches[0][1:]


def test_settling_delivers_until_nothing_is_left(session_of: SessionOf) -> None:
    batches: Batches = []
    session = begun(session_of, batches)

    session.settle()

    done, seen = session.delivery.position
    assert done == seen == len(batches) == 8  # of which four by the stream update
    assert all(len(batch) == 1 for batch in batches)


@pytest.mark.parametrize(
    ("kind", "event_name"),
    [("modify", "MODIFY"), ("remove", "REMOVE"), ("expire", "REMOVE"), ("foreign", "INSERT")],
)
def test_change_reaches_the_handler_as_the_service_shows_it(
    session_of: SessionOf, kind: str, event_name: str
) -> None:
    batches: Batches = []
    session = begun(session_of, batches)
    session.deliver()

    session.change(kind)
    session.settle()

    [record] = [record for batch in batches for record in batch if is_change(record)]
    assert record["eventName"] == event_name
    by_ttl = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record.get("userIdentity") == (by_ttl if kind == "expire" else None)


def is_change(record: Any) -> bool:
    partition = record["dynamodb"]["Keys"]["pk"]["S"]
    is_message = partition.startswith("MSG#")
    return partition.startswith("PROFILE#") or (is_message and record["eventName"] != "INSERT")


# --- Broken handlers -------------------------------------------------------------------------


def do_nothing(_: Dual, right: Handler) -> Handler:
    return lambda event, context: {"batchItemFailures": []}


def drop_all_but_the_last(_: Dual, right: Handler) -> Handler:
    return lambda event, context: right({"Records": event["Records"][:1]}, context)


def ignore_failures(_: Dual, right: Handler) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        right(event, context)
        return {"batchItemFailures": []}

    return handler


def raise_always(_: Dual, right: Handler) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        raise KeyError("NewImage")

    return handler


def ask_about_each(design: Dual, right: Handler) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        design._group_items("any")
        return right(event, context)

    return handler


@pytest.mark.parametrize(
    ("change", "pattern", "told"),
    [
        (do_nothing, "B", "ada's inbox shows m1 last in 1, not m2"),
        (drop_all_but_the_last, "B", "ada's inbox shows m1 last in 1, not m2"),
        (ignore_failures, "B", "ada's inbox shows m1 last in 1, not m2"),
        (raise_always, "E", "the stream never becomes quiet: KeyError"),
        (ask_about_each, "E", "no new message, and yet requests: INSERT of GRP"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_broken_handler_is_caught(
    session_of: SessionOf, change: Any, pattern: str, told: str
) -> None:
    session = session_of(Dual, changed(change))
    session.start("ada", "bo")
    session.send("ada", 1, second=1)

    with pytest.raises(PromiseBroken) as caught:
        deliver_all(session)

    assert caught.value.pattern == pattern
    assert told in caught.value.what


def deliver_all(session: Session) -> None:
    session.deliver(fault=Fault("throttle", 2))
    session.settle()
