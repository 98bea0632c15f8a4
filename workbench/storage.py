"""Results on disk: written whole, and read only in the format that this workbench knows."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

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


def read_stored(path: Path, *, command: str, format_version: int = 1) -> dict[str, Any]:
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


@dataclass(frozen=True)
class StoredRun:
    """What a command measured, as it is stored; `command` says which one makes it."""

    command: ClassVar[str]
    format_version: ClassVar[int] = 1

    def to_json(self) -> str:
        """The run as one JSON object."""
        stored = {**asdict(self), "format_version": self.format_version}
        return json.dumps(stored, indent=1, default=str) + "\n"

    def write(self, path: Path) -> None:
        """Store the run, or raise OutputNotWritable."""
        store(path, self.to_json())

    @classmethod
    def read(cls, path: Path) -> dict[str, Any]:
        """A stored run, as the plain values of its JSON, or RunNotReadable."""
        return read_stored(path, command=cls.command, format_version=cls.format_version)
