"""What a review shows: a table for each section, a slider, and the pull request's short form."""

import html
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.conformance.program import FAULT_KINDS
from workbench.costs.bills import total
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.reports.tables import rows_frame
from workbench.review.judging import Line, gate, outcome, verdict
from workbench.review.running import NOT_SHOWN, Review
from workbench.units import NOT_MEASURED, format_mean

if TYPE_CHECKING:
    from pandas import DataFrame

SIGNS = {"kept": "yes", "broken": "NO", "not supported": "-", "not tried": "?"}


def why_not(review: Review, section: str) -> str:
    """Why a section has nothing to show, as Markdown; empty if it has."""
    found = review.sections[section]
    return (
        f"**This section {found['status']}:** {found['why']}" if found["status"] != "done" else ""
    )


def verdict_text(review: Review) -> str:
    """The sentences on each design, as Markdown."""
    parts = [f"**{d}**\n\n" + " ".join(verdict(review, d)) for d in review.proposed]
    return "\n\n".join(parts)


ASSUMED = (
    "**A log does not tell who reads**: unless a workload file says otherwise, one look at the "
    "inbox and one at the conversation are taken for each message sent. Put in your own number "
    "before you believe which is the cheapest."
)


def workload_frame(review: Review) -> "DataFrame":
    """What all bills are for; lists as their means."""
    workload = review.plan["workload"]
    rows = [
        {"what": name.replace("_", " "), "value": format_mean(_mean(value))}
        for name, value in workload.items()
    ]
    rows += [{"what": "region, mode", "value": f"{review.plan['region']}, on demand, no free tier"}]
    return rows_frame(rows, "what")


def _mean(value: Any) -> float:
    return sum(value) / len(value) if isinstance(value, list | tuple) else float(value)


def gate_text(review: Review) -> str:
    """What to say where no limit was set; empty otherwise."""
    return "" if gate(review) else "No limits were set, so nothing passed or failed."


def gate_frame(review: Review) -> "DataFrame":
    """A row for each limit and design."""
    return rows_frame([_gate_row(line) for line in gate(review)], "design")


def _gate_row(line: Line) -> dict[str, Any]:
    word = line.outcome.name.replace("_", " ").lower()
    return {"design": line.design, "limit": line.limit, "found": line.found, "outcome": word}


def difference_frame(review: Review) -> "DataFrame":
    """Keys, indexes and items of each design against the baseline's: gone (-) and new (+)."""
    facts = review.facts("cards") or {}
    rows = [
        {"design": name, "against " + review.baseline: line}
        for name in review.proposed
        for line in (facts.get(name, {}).get("differs") or ["the same keys"])
    ]
    return rows_frame(rows, "design") if facts else rows_frame([])


def pattern_frame(review: Review) -> "DataFrame":
    """Round trips, RRU and WRU per call on the log: a row for each pattern, designs beside."""
    facts = (review.facts("patterns") or {}).get("designs", {})
    rows = []
    for letter, question in ACCESS_PATTERNS.items():
        row: dict[str, Any] = {"access pattern": f"{letter} {question}"}
        for name, found in facts.items():
            counts = found.get(letter)
            row[name] = "not supported" if counts is None else _counts(counts)
        rows.append(row)
    return rows_frame(rows, "access pattern") if facts else rows_frame([])


def _counts(counts: Mapping[str, float]) -> str:
    trips, rru, wru = (
        format_mean(counts[key]) for key in ("round_trips", "estimated_rru", "estimated_wru")
    )
    return f"{trips} trips, {rru} RRU, {wru} WRU"


def latency_frame(review: Review) -> "DataFrame":
    """Ratios of times to the baseline's with their intervals; noise is the baseline's own."""
    rows = [
        {
            "design": each["design"],
            "pattern": each["pattern"],
            "of": each["statistic"],
            "ratio": NOT_MEASURED if each["ratio"] is None else f"{each['ratio']:.2f}",
            "95% interval": each["why"]
            if each["ratio"] is None
            else f"{each['low']:.2f} to {each['high']:.2f}",
            "noise": "" if each["noise"] is None else f"x {each['noise']:.2f}",
            "verdict": each["verdict"],
        }
        for each in review.timings.get("latency", {}).get("rows", ())
    ]
    return rows_frame(rows, "design")


