"""Exercises of lessons 05 and 06: reading a comparison, and where the answer flips."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.costs.bills import total
from workbench.costs.flips import AXES, Costs, flips_along
from workbench.costs.storage import read_traces
from workbench.course.exercises import Exercise, Finding, Judge, Mistake, number, right
from workbench.dynamodb.install import DATA, PRICES
from workbench.measurement.results import read_run
from workbench.messaging.workload import Workload
from workbench.reports.tables import price_frame

REGION = "us-east-1"
LEAST_RATIO = 1.5  # of two medians without a noise floor

# --- What is expected ------------------------------------------------------------------------


@functools.cache
def _run() -> Mapping[str, Any]:
    return read_run(DATA / "compare.json")


def _usd(design: str, letters: str) -> float:
    """USD per million calls of these patterns together."""
    frame = price_frame(_run(), read_prices(PRICES), REGION)
    return float(sum(frame.loc[[q for q in frame.index if q[0] in letters], design]))


def _dearer(letters: str) -> float:
    return _usd("dual", letters) - _usd("single", letters)


def _units(letters: str, unit: str) -> float:
    """By how many units dual exceeds single in these patterns together."""
    designs = _run()["designs"]
    return float(
        sum(
            designs["dual"]["patterns"][letter][unit] - designs["single"]["patterns"][letter][unit]
            for letter in letters
        )
    )


def _dearest() -> str:
    return max("ABCDEFGHI", key=lambda letter: _usd("dual", letter))


def _faster() -> str:
    """Patterns in which dual's quartiles lie above those of single, and its median far above."""
    return "".join(letter for letter in "ABCDE" if _is_told_apart(letter))


def _is_told_apart(letter: str) -> bool:
    dual, single = (_run()["designs"][name]["patterns"][letter] for name in ("dual", "single"))
    return bool(
        dual["latency_quartiles_ms"][0] > single["latency_quartiles_ms"][1]
        and dual["median_latency_ms"] >= LEAST_RATIO * single["median_latency_ms"]
    )


@functools.cache
def _costs(*names: str) -> Costs:
    traces = read_traces(DATA / "traces.json")
    models = traces.choose(names) if names else traces.models
    return Costs(models, read_prices(PRICES), REGION, Assumptions())


def _flip() -> float:
    """Inbox reads for each message above which dual is cheaper than single."""
    [flip] = flips_along(_costs("dual", "single"), Workload(), AXES["reads_per_message"])
    return flip.position


def _cheapest(workload: Workload) -> str:
    bills = _costs().bills(workload)
    return min(bills, key=lambda name: float(total(bills[name])))


# --- Judges ----------------------------------------------------------------------------------


def _letters(
    expected: Callable[[], str], because: str, mistakes: Mapping[str, tuple[str, str]]
) -> Judge:
    """A judge of letters of access patterns; mistakes are a wrong answer's reason and text."""

    def judge(answer: Any) -> Finding:
        if not isinstance(answer, str):
            return Finding("not a word", "letters in quotes are asked for")
        given = "".join(sorted(answer.strip().upper().replace(",", "").replace(" ", "")))
        if given == expected():
            return right(because)
        reason, text = mistakes.get(given, ("other letters", f"{answer!r} is not it"))
        return Finding(reason, text)

    return judge


def _judge_ten(answer: Any) -> Finding:
    if answer not in _costs().models:
        return Finding("no such design", f"one of {', '.join(_costs().models)} is asked for")
    if answer == "single":
        return Finding("no place for ten", "its group item has places for two.")
    best = _cheapest(Workload(participants=10))
    if answer == best:
        return right("A message updates one group item, however many take part.")
    return Finding("a copy for each", f"{answer} writes ten group items for each message.")


def _judge_length(answer: Any) -> Finding:
    """Whether dual is the cheapest of all, at texts of so many bytes, where inboxes are read."""
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return Finding("not a number", "a number of bytes is asked for")
    if not 1 <= answer <= 1_024:
        return Finding("not a text", "the application takes texts of up to 1,024 characters")
    often = replace(Workload(text_bytes=(int(answer),)), inbox_reads_per_user_per_day=100.0)
    best = _cheapest(often)
    if best == "dual":
        return right("Its group item is the smallest: theirs begin a second write unit before it.")
    return Finding("another is cheaper", f"at {int(answer)} bytes it is {best}.")


