"""Tables filled after the pattern of a design's own items, and what is read from them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workbench.designs import DESIGNS, Design, Dual, Pointer, Single
from workbench.dynamodb.bulk import all_items, put_items
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable, RunNotReadable
from workbench.growth import growing
from workbench.growth.growing import AXES, Point, grow, powers_of_ten
from workbench.growth.results import GrowthRun, read_growth
from workbench.growth.templates import TEXT, make_templates, numbered_user
from workbench.measurement.environment import describe_environment
from workbench.measurement.trial import open_trial
from workbench.reports.growth import curves, growth_figure, growth_lines

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA, BO = numbered_user(7), numbered_user(8)


def without_uuids(items: list[Any]) -> set[str]:
    """Items as text, where a message's UUID, which is drawn, does not matter."""
    known = [{key: each[key] for key in each if key != "message_uuid"} for each in items]
    return {json.dumps(each, sort_keys=True) for each in known}


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_items_are_those_that_the_design_would_put(design: type[Design], target: Target) -> None:
    client = target.client()
    templates = make_templates(design, target)
    with open_trial(design, target) as trial, open_trial(design, target) as filled:
        conversation = trial.design.start_conversation(ADA, BO, TEXT, AT)
        trial.stream.fetch()
        trial.stream.deliver()
        started = without_uuids(all_items(client, trial.table_name))
        trial.design.send_message(conversation, TEXT, AT + timedelta(days=2))
        sent = without_uuids(all_items(client, trial.table_name)) - started

        mine = templates.start(ADA, BO, 1, AT)
        message = templates.send(ADA, BO, 2, AT + timedelta(days=2))
        assert without_uuids(mine) == started
        assert without_uuids(message) == sent
        for _ in put_items(client, filled.table_name, [*mine, *message]):
            pass
        for reader in (ADA, BO):
            [entry] = filled.design.list_conversations(reader).entries
            assert {entry.conversation.viewer, entry.conversation.other} == {ADA, BO}
            page = filled.design.list_messages(reader, conversation.group_uuid)
            assert [each.created_at for each in page.messages] == [AT + timedelta(days=2), AT]


class Throttled:
    """Leaves the first item of its first batches unwritten."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.written: list[Any] = []

    def batch_write_item(self, RequestItems: Any) -> Any:
        [(table, requests)] = RequestItems.items()
        keep = requests[:1] if self.left else []
        self.left -= bool(self.left)
        self.written += [each["PutRequest"]["Item"] for each in requests[len(keep) :]]
        return {"UnprocessedItems": {table: keep} if keep else {}}


def test_unprocessed_items_are_sent_again_after_growing_pauses() -> None:
    client: Any = Throttled(3)
    pauses: list[float] = []

    counts = list(
        put_items(client, "t", ({"n": number} for number in range(60)), sleep=pauses.append)
    )

    assert counts == [25, 50, 60]
    assert sorted(item["n"] for item in client.written) == list(range(60))
    assert pauses == [0.05, 0.1, 0.2]


@pytest.fixture(scope="module")
def run(target: Target) -> GrowthRun:
    """Few calls are enough where times are not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "CALLS", 5)
        patch.setattr(growing, "WARM_UP_CALLS", 20)
        points = [
            point
            for design in (Single, Pointer)
            for point in grow(design, target, most_items=10_000)
        ]
    return GrowthRun(describe_environment(target), 10_000, points)


def points_of(run: GrowthRun, design: str, axis: str) -> Iterator[Point]:
    return (each for each in run.points if (each.design, each.axis) == (design, axis))


@pytest.mark.local
def test_every_axis_is_measured_up_to_its_end(run: GrowthRun) -> None:
    for design in ("single", "pointer"):
        sizes = [sorted({each.size for each in points_of(run, design, axis)}) for axis in AXES]
        assert sizes == [[1_000, 10_000], [10, 100, 1_000], [10, 100, 1_000]]


@pytest.mark.local
def test_units_are_flat_where_the_model_is(run: GrowthRun) -> None:
    _, conversation, inbox = AXES

    assert len({each.rru for each in points_of(run, "single", inbox) if each.size > 10}) == 1
    assert (
        len({each.rru for each in points_of(run, "pointer", conversation) if each.size > 10}) == 1
    )
    long, longer = (each for each in points_of(run, "pointer", inbox) if each.size > 10)
    assert 9 < longer.rru / long.rru < 11  # everything is read for a page of 20
    assert (longer.items_read, longer.round_trips) == (2_000, 11)


@pytest.mark.local
def test_exponents_tell_flat_from_growing(run: GrowthRun, tmp_path: Path) -> None:
    path = tmp_path / "growth.json"
    run.write(path)

    stored = read_growth(path)

    of_units = {(each.design, each.axis): each.unit_exponent for each in curves(stored)}
    assert of_units["single", AXES[2]] == pytest.approx(0, abs=0.01)
    assert of_units["pointer", AXES[2]] == pytest.approx(1, abs=0.05)
    assert "pointer B by conversations in the inbox" in growth_figure(stored).alt
    assert "GROWS" in "\n".join(growth_lines(stored))


class ShowsNothing(Dual):
    name = "shows_nothing"

    def list_conversations(self, reader: Any, **options: Any) -> Any:
        return super().list_conversations(numbered_user(10**12), **options)


@pytest.mark.local
def test_pages_that_do_not_show_what_was_put_are_no_measurement(target: Target) -> None:
    with pytest.raises(DesignNotUsable, match="shows 0 of 20 entries"):
        list(grow(ShowsNothing, target, most_items=1_000))

    assert target.client().list_tables()["TableNames"] == []


def test_file_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunNotReadable, match="workbench growth --out"):
        read_growth(tmp_path / "none.json")


def test_sizes_grow_tenfold() -> None:
    assert powers_of_ten(1_000, 200_000) == [1_000, 10_000, 100_000]
