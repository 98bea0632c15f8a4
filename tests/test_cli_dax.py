"""`workbench dax`: a stored run is shown, a small one is tried, and bad options are told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import ROOT
from workbench.cli import main

STORED = ROOT / "data" / "dax.json"


def test_stored_run_is_shown_with_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "map.png"

    result = CliRunner().invoke(main, ["dax", "--show", str(STORED), "--picture", str(picture)])

    assert result.exit_code == 0, result.output
    assert "dual, stream update around DAX" in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_unknown_node_type_is_refused_before_any_work() -> None:
    result = CliRunner().invoke(main, ["dax", "--node-type", "dax.t3.smal"])

    assert result.exit_code == 1
    assert "dax.t3.small" in result.output


@pytest.mark.local
def test_small_run_is_stored_and_printed(tmp_path: Path) -> None:
    out = tmp_path / "dax.json"
    log = "sender,recipient,sent_at,text\n" + "".join(
        f"{pair},2026-01-05T09:0{minute}:00+00:00,hello\n"
        for minute, pair in enumerate(["a,b", "b,a", "a,b", "c,a", "a,c"])
    )
    (tmp_path / "log.csv").write_text(log)
    options = ["--log", str(tmp_path / "log.csv"), "--designs", "dual", "--replayed", "3"]

    result = CliRunner().invoke(main, ["dax", *options, "--json", "--out", str(out)])

    assert result.exit_code == 0, result.output
    cells = json.loads(out.read_text())["cells"]
    assert len(cells) == 25
    assert {cell["messages"] for cell in cells} == {3}
    assert json.loads(result.stdout)["cells"] == cells
