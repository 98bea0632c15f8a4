import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.costs.storage import TraceRun, read_traces
from workbench.designs import DESIGNS, Single
from workbench.errors import (
    BadParameter,
    InputFault,
    NotSupported,
    OutputNotWritable,
    RunNotReadable,
    UnknownDesign,
)
from workbench.messaging.workload import Workload

TRACES = ROOT / "data" / "traces.json"


@pytest.fixture(scope="module")
def run() -> TraceRun:
    return read_traces(TRACES)


def test_traces_are_stored_and_read_alike(run: TraceRun, tmp_path: Path) -> None:
    path = tmp_path / "new" / "traces.json"

    run.write(path)

    assert read_traces(path) == run
    assert path.read_text() == TRACES.read_text()


def test_recorded_predictions_miss_by_nothing(run: TraceRun) -> None:
    for name, predictions in run.predictions.items():
        assert len({each.place for each in predictions}) == (6 if name == "single" else 8)
        assert max(each.error for each in predictions) < 0.01


def test_pages_of_another_size_are_refused(run: TraceRun) -> None:
    run.check_pages(Workload())

    with pytest.raises(BadParameter, match="`workbench trace --inbox-page-size"):
        run.check_pages(Workload(inbox_page_size=50))
    with pytest.raises(BadParameter, match="message_page_size must be 20"):
        run.check_pages(Workload(message_page_size=2))


def test_designs_are_chosen_by_name(run: TraceRun) -> None:
    assert list(run.choose([])) == [each.name for each in DESIGNS]
    assert list(run.choose(["single", "dual"])) == ["single", "dual"]
    with pytest.raises(UnknownDesign, match=r"'duel' was not traced\. Traced are: dual, "):
        run.choose(["duel"])


def test_designs_without_a_place_are_told_or_refused(run: TraceRun) -> None:
    crowd = Workload(participants=10)

    models, left_out = run.supporting(crowd)

    assert list(models) == [each.name for each in DESIGNS if each is not Single]
    assert left_out == [
        "the design 'single' does not support 10 participants: it has places for 2."
    ]
    with pytest.raises(NotSupported, match="'single' does not support 10"):
        run.supporting(crowd, ["dual", "single"])
    only_single = replace(run, models={"single": run.models["single"]})
    with pytest.raises(InputFault, match=r"'single' does not .* Lower .* or trace other designs"):
        only_single.supporting(crowd)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format_version": 99}', '{"format_version": 2, "models": {"dual": 1}}'],
)
def test_file_that_is_no_trace_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "traces.json"
    path.write_text(content)

    with pytest.raises(RunNotReadable, match="make it with `workbench trace`"):
        read_traces(path)


def test_unknown_field_of_a_slot_is_refused(tmp_path: Path) -> None:
    stored = json.loads(TRACES.read_text())
    stored["models"]["dual"]["slots"][0]["colour"] = "red"
    path = tmp_path / "traces.json"
    path.write_text(json.dumps(stored))

    with pytest.raises(RunNotReadable, match=r"traces\.json holds no traces"):
        read_traces(path)


def test_place_that_cannot_be_written_is_told(run: TraceRun, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputNotWritable, match="cannot be written"):
        replace(run, models={}).write(tmp_path / "file" / "traces.json")
