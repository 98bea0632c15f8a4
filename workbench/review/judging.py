"""What a review says: a verdict of three sentences for each design, and the gate.

A gate has three ways to be red, for they call for different work: worse than a limit, could not
tell, and broken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from workbench.conformance.program import FAULT_KINDS
from workbench.costs.bills import total
from workbench.review.running import Review
from workbench.units import format_mean

WAITED_FOR = "ABCD"
LEAST_USD = 1.0


class Outcome(IntEnum):
    """The exit codes of `workbench review`; 1 and 2 are those of a command that did not run."""

    PASSED = 0
    WORSE = 3
    COULD_NOT_TELL = 4
    BROKEN = 5


@dataclass(frozen=True)
class Line:
    """One line of the gate: what was asked of which design, and what became of it."""

    outcome: Outcome
    design: str
    limit: str
    found: str

    def __str__(self) -> str:
        word = self.outcome.name.replace("_", " ").lower()
        return f"{word:14} {self.design}: {self.limit}: {self.found}"


def gate(review: Review) -> list[Line]:
    """All lines; a promise broken is red whether or not anything was asked."""
    lines = []
    for design in review.proposed:
        lines += [*_broken(review, design), *_cost(review, design), *_round_trips(review, design)]
        lines += _required(review, design)
    return lines


def outcome(lines: list[Line]) -> Outcome:
    """The worst of all: broken, then worse, then not told."""
    found = {line.outcome for line in lines}
    for worst in (Outcome.BROKEN, Outcome.WORSE, Outcome.COULD_NOT_TELL):
        if worst in found:
            return worst
    return Outcome.PASSED


def _broken(review: Review, design: str) -> Iterator[Line]:
    facts = review.facts("conformance")
    for failure in facts[design]["failures"] if facts else ():
        told = f"{failure['pattern']}: {failure['what']}"
        yield Line(Outcome.BROKEN, design, "no promise broken", told)


def _cost(review: Review, design: str) -> Iterator[Line]:
    limit = review.plan["limits"]["max_cost_ratio"]
    if limit is None:
        return
    asked = f"cost at most {limit:g} times {review.baseline}'s"
    facts = review.facts("bill")
    if facts is None:
        yield _untold(review, "bill", design, asked)
        return
    for bill in facts["bills"]:
        ratio = total(bill["designs"][design]) / total(bill["designs"][review.baseline])
        found = Outcome.PASSED if ratio <= limit else Outcome.WORSE
        yield Line(found, design, asked, f"{ratio:.2f} times with {bill['users']:,.0f} users")


def _round_trips(review: Review, design: str) -> Iterator[Line]:
    limit = review.plan["limits"]["max_round_trips"]
    if limit is None:
        return
    asked = f"at most {limit:g} round trips"
    facts = review.facts("patterns")
    if facts is None:
        yield _untold(review, "patterns", design, asked)
        return
    trips = {p: facts["designs"][design][p]["round_trips"] for p in WAITED_FOR}
    worst = max(trips, key=trips.__getitem__)
    found = Outcome.PASSED if trips[worst] <= limit else Outcome.WORSE
    yield Line(found, design, asked, f"{worst} takes {format_mean(trips[worst])}")


def _required(review: Review, design: str) -> Iterator[Line]:
    facts = review.facts("conformance")
    for name in review.plan["limits"]["require"]:
        asked = f"require {name}"
        if facts is None:
            yield _untold(review, "conformance", design, asked)
            continue
        checked = facts[design]
        untried = [p for p, verdict in checked["verdicts"].items() if verdict == "not tried"]
        injected = sum(checked["faults"].values())
        if checked["failures"]:
            yield Line(Outcome.BROKEN, design, asked, "a promise is broken")
        elif name == "conformance" and untried:
            yield Line(Outcome.COULD_NOT_TELL, design, asked, f"not tried: {', '.join(untried)}")
        elif name == "faults" and not injected:
            yield Line(Outcome.COULD_NOT_TELL, design, asked, "no fault was injected")
        else:
            told = f"{checked['programs']} programs, {injected} faults injected"
            yield Line(Outcome.PASSED, design, asked, told)


def _untold(review: Review, section: str, design: str, asked: str) -> Line:
    """What was asked of a section that failed, with the reason."""
    return Line(Outcome.COULD_NOT_TELL, design, asked, review.sections[section]["why"])


# --- Sentences -------------------------------------------------------------------------------


def verdict(review: Review, design: str) -> list[str]:
    """Three sentences on a design against the baseline: cost, work and right, with numbers."""
    return [
        _or_why(review, "bill", lambda facts: _cost_sentence(review, design, facts)),
        _or_why(review, "patterns", lambda facts: _work_sentence(review, design, facts)),
        _or_why(review, "conformance", lambda facts: _right_sentence(design, facts)),
    ]


def _or_why(review: Review, section: str, told: Any) -> str:
    facts = review.facts(section)
    if facts is None:
        found = review.sections[section]
        return f"Not known: the section {section} {found['status']}: {found['why']}"
    return str(told(facts))


def _cost_sentence(review: Review, design: str, facts: Mapping[str, Any]) -> str:
    bill = next((b for b in facts["bills"] if _worth_it(b, review.baseline)), facts["bills"][-1])
    mine, base = (float(total(bill["designs"][name])) for name in (design, review.baseline))
    return (
        f"With {bill['users']:,.0f} users a month costs USD {mine:,.2f} under {design}, USD "
        f"{abs(mine - base):,.2f} or {_more(mine, base)} than the USD {base:,.2f} of "
        f"{review.baseline}; moving there is not counted."
    )


def _worth_it(bill: Mapping[str, Any], name: str) -> bool:
    """Whether a bill is large enough to be spoken of."""
    return float(total(bill["designs"][name])) >= LEAST_USD


def _more(one: float, other: float) -> str:
    return f"{abs(one / other - 1):.0%} {'more' if one > other else 'less'}"


def _work_sentence(review: Review, design: str, facts: Mapping[str, Any]) -> str:
    mine, base = (facts["designs"][name] for name in (design, review.baseline))

    def sums(found: Mapping[str, Any], letters: str, key: str) -> str:
        return format_mean(sum(found[letter][key] for letter in letters))

    def both(letters: str, key: str) -> str:
        return f"{sums(mine, letters, key)} ({sums(base, letters, key)})"

    return (
        f"Who sends waits for {both('C', 'round_trips')} round trips (in brackets: "
        f"{review.baseline}), with a first message for {both('D', 'round_trips')}; a message and "
        f"its stream update write {both('CE', 'estimated_wru')} WRU, a first message "
        f"{both('D', 'estimated_wru')}; a page of the inbox takes {both('B', 'round_trips')} round "
        f"trips and {both('B', 'estimated_rru')} RRU."
    )


def _right_sentence(design: str, facts: Mapping[str, Any]) -> str:
    checked = facts[design]
    faults = checked["faults"]
    kinds = ", ".join(f"{kind} {faults[kind]}" for kind in FAULT_KINDS if faults.get(kind))
    never = ", ".join(kind for kind in FAULT_KINDS if not faults.get(kind))
    tried = f"{checked['programs']} programs with {sum(faults.values())} faults ({kinds or 'none'}"
    tried += f"; not once: {never})" if never else ")"
    lacks = ", ".join(checked["unsupported"])
    supports = f"; it does not support {lacks}" if lacks else "; it supports all ten patterns"
    if checked["failures"]:
        first = checked["failures"][0]
        return f"{design} breaks a promise, {first['pattern']}: {first['what']}; {tried}."
    untried = [p for p, found in checked["verdicts"].items() if found == "not tried"]
    if untried:
        return f"Whether {design} keeps {', '.join(untried)} was not told by {tried}."
    return f"{design} kept every promise in {tried}{supports}."
