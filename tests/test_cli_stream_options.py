"""`workbench stream`: what its options come to, without a server."""

import pytest
from click.testing import CliRunner

from workbench.cli import main
from workbench.dynamodb import targets


@pytest.mark.parametrize("command", ["run", "send", "show", "replay"])
def test_server_that_nobody_else_could_reach_is_not_started(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(targets, "private_servers", lambda _: pytest.fail("it was started"))

    done = CliRunner().invoke(main, ["stream", command])

    assert done.exit_code == 1
    assert done.stderr == (
        "error: no server is up that another command could reach: start one with `workbench up`, "
        "or give --endpoint\n"
    )
