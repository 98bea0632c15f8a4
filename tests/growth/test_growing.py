"""Tables filled after the pattern of a design's own items, and what is read from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.designs import Dual, Pointer, Single
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotUsable, RunNotReadable
from workbench.growth import growing
from workbench.growth.growing import AXES, Point, grow, numbered_user, powers_of_ten
from workbench.growth.results import GrowthRun, read_growth
from workbench.measurement.environment import describe_environment
from workbench.reports.growth import curves, growth_figure, growth_lines


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
