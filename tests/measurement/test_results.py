from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.dynamodb.meter import Usage
from workbench.errors import RunNotReadable
from workbench.measurement.exercise import Sample
from workbench.measurement.results import read_run, summarise


def test_summary_is_means_and_median() -> None:
    samples = [
        Sample(
            Usage(
                trips,
                3 * rru,
                4 * rru,
                rru,
                2 * rru,
                items_read=4,
                items_returned=2,
                bytes_read=10,
                bytes_returned=6,
            ),
            records,
            latency,
        )
        for trips, rru, records, latency in [(1, 0.5, 1, 1.0), (3, 1.0, 2, 9.0), (2, 0.0, 0, 2.0)]
    ]

    found = summarise(samples)

    assert (found.calls, found.round_trips) == (3, 2.0)
    assert (found.estimated_rru, found.estimated_wru) == (1.5, 2.0)
    assert (found.consumed_rru, found.consumed_wru) == (0.5, 1.0)
    assert (found.items_read, found.items_returned) == (4.0, 2.0)
    assert found.latency_quartiles_ms == (1.5, 5.5)
    assert (found.stream_records, found.median_latency_ms) == (1.0, 2.0)
    assert found.latency_samples_ms == (1.0, 9.0, 2.0)
    assert (found.bytes_read, found.bytes_returned) == (10.0, 6.0)


def test_one_sample_has_no_quartiles() -> None:
    assert summarise([Sample(Usage(), 0, 1.0)]).latency_quartiles_ms is None


def test_recorded_run_can_be_read() -> None:
    run = read_run(ROOT / "data" / "compare.json")

    assert set(run["designs"]) == {"dual", "single"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 99}'])
def test_file_that_is_no_run_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)

    with pytest.raises(RunNotReadable, match="make it with `workbench compare`"):
        read_run(path)


def test_missing_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunNotReadable, match=f"there is no .*none.json, seen from {Path.cwd()}"):
        read_run(tmp_path / "none.json")
