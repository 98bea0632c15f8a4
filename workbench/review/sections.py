"""The sections of a review: each a function from the plan to what it found.

`facts` are the same for the same plan; `timings` are not, and stand apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from workbench.capacity.assumptions import Assumptions
from workbench.capacity.prices import read_prices
from workbench.cards.card import Card, Place
from workbench.cards.collecting import collect_card
from workbench.conformance.check import check_design
from workbench.costs.bills import total
from workbench.costs.flips import AXES, Costs, moved
from workbench.costs.storage import TraceRun, read_traces, trace_designs
from workbench.designs import Design
from workbench.dynamodb.install import DATA, PRICES
from workbench.dynamodb.targets import open_targets
from workbench.iam.matrix import read_matrix
from workbench.latency.blocks import Plan as LatencyPlan
from workbench.latency.findings import findings
from workbench.latency.rounds import compare_latency
from workbench.measurement.comparison import compare
from workbench.reports.bills import cost_report
from workbench.reports.growth import exponent
from workbench.review.plan import SCALES, Plan

Progress = Callable[[str, int, int], None]
COUNTS = ("round_trips", "estimated_rru", "estimated_wru", "items_read", "stream_records")
LATENCY_MESSAGES = 300
LATENCY_PER_SECOND = 50.0
GROWING = (  # (what grows, the pattern's lines of the bill)
    ("inbox_length", "B", ("B reads",)),
    ("participants", "E", ("E table writes", "index upkeep")),
    ("text_bytes", "C and E", ("C table writes", "E table writes", "index upkeep")),
)


@dataclass(frozen=True)
class Found:
    """What a section found."""

    facts: Mapping[str, Any]
    timings: Mapping[str, Any] = field(default_factory=dict)


Section = Callable[[Plan, Progress], Found]


# --- Cards -----------------------------------------------------------------------------------


def cards(plan: Plan, progress: Progress) -> Found:
    """Keys, indexes and item types of each design, and what differs from the baseline's."""
    with open_targets(is_brief=True) as [target]:
        found = {
            design.name: collect_card(design, replace(target, access_key=f"card{n}"), programs=0)
            for n, design in enumerate(plan.designs)
        }
    base = _keys(found[plan.baseline])
    facts = {
        name: {
            "summary": card.summary,
            "keys": _keys(card),
            "items": [f"{each.keys}: {each.size_bytes} bytes" for each in card.item_types],
            "unsupported": dict(card.unsupported),
            "differs": _differences(base, _keys(card)),
        }
        for name, card in found.items()
    }
    return Found(facts)


def _keys(card: Card) -> list[str]:
    return [_key_line(place) for place in card.places] + [
        f"item {each.keys}" for each in card.item_types
    ]


def _key_line(place: Place) -> str:
    keys = ", ".join((*place.partition_key, *place.sort_key))
    return f"{place.name} ({keys}) {place.projection}".strip()


def _differences(base: Sequence[str], mine: Sequence[str]) -> list[str]:
    gone = [f"- {line}" for line in base if line not in mine]
    return gone + [f"+ {line}" for line in mine if line not in base]


# --- Patterns --------------------------------------------------------------------------------


def patterns(plan: Plan, progress: Progress) -> Found:
    """Round trips, units and items of each access pattern on the log; medians are timings."""
    with open_targets(len(plan.designs)) as targets:
        run = compare(
            plan.designs, plan.log, targets, calls=plan.calls, seed=plan.seed,
            replayed=plan.replayed, progress=progress,
        )  # fmt: skip
    facts: dict[str, Any] = {"known_errors": list(run.known_errors), "designs": {}}
    timings = {}
    for name, result in run.designs.items():
        facts["designs"][name] = {
            letter: {key: getattr(found, key) for key in COUNTS}
            for letter, found in result.patterns.items()
        }
        timings[name] = {
            letter: found.median_latency_ms for letter, found in result.patterns.items()
        }
    return Found(facts, {"median_ms": timings, "environment": asdict(run.environment)})


# --- Bills and growth ------------------------------------------------------------------------


def bill(plan: Plan, progress: Progress) -> Found:
    """A month's bill at stated scales, and where the cheapest design changes."""
    costs, errors = _costs(plan, progress)
    scaled = [plan.workload.with_users(plan.workload.users * scale) for scale in SCALES]
    report = cost_report(costs, scaled, errors)
    bills = [{"users": each["users"], "designs": each["designs"]} for each in report["bills"]]
    return Found(
        {
            "region": report["region"],
            "bills": bills,
            "verdict": report["verdict"],
            "flips": report["flips"],
            "largest_errors": report["largest_errors"],
            "reads": _along_reads(costs, plan),
            "growth": _growth(costs, plan),
        }
    )


def _costs(plan: Plan, progress: Progress) -> tuple[Costs, Mapping[str, float]]:
    """Growth as it is stored of our designs, and traced now of others."""
    traces = read_traces(DATA / "traces.json")
    traces.check_pages(plan.workload)
    unknown = [design for design in plan.designs if design.name not in traces.models]
    if unknown:
        traces = traces.joined_with(_traced(unknown, traces, progress))
    names = [design.name for design in plan.designs]
    models, _ = traces.supporting(plan.workload, names)
    prices = read_prices(PRICES)
    return Costs(models, prices, plan.region, Assumptions()), traces.largest_errors(models)


