"""`workbench bursts` as a user meets it."""

from typing import Any

import pytest

from tests.test_cli import call
from workbench.dynamodb.targets import Target
from workbench.live import bursts


@pytest.mark.parametrize("sizes", ["x", "", "1,", "1.5", "0", "-5", "1,0,10"])
def test_sizes_that_no_burst_can_have_are_refused(
    monkeypatch: pytest.MonkeyPatch, sizes: str
) -> None:
    monkeypatch.setattr(bursts, "measure", lambda *_, **__: pytest.fail("it was measured"))

    done = call("bursts", "--sizes", sizes)

    assert done.exit_code == 2
    assert f"whole numbers from 1 on, as in 1,10,100 (got {sizes})" in done.stderr


def test_aws_is_no_target_for_it() -> None:
    done = call("bursts", "--aws", "eu-west-1")

    assert done.exit_code == 2
    assert "No such option" in done.stderr


@pytest.mark.local
def test_options_reach_the_measurement(monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    given: dict[str, Any] = {}

    class Run:
        def to_json(self) -> str:
            return "{}\n"

    def measure(subjects: Any, target: Any, log: Any, **options: Any) -> Run:
        given.update(options, names=[each.name for each in subjects], messages=len(log.messages))
        return Run()

    monkeypatch.setattr(bursts, "measure", measure)
    options = "--designs dual,single --sizes 1,3 --repeats 2 --per-second 5 --messages 9 --seed 7"
    to = ("--endpoint", str(target.endpoint_url))

    done = call("bursts", "--json", *options.split(), *to)

    assert (done.exit_code, done.stdout) == (0, "{}\n"), done.output
    bootcamp = ["bootcamp, batches of 1", "bootcamp, batches of 100"]
    assert given.pop("names") == [*bootcamp, "dual", "single"]
    assert callable(given.pop("progress"))
    assert given == {"sizes": [1, 3], "repeats": 2, "per_second": 5, "messages": 9, "seed": 7}
