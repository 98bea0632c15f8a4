"""`workbench stream`: what its options come to, without a server."""

import signal

import pytest
from click.testing import CliRunner

from workbench.cli import main
from workbench.cli.stream import until
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


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM], ids=lambda first: first.name)
def test_first_signal_finishes_what_is_in_hand_and_the_second_ends(first: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), until(None) as over:
        assert not over()
        signal.raise_signal(first)
        assert over()
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")

    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("command", [["stream", "show"], ["policy", "--role", "api"]])
def test_names_that_no_table_may_have_are_refused_alike(command: list[str]) -> None:
    done = CliRunner().invoke(main, [*command, "--table", "chät"])

    assert done.exit_code == 2
    said = "Invalid value for '--table': must be 3 to 255 letters, digits, _, - and . (got 'chät')"
    assert said in done.stderr
