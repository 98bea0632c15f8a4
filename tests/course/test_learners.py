"""Lessons as learners get them, strictly under papermill: nothing is answered yet."""

from pathlib import Path

import pytest

from tests.course.lessons import NOTEBOOKS, SOLUTIONS, checked_in_a_run
from workbench.dynamodb.targets import Target

SOLVED = {path.name for path in SOLUTIONS}
RUNS = [
    # What has a solution runs as that, strictly, and as it is under nbval: this is the third time.
    pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.name in SOLVED else ())
    for path in NOTEBOOKS
]


@pytest.mark.local
@pytest.mark.parametrize("path", RUNS)
def test_lesson_runs_and_every_exercise_is_unanswered(
    path: Path, server: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENDPOINT", str(server.endpoint_url))
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))

    told = checked_in_a_run(path, tmp_path / path.name)

    assert [text for text in told if not text.startswith("**Not yet: unanswered.**")] == []
