"""How well a growth predicts: derived units beside fresh measurements where nothing was fitted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from workbench.capacity.growth import Growth, Point
from workbench.costs.tracing import Probe, gather, units_of
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.messaging.access_patterns import ESSENTIAL
from workbench.trials.trial import open_trial

Place = tuple[int, int, int, int]

MOST_ERROR = 0.01  # beyond it, bills and maps of a design are not to be relied on
# inbox length, messages in the conversation, participants, bytes per text: none of them a knot,
# some beyond the last one.
PLACES = (
    (7, 5, 2, 100),
    (13, 33, 2, 350),
    (27, 64, 2, 700),
    (33, 11, 2, 980),
    (47, 26, 2, 222),
    (95, 120, 2, 60),
    (9, 8, 5, 500),
    (17, 23, 10, 300),
)


@dataclass(frozen=True)
class Prediction:
    """Request units of one pattern's call at one place: derived from growth, and measured there."""

    place: Place
    pattern: str
    unit: str
    derived: float
    measured: float

    @property
    def error(self) -> float:
        """The difference as a share of what was measured."""
        return abs(self.derived - self.measured) / max(self.measured, 0.5)


def check_growth(
    design_class: type[Design],
    growth: Growth,
    target: Target,
    *,
    pages: tuple[int, int] = (20, 20),
    progress: Callable[[str, int, int], None] = lambda task, done, total: None,
) -> list[Prediction]:
    """Predictions at places of which the growth knows nothing, each on a new table."""
    predictions: list[Prediction] = []
    for number, place in enumerate(PLACES, start=1):
        if growth.most_participants is None or place[2] <= growth.most_participants:
            predictions += _predictions_at(design_class, growth, target, place, pages)
        progress(f"{design_class.name}: check", number, len(PLACES))
    return predictions


def _predictions_at(
    design_class: type[Design],
    growth: Growth,
    target: Target,
    place: Place,
    pages: tuple[int, int],
) -> Iterator[Prediction]:
    inbox_length, conversation_length, participants, text_bytes = place
    with open_trial(design_class, target) as trial:
        probe = Probe(trial, text_bytes, pages)
        for _ in range(inbox_length - 1):  # all conversations of a workload are of one size
            gather(probe, participants)
        conversation, started = gather(probe, participants)
        for _ in range(conversation_length - 1):
            probe.send(conversation)
        found = {**probe.patterns(conversation), "D": started}
    point = Point(*(np.array([float(each)]) for each in place))
    for pattern in ESSENTIAL:
        for unit, is_write in (("RRU", False), ("WRU", True)):
            measured = units_of(found[pattern], is_write=is_write)
            derived = growth.units(pattern, point, is_write=is_write)
            if is_write:
                derived += growth.units(pattern, point, is_write=True, is_index=True)
            if measured or derived:
                yield Prediction(place, pattern, unit, float(derived), measured)
