"""`workbench faults`: schedules of faults, tried on the designs and on the bootcamp's handler."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.cli.options import check_writable, endpoint_option, json_option, progress_bars

if TYPE_CHECKING:
    from workbench.conformance.search import Found
    from workbench.designs import Design

Progress = Callable[[str, int, int], None]


@click.command()
@click.option("--designs", "names", default="all", show_default=True, help="Which ones, by name.")
@click.option(
    "--schedules",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    help="How many to try on each design.",
)
@click.option("--seed", default=1, show_default=True, help="Seed of everything drawn.")
@click.option(
    "--bootcamp", is_flag=True, help="Find the smallest schedule for each of its eleven faults."
)
@json_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the eleven schedules; with --bootcamp.",
)
@endpoint_option
def faults(
    *,
    names: str,
    schedules: int,
    seed: int,
    bootcamp: bool,
    as_json: bool,
    out: Path | None,
    endpoint: str | None,
) -> None:
    """Deliver twice, late and in pieces, crash anywhere: does every inbox come out right?

    A schedule is a few steps: conversations start, messages are sent, stream records are
    delivered in batches, again, out of order, while the process dies before or after a request,
    is throttled, is overtaken by another copy, or sees an index that lags. Then everything is
    delivered once without faults. The promise: each participant has exactly one entry per
    conversation, and it equals the newest message. A schedule that breaks it is made as small as
    possible, and printed; the exit code is 1.

    With --bootcamp the bootcamp's handler, rewritten from its description, meets the same
    schedules, with each of its eleven faults alone.

    \b
    Examples:
      workbench faults
      workbench faults --designs dual --schedules 5000 --seed 7
      workbench faults --schedules 0 --bootcamp --out data/faults.json
    """
    from workbench.designs import DESIGNS, find_designs

    if out is not None:
        if not bootcamp:
            raise click.UsageError("--out stores the bootcamp's schedules: give --bootcamp too")
        check_writable(out.parent)
    designs = DESIGNS if names == "all" else find_designs(names)
    with progress_bars() as progress:
        tried = [
            try_design(design, schedules, seed, endpoint, progress)
            for design in (designs if schedules else ())
        ]
        lessons = find_lessons(seed, endpoint, progress) if bootcamp else []
    report = {"seed": seed, "designs": tried, "bootcamp": lessons}
    if out is not None:
        out.write_text(json.dumps(lessons, indent=2) + "\n", encoding="utf-8")
    click.echo(json.dumps(report, indent=2) if as_json else "\n".join(told(report)))
    if any(each["violations"] for each in tried):
        click.get_current_context().exit(1)


def try_design(
    design: "type[Design]", schedules: int, seed: int, endpoint: str | None, progress: Progress
) -> dict[str, Any]:
    """What so many schedules showed on one design, as plain values."""
    from workbench.conformance.machine import open_machine, subject_of
    from workbench.conformance.search import search
    from workbench.dynamodb.targets import open_targets

    progress(design.name, 0, schedules)
    with (
        open_targets(endpoint=endpoint) as [target],
        open_machine(subject_of(design), target) as machine,
    ):
        started = time.perf_counter()
        found = search(
            machine,
            tries=schedules,
            seed=seed,
            progress=lambda number: progress(design.name, number, schedules),
        )
        seconds = time.perf_counter() - started
    return {
        "design": design.name,
        "schedules": machine.tried,
        "per_second": round(machine.tried / seconds, 1),
        "happened": dict(sorted(machine.happened.items())),
        **broken(found),
    }


def broken(found: "Found | None") -> dict[str, Any]:
    """The violations of the smallest schedule found, as plain values."""
    if found is None:
        return {"violations": []}
    schedule, violations = found
    return {
        "violations": [f"{each.promise}: {each.what}" for each in violations],
        "lines": schedule.describe(),
        "schedule": schedule.to_json(),
    }


def find_lessons(seed: int, endpoint: str | None, progress: Progress) -> list[dict[str, Any]]:
    """The smallest schedule for each of the eleven faults, each found on a server of its own."""
    from workbench.conformance.lessons import LESSONS, find_lesson
    from workbench.dynamodb.targets import open_targets

    lessons = []
    for number in LESSONS:
        progress("bootcamp", number - 1, len(LESSONS))
        with open_targets(endpoint=endpoint) as [target]:
            lessons.append(find_lesson(number, target, seed=seed))
    progress("bootcamp", len(LESSONS), len(LESSONS))
    return lessons


def told(report: dict[str, Any]) -> list[str]:
    """The report, line by line."""
    lines = []
    for each in report["designs"]:
        count = len(each["violations"])
        lines += [
            f"{each['design']:<12} {each['schedules']:>6,} schedules, {each['per_second']:>5} a "
            f"second, {count} violations",
            "  " + ", ".join(f"{kind} {times:,}" for kind, times in each["happened"].items()),
        ]
        if count:
            lines += [*each["violations"], *each["lines"], "to run it again:"]
            lines += ["  from workbench.conformance.machine import replay"]
            lines += [f"  replay({each['design']!r}, {each['schedule']})"]
    for lesson in report["bootcamp"]:
        lines += ["", f"fault {lesson['number']}: {lesson['fault']}"]
        lines += [f"  {line}" for line in lesson["lines"]]
        first = lesson["violations"][0]
        lines += [f"  breaks {first['promise']}: {first['what']}", f"  remedy: {lesson['remedy']}"]
    return lines
