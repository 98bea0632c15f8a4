"""A learner's progress: what was predicted, what was answered, and which hints were asked for.

It is one small file of this machine, `progress.json` in the state folder, that nobody else reads;
`workbench progress --reset` begins anew.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

from workbench.dynamodb.server import state_folder
from workbench.errors import OutputNotWritable, RunNotReadable
from workbench.storage import store

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Progress:
    """Predictions, exercises and hints, each by its name; see `predictions` and `checking`."""

    predictions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exercises: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hints: Mapping[str, int] = field(default_factory=dict)


def progress_path() -> Path:
    """Where progress is kept."""
    return state_folder() / "progress.json"


def read_progress() -> Progress:
    """What was recorded so far; nothing, where there is no file yet.

    Raises
    ------
    RunNotReadable
        If the file is not one that this workbench wrote.
    """
    path = progress_path()
    try:
        stored = json.loads(path.read_text())
        if stored.pop("format_version") != FORMAT_VERSION:
            raise ValueError("another format")
        return Progress(**stored)
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunNotReadable(
            f"{path} cannot be read: `workbench progress --reset` begins a new one"
        ) from error


def change_progress(change: Callable[[Progress], Progress]) -> Progress:
    """Read, change and store progress; two notebooks at once wait for each other.

    Raises
    ------
    OutputNotWritable
        If it cannot be stored.
    """
    path = progress_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_suffix(".lock"), timeout=10)
        with lock:
            changed = change(read_progress())
            _store(path, changed)
    except OSError as error:
        raise OutputNotWritable(f"{path} cannot be written: {error}") from error
    return changed


def _store(path: Path, progress: Progress) -> None:
    text = json.dumps({**asdict(progress), "format_version": FORMAT_VERSION}, indent=1)
    unfinished = path.with_suffix(".new")
    store(unfinished, text + "\n")
    unfinished.replace(path)  # at once: whoever is interrupted leaves the old file


def reset_progress() -> bool:
    """Forget all progress; whether there was any."""
    path = progress_path()
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed
