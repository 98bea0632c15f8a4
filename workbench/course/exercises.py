"""Exercises: a question, hints in steps, and a judge that says why an answer is wrong.

What is expected is worked out by the workbench when an answer is judged, or kept as a salted hash,
so that it cannot be read off.
"""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

UNANSWERED = "unanswered"
RIGHT = "right"
SALT = "message-group-workbench/"


@dataclass(frozen=True)
class Finding:
    """What a judge found: `reason` in a few words ("forgot the index"), `text` in a sentence."""

    reason: str
    text: str

    @property
    def is_right(self) -> bool:
        """Whether the answer is right."""
        return self.reason == RIGHT


Judge = Callable[[Any], Finding]


@dataclass(frozen=True)
class Exercise:
    """One exercise: `name` begins with its lesson, as in "02.three_people"."""

    name: str
    judge: Judge
    hints: Sequence[str]


@dataclass(frozen=True)
class Mistake:
    """A wrong number that tells what was forgotten."""

    value: float
    reason: str
    text: str


@dataclass(frozen=True)
class Case:
    """Arguments of a learner's function, what it should return, and what is wrong otherwise."""

    arguments: Sequence[Any]
    expected: Any
    reason: str
    text: str


def right(text: str) -> Finding:
    """The answer is right, because."""
    return Finding(RIGHT, text)


def number(
    expected: Callable[[], float],
    because: str,
    mistakes: Callable[[], Sequence[Mistake]] = lambda: (),
    *,
    unit: str = "",
) -> Judge:
    """A judge of a number that is worked out when it is needed; 1% to either side is right."""

    def judge(answer: Any) -> Finding:
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            return Finding("not a number", f"a number{f' of {unit}' if unit else ''} is asked for")
        if _near(answer, expected()):
            return right(because)
        for mistake in mistakes():
            if _near(answer, mistake.value):
                return Finding(mistake.reason, mistake.text)
        word = "too many" if answer > expected() else "too few"
        return Finding(word, f"{answer:g} {unit} is {word}".replace("  ", " "))

    return judge


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 0.01 * abs(other) + 1e-9


def word(digest: str, because: str, mistakes: Sequence[tuple[str, str, str]] = ()) -> Judge:
    """A judge of a word kept as a salted hash (`digest_of`).

    Mistakes have the hash of the wrong word, the reason, and a sentence.
    """

    def judge(answer: Any) -> Finding:
        if not isinstance(answer, str):
            return Finding("not a word", "a word in quotes is asked for")
        found = digest_of(answer)
        if found == digest:
            return right(because)
        for wrong, reason, text in mistakes:
            if found == wrong:
                return Finding(reason, text)
        return Finding("another word", f"{answer!r} is not it")

    return judge


def code(cases: Sequence[Sequence[Any]], judge_results: Callable[[list[Any]], Finding]) -> Judge:
    """A judge of a function, which is called on each case; results of `...` are unanswered.

    Each call has copies, so that a function that changes what it is given is found out by itself.
    """

    def judge(answer: Any) -> Finding:
        if not callable(answer):
            return Finding("not a function", "a function is asked for: its name, without brackets")
        try:
            results = [answer(*copy.deepcopy(case)) for case in cases]
            if any(result is ... for result in results):
                return Finding(UNANSWERED, "Write your code in place of the three dots.")
            return judge_results(results)
        except Exception as error:  # whatever a learner's function raises, or returns, is told
            return Finding("raised an error", f"{type(error).__name__}: {error}")

    return judge


def function(cases: Callable[[], Sequence[Case]], because: str) -> Judge:
    """A judge of a function with one right result for each case.

    The first that differs says what is wrong.
    """

    def judge(answer: Any) -> Finding:
        asked = cases()

        def judge_results(results: list[Any]) -> Finding:
            for case, result in zip(asked, results, strict=True):
                if result != case.expected:
                    return Finding(case.reason, case.text)
            return right(because)

        return code([case.arguments for case in asked], judge_results)(answer)

    return judge


def digest_of(answer: str) -> str:
    """The salted hash of a word, whatever its case and the blanks around it."""
    return hashlib.sha256((SALT + answer.strip().casefold()).encode()).hexdigest()[:16]
