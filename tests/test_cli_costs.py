"""`workbench cost` and its like as a user meets them."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.test_cli import call
from workbench.costs import predictions
from workbench.dynamodb.targets import Target
from workbench.messaging.workload import read_workload


def test_cost_prints_bills_flips_and_assumptions() -> None:
    done = call("cost")

    assert done.exit_code == 0, done.stderr
    assert "10,000 users in us-east-1, USD a month" in done.stdout
    assert "is cheapest: USD" in done.stdout
    assert "Where the cheapest design changes, for 10,000 users:" in done.stdout
    assert "  month_days = 30: days billed as a month" in done.stdout
    assert "  messages_per_user_per_day = 10" in done.stdout


def test_cost_prints_one_json_object() -> None:
    done = call("cost", "--json", "--users", "10", "1e6", "--designs", "dual, single")

    printed = json.loads(done.stdout)
    few, many = printed["bills"]
    assert (few["users"], many["users"]) == (10, 1_000_000)
    assert list(few["designs"]) == ["dual", "single"]
    assert many["designs"]["dual"]["storage"] == pytest.approx(
        few["designs"]["dual"]["storage"] * 1e5
    )
    assert list(printed["flips"]) == [
        "reads_per_message", "inbox_length", "text_bytes", "participants", "conversation_reads",
    ]  # fmt: skip


def test_cost_follows_region_and_assumptions() -> None:
    always = ("cost", "--json", "--designs", "single")
    options = ("--region", "eu-west-1", "--assume", "month_days=31")

    usual, changed = (json.loads(call(*always, *each).stdout) for each in ((), options))

    assert changed["region"] == "eu-west-1"
    assert changed["assumptions"]["month_days"] == 31
    assert changed["bills"] != usual["bills"]


def test_cost_writes_a_picture_anywhere(tmp_path: Path) -> None:
    picture = tmp_path / "new" / "bill.png"

    done = call("cost", "--designs", "single", "--picture", str(picture))

    assert done.exit_code == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_workload_of_a_log_can_be_billed(tmp_path: Path) -> None:
    path = tmp_path / "shipped.toml"
    path.write_text(call("data", "--workload").stdout)

    done = call("cost", "--json", "--workload", str(path))

    assert read_workload(path).users == 60
    assert json.loads(done.stdout)["workload"]["users"] == [60]


def test_design_without_a_place_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "group.toml"
    path.write_text("participants = 10\n")

    done = call("cost", "--json", "--workload", str(path))

    assert list(json.loads(done.stdout)["bills"][0]["designs"]) == [
        "dual", "dual_fixed", "dual_sorted", "pointer", "multikey",
    ]  # fmt: skip
    assert "left out: the design 'single' does not support 10 participants" in done.stderr


def test_map_of_the_cheapest_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "map.png"

    done = call("cost", "--map", "reads_per_message", "inbox_length", str(path))

    assert done.exit_code == 0, done.stderr
    assert path.read_bytes().startswith(b"\x89PNG")


def test_number_without_its_option_is_refused() -> None:
    done = call("cost", "1e6")

    assert done.exit_code == 2
    assert "1e+06 belongs to no option: did you mean --users?" in done.stderr


def test_free_bill_is_no_fault() -> None:
    free = ("--assume", "free_tier=true", "--assume", "mode=provisioned")

    assert "costs nothing." in call("cost", "--users", "1", *free).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--picture", "{file}/bill.png"), "(Not a directory): choose another --picture"),
        (("--region", "mars-1"), "the price list has no region 'mars-1'. The regions are: "),
        (("--designs", "duel"), "design 'duel' was not traced. Traced are: dual, single,"),
        (("--users", "0"), "users must be a number, 1 to 1e+10 (got 0.0)"),
        (("--assume", "mode=reserved"), "mode must be one of on_demand, provisioned"),
        (("--assume", "colour"), "assumption must be NAME=VALUE, NAME one of gb_bytes, "),
        (("--assume", "month_days=often"), "month_days must be 28 to 31 (got 'often')"),
        (("--workload", "{text}"), "text_bytes must be a number, 1 to 4,096, or a list of such"),
        (("--workload", "{page}"), "inbox_page_size must be 20, the size that was traced, or"),
        (("--workload", "{group}", "--designs", "single"), "'single' does not support 5"),
        (("--map", "users", "text_bytes", "m.png"), "axis must be one of reads_per_message, "),
        (("--workload", "{unknown}"), "unknown fields: people. The fields are: users, "),
        (("--traces", "{text}"), "is no stored run: make it with `workbench trace`"),
    ],
)  # fmt: skip
def test_fault_is_one_message_with_the_way_out(
    tmp_path: Path, arguments: Sequence[str], said: str
) -> None:
    places = {"file": tmp_path / "file"}
    places["file"].touch()
    for name, line in (
        ("text", "text_bytes = -1"),
        ("page", "inbox_page_size = 50"),
        ("group", "participants = 5"),
        ("unknown", "people = 5"),
    ):
        places[name] = tmp_path / f"{name}.toml"
        places[name].write_text(line)

    done = call("cost", *(argument.format_map(places) for argument in arguments))

    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_full_disk_is_reported() -> None:
    done = call("cost", "--designs", "single", "--picture", "/dev/full")

    assert done.exit_code == 1
    assert done.stderr == "error: /dev/full cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("cost", "--workload", "no-such-file"),
        ("cost", "--users", "many"),
        ("trace", "--inbox-page-size", "0"),
        ("data", "--workload", "--json"),
    ],
)
def test_wrong_usage_is_answered_with_usage(arguments: Sequence[str]) -> None:
    done = call(*arguments)

    assert done.exit_code == 2
    assert "Usage: workbench" in done.stderr


def test_trace_refuses_before_it_works(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    nowhere = call("trace", "--out", str(tmp_path / "file" / "traces.json"))
    nobody = call("trace", "--designs", "duel", "--out", str(tmp_path / "traces.json"))

    assert "choose another --out" in nowhere.stderr
    assert "there is no design 'duel'. The designs are: dual, single," in nobody.stderr


@pytest.mark.local
def test_traced_design_can_be_billed(
    tmp_path: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process, for it to check fewer places."""
    monkeypatch.setattr(predictions, "PLACES", ((3, 2, 2, 50),))
    traces, workload = str(tmp_path / "new" / "traces.json"), tmp_path / "workload.toml"
    workload.write_text("inbox_page_size = 1\nmessage_page_size = 1\n")
    pages = ["--inbox-page-size", "1", "--message-page-size", "1"]
    options = ["--designs", "single", "--endpoint", str(target.endpoint_url), "--out", traces]

    traced = call("trace", *pages, *options)
    billed = call("cost", "--traces", traces, "--workload", str(workload))

    assert "largest error 0.00%" in traced.stdout
    assert traced.stderr == f"stored: {traces}\n"
    assert "\n10,000 users in us-east-1" in billed.stdout
