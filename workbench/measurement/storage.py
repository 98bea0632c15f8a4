"""Results on disk: written whole, and read only in the format that this workbench knows."""

import json
from pathlib import Path
from typing import Any

from workbench.errors import OutputNotWritable, RunNotReadable


def store(path: Path, content: str | bytes) -> None:
    """Write a result, in a new folder if there is none.

    Raises
    ------
    OutputNotWritable
        If the disk is full or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise OutputNotWritable(f"{path} cannot be written: {error.strerror}") from error


def read_stored(path: Path, *, format_version: int, command: str) -> dict[str, Any]:
    """The JSON object that a command stored.

    Raises
    ------
    RunNotReadable
        If the file is missing, is no stored run, or has another format version.
    """
    way_out = f"make it with `workbench {command}`"
    try:
        stored = json.loads(path.read_text())
        version = stored["format_version"]
    except FileNotFoundError as error:
        raise RunNotReadable(f"there is no {path}, seen from {Path.cwd()}: {way_out}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunNotReadable(f"{path} is no stored run: {way_out}") from error
    if version != format_version:
        raise RunNotReadable(
            f"{path} has format version {version}, this workbench reads {format_version}: {way_out}"
        )
    return dict(stored)
