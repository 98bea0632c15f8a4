from collections.abc import Iterator
from typing import Any

import pytest

from tests.costs.growths import costs_of
from workbench.costs.flips import AXES
from workbench.messaging.workload import Workload
from workbench.reports.explorer import SLIDERS, explorer, view


def walk(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def control(box: Any, description: str) -> Any:
    [found] = [each for each in walk(box) if getattr(each, "description", None) == description]
    return found


def sentence_of(box: Any) -> str:
    return str(box.children[1].value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "dual_sorted is cheapest"),
        ({"designs": ("dual", "single")}, "single is cheapest"),
        ({"designs": ("single",)}, "single costs USD"),
        (
            {"designs": ("dual", "single"), "participants": 5},
            "dual is the only design with a place",
        ),
        ({"designs": ("single",), "participants": 5}, "No design here has a place"),
        ({"x": "participants", "y": "text_bytes", "participants": 4}, "pointer is cheapest"),
        ({"region": "eu-west-1", "users": 1e6, "inbox_length": 400}, "is cheapest"),
    ],
)
def test_view_has_sentence_and_pictures(settings: Any, said: str) -> None:
    shown = view(costs_of(), Workload(), settings)

    assert said in shown.sentence
    for picture in (shown.bill, shown.map):
        assert picture is not None
        assert picture.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"region": "mars-1"}, "Not possible: the price list has no region 'mars-1'"),
        ({"designs": ()}, "Choose at least one design."),
        ({"x": "inbox_length", "y": "inbox_length"}, "Not possible: y_axis must be another"),
        ({"users": 0}, "Not possible: users must be a number, 1 to "),
    ],
)
def test_view_tells_what_cannot_be(settings: Any, said: str) -> None:
    shown = view(costs_of(), Workload(), settings)

    assert shown.sentence.startswith(said)
    assert (shown.bill, shown.map) == (None, None)


def test_rate_per_message_follows_the_messages() -> None:
    settings = {"messages_per_user_per_day": 50, "reads_per_message": 3}

    one, other = (
        view(costs_of(), Workload(), dict(order))
        for order in (settings.items(), reversed(settings.items()))
    )

    assert one.sentence == other.sentence


def test_explorer_starts_at_the_workload() -> None:
    workload = Workload(users=500, text_bytes=(50, 150), participants=3)

    box = explorer(costs_of(), workload)

    assert sentence_of(box) == f"<b>{view(costs_of(), workload, {}).sentence}</b>"
    assert control(box, "users").value == pytest.approx(500)
    assert control(box, "bytes per text").value == pytest.approx(100)
    assert len([each for each in walk(box) if hasattr(each, "description")]) >= len(SLIDERS) + 5


def test_moved_slider_changes_sentence_and_pictures() -> None:
    box = explorer(costs_of(), Workload())
    before, pictures = sentence_of(box), [each.value for each in box.children[2].children]

    control(box, AXES["inbox_length"].label).value = 390
    control(box, "participants").value = 2
    control(box, "map y").value = "text_bytes"

    assert "single is cheapest" in sentence_of(box) != before
    assert all(
        new.value != old for new, old in zip(box.children[2].children, pictures, strict=True)
    )


def test_choice_that_cannot_be_empties_the_pictures() -> None:
    box = explorer(costs_of(), Workload())

    control(box, "designs").value = ()

    assert sentence_of(box) == "<b>Choose at least one design.</b>"
    assert [each.value for each in box.children[2].children] == [b"", b""]
