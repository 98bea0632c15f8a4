"""A page of JupyterLab, used as a learner would: menus, keys, and what can be seen."""

import json
import re
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

PICTURES = ROOT / "runs" / "browser"
PATIENCE_MS = 30_000
RUN_MS = 60_000
FAILED = ", ".join(
    f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr")
)
NUMBERED = re.compile(r"\[\d+\]:")  # the prompt of a cell that was run


class LabPage:
    """One browser page, the requests it has sent, and the errors it has logged."""

    def __init__(self, page: "Page", url: str, token: str) -> None:
        self._page, self._url, self._token = page, url, token
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", lambda request: self.asked.append(request.url))

    def _on_console(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} (at {message.location['url']})")

    def elsewhere(self) -> list[str]:
        """Requests that left for another machine."""
        here = (self._url, self._url.replace("http", "ws", 1), "blob:", "data:")
        return [url for url in self.asked if not url.startswith(here)]

    # --- Notebooks -----------------------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open a notebook in a fresh JupyterLab, and wait for its kernel."""
        self._page.goto(f"{self._url}/lab/tree/{name}?reset&token={self._token}")
        self._page.locator(".jp-NotebookPanel h1").first.wait_for()
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait for a kernel that has nothing to do."""
        self._page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()

    def choose(self, menu: str, *entries: str) -> None:
        """Choose an entry of the menu bar, or of a menu in it."""
        self._page.get_by_role("menubar").get_by_role("menuitem", name=menu, exact=True).click()
        for entry in entries:
            self._page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def run_all(self) -> None:
        """Run all cells, from the menu, and wait for the last."""
        self.choose("Run", "Run All Cells")
        prompts = self._page.locator(".jp-CodeCell .jp-InputArea-prompt")
        self.until(
            lambda: all(map(NUMBERED.fullmatch, prompts.all_text_contents())),
            RUN_MS,
        )

    def failed(self) -> list[str]:
        """Outputs that are errors, or on stderr."""
        return self._page.locator(FAILED).all_text_contents()

    def cells(self, kind: str = ".jp-CodeCell") -> "Locator":
        """All cells of a kind, in order."""
        return self._page.locator(f".jp-NotebookPanel {kind}")

    def cell(self, part: str) -> "Locator":
        """The code cell of which this is a part."""
        found = self.cells().filter(has_text=part).first
        found.scroll_into_view_if_needed()
        return found

    def answer(self, cell: "Locator", answer: str) -> str:
        """Put an answer in its place in a cell, run it by key, and tell what comes out."""
        prompt = cell.locator(".jp-InputArea-prompt")
        before = prompt.text_content()
        self.write(cell.locator(".cm-line").filter(has_text="answer =").first, f"answer = {answer}")
        self.until(
            lambda: NUMBERED.fullmatch(text := prompt.text_content() or "") and text != before
        )
        return cell.locator(".jp-OutputArea-output").inner_text()

    def write(self, line: "Locator", code: str) -> None:
        """Write this in place of a line of a cell, and run it by key."""
        line.click()
        self._page.keyboard.press("Home")
        self._page.keyboard.press("Shift+End")
        self._page.keyboard.insert_text(code)
        self._page.keyboard.press("Control+Enter")

    # --- All else ------------------------------------------------------------------------------

    @property
    def page(self) -> "Page":
        """Playwright's page, for what is special to one test."""
        return self._page

    def until(self, is_so: Callable[[], Any], patience_ms: int = PATIENCE_MS) -> None:
        """Look again and again until it is so."""
        for _ in range(patience_ms // 100):
            if is_so():
                return
            self._page.wait_for_timeout(100)
        self.picture("timeout")
        raise TimeoutError(f"not so after {patience_ms / 1000:g} s")

    def picture(self, name: str, of: "Locator | None" = None) -> None:
        """Keep a picture of the page, or of a part, in runs/browser/."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        (of or self._page).screenshot(path=PICTURES / f"{name}.png")

    def shut_down(self) -> None:
        """End all kernels."""
        for session in json.load(self._ask("GET", "sessions")):
            self._ask("DELETE", f"sessions/{session['id']}").close()

    def _ask(self, method: str, what: str) -> Any:
        request = urllib.request.Request(
            f"{self._url}/api/{what}",
            method=method,
            headers={"Authorization": f"token {self._token}"},
        )
        return urllib.request.urlopen(request, timeout=30)
