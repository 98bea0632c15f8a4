"""What nbval needs to run the notebooks: a server, which is pytest's and never a notebook's."""

import contextlib
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell

from tests.course.lessons import NOTEBOOKS, cells_of, coverage_of
from workbench.dynamodb.server import BRIEF_FLAGS, STATE_VARIABLE
from workbench.dynamodb.targets import ENDPOINT_VARIABLE, open_targets

collect_ignore_glob = ["solutions/*"]  # papermill runs them, in tests/course
_open = contextlib.ExitStack()


@functools.cache
def _environment() -> dict[str, str]:
    """Where notebooks find a server and keep progress; both end with the session."""
    state = _open.enter_context(tempfile.TemporaryDirectory())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE_VARIABLE, state)  # a shared server of the user's is left alone
        patch.setenv("JDK_JAVA_OPTIONS", " ".join(BRIEF_FLAGS))
        [target] = _open.enter_context(open_targets(environ={}))
    return {ENDPOINT_VARIABLE: str(target.endpoint_url), STATE_VARIABLE: state}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A kernel is started with a notebook's first cell, and inherits the environment then."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _environment().items():
            patch.setenv(name, value)
        patch.setenv(STATE_VARIABLE, str(Path(_environment()[STATE_VARIABLE]) / item.path.stem))
        return (yield)


def pytest_sessionfinish() -> None:
    """Stop the server."""
    _open.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Behind a run of notebooks: how much of each nbval compared."""
    ran = {
        report.nodeid.partition("::")[0]
        for reports in terminalreporter.stats.values()
        for report in reports
        if ".ipynb::" in getattr(report, "nodeid", "")
    }
    if not ran:
        return
    terminalreporter.section("cells of notebooks, as nbval takes them")
    headings = ("compared", "pictures", "ignored", "skipped", "silent")
    terminalreporter.write_line(f"{'':28}{''.join(f'{each:>10}' for each in headings)}     share")
    for path in (path for path in NOTEBOOKS if f"notebooks/{path.name}" in ran):
        found = coverage_of(cells_of(path))
        counts = "".join(f"{getattr(found, each):>10}" for each in headings)
        terminalreporter.write_line(f"{path.stem:28}{counts}{found.share:>10.0%}")