def _traced(designs: Sequence[type[Design]], like: TraceRun, progress: Progress) -> TraceRun:
    pages = (like.inbox_page_size, like.message_page_size)
    with open_targets(len(designs)) as targets:
        return trace_designs(designs, targets, pages=pages, progress=progress)


def _along_reads(costs: Costs, plan: Plan) -> dict[str, Any]:
    """Bills along inbox reads for each message: what the page's slider moves through."""
    axis = AXES["reads_per_message"]
    positions = axis.values(61)
    users = plan.workload.users * SCALES[-1]
    bills = costs.bills(moved(plan.workload.with_users(users), axis, positions))
    return {
        "users": users,
        "positions": [float(f"{each:.3g}") for each in positions],
        "usd": {
            name: [round(float(usd), 2) for usd in np.broadcast_to(total(lines), positions.shape)]
            for name, lines in bills.items()
        },
    }


def _growth(costs: Costs, plan: Plan) -> dict[str, Any]:
    """Exponents: 0 is flat, 1 in proportion; derived from traced calls, not measured at size."""
    found: dict[str, Any] = {}
    for axis_name, pattern, lines in GROWING:
        axis = AXES[axis_name]
        positions = np.unique(axis.values(12))
        bills = costs.bills(moved(plan.workload, axis, positions))
        for name, usd in bills.items():
            values = np.broadcast_to(sum(usd[line] for line in lines), positions.shape)
            found.setdefault(name, {})[f"{pattern} by {axis.label}"] = _exponent(positions, values)
    return found


def _exponent(positions: Any, values: Any) -> float | None:
    """The slope of a line through the logarithms; None where the design has no place."""
    if not np.isfinite(values).all() or (values <= 0).any():
        return None
    return round(exponent(positions, values), 2)


# --- Right and safe --------------------------------------------------------------------------


def conformance(plan: Plan, progress: Progress) -> Found:
    """Which promise holds, on how many programs, with how many faults injected meanwhile."""
    facts, timings = {}, {}
    with open_targets() as [target]:
        for number, design in enumerate(plan.designs):
            database = replace(target, access_key=f"design{number}")
            checked = check_design(
                design, database, programs=plan.programs, seed=plan.seed, progress=progress
            )
            told = checked.to_json()
            rounds = told["rounds"].values()
            facts[design.name] = {
                "verdicts": told["verdicts"],
                "unsupported": told["unsupported"],
                "programs": sum(each["programs"] for each in rounds),
                "faults": _added([each["faults"] for each in rounds]),
                "failures": [
                    {**each["failure"], "program": each["program"]}
                    for each in rounds
                    if each["failure"]
                ],
            }
            timings[design.name] = sum(each["seconds"] for each in rounds)
    return Found(facts, {"seconds_by_design": timings})


def _added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    names = sorted({name for each in counts for name in each})
    return {name: sum(each.get(name, 0) for each in counts) for name in names}


def rights(plan: Plan, progress: Progress) -> Found:
    """Who may read what under the least policy: by IAM alone, and what only code can refuse."""
    facts = {}
    with open_targets(is_brief=True) as [target]:
        for number, design in enumerate(plan.designs):
            progress("rights", number, len(plan.designs))
            cells = read_matrix(design, replace(target, access_key=f"rights{number}"))
            facts[design.name] = [
                {name: getattr(cell, name) for name in ("item", "caller", "verdict")}
                for cell in cells
            ]
    return Found(facts)


# --- Latency ---------------------------------------------------------------------------------


def latency(plan: Plan, progress: Progress) -> Found:
    """Ratios of times with their intervals, the baseline against itself; all of it is timings."""
    asked = LatencyPlan(
        log=plan.log.first(LATENCY_MESSAGES),
        calls=plan.latency_calls,
        per_second=LATENCY_PER_SECOND,
        arrivals="poisson",
        page_size=20,
        seed=plan.seed,
    )
    run = compare_latency(
        plan.designs, asked, starts=plan.latency_starts, rounds=3, progress=progress
    )
    rows = [
        {
            "design": each.subject,
            "pattern": each.pattern,
            "statistic": each.statistic,
            "pairs": each.pairs,
            "verdict": each.verdict.answer if each.verdict else "could not tell",
            "ratio": each.verdict and round(each.verdict.interval.ratio, 3),
            "low": each.verdict and round(each.verdict.interval.low, 3),
            "high": each.verdict and round(each.verdict.interval.high, 3),
            "noise": each.verdict and round(each.verdict.floor, 3),
            "why": each.why_not,
        }
        for each in findings(vars(run))
    ]
    return Found({"pairs": plan.latency_starts * 3, "calls": plan.latency_calls}, {"rows": rows})


SECTIONS: Mapping[str, Section] = {
    "cards": cards,
    "patterns": patterns,
    "bill": bill,
    "conformance": conformance,
    "rights": rights,
    "latency": latency,
}