EXERCISES = (
    Exercise(
        "05.dearer_message",
        number(
            lambda: _dearer("CE"),
            "3 WRU a message are most of it. Storage, streams and the function come on top.",
            lambda: [
                Mistake(_dearer("E"), "forgot C", "that is the stream update alone."),
                Mistake(_usd("dual", "CE"), "not the difference", "that is all of dual's."),
                Mistake(-_dearer("CE"), "the other way round", "dual is the dearer one."),
            ],
            unit="USD",
        ),
        (
            "Which two rows are a message with its stream update?",
            "C and E, of dual; then of single.",
            '`price_frame(run, prices)` is a frame: `frame["dual"] - frame["single"]`.',
        ),
    ),
    Exercise(
        "05.break_even",
        number(
            lambda: _dearer("CE") / -_dearer("B"),
            "At so many looks at the inbox the query saved pays for the writes.",
            lambda: [
                Mistake(
                    (_units("CE", "estimated_wru") + _units("CE", "estimated_rru"))
                    / -_units("B", "estimated_rru"),
                    "took a WRU for an RRU",
                    "a write unit costs five times a read unit here.",
                ),
                Mistake(
                    _dearer("E") / -_dearer("B"), "forgot C", "sending reads a group item, too."
                ),
                Mistake(
                    -_dearer("B") / _dearer("CE"),
                    "the other way round",
                    "that is messages for each look.",
                ),
            ],
            unit="looks",
        ),
        (
            "What does dual lose at each message, and what does it gain at each look?",
            "Both are in the table of prices: C and E, and B.",
            "Divide the first by the second, both in USD.",
        ),
    ),
    Exercise(
        "05.dearest",
        _letters(
            _dearest,
            "A copied name has to be changed in every copy.",
            {"E": ("not daily", "E is dear, but follows every message."),
             "D": ("not daily", "D is dear, but not the dearest.")},
        ),
        ("Look down the column of WRU.", "Which fact is copied to the most items?"),
    ),
    Exercise(
        "05.faster",
        _letters(
            _faster,
            "Only there is the difference far larger than what a run differs from itself.",
            {
                **dict.fromkeys(("D", "DE"), ("within the noise", "dual's median of D is less than "
                    "one and a half times single's, and no noise floor was measured.")),
                "ACDE": ("within the noise", "A and C differ by a few percent."),
                **dict.fromkeys(("B", "BE", "BDE"), ("the other way round", "in B it is dual that "
                    "is faster.")),
            },
        ),
        (
            "The text behind the table says when this run cannot tell.",
            "One median has to be at least one and a half times the other, and quartiles must not "
            "overlap.",
        ),
    ),
    Exercise(
        "06.break_even",
        number(
            _flip,
            "Above it the query saved at each look pays for the writes.",
            lambda: [
                Mistake(
                    next(
                        flip.position
                        for flip in flips_along(_costs(), Workload(), AXES["reads_per_message"])
                        if flip.right == "dual"
                    ),
                    "took the other table",
                    "that is where dual is the cheapest of all six.",
                )
            ],
            unit="reads",
        ),
        (
            "There are two tables of break-even points. Which one has two designs?",
            "Its row for inbox reads per message.",
        ),
    ),
    Exercise(
        "06.ten_people",
        _judge_ten,
        (
            "Move the slider for participants to ten.",
            "Which design writes one group item, however many take part?",
        ),
    ),
    Exercise(
        "06.text_length",
        _judge_length,
        (
            "Group items copy the text. At what size does one begin a second write unit?",
            "dual's is the smallest item, so there is a range in which only the others' do.",
            "In `explorer(costs, Workload(text_bytes=(500,)))` move bytes per text between 700 and "
            "850, with ten inbox reads for each message.",
        ),
    ),
)  # fmt: skip
