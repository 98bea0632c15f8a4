"""Reviews: the gate and its exit codes, sections that fail, going on, the same facts again."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_cli import call
from workbench.designs import Dual, Single
from workbench.errors import BadParameter, InputFault
from workbench.messaging.logs import read_log
from workbench.messaging.workload import Workload, read_workload
from workbench.review import page, running, sections
from workbench.review.judging import Outcome, gate, outcome, verdict
from workbench.review.plan import Limits, Plan, read_limits
from workbench.review.running import Review, read_review, run_review
from workbench.review.sections import Found

QUIET = lambda task, done, total: None  # noqa: E731
COUNTS = {"estimated_rru": 1.0, "estimated_wru": 2.0, "items_read": 1.0, "stream_records": 0.0}
KEPT = dict.fromkeys("ABCDEFGHIJ", "kept")


def plan(**changes: Any) -> Plan:
    log = read_log(ROOT / "data" / "messages.csv").first(40)
    return replace(Plan((Dual, Single), log, Workload()), **changes)


def facts(
    *, usd: float = 8.0, trips: float = 2.0, verdicts: Mapping[str, str] = KEPT,
    failures: tuple[Any, ...] = (), faults: int = 3,
) -> dict[str, Any]:  # fmt: skip
    """What sections find, of single against dual, whose bill is USD 10 and whose trips are 2."""
    patterns = {
        name: {letter: {"round_trips": each, **COUNTS} for letter in "ABCDEFGHI"}
        for name, each in (("dual", 2.0), ("single", trips))
    }
    checked = {"unsupported": {}, "programs": 6, "faults": {"throttle": faults}}
    bill = {"users": 10.0, "designs": {"dual": {"reads": 10.0}, "single": {"reads": usd}}}
    return {
        "cards": {name: {"differs": ["+ index"]} for name in ("dual", "single")},
        "patterns": {"known_errors": [], "designs": patterns},
        "bill": {
            "bills": [bill],
            "flips": {"reads_per_message": {"here": 1.0, "flips": []}},
            "reads": {
                "users": 10,
                "positions": [0.5, 1.0],
                "usd": {"dual": [9.0, 10.0], "single": [7.0, usd]},
            },
            "growth": {},
        },
        "conformance": {
            "dual": {**checked, "verdicts": KEPT, "failures": []},
            "single": {**checked, "verdicts": verdicts, "failures": list(failures)},
        },
        "rights": {"single": [{"item": "GRP#", "caller": "stranger", "verdict": "only code"}]},
        "latency": {},
    }


def review(limits: Limits, failed: tuple[str, ...] = (), **found: Any) -> Review:
    told = {
        name: {"status": "failed", "why": "the server is gone", "facts": {}}
        if name in failed
        else {"status": "done", "why": "", "facts": each}
        for name, each in facts(**found).items()
    }
    return Review(json.loads(json.dumps(plan(limits=limits).to_json())), told)


BROKEN = ({"pattern": "B", "what": "an older message wins", "program": "session.start()"},)


# --- The gate --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "failed", "found", "expected", "told"),
    [
        (Limits(), (), {}, Outcome.PASSED, ""),
        (Limits(max_cost_ratio=0.9), (), {}, Outcome.PASSED, "0.80 times with 10 users"),
        (Limits(max_cost_ratio=0.7), (), {}, Outcome.WORSE, "0.80 times with 10 users"),
        (Limits(max_cost_ratio=0.9), ("bill",), {}, Outcome.COULD_NOT_TELL, "the server is gone"),
        (Limits(max_round_trips=2), (), {}, Outcome.PASSED, "A takes 2"),
        (Limits(max_round_trips=2), (), {"trips": 3.0}, Outcome.WORSE, "A takes 3"),
        (Limits(max_round_trips=2), ("patterns",), {}, Outcome.COULD_NOT_TELL, "server is gone"),
        (Limits(require=("conformance",)), (), {}, Outcome.PASSED, "6 programs"),
        (Limits(require=("conformance",)), (), {"verdicts": {**KEPT, "F": "not tried"}},
         Outcome.COULD_NOT_TELL, "not tried: F"),
        (Limits(require=("faults",)), (), {"faults": 0}, Outcome.COULD_NOT_TELL, "no fault"),
        (Limits(require=("faults",)), ("conformance",), {}, Outcome.COULD_NOT_TELL, "is gone"),
        (Limits(), (), {"failures": BROKEN}, Outcome.BROKEN, "B: an older message wins"),
        (Limits(max_cost_ratio=0.7), (), {"failures": BROKEN}, Outcome.BROKEN, "0.80 times"),
        (Limits(max_cost_ratio=0.7), ("patterns",), {}, Outcome.WORSE, "0.80 times"),
    ],
)  # fmt: skip
def test_gate_tells_worse_from_untold_from_broken(
    limits: Limits, failed: tuple[str, ...], found: Any, expected: Outcome, told: str
) -> None:
    lines = gate(review(limits, failed, **found))

    assert outcome(lines) == expected
    assert told in "\n".join(map(str, lines))


@pytest.mark.parametrize(
    "limits", [{"max_cost_ratio": 0}, {"max_round_trips": True}, {"require": ("speed",)}]
)
def test_impossible_limit_is_refused(limits: Any) -> None:
    with pytest.raises(BadParameter):
        Limits(**limits)


def test_workload_file_may_hold_limits(tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    path.write_text('users = 5\n[limits]\nmax_cost_ratio = 1.1\nrequire = ["faults"]\n')

    assert Limits(**read_limits(path)) == Limits(max_cost_ratio=1.1, require=("faults",))
    assert read_workload(path).users == 5


def test_unknown_limit_is_refused_with_the_known(tmp_path: Path) -> None:
    path = tmp_path / "app.toml"
    path.write_text("[limits]\nmax_cost = 1.1\n")

    with pytest.raises(InputFault, match=r"max_cost\. The limits are: max_cost_ratio, "):
        read_limits(path)


# --- Sentences and the short form ------------------------------------------------------------


def test_verdict_is_three_sentences_with_their_numbers() -> None:
    assert verdict(review(Limits()), "single") == [
        "With 10 users a month costs USD 8.00 under single, USD 2.00 or 20% less than the USD "
        "10.00 of dual; moving there is not counted.",
        "Who sends waits for 2 (2) round trips (in brackets: dual), with a first message for 2 "
        "(2); a message and its stream update write 4 (4) WRU, a first message 2 (2); a page of "
        "the inbox takes 2 (2) round trips and 1 (1) RRU.",
        "single kept every promise in 6 programs with 3 faults (throttle 3; not once: "
        "crash_before, crash_after, overtaken, half_written, stale_index); it supports all "
        "ten patterns.",
    ]


def test_verdict_says_what_is_not_known_and_what_is_broken() -> None:
    unknown = verdict(review(Limits(), ("bill",)), "single")[0]
    broken = verdict(review(Limits(), failures=BROKEN), "single")[2]

    assert unknown == "Not known: the section bill failed: the server is gone"
    assert broken.startswith("single breaks a promise, B: an older message wins")


@pytest.mark.parametrize("failed", [(), tuple(facts())], ids=["whole", "all sections failed"])
def test_every_table_is_made_whatever_failed(failed: tuple[str, ...]) -> None:
    found = review(Limits(max_cost_ratio=2), failed)

    frames = [
        page.gate_frame, page.difference_frame, page.pattern_frame, page.latency_frame,
        page.bill_frame, page.flip_frame, page.conformance_frame, page.fault_frame,
        page.rights_frame, page.growth_frame, page.run_frame,
    ]  # fmt: skip
    assert [frame(found).empty for frame in frames].count(False) >= (2 if failed else 8)
    assert page.markdown(found).startswith("## single against dual: ")
    assert len(page.markdown(found)) < 65_536, "what a comment may hold"
    assert bool(page.slider_html(found)) is not bool(failed)


def test_slider_needs_nothing_from_elsewhere() -> None:
    told = page.slider_html(review(Limits()))

    assert "http" not in told and "src=" not in told
    assert "<td id='usd-1'>8.00</td>" in told


# --- Running ---------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sections that say at once what they are called; the list tells which were run."""
    ran: list[str] = []

    def section(name: str) -> Any:
        def run(plan: Plan, progress: Any) -> Found:
            ran.append(name)
            return Found({"name": name}, {"took": len(ran)})

        return run

    monkeypatch.setattr(running, "SECTIONS", {name: section(name) for name in ("cards", "bill")})
    return ran


