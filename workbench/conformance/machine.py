"""One state machine for all designs: Hypothesis draws its programs."""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from workbench.conformance.grounds import Ground
from workbench.conformance.program import FAULT_KINDS, Failure, Fault, FaultKind, Step
from workbench.conformance.session import NAMES, Session
from workbench.conformance.shrinking import UNUSABLE, smallest
from workbench.designs.cursors import encode_cursor
from workbench.designs.loading import own_line
from workbench.dynamodb.install import PROJECT_ROOT
from workbench.dynamodb.targets import connection_errors
from workbench.errors import PromiseBroken, TooSlow

EVERY_PATTERN = frozenset("ABCDEFGHIJ")
EVERY_KIND: frozenset[str] = frozenset(FAULT_KINDS)
STEPS = 12
WRITE_FAULTS: tuple[FaultKind, ...] = ("crash_before", "crash_after", "throttle", "half_written")
HANDLER_FAULTS = tuple(kind for kind in FAULT_KINDS if kind != "half_written")
FORGED = (
    "",
    "forged",
    "W10=",
    encode_cursor("inbox", [" a", "-"]),
    encode_cursor("messages", [""]),
)


class Enough(BaseException):
    """The search ends: Hypothesis would make an Exception smaller, which is done elsewhere."""


people = st.sampled_from(("ada", "bo", "ada", "bo", "cy"))  # so that two often meet again
everybody = st.sampled_from(NAMES)
seconds = st.integers(0, 3)
zones = st.sampled_from(("UTC", "UTC", "UTC", "+02:00", "naive"))
conversations = st.sampled_from((1, 1, 2))
orders = st.sampled_from(("forwards", "backwards"))
twos = st.sampled_from((("ada", "bo"), ("bo", "ada"), ("ada", "cy")))
pairs = st.sampled_from((["bo", "cy"], ["cy", "di"], ["di", "ada"]))


def some_fault(kinds: tuple[FaultKind, ...], by: st.SearchStrategy[Step] | None = None) -> Any:
    """One of these faults; where there is `by`, also another step that comes between."""
    requests = st.integers(1, 4)
    drawn: Any = st.builds(Fault, st.sampled_from(kinds), requests)
    if "stale_index" in kinds:
        once_or_twice = st.integers(1, 2)
        drawn |= st.builds(Fault, st.just("stale_index"), once_or_twice, st.integers(1, 3))
    return drawn if by is None else drawn | overtaken(by)


def overtaken(by: st.SearchStrategy[Step]) -> Any:
    """Another step comes between."""
    return st.builds(Fault, st.just("overtaken"), st.integers(1, 4), by=by)


def faults(kinds: tuple[FaultKind, ...], by: st.SearchStrategy[Step] | None = None) -> Any:
    """No fault, or one of these."""
    return st.none() | some_fault(kinds, by)


