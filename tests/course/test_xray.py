"""The X-ray of a message, without widgets; then its HTML, and the panel that shows it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from workbench.cards.scenario import ADA, BO, CY
from workbench.course.xray.panel import Panel, alert_html, chat_html, panel, parts_html
from workbench.course.xray.steps import PARTS, Spent, Step, XRay
from workbench.designs import DESIGNS, Design, Dual, Single
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter, NoSharedServer, TargetUnreachable, TextRefused
from workbench.reports.figures import COLOURS

NOBODY = "http://127.0.0.1:9"  # no server listens there


@contextmanager
def opened(design: type[Design], target: Target) -> Iterator[XRay]:
    xray = XRay(design, endpoint=target.endpoint_url)
    try:
        yield xray
    finally:
        xray.close()


def talk(xray: XRay) -> Step:
    """A first message, and an answer, which is what is looked at."""
    xray.send(ADA, "Hello Bo!")
    return xray.send(BO, "How are you?")


# --- Steps -----------------------------------------------------------------------------------


@pytest.mark.local
@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_step_of_any_design_adds_up(design: type[Design], target: Target) -> None:
    with opened(design, target) as xray:
        first, second = xray.send(BO, "Hello Ada!"), xray.send(ADA, "Hello Bo!")

        assert xray.steps == (first, second)
        assert second.total == first.total + (second.message + second.update)
        assert [each["function"] for each in second.records].count("called") == 1
        assert ("table", "put", "message") in {
            (each["where"], each["change"], each["attributes"][:7]) for each in second.changes
        }
        assert all(len(second.frame(part)) for part in PARTS)


@pytest.mark.local
@pytest.mark.parametrize(
    ("design", "changes", "records", "trips", "message", "update"),
    [
        (Dual, 9, 5, (2, 5), (0.5, 1), (0.5, 8)),
        (Single, 6, 2, (2, 1), (1, 1), (0, 5)),
    ],
)
def test_answer_is_what_the_design_is_known_for(
    design: type[Design],
    changes: int,
    records: int,
    trips: tuple[int, int],
    message: tuple[float, float],
    update: tuple[float, float],
    target: Target,
) -> None:
    with opened(design, target) as xray:
        step = talk(xray)

    by = [call["by"] for call in step.calls]
    assert (len(step.changes), len(step.records)) == (changes, records)
    assert (by.count("message"), by.count("stream update")) == trips
    assert (step.message.rru, step.message.wru) == message
    assert (step.update.rru, step.update.wru) == update


@pytest.mark.local
def test_records_tell_who_wrote_them_and_whom_they_wake(target: Target) -> None:
    with opened(Dual, target) as xray:
        records = talk(xray).records

    assert [each["record"] for each in records] == [1, 2, 3, 4, 5]
    assert [each["by"] for each in records] == ["message", *["stream update"] * 4]
    assert [each["function"] for each in records] == ["called", *["filtered"] * 4]
    assert [each["event"] for each in records] == ["INSERT", *["INSERT", "REMOVE"] * 2]


@pytest.mark.local
def test_bill_has_prices_of_the_list_and_grows(target: Target) -> None:
    with opened(Dual, target) as xray:
        bill = talk(xray).frame("bill")

    # 9 WRU at USD 0.625 a million and 1 RRU at 0.125, by data/prices.csv
    assert list(bill.loc["both"]) == ["1", "9", "5.75"]
    assert list(bill.loc["all so far: 2"]) == ["2", "17", "5.44"]


@pytest.mark.local
def test_same_chat_looks_the_same_again(target: Target) -> None:
    found = []
    for _ in range(2):
        with opened(Single, target) as xray:
            found.append(talk(xray))

    assert found[0] == found[1]


@pytest.mark.local
@pytest.mark.parametrize("text", ["", " ", "x" * 1_025])
def test_refused_text_changes_nothing(text: str, target: Target) -> None:
    with opened(Dual, target) as xray:
        step = talk(xray)
        with pytest.raises(TextRefused, match="a message"):
            xray.send(ADA, text)

        assert xray.steps[-1] == step
        assert xray.send(ADA, "Fine.").messages == 3


@pytest.mark.local
def test_stranger_and_unknown_part_are_refused(target: Target) -> None:
    with opened(Dual, target) as xray:
        with pytest.raises(BadParameter, match="one of ADA and BO"):
            xray.send(CY, "Hello")
        with pytest.raises(BadParameter, match="changes, records, calls, bill"):
            talk(xray).frame("items")


@pytest.mark.local
def test_closed_stage_takes_its_table_along(server: Target) -> None:
    client = server.client()
    before = client.list_tables()["TableNames"]

    with opened(Dual, server):
        during = client.list_tables()["TableNames"]

    assert len(during) == len(before) + 1
    assert client.list_tables()["TableNames"] == before


def test_without_a_server_there_is_no_xray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_ENDPOINT", raising=False)

    with pytest.raises(NoSharedServer):
        XRay(Dual)
    with pytest.raises(TargetUnreachable):
        XRay(Dual, endpoint=NOBODY)


# --- HTML ------------------------------------------------------------------------------------


ROW = {"where": "table", "change": "put", "key": "<ada>, <12:00>", "attributes": "message=<b>"}
STEP = Step(1, ADA, "<script>alert('x')</script>", (ROW,), (), (), Spent(), Spent(), Spent())


def test_html_escapes_all_that_people_wrote() -> None:
    shown = chat_html([STEP]) + "".join(parts_html(STEP).values()) + alert_html("<b>no</b>")

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "message=&lt;b&gt;" in shown
    assert "&lt;b&gt;no" in shown


@pytest.mark.parametrize(("change", "sign"), [("put", "+"), ("deleted", "−"), ("changed", "~")])
def test_change_has_a_sign_beside_its_colour(change: str, sign: str) -> None:
    step = Step(1, ADA, "x", (ROW | {"change": change},), (), (), Spent(), Spent(), Spent())

    assert f"{sign} {change}</td>" in parts_html(step)["changes"]


@pytest.mark.parametrize("step", [None, STEP])
def test_every_part_has_a_name_that_can_be_read_out(step: Step | None) -> None:
    for part, shown in parts_html(step).items():
        assert f'role="region" aria-label="{PARTS[part]}"' in shown
    assert 'aria-label="Chat"' in chat_html([])
    assert 'role="alert"' in alert_html("no")


def test_text_has_the_colours_of_the_theme() -> None:
    shown = chat_html([STEP]) + "".join(parts_html(STEP).values())

    colours = set(re.findall(r"(?<!-)\bcolor: ([^;\"]+)", shown))
    backgrounds = set(re.findall(r"background: ([^;\"]+)", shown))
    assert colours == {"var(--jp-ui-font-color1, currentColor)"}
    assert all(re.fullmatch(r"#[0-9A-F]{6}2e", each) for each in backgrounds)


def test_item_collection_has_one_colour_in_all_parts() -> None:
    keys = ("<ada>, <12:00>", "pk = <ada>, sk = <12:00>", "pk = :owner (:owner = <ada>)")
    first = ROW | {"key": "<bo>, <12:00>"}
    calls = tuple({"key": key} for key in keys)
    step = Step(1, ADA, "x", (first, ROW), (), calls, Spent(), Spent(), Spent())

    shown = parts_html(step)["calls"]

    assert re.findall(r"solid (#\w+)", shown) == [COLOURS[1]] * 3


# --- Panel -----------------------------------------------------------------------------------


@pytest.fixture
def shown(target: Target) -> Iterator[Panel]:
    made = panel(endpoint=target.endpoint_url)
    yield made
    made.close()


@pytest.mark.local
def test_panel_sends_and_shows_all_parts(shown: Panel) -> None:
    for person, text in ((ADA, "Hello Bo!"), (BO, "2 < 3")):
        shown.texts[person].value = text
        shown.buttons[person].click()

    assert "2 &lt; 3" in shown.chat.value
    assert "− deleted" in shown.parts["changes"].value
    assert "REMOVE" in shown.parts["records"].value
    assert "TransactWriteItems" not in shown.parts["calls"].value
    assert "all so far: 2" in shown.parts["bill"].value
    assert (shown.notice.value, shown.texts[BO].value) == ("", "")


@pytest.mark.local
@pytest.mark.parametrize("way", ["design", "anew"])
def test_panel_begins_anew(way: str, shown: Panel) -> None:
    shown.texts[ADA].value = "Hello Bo!"
    shown.buttons[ADA].click()

    if way == "design":
        shown.design.value = Single
    else:
        shown.anew.click()

    assert "Hello" not in shown.chat.value
    assert "nothing yet" in shown.parts["bill"].value


@pytest.mark.local
def test_panel_shows_what_is_refused_and_keeps_the_text(shown: Panel) -> None:
    shown.texts[ADA].value = "x" * 1_025
    shown.buttons[ADA].click()

    assert "a message has at most 1,024 characters" in shown.notice.value
    assert len(shown.texts[ADA].value) == 1_025


def test_panel_shows_that_no_server_answers() -> None:
    shown = panel(endpoint=NOBODY)
    at_first = shown.notice.value
    shown.buttons[ADA].click()

    assert 'role="alert"' in at_first
    assert "does not answer" in at_first
    assert shown.notice.value == at_first


@pytest.mark.local
def test_panel_lets_a_mistake_in_a_design_through(target: Target) -> None:
    class Broken(Single):
        def send_message(self, *_: object) -> None:  # type: ignore[override]
            raise ZeroDivisionError

    shown = panel([Broken], target.endpoint_url)
    shown.texts[ADA].value = "Hello Bo!"
    shown.buttons[ADA].click()

    shown.texts[BO].value = "How are you?"
    with pytest.raises(ZeroDivisionError):  # in a kernel, its traceback is shown instead
        shown._guarded(lambda: shown.send(BO))
    shown.close()


def test_every_control_says_what_it_is() -> None:
    shown = panel(endpoint=NOBODY)
    controls = [shown.design, shown.anew, *shown.texts.values(), *shown.buttons.values()]

    described = [each.description for each in controls]

    assert len(set(described)) == len(described) == 6
    assert all(described)
