"""Solutions, strictly under papermill: every answer is right."""

from pathlib import Path

import pytest

from tests.course.lessons import SOLUTIONS, checked_in_a_run
from workbench.dynamodb.targets import Target


@pytest.mark.local
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_solution_runs_and_every_answer_is_right(
    path: Path, server: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_ENDPOINT", str(server.endpoint_url))
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))

    told = checked_in_a_run(path, tmp_path / path.name)

    assert told
    assert [text for text in told if not text.startswith("**Right.**")] == []
