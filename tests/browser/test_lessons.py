"""What a learner does in JupyterLab works in a real browser: run, slide, chat, answer."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import LabPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.local]


def test_first_lesson_runs_from_a_fresh_lab(page: LabPage) -> None:
    page.open("00_start_here.ipynb")
    page.run_all()

    assert page.failed() == []
    assert page.cells(".jp-OutputArea-output img").count() >= 1
    assert page.cells(".jp-OutputArea-output").count() >= 10
    assert page.elsewhere() == []


def test_answer_is_told_why_it_is_wrong_and_that_it_is_right(page: LabPage) -> None:
    page.open("00_start_here.ipynb")
    page.run_all()
    cell = page.cell('check("00.long_text"')

    told = [page.answer(cell, each) for each in ("...", "0.5", "1", "2")]

    assert [each.partition(".")[0] for each in told] == [
        "Not yet: unanswered",
        "Not yet: too few",
        "Not yet: forgot names and keys",
        "Right",
    ]
    page.picture("answer", cell)
    assert page.failed() == []


def test_moved_slider_changes_figures_and_sentence(page: LabPage) -> None:
    page.open("06_where_it_flips.ipynb")
    page.run_all()
    explorer = page.cell("explorer(")
    slider = explorer.locator(".widget-slider").filter(has_text="reads per message")
    slider.wait_for()
    images, sentence = explorer.locator("img"), explorer.locator(".widget-html b")
    before = shown(images), sentence.inner_text()

    slider.get_by_role("slider").focus()
    for _ in range(40):
        page.page.keyboard.press("ArrowRight")

    page.until(lambda: sentence.inner_text() != before[1])
    page.until(lambda: not set(shown(images)) & set(before[0]))
    page.picture("explorer", explorer)
    assert page.failed() == []


def shown(images: "Locator") -> list[str]:
    return [str(each.get_attribute("src")) for each in images.all()]


def test_chat_is_looked_through_under_any_design(page: LabPage) -> None:
    page.open("xray.ipynb")
    page.run_all()
    panel = page.cell("panel(")

    chat(page, panel, "ada", "Hello Bo!")
    chat(page, panel, "bo", "2 < 3, <b>is it?</b>")

    said = {name: panel.get_by_role("region", name=name) for name in ("Items", "records", "bill")}
    assert "2 < 3, <b>is it?</b>" in panel.get_by_role("region", name="Chat").inner_text()
    assert "− deleted" in said["Items"].inner_text()
    assert said["records"].get_by_role("row").count() == 1 + 5  # the heading, and what it heads
    assert "both\t1\t9\t5.75" in said["bill"].inner_text()
    page.picture("xray_light", panel)

    panel.get_by_label("design").select_option("single")
    page.until(lambda: "nothing yet" in said["Items"].inner_text())
    chat(page, panel, "bo", "Hello Ada!")
    chat(page, panel, "ada", "Hello Bo!")
    assert "both\t1\t6\t3.88" in said["bill"].inner_text()

    panel.get_by_role("button", name="send as ada").click()
    refused = panel.get_by_role("alert")
    refused.wait_for()
    assert "a message needs a text" in refused.inner_text()
    page.choose("Settings", "Theme", "JupyterLab Dark")
    page.page.locator('[data-jp-theme-light="false"]').wait_for(state="attached")
    page.picture("xray_dark", panel)
    assert page.failed() == []


def test_mistake_in_a_design_is_shown_where_one_clicked(page: LabPage) -> None:
    page.open("xray.ipynb")
    panel = page.cell("panel(")
    page.write(
        panel.locator(".cm-line").first,
        "from workbench.designs import Single; from workbench.course.xray.panel import panel; "
        "panel([type('Broken', (Single,), {'start_conversation': lambda *_: 1 / 0})])",
    )

    panel.get_by_label("ada writes").fill("Hello Bo!")
    panel.get_by_role("button", name="send as ada").click()

    page.until(lambda: bool(page.failed()))
    page.picture("mistake", panel)
    assert any("ZeroDivisionError" in text for text in page.failed())


def chat(page: LabPage, panel: "Locator", person: str, text: str) -> None:
    """Write a text by keys, press the button, and wait until the chat has it."""
    field = panel.get_by_label(f"{person} writes")
    field.click()
    page.page.keyboard.type(text)
    panel.get_by_role("button", name=f"send as {person}").click()
    page.until(lambda: text in panel.get_by_role("region", name="Chat").inner_text())
    page.until(lambda: re.fullmatch("", field.input_value()))
