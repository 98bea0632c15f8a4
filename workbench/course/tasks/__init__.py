"""The exercises of all lessons, by name."""

from workbench.course.exercises import Exercise
from workbench.course.tasks import (
    addresses,
    caching,
    comparing,
    indexes,
    judging,
    keys,
    modelling,
    rights,
    securing,
    sessions,
    streams,
    units,
)

LESSONS = (
    units, keys, indexes, streams, comparing, rights, modelling, caching, securing, addresses,
    sessions, judging,
)  # fmt: skip
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for lesson in LESSONS for exercise in lesson.EXERCISES
}
