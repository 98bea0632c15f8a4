"""Designs that misbehave are reported, in good time, and leave no table behind."""

import time
from pathlib import Path

import pytest

from tests.designs.misbehaving import source_of
from workbench.conformance import grounds
from workbench.conformance.grounds import open_ground
from workbench.conformance.machine import Search, search
from workbench.designs import Dual
from workbench.designs.loading import load_design
from workbench.dynamodb.targets import Target
from workbench.errors import DesignNotLoaded, DesignNotUsable

pytestmark = pytest.mark.local


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real limits are for people, who wait."""
    monkeypatch.setattr(grounds, "CALL_SECONDS", 2.0)
    monkeypatch.setattr(grounds, "SESSION_SECONDS", 3.0)


def searched(name: str, folder: Path, target: Target) -> Search:
    path = folder / f"{name}.py"
    path.write_text(source_of(name))
    with open_ground(load_design(path), target) as ground:
        return search(ground, patterns=frozenset("ABCDEF"), programs=20, seed=1)


@pytest.mark.parametrize(
    ("name", "pattern", "told"),
    [
        ("half_written", "D", "raised NotImplementedError (line"),
        ("slow", "D", "a call took more than 2 seconds"),
        ("deaf", "D", "a call took more than 2 seconds"),
        ("sluggish", "B", "all calls of a session took more than 3 seconds"),
        ("slow_update", "E", "a call took more than 2 seconds"),
        ("raising", "B", "raised KeyError: 'inbox' (line"),
        ("raising_update", "E", "KeyError: 'inbox', each time (line"),
        ("exiting", "D", "SystemExit(3), which ends a program"),
        ("exiting_update", "E", "SystemExit(3), which ends a program"),
        ("table_in_a_call", "A", "CreateTable for 'left-behind'"),
        ("table_in_update", "E", "CreateTable for 'left-behind'"),
        ("no_page", "D", "has no attribute 'entries'"),
        ("useless_message", "C", "'int' object has no attribute 'text'"),
        ("miscounting", "F", "unread messages, not"),
        ("unsettled", "E", "the stream never becomes quiet: the handler goes on writing"),
        ("endless", "B", "a list has no end"),
    ],
)
def test_misbehaving_design_is_reported(
    tmp_path: Path, target: Target, name: str, pattern: str, told: str
) -> None:
    found = searched(name, tmp_path, target)

    assert found.failure is not None
    assert found.failure.broken.pattern == pattern
    assert told in found.failure.broken.what
    assert target.client().list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("raising_when_made", r"making it failed: KeyError: 'inbox' \(line"),
        ("exiting_when_made", r"making it failed: SystemExit\(3\)"),
        ("slow_when_made", "making it failed: a call took more than 2 seconds"),
        ("table_when_made", "CreateTable for 'left-behind'"),
        ("overfull_table", "creating its table failed: ClientError"),
        ("unknown_option", 'creating its table failed: .*\n.*"Colour"'),
    ],
)
def test_design_that_cannot_be_made_is_named(
    tmp_path: Path, target: Target, name: str, told: str
) -> None:
    with pytest.raises(DesignNotUsable, match=told) as caught:
        searched(name, tmp_path, target)

    assert caught.value.design == name
    assert target.client().list_tables()["TableNames"] == []


def test_undefined_pattern_is_refused_when_loaded(tmp_path: Path, target: Target) -> None:
    with pytest.raises(DesignNotLoaded, match="count_unread must be defined, or 'F'"):
        searched("undefined", tmp_path, target)


def test_undefined_pattern_fails_where_it_is_called(target: Target) -> None:
    class Boasting(Dual):
        name = "boasting"
        count_unread = Dual.__mro__[2].count_unread  # as if its file did not define it

    with open_ground(Boasting, target) as ground:
        found = search(ground, patterns=frozenset("ABCDEF"), programs=10, seed=1)

    assert found.failure is not None
    assert "its file does not define it" in found.failure.broken.what


def test_call_inside_another_leaves_that_its_limit(target: Target) -> None:
    with open_ground(Dual, target) as ground:

        def outer() -> None:
            ground.within_time(lambda: None)
            time.sleep(30)

        with pytest.raises(grounds.TooSlow, match="a call took more than 2 seconds"):
            ground.within_time(outer)


def test_failure_behind_the_last_step_needs_few_steps(tmp_path: Path, target: Target) -> None:
    found = searched("raising_update", tmp_path, target)

    assert found.failure is not None
    assert len(found.failure.steps) <= 2
