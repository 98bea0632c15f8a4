"""JupyterLab as `make lab` starts it, on a copy of the notebooks, in Debian's Chromium.

Without a browser these tests fail: `make browser` installs what they need.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import LabPage
from tests.conftest import ROOT
from workbench.dynamodb.server import free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORKBENCH = Path(sys.executable).with_name("workbench")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
TOKEN = "test"
READY_SECONDS = 60
WAY_OUT = "`make browser` installs what is missing, where it may"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, own_state: Path) -> Iterator[str]:
    """The address of a `workbench lab` on a copy of the notebooks, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    for path in (home / "notebooks").glob("*.ipynb"):
        _forget_outputs(path)
    (home / "data").symlink_to(ROOT / "data")
    port = free_port()
    own = {
        f"{name}_DIR": str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG", "JUPYTER_DATA", "JUPYTER_RUNTIME",
            "JUPYTERLAB_SETTINGS", "JUPYTERLAB_WORKSPACES",
        )
    }  # fmt: skip
    command = [
        WORKBENCH, "lab", "--notebook-dir", home / "notebooks", "--", "--no-browser",
        f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **own})
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url, home / "log")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=READY_SECONDS)


def _forget_outputs(path: Path) -> None:
    """What is shown later was run, and not stored."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    path.write_text(json.dumps(notebook))


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    for _ in range(READY_SECONDS * 10):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{url}/api/status?token={TOKEN}", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"JupyterLab is not ready after {READY_SECONDS} s:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium without a window; its absence is a failure."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail(f"playwright is not installed: {WAY_OUT}")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"none of {', '.join(BROWSERS)} is on this machine: {WAY_OUT}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=[*FLAGS], headless=True)
        yield opened
        opened.close()


@pytest.fixture
def page(lab: str, browser: "Browser", request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """A page of a browser that knows nothing yet; afterwards, it must have had no error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1300})
    opened = LabPage(context.new_page(), lab, TOKEN)
    yield opened
    opened.picture(request.node.name)
    logged = [*opened.errors]  # before the kernel is gone, which JupyterLab may complain of
    opened.shut_down()
    context.close()
    assert logged == [], "errors in the browser's console; JupyterLab itself logs none"
