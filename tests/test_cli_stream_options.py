"""`workbench stream`: what its options come to, without a server."""

import contextlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from click.testing import Result

from tests.test_cli import call
from workbench.cli.stream import until
from workbench.designs.dual import Dual
from workbench.designs.single import Single
from workbench.dynamodb import targets
from workbench.live import following, sending
from workbench.streams.mapping import EventSourceMapping


@pytest.mark.parametrize("command", ["run", "send", "show", "replay"])
def test_server_that_nobody_else_could_reach_is_not_started(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(targets, "private_servers", lambda *_, **__: pytest.fail("it was started"))

    done = call("stream", command)

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
    done = call(*command, "--table", "chät")

    assert done.exit_code == 2
    said = "Invalid value for '--table': must be 3 to 255 letters, digits, _, - and . (got 'chät')"
    assert said in done.stderr


TARGET = SimpleNamespace(client=lambda: None)


class FakeFollower:
    """Gives up one record, and keeps what it was made with."""

    made_with: ClassVar[dict[str, Any]]
    resumed = SimpleNamespace(handled={})
    reader = SimpleNamespace(gaps=[])

    def __init__(self, *place: Any, **options: Any) -> None:
        type(self).made_with = {"place": place, **options}

    def follow(self, should_stop: Callable[[], bool]) -> None:
        if path := self.made_with["checkpoint_path"]:
            path.write_text("{}")
        self.made_with["on_discard"]({"condition": "RetryAttemptsExhausted"})


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands get a target that is none, and followers that are fakes."""
    module = sys.modules["workbench.cli.stream"]
    monkeypatch.setattr(module, "open_shared", lambda *_: contextlib.nullcontext(TARGET))
    monkeypatch.setattr(following, "Follower", FakeFollower)


@pytest.mark.usefixtures("no_server")
def test_options_become_the_settings_of_a_mapping(tmp_path: Path) -> None:
    checkpoint, lost = tmp_path / "new" / "point.json", tmp_path / "other" / "new" / "lost.jsonl"
    options = (
        "--design single --table chats --batch-size 7 --window 1.5 --parallel 4 --retries 3 "
        f"--max-age 60 --bisect --latest --checkpoint {checkpoint} --on-failure {lost}"
    )

    done = call("stream", "run", *options.split())

    assert done.exit_code == 0, done.output
    made_with = FakeFollower.made_with
    assert made_with["place"] == (
        Single,
        TARGET,
        "chats",
        EventSourceMapping(
            batch_size=7,
            maximum_batching_window_in_seconds=1.5,
            parallelization_factor=4,
            maximum_retry_attempts=3,
            maximum_record_age_in_seconds=60,
            bisect_batch_on_function_error=True,
            patterns=[Single.stream_filter],
        ),
    )
    assert made_with["start"] == "LATEST"
    assert checkpoint.read_text() == "{}"
    assert lost.read_text() == '{"condition": "RetryAttemptsExhausted"}\n'


@pytest.mark.usefixtures("no_server")
def test_follower_without_options_is_as_aws_has_it_from_the_oldest_record_on() -> None:
    done = call("stream", "run")

    assert done.exit_code == 0, done.output
    *_, mapping = FakeFollower.made_with["place"]
    assert mapping == EventSourceMapping(patterns=[Dual.stream_filter])
    assert FakeFollower.made_with["start"] == "TRIM_HORIZON"
    assert FakeFollower.made_with["checkpoint_path"] is None


def send(monkeypatch: pytest.MonkeyPatch, send_live: Callable[..., float]) -> Result:
    """Ten messages at 50 a second, as if this had sent them."""
    table = SimpleNamespace(name="chats")
    monkeypatch.setattr(sending, "open_empty_table", lambda *_: table)
    monkeypatch.setattr(sending, "send_live", send_live)
    return call("stream", "send", "--messages", "10", "--per-second", "50")


@pytest.mark.usefixtures("no_server")
@pytest.mark.parametrize(
    ("late", "said"),
    [(0.02, ""), (0.51, "the last one was 0.5 s late: this rate is too high here\n")],
)
def test_sender_that_falls_behind_says_so(
    monkeypatch: pytest.MonkeyPatch, late: float, said: str
) -> None:
    done = send(monkeypatch, lambda *_, **__: late)

    assert done.exit_code == 0, done.output
    assert done.stderr == f"sent 10 messages to chats on {TARGET}\n{said}"


@pytest.mark.usefixtures("no_server")
def test_interrupted_sender_says_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_three(*_: Any, progress: Callable[[int], None], **__: Any) -> float:
        progress(3)
        raise KeyboardInterrupt

    done = send(monkeypatch, send_three)

    assert done.exit_code == 130
    assert done.stderr == (
        "sent 3 of 10 messages to chats, then interrupted. Who follows it goes on with these; "
        "to send again, name a new table with --table\n"
    )