def bill_frame(review: Review) -> "DataFrame":
    """USD a month at each scale, and how many times the baseline's."""
    facts = review.facts("bill") or {}
    rows = []
    for bill in facts.get("bills", ()):
        base = total(bill["designs"][review.baseline])
        row: dict[str, Any] = {"users": f"{bill['users']:,.0f}"}
        for name, lines in bill["designs"].items():
            usd = total(lines)
            times = "" if name == review.baseline else f" ({usd / base:.2f}x)"
            row[name] = f"{usd:,.2f}{times}"
        rows.append(row)
    return rows_frame(rows, "users")


def line_frame(review: Review) -> "DataFrame":
    """USD a month by line of the bill, at the largest scale."""
    facts = review.facts("bill")
    if facts is None:
        return rows_frame([])
    designs = facts["bills"][-1]["designs"]
    lines = next(iter(designs.values()))
    rows = [
        {"line": line} | {name: f"{bill[line]:,.2f}" for name, bill in designs.items()}
        for line in lines
    ]
    return rows_frame(rows, "line")


def flip_frame(review: Review) -> "DataFrame":
    """Where along one parameter another design becomes the cheapest, all else as it is."""
    facts = review.facts("bill") or {}
    rows = [
        {
            "parameter": name,
            "here": f"{found['here']:.3g}",
            "flips at": f"{flip['position']:.3g}",
            "from": flip["left"],
            "to": flip["right"],
            "because of": flip["line"],
        }
        for name, found in facts.get("flips", {}).items()
        for flip in found["flips"]
    ]
    return rows_frame(rows, "parameter")


def conformance_frame(review: Review) -> "DataFrame":
    """A row for each design: which promise holds, and on what that rests."""
    facts = review.facts("conformance") or {}
    rows = [
        {"design": name}
        | {letter: SIGNS[found] for letter, found in checked["verdicts"].items()}
        | {"programs": checked["programs"], "faults": sum(checked["faults"].values())}
        for name, checked in facts.items()
    ]
    return rows_frame(rows, "design")


def failure_text(review: Review) -> str:
    """The smallest program of each broken promise, as Markdown; empty if none broke."""
    facts = review.facts("conformance") or {}
    parts = [
        f"**{name} breaks {each['pattern']}:** {each['what']}\n\n```python\n{each['program']}\n```"
        for name, checked in facts.items()
        for each in checked["failures"]
    ]
    return "\n\n".join(parts)


def fault_frame(review: Review) -> "DataFrame":
    """Faults that were injected while programs ran, by kind."""
    facts = review.facts("conformance") or {}
    kinds = FAULT_KINDS
    rows = [
        {"design": name} | {kind: each["faults"].get(kind, 0) for kind in kinds}
        for name, each in facts.items()
    ]
    return rows_frame(rows, "design")


def rights_frame(review: Review) -> "DataFrame":
    """What IAM says to callers who would read an item; `only code`: it cannot tell them apart."""
    facts = review.facts("rights") or {}
    rows: list[dict[str, Any]] = []
    for name, cells in facts.items():
        for item in dict.fromkeys(cell["item"] for cell in cells):
            row = {"design": name, "item": item}
            row |= {cell["caller"]: cell["verdict"] for cell in cells if cell["item"] == item}
            rows.append(row)
    return rows_frame(rows, "design").fillna("-")


def growth_frame(review: Review) -> "DataFrame":
    """Exponents of cost: 0 is flat, 1 in proportion; derived from traced calls."""
    facts = (review.facts("bill") or {}).get("growth", {})
    rows = [
        {"design": name}
        | {what: "no place" if each is None else f"{each:.2f}" for what, each in found.items()}
        for name, found in facts.items()
    ]
    return rows_frame(rows, "design")


def again(review: Review) -> str:
    """The command that repeats the review, as Markdown."""
    plan = review.plan
    return (
        f"`workbench review {' '.join(review.proposed)} --baseline {review.baseline} --log "
        f"{plan['log']['name']} --messages {plan['log']['messages']} --seed {plan['seed']} "
        f"--region {plan['region']} --programs {plan['programs']}`, with `--workload FILE` where "
        "one was given"
    )


