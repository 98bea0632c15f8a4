"""Running a review: section by section, each stored when it is done; a second call goes on.

A section that fails says why, and the others go on: a page with a gap that is named is worth more
than none.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import BadParameter, RunNotReadable, WorkbenchError
from workbench.review.plan import Plan
from workbench.review.sections import SECTIONS, Progress
from workbench.storage import read_stored, store

FORMAT_VERSION = 1
COMMAND = "review DESIGN... --out DIR"
DONE, FAILED, SKIPPED = "done", "failed", "skipped"
NOT_SHOWN = (
    "the latency of AWS: ratios are those of this machine's DynamoDB Local",
    "throttling, hot partitions, and how far indexes and streams lag on the service",
    "a proof: no promise was broken by the programs drawn, and others may break one",
    "time to live, caches, backups, and what moving from one design to the other costs",
    "growth beyond what was traced, such as pages that reach 1 MB",
)


@dataclass(frozen=True)
class Review:
    """What a review found: facts by section, which are alike for a plan, and timings, which differ.

    `status` of a section is `done`, or `failed` or `skipped` with the reason in `why`.
    """

    plan: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Any]]
    timings: Mapping[str, Any] = field(default_factory=dict)

    def facts(self, name: str) -> Mapping[str, Any] | None:
        """What a section found, or None if it failed."""
        section = self.sections[name]
        return section["facts"] if section["status"] == DONE else None

    @property
    def baseline(self) -> str:
        """The name of the first design."""
        return str(next(iter(self.plan["designs"])))

    @property
    def proposed(self) -> list[str]:
        """Names of the others."""
        return list(self.plan["designs"])[1:]

    def to_json(self) -> str:
        """One JSON object; but for `timings`, byte for byte the same for the same plan."""
        whole = {
            "format_version": FORMAT_VERSION,
            "plan": self.plan,
            "sections": self.sections,
            "not_shown": NOT_SHOWN,
            "timings": self.timings,
        }
        return json.dumps(whole, indent=1, sort_keys=False) + "\n"


def run_review(plan: Plan, folder: Path, progress: Progress) -> Review:
    """All sections; those that are stored in the folder for this very plan are taken from there.

    Ctrl-C keeps what is finished.

    Raises
    ------
    BadParameter
        If a section to be skipped is none.
    """
    sections: dict[str, Any] = {}
    timings: dict[str, Any] = {}
    for name in plan.skip:
        if name not in SECTIONS:
            raise BadParameter("section", name, f"one of {', '.join(SECTIONS)}")
    for number, (name, section) in enumerate(SECTIONS.items()):
        progress("review", number, len(SECTIONS))
        if name in plan.skip:
            sections[name] = {"status": SKIPPED, "why": "left out by --skip", "facts": {}}
            continue
        path = folder / "sections" / f"{name}.json"
        stored = _stored(path, plan.key())
        if stored is None:
            told = _run(section, plan, progress)
            stored = {"format_version": FORMAT_VERSION, "key": plan.key(), **told}
            store(path, json.dumps(stored, indent=1) + "\n")
        sections[name] = {each: stored[each] for each in ("status", "why", "facts")}
        timings[name] = {"seconds": stored["seconds"], **stored["timings"]}
    progress("review", len(SECTIONS), len(SECTIONS))
    plain = json.loads(json.dumps(plan.to_json()))
    return Review(plain, json.loads(json.dumps(sections)), timings)


def _stored(path: Path, key: str) -> dict[str, Any] | None:
    """A section that an earlier call finished for the same plan; failed ones run again."""
    try:
        stored = read_stored(path, command=COMMAND, format_version=FORMAT_VERSION)
    except RunNotReadable:
        return None
    return stored if stored.get("key") == key and stored["status"] == DONE else None


def _run(section: Any, plan: Plan, progress: Progress) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        found = section(plan, progress)
        told: dict[str, Any] = {"status": DONE, "why": "", "facts": found.facts}
        timings = found.timings
    except Exception as error:  # a design of one's own may raise anything
        name = "" if isinstance(error, WorkbenchError) else f"{type(error).__name__}: "
        told, timings = {"status": FAILED, "why": f"{name}{error}", "facts": {}}, {}
    return {**told, "timings": timings, "seconds": round(time.perf_counter() - started, 1)}


def read_review(path: Path) -> Review:
    """A stored review, or RunNotReadable."""
    stored = read_stored(path, command=COMMAND, format_version=FORMAT_VERSION)
    return Review(stored["plan"], stored["sections"], stored["timings"])
