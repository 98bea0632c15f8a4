"""`workbench card` as a user meets it."""

from pathlib import Path

import pytest

from tests.test_cli import call
from workbench.dynamodb.targets import Target


@pytest.mark.local
def test_card_is_printed_as_text(target: Target) -> None:
    done = call("card", "pointer", "--programs", "3", "--endpoint", str(target.endpoint_url))

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("pointer: one group item, and a membership item per participant")
    assert "workbench/designs/pointer.py" in done.stdout
    assert "3 random programs with the patterns ABCDEFGHIJ were tried" in done.stdout


@pytest.mark.local
def test_card_is_written_to_a_new_file(tmp_path: Path, target: Target) -> None:
    path = tmp_path / "new" / "single.html"

    done = call(
        "card", "single", "--programs", "0", "--format", "html", "--out", str(path),
        "--endpoint", str(target.endpoint_url),
    )  # fmt: skip

    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert done.stderr == f"wrote {path}\n"
    assert "its group item has places for two" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Missing argument 'DESIGN'"),
        (("duel",), 1, "error: there is no design 'duel'"),
        (("dual", "--format", "pdf"), 2, "'pdf' is not one of 'text', 'markdown', 'html'"),
        (("dual", "--programs", "-1"), 2, "-1 is not in the range x>=0"),
        (("dual", "--out", "/proc/none/card.txt"), 1, "cannot be written"),
    ],
)
def test_wrong_usage_is_refused_before_work(
    arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = call("card", *arguments)

    assert (done.exit_code, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