def steps(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """Steps of this name."""
    return st.builds(Step, st.just(name), st.fixed_dictionaries(arguments))


sends = steps("send", who=people, conversation=conversations, second=seconds)
starts = steps("start", who=people, whom=people, second=seconds)
marks = steps("mark_read", who=people, conversation=conversations, second=seconds)
hides = steps("hide", who=people, conversation=conversations, second=seconds)
deliveries = steps("deliver", count=st.integers(0, 2))
renames = steps("rename", who=people, to=st.sampled_from(("zoe", "max")))

PATTERN_OF = {
    "start": "D", "send": "C",
    "mark_read": "F", "hide": "G", "rename": "H", "find": "I",
    "start_group": "J", "add": "J", "leave": "J",
}  # fmt: skip


class Programs(RuleBasedStateMachine):
    """Draws a program, and takes its steps in a session while it is drawn."""

    def __init__(self, search: "Search", *, is_taken: bool) -> None:
        super().__init__()
        self.search = search
        self.is_taken = is_taken
        self.session = Session(search.ground, search.patterns)
        self.taken: list[Step] = []
        self.is_broken = False

    def take(self, step: Step) -> None:
        """A step; what goes wrong in it only if its kind and pattern are under test."""
        if not self.is_taken:
            return
        fault, pattern = step.arguments.get("fault"), PATTERN_OF.get(step.name, "A")
        if fault and fault.kind not in self.search.kinds:
            step = replace(step, arguments={**step.arguments, "fault": None})
        elif fault and fault.by and PATTERN_OF.get(fault.by.name, "A") not in self.search.patterns:
            plain = replace(fault, by=None)
            step = replace(step, arguments={**step.arguments, "fault": plain})
        self.taken.append(step)
        self.note(pattern, lambda: self.session.take(step))

    def note(self, pattern: str, act: Callable[[], None]) -> None:
        """Do something; a promise that breaks ends the search."""
        try:
            act()
        except PromiseBroken as broken:
            self.fail(broken)
        except connection_errors() as gone:
            self.is_broken = True
            self.search.gone = gone
            raise Enough from gone
        except UNUSABLE as error:
            what = f"an answer is not what was promised: {type(error).__name__} ({error})"
            self.fail(PromiseBroken(pattern, what + own_line(error)))
        self.search.states.add(self.session.fingerprint())

    def fail(self, broken: PromiseBroken) -> None:
        """Keep the program, and end the search."""
        self.is_broken = True
        self.search.failure = Failure(tuple(self.taken), broken)
        raise Enough from broken

    def teardown(self) -> None:
        """The program is over: all that is left is delivered, and everything must agree."""
        if self.is_taken:
            self.search.note(self)
            if not self.is_broken:
                self.note("B", self.session.settle)


def rule_for(
    name: str, fault: st.SearchStrategy[Any] | None = None, **arguments: st.SearchStrategy[Any]
) -> Any:
    """A rule that takes steps of this name, if their pattern is under test."""
    pattern = PATTERN_OF.get(name, "A")
    drawn = steps(name, **arguments, **({} if fault is None else {"fault": fault}))
    take = rule(step=drawn)(lambda self, step: self.take(step))
    return precondition(lambda self: pattern in self.search.patterns)(take)


SENDING = {"who": people, "conversation": conversations, "second": seconds}
HANDLER_BY = sends | marks | hides | renames


class Machine(Programs):
    """The rules; some twice, so that they are drawn more often."""

    start = rule_for("start", faults(WRITE_FAULTS, starts), who=people, whom=everybody,
                     second=seconds, zone=zones)  # fmt: skip
    send = rule_for("send", faults(WRITE_FAULTS, sends), **SENDING, zone=zones)
    send_more = rule_for("send", **SENDING)
    deliver = rule_for("deliver", faults(HANDLER_FAULTS, HANDLER_BY), count=st.integers(0, 4))
    deliver_all = rule_for("deliver", some_fault(HANDLER_FAULTS), count=st.just(0))
    deliver_overtaken = rule_for("deliver", overtaken(HANDLER_BY), count=st.just(0))
    redeliver = rule_for("redeliver", faults(HANDLER_FAULTS), first=st.integers(1, 5),
                         count=st.integers(1, 4), order=orders)  # fmt: skip
    restart = rule_for("restart", first=st.integers(1, 6))
    change = rule_for("change", number=st.integers(1, 3),
                      kind=st.sampled_from(("modify", "remove", "expire", "foreign")))  # fmt: skip
    look_later = rule_for("look_later")
    stranger = rule_for("stranger", conversation=conversations)
    refuse = rule_for("refuse", who=people, conversation=conversations,
                      what=st.sampled_from(("empty", "long", *FORGED)))  # fmt: skip
    mark_read = rule_for("mark_read", faults(WRITE_FAULTS, deliveries), **SENDING)
    hide_more = rule_for("hide", **SENDING)
    hide = rule_for("hide", faults(WRITE_FAULTS, deliveries), **SENDING)
    rename = rule_for("rename", faults(WRITE_FAULTS, deliveries), who=people,
                      to=st.sampled_from(("zoe", "max")))  # fmt: skip
    find = rule_for("find", who=people, whom=people)
    start_group = rule_for("start_group", faults(WRITE_FAULTS), who=people, whom=pairs,
                           second=seconds)  # fmt: skip
    add = rule_for("add", faults(WRITE_FAULTS, deliveries), who=people, whom=everybody,
                   conversation=conversations, second=seconds)  # fmt: skip
    add_more = rule_for("add", who=people, whom=everybody, conversation=conversations,
                        second=seconds)  # fmt: skip
    leave_more = rule_for("leave", who=people, conversation=conversations)
    leave = rule_for("leave", faults(WRITE_FAULTS, deliveries), who=people,
                     conversation=conversations)  # fmt: skip

    @initialize(two=twos, pair=pairs, is_group=st.booleans())
    def begin(self, two: tuple[str, str], pair: list[str], is_group: bool) -> None:  # noqa: FBT001
        """Every program needs a conversation."""
        who, whom = two
        if is_group and "J" in self.search.patterns:
            self.take(Step("start_group", {"who": who, "whom": sorted({whom, *pair} - {who})}))
        else:
            self.take(Step("start", {"who": who, "whom": whom}))


@dataclass
class Search:
    """What a search has seen: programs tried, states in which all agreed, and what failed."""

    ground: Ground
    patterns: frozenset[str] = EVERY_PATTERN
    kinds: frozenset[str] = EVERY_KIND
    programs: int = 0
    states: set[int] = field(default_factory=set)
    failure: Failure | None = None
    gone: Exception | None = None  # why the search could not go on
    progress: Callable[[int], None] = lambda programs: None

    def note(self, machine: Programs) -> None:
        """Count a program."""
        self.programs += 1
        self.progress(self.programs)


def _drawing(found: Search) -> Callable[[], Machine]:
    """Makes the machines of a run, whose first draws what is plainest and does nothing."""
    made = itertools.count()
    return lambda: Machine(found, is_taken=next(made) > 0)


def search(
    ground: Ground,
    *,
    patterns: frozenset[str] = EVERY_PATTERN,
    kinds: frozenset[str] = EVERY_KIND,
    programs: int,
    seed: int,
    progress: Callable[[int], None] = lambda programs: None,
) -> Search:
    """What so many programs drawn with a seed show; the first that fails is made small.

    Hypothesis changes each example a little to make the next ones; here many that are new show
    more, so each has a run of its own.
    """
    set_hypothesis_home_dir(PROJECT_ROOT / ".hypothesis")  # not a folder of where one stands
    found = Search(ground, patterns, kinds, progress=progress)
    drawing = settings(
        max_examples=2,  # the plainest, which is left out, and one that is drawn
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    with contextlib.suppress(Enough):
        for number in range(programs):
            factory: Any = hypothesis.seed(f"{seed} {number}")(_drawing(found))
            run_state_machine_as_test(factory, settings=drawing)
    if found.gone:
        raise found.gone
    if found.failure and not isinstance(found.failure.broken.__cause__, TooSlow):
        found.failure = smallest(ground, found.failure, patterns)
    return found
