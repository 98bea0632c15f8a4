"""A growth run as it is stored."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.growth.growing import Point
from workbench.measurement.environment import Environment
from workbench.measurement.storage import read_stored, store

FORMAT_VERSION = 1


@dataclass(frozen=True)
class GrowthRun:
    """All points, and where they were measured."""

    environment: Environment
    most_items: int
    points: Sequence[Point]
    format_version: int = FORMAT_VERSION

    def to_json(self) -> str:
        """The run as one JSON object."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def write(self, path: Path) -> None:
        """Store the run, or raise OutputNotWritable."""
        store(path, self.to_json())


def read_growth(path: Path) -> dict[str, Any]:
    """A stored run, as the plain values of its JSON, or RunNotReadable."""
    return read_stored(path, format_version=FORMAT_VERSION, command="growth --out RUN.json")
