"""A growth run as it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.growth.growing import Point
from workbench.measurement.environment import Environment
from workbench.storage import StoredRun


@dataclass(frozen=True)
class GrowthRun(StoredRun):
    """All points, and where they were measured."""

    command = "growth --out RUN.json"
    environment: Environment
    most_items: int
    points: Sequence[Point]


read_growth = GrowthRun.read
