"""Programs are data: they can be stored, and printed as Python that shows the same failure."""

import json
from pathlib import Path

import pytest

from workbench.conformance.program import Failure, Fault, Step, read_steps
from workbench.errors import PromiseBroken

STEPS = (
    Step("start", {"who": "ada", "whom": "bo", "second": 0, "zone": "+02:00", "fault": None}),
    Step("start_group", {"who": "ada", "whom": ["bo", "cy"], "fault": Fault("crash_after", 2)}),
    Step("deliver", {"count": 0, "fault": Fault("stale_index", 1, 3)}),
    Step(
        "deliver",
        {
            "count": 2,
            "fault": Fault("overtaken", 2, by=Step("send", {"who": "bo", "conversation": 1})),
        },
    ),
    Step("redeliver", {"first": 1, "count": 2, "order": "backwards"}),
)
FAILURE = Failure(STEPS, PromiseBroken("B", "bo's inbox lacks conversation 1"))


def test_failure_survives_storing_as_json() -> None:
    stored = json.loads(json.dumps(FAILURE.to_json()))

    steps = read_steps(stored["steps"])

    assert [step.line() for step in steps] == [step.line() for step in STEPS]
    assert [step.to_json() for step in steps] == stored["steps"]
    assert (stored["pattern"], stored["what"]) == ("B", "bo's inbox lacks conversation 1")


def test_line_leaves_out_what_is_so_anyway() -> None:
    lines = [step.line() for step in STEPS]

    assert lines == [
        "session.start(who='ada', whom='bo', zone='+02:00')",
        "session.start_group(who='ada', whom=['bo', 'cy'], fault=Fault('crash_after', 2))",
        "session.deliver(count=0, fault=Fault('stale_index', 1, lag=3))",
        "session.deliver(count=2, fault=Fault('overtaken', 2, "
        "by=Step('send', {'who': 'bo', 'conversation': 1})))",
        "session.redeliver(first=1, count=2, order='backwards')",
    ]


def test_printed_program_is_python() -> None:
    program = FAILURE.program("dual")

    compile(program, "program", "exec")

    assert program.endswith("    session.settle()\n# B: bo's inbox lacks conversation 1")


SILENT = """
from workbench.designs import Pointer

class Silent(Pointer):
    name = "silent"

    def update_conversation(self, messages):
        pass
"""


@pytest.mark.local
def test_printed_program_breaks_the_same_promise(tmp_path: Path) -> None:
    path = tmp_path / "silent.py"
    path.write_text(SILENT)
    steps = (
        Step("start", {"who": "ada", "whom": "bo"}),
        Step("send", {"who": "ada", "conversation": 1, "second": 1}),
    )
    broken = PromiseBroken("B", "ada's inbox shows m1 last in 1, not m2")
    program = Failure(steps, broken).program(str(path))

    with pytest.raises(PromiseBroken) as caught:
        exec(program, {})

    assert str(caught.value) == str(broken)