def run_frame(review: Review) -> "DataFrame":
    """How each section went, and commands that show the same kind of thing in more detail."""
    names = ",".join(review.plan["designs"])
    log = f"--log {review.plan['log']['name']} --messages {review.plan['log']['messages']}"
    seed = f"--seed {review.plan['seed']}"
    like_it = {
        "cards": f"workbench card {review.baseline}",
        "patterns": f"workbench compare --designs {names} {log} {seed}",
        "bill": f"workbench cost --designs {names} --region {review.plan['region']}",
        "conformance": f"workbench check {names.replace(',', ' ')} {seed} "
        f"--programs {review.plan['programs']}",
        "rights": f"workbench policy --design {review.baseline} --role api",
        "latency": f"workbench latency --designs {names} {log} {seed}",
    }
    rows = [
        {"section": name, "status": found["status"], "more of the kind": like_it[name]}
        for name, found in review.sections.items()
    ]
    return rows_frame(rows, "section")


# --- The slider ------------------------------------------------------------------------------


def slider_html(review: Review) -> str:
    """A slider over inbox reads for each message with the designs' bills; a table without scripts.

    It stands alone: no network, no other script.
    """
    facts = review.facts("bill")
    if facts is None:
        return ""
    data = facts["reads"]
    start = _nearest(data["positions"], facts["flips"]["reads_per_message"]["here"])
    cells = "".join(
        f"<tr><th scope='row' style='text-align:left'>{html.escape(name)}</th>"
        f"<td id='usd-{number}'>{usd[start]:,.2f}</td></tr>"
        for number, (name, usd) in enumerate(data["usd"].items())
    )
    return SLIDER.format(
        last=len(data["positions"]) - 1,
        start=start,
        users=data["users"],
        reads=f"{data['positions'][start]:g}",
        cells=cells,
        data=json.dumps({"at": data["positions"], "usd": list(data["usd"].values())}),
    )


def _nearest(positions: list[float], here: float) -> int:
    return min(range(len(positions)), key=lambda each: abs(positions[each] - here))


SLIDER = """<div role="group" aria-label="Bills along inbox reads for each message">
<label>inbox reads for each message after the first, with {users:,.0f} users:
<output id="reads">{reads}</output><br>
<input id="reads-slider" type="range" min="0" max="{last}" value="{start}" style="width:24em">
</label>
<table><thead><tr><th>design</th><th>USD a month</th></tr></thead><tbody>{cells}</tbody></table>
<script>
(function () {{
  const data = {data};
  const slider = document.getElementById("reads-slider");
  slider.addEventListener("input", function () {{
    const place = Number(slider.value);
    document.getElementById("reads").textContent = data.at[place];
    data.usd.forEach(function (usd, number) {{
      document.getElementById("usd-" + number).textContent = usd[place].toFixed(2);
    }});
  }});
}})();
</script></div>"""


def not_shown(review: Review) -> list[str]:
    """What nobody can learn from the review, and where reports of units are known to be wrong."""
    known = (review.facts("patterns") or {}).get("known_errors", ())
    return [*NOT_SHOWN, *(f"DynamoDB Local reports other units than the rules: {k}" for k in known)]


# --- The short form --------------------------------------------------------------------------


def markdown(review: Review) -> str:
    """The review for a pull request's comment."""
    return "\n".join(_markdown(review)) + "\n"


def _markdown(review: Review) -> Iterator[str]:
    lines = gate(review)
    title = outcome(lines).name.replace("_", " ").lower() if lines else "no limits were set"
    yield f"## {' and '.join(review.proposed)} against {review.baseline}: {title}"
    yield ""
    yield verdict_text(review)
    yield f"\n{ASSUMED}"
    for name, each in review.sections.items():
        if each["status"] != "done":
            yield f"\nSection {name} {each['status']}: {each['why']}"
    for title, frame in (
        ("Limits", gate_frame(review)),
        ("USD a month", bill_frame(review)),
        ("Per call on the log", pattern_frame(review)),
        ("Time against the baseline, on this machine", latency_frame(review)),
        ("Where the answer flips", flip_frame(review)),
        ("Promises kept (A to J)", conformance_frame(review)),
        ("Who can read what, by IAM alone", rights_frame(review)),
    ):
        if not frame.empty:
            yield f"\n### {title}\n"
            yield from _table(frame)
    yield "\n<details><summary>What this review did not show</summary>\n"
    yield from (f"- {line}" for line in not_shown(review))
    yield "\n</details>"


def _table(frame: "DataFrame") -> Iterator[str]:
    flat = frame.reset_index()
    yield "| " + " | ".join(map(str, flat.columns)) + " |"
    yield "|" + "---|" * len(flat.columns)
    for row in flat.itertuples(index=False):
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