def test_second_call_goes_on_where_the_first_ended(
    few: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(plan: Plan, progress: Any) -> Found:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(running.SECTIONS, "bill", interrupted)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            run_review(plan(), tmp_path, QUIET)

    found = run_review(plan(), tmp_path, QUIET)

    assert few == ["cards", "bill"]
    assert [found.facts(name) for name in ("cards", "bill")] == [
        {"name": "cards"},
        {"name": "bill"},
    ]


def test_another_plan_begins_anew_and_another_limit_does_not(
    few: list[str], tmp_path: Path
) -> None:
    run_review(plan(), tmp_path, QUIET)
    run_review(plan(limits=Limits(max_cost_ratio=2)), tmp_path, QUIET)
    run_review(plan(seed=2), tmp_path, QUIET)

    assert few == ["cards", "bill", "cards", "bill"]


def test_failed_section_says_why_and_is_tried_again(
    few: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(plan: Plan, progress: Any) -> Found:
        raise KeyError("pk")

    with monkeypatch.context() as patch:
        patch.setitem(running.SECTIONS, "cards", failing)  # type: ignore[arg-type]
        found = run_review(plan(), tmp_path, QUIET)
    again = run_review(plan(), tmp_path, QUIET)

    assert found.sections["cards"] == {"status": "failed", "why": "KeyError: 'pk'", "facts": {}}
    assert found.facts("bill") == {"name": "bill"}
    assert again.facts("cards") == {"name": "cards"}


def test_stored_review_is_read_back(few: list[str], tmp_path: Path) -> None:
    found = run_review(plan(), tmp_path, QUIET)
    path = tmp_path / "review.json"
    path.write_text(found.to_json())

    assert read_review(path) == found


@pytest.mark.local
@pytest.mark.parametrize(
    "name",
    [
        "cards",
        "bill",
        pytest.param("patterns", marks=pytest.mark.slow),
        pytest.param("conformance", marks=pytest.mark.slow),
        pytest.param("rights", marks=pytest.mark.slow),
    ],
)
def test_two_reviews_differ_in_timings_alone(name: str) -> None:
    asked = plan(programs=1, calls=2, replayed=5)

    one, other = (sections.SECTIONS[name](asked, QUIET).facts for _ in range(2))

    assert json.dumps(one) == json.dumps(other)


# --- The command -----------------------------------------------------------------------------


def test_command_writes_the_page_and_ends_with_the_outcome(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = facts(usd=12.0)
    found = {name: (lambda plan, progress, each=each: Found(each)) for name, each in told.items()}
    monkeypatch.setattr(running, "SECTIONS", found)

    done = call("review", "single", "--max-cost-ratio", "1.1", "--out", str(tmp_path / "out"))

    assert done.exit_code == Outcome.WORSE
    assert "worse          single: cost at most 1.1 times dual's: 1.20 times" in done.stdout
    html = (tmp_path / "out" / "review.html").read_text()
    assert "20% more than the USD 10.00 of" in html
    assert "cdn" not in html.replace("cdnjs.cloudflare.com/ajax/libs/mathjax", "")
    assert (tmp_path / "out" / "review.md").read_text().startswith("## single against dual: worse")


def steps_of_the_workflow() -> list[str]:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "review.yml").read_text())
    return [step["run"] for step in workflow["jobs"]["review"]["steps"] if "run" in step]


@pytest.mark.local
@pytest.mark.process
@pytest.mark.slow
def test_example_workflow_runs_step_by_step(tmp_path: Path) -> None:
    (tmp_path / "project").symlink_to(ROOT)
    environ = {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    set_up, *others = steps_of_the_workflow()

    assert set_up == "make set-up"  # by which this very test runs
    for step in others:
        script = step.replace("runs/review", str(tmp_path / "review"))
        script = script.replace("--messages 300", "--messages 60")
        done = subprocess.run(
            ["/bin/bash", "-e", "-c", script], cwd=tmp_path / "project", env=environ,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    told = (tmp_path / "summary.md").read_text()
    assert told.startswith("## dual_fixed against dual: passed")
    assert "Section latency skipped: left out by --skip" in told


def test_skipped_section_is_told_and_unknown_refused(few: list[str], tmp_path: Path) -> None:
    found = run_review(plan(skip=("bill",)), tmp_path, QUIET)

    assert found.sections["bill"]["status"] == "skipped"
    assert few == ["cards"]
    with pytest.raises(BadParameter, match="one of cards, bill"):
        run_review(plan(skip=("speed",)), tmp_path, QUIET)
