"""The machine itself: faults really happen, and what is broken is caught."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.conftest import broken
from workbench.conformance.bootcamp import bootcamp
from workbench.conformance.machine import Machine, Subject, subject_of
from workbench.conformance.schedules import (
    Change,
    Deliver,
    Fault,
    Redeliver,
    Restart,
    Schedule,
    Send,
    Start,
)
from workbench.conformance.search import search
from workbench.designs import DESIGNS, Dual
from workbench.errors import IndexBehind
from workbench.streams.runner import Handler

pytestmark = pytest.mark.local
MachineOf = Callable[[Subject], Machine]

ONE_MESSAGE = (Start(), Send(second=1))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("crash_before", 2),
        Fault("crash_after", 2),
        Fault("throttle", 2),
        Fault("conditional_failure", 3),
        Fault("stale_index", 1, 1),
        Fault("stale_index", 1, 2),
    ],
    ids=str,
)
def test_fault_happens_once_and_dual_survives_it(machine_of: MachineOf, fault: Fault) -> None:
    machine = machine_of(subject_of(Dual))
    before = machine.happened[fault.kind]

    violations = machine.run(Schedule((*ONE_MESSAGE, Deliver(4, fault))))

    assert violations == ()
    assert machine.happened[fault.kind] == before + 1


def test_overtaken_request_fails_its_condition(machine_of: MachineOf) -> None:
    machine = machine_of(subject_of(Dual))
    codes: list[str] = []

    def note(parsed: Any, **_: Any) -> None:
        codes.append(parsed.get("Error", {}).get("Code", ""))

    machine.client.meta.events.register("after-call.dynamodb", note)
    machine.run(Schedule((*ONE_MESSAGE, Deliver(4, Fault("conditional_failure", 4)))))
    machine.client.meta.events.unregister("after-call.dynamodb", note)

    assert "ConditionalCheckFailedException" in codes


@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "throttle"])
def test_interrupted_writes_happen_or_not_as_a_whole(machine_of: MachineOf, kind: Any) -> None:
    machine = machine_of(subject_of(Dual))
    before = machine.happened[kind]

    violations = machine.run(
        Schedule((Start(fault=Fault(kind)), Start(), Send(1, second=2, fault=Fault(kind))))
    )

    assert violations == ()
    assert machine.happened[kind] == before + 2


def test_half_written_conversation_is_seen(machine_of: MachineOf) -> None:
    machine = machine_of(bootcamp(frozenset({10})))

    [violation] = machine.run(Schedule((Start(fault=Fault("half_written")),)))

    assert violation.what == "bo has no entry of conversation 1"


@pytest.mark.parametrize("kind", ["modify", "remove", "expire", "other"])
def test_changes_reach_the_handler_as_the_service_shows_them(
    machine_of: MachineOf, kind: Any
) -> None:
    seen: list[Any] = []

    def observe(_: Dual, right: Handler) -> Handler:
        def handler(event: Any, context: Any) -> Any:
            seen.extend(event["Records"])
            return right(event, context)

        return handler

    machine = machine_of(broken(f"observed-{kind}", observe))
    violations = machine.run(Schedule((*ONE_MESSAGE, Change(kind))))

    names = {"modify": "MODIFY", "remove": "REMOVE", "expire": "REMOVE", "other": "INSERT"}
    [record] = [record for record in seen if is_change(record)]
    assert violations == ()
    assert record["eventName"] == names[kind]
    assert ("userIdentity" in record) == (kind == "expire")
    if kind == "expire":
        assert record["userIdentity"]["principalId"] == "dynamodb.amazonaws.com"


def is_change(record: Any) -> bool:
    partition = record["dynamodb"]["Keys"]["pk"]["S"]
    is_message = partition.startswith("MSG#")
    return partition.startswith("PROFILE#") or (is_message and record["eventName"] != "INSERT")


# --- Broken handlers -------------------------------------------------------------------------


def do_nothing(_: Dual, right: Handler) -> Handler:
    return lambda event, context: {"batchItemFailures": []}


def drop_all_but_the_first(_: Dual, right: Handler) -> Handler:
    return lambda event, context: right({"Records": event["Records"][:1]}, context)


def ignore_failures(_: Dual, right: Handler) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        right(event, context)
        return {"batchItemFailures": []}

    return handler


def have_no_order_guard(design: Dual, right: Handler) -> Handler:
    return rewriting(design, right, put_first=True)


def delete_before_put(design: Dual, right: Handler) -> Handler:
    return rewriting(design, right, put_first=False)


def double_entries(design: Dual, right: Handler) -> Handler:
    design._delete_group_item = lambda item: None  # type: ignore[method-assign]
    return right


def believe_the_index(design: Dual, right: Handler) -> Handler:
    delete = design._delete_group_item

    def delete_what_is_there(item: Any) -> None:
        with contextlib.suppress(IndexBehind):
            delete(item)

    design._delete_group_item = delete_what_is_there  # type: ignore[method-assign]
    return right


def handle_own_writes(design: Dual, right: Handler) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        for record in event["Records"]:
            item = record["dynamodb"].get("NewImage")
            if item and item["pk"]["S"].startswith("GRP#"):
                again = {**item, "times": {"S": item.get("times", {"S": ""})["S"] + "+"}}
                design._client.put_item(TableName=design._table_name, Item=again)
        return right(event, context)

    return handler


def rewriting(design: Dual, right: Handler, *, put_first: bool) -> Handler:
    """A handler that rewrites whatever comes, in the one or the other order."""

    def handler(event: Any, context: Any) -> Any:
        for record in event["Records"]:
            image = record["dynamodb"].get("NewImage", {"pk": {"S": ""}})
            if record["eventName"] != "INSERT" or not image["pk"]["S"].startswith("MSG#"):
                continue
            for old in design._group_items(image["pk"]["S"].removeprefix("MSG#")):
                if put_first:
                    design._put_group_item(new_of(old, image))
                if old["sk"] != image["sk"]:
                    design._delete_group_item(old)
                    if not put_first:
                        design._put_group_item(new_of(old, image))

    def new_of(old: Any, image: Any) -> Any:
        return {**old, "sk": image["sk"], "message": image["message"]}

    return handler


@pytest.mark.parametrize(
    ("change", "steps", "promise"),
    [
        (do_nothing, ONE_MESSAGE, "inbox"),
        (drop_all_but_the_first, (*ONE_MESSAGE, Deliver(4)), "inbox"),
        (ignore_failures, (*ONE_MESSAGE, Deliver(4, Fault("throttle", 2))), "inbox"),
        (have_no_order_guard, (*ONE_MESSAGE, Deliver(4), Redeliver(1)), "inbox"),
        (delete_before_put, (*ONE_MESSAGE, Deliver(4, Fault("crash_after", 3))), "inbox"),
        (double_entries, ONE_MESSAGE, "inbox"),
        (
            believe_the_index,
            (*ONE_MESSAGE, Deliver(4), Send(second=2), Deliver(5, Fault("stale_index", 1, 2))),
            "inbox",
        ),
        (handle_own_writes, ONE_MESSAGE, "settles"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_broken_handler_is_caught(
    machine_of: MachineOf, change: Any, steps: Any, promise: str
) -> None:
    machine = machine_of(broken(change.__name__, change))

    violations = machine.run(Schedule(steps))

    assert promise in {violation.promise for violation in violations}
    assert machine_of(subject_of(Dual)).run(Schedule(steps)) == ()


def test_do_nothing_handler_fails_almost_any_schedule(machine_of: MachineOf) -> None:
    machine = machine_of(broken("do_nothing", do_nothing))

    found = search(machine, tries=10, seed=1)

    assert found is not None
    assert len(found[0].steps) == 2


# --- Every design ------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
@pytest.mark.parametrize(
    "steps",
    [
        (*ONE_MESSAGE, Deliver(4), Restart(1), Deliver(2), Restart(1)),
        (*ONE_MESSAGE, Send(second=2), Deliver(5), Redeliver(1, 5, is_reversed=True)),
    ],
    ids=["restarted", "reversed"],
)
def test_design_survives(machine_of: MachineOf, design: Any, steps: Any) -> None:
    assert machine_of(subject_of(design)).run(Schedule(steps, participants=3)) == ()


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_no_schedule_breaks_a_promise(machine_of: MachineOf, design: Any) -> None:
    assert search(machine_of(subject_of(design)), tries=100, seed=11) is None


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_no_schedule_of_many_breaks_a_promise(machine_of: MachineOf, design: Any) -> None:
    assert search(machine_of(subject_of(design)), tries=2_000, seed=12) is None


def test_bootcamp_without_faults_keeps_all_promises(machine_of: MachineOf) -> None:
    assert search(machine_of(bootcamp(frozenset())), tries=60, seed=13) is None
