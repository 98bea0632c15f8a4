import pytest

from workbench.cards.scenario import ADA, BO, CY
from workbench.course import pictures
from workbench.course.stage import Stage
from workbench.designs.dual import Dual
from workbench.designs.messages import define_table
from workbench.designs.single import Single
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter, NoSharedServer

pytestmark = pytest.mark.local


@pytest.fixture
def stage(target: Target):
    stage = Stage(Dual, endpoint=target.endpoint_url)
    yield stage
    stage.close()


def test_stage_shows_the_same_each_time(stage: Stage, target: Target) -> None:
    other = Stage(Dual, endpoint=target.endpoint_url)
    frames = []
    for each in (stage, other):
        each.start(ADA, BO, "Hello Bo!")
        frames.append(pictures.items_frame(each.snapshot()).to_string())
    other.close()

    assert frames[0] == frames[1]
    assert "MSG#<ada+bo>" in frames[0]


def test_message_under_dual_moves_two_items_and_their_entries(stage: Stage) -> None:
    hello = stage.start(ADA, BO, "Hello Bo!")
    stage.settle()
    before = stage.snapshot()
    stage.send(hello.seen_by_other(), "How are you?")
    with stage.watching() as usage:
        stage.settle()

    changes = pictures.changes_frame(before, stage.snapshot())

    counts = changes.groupby(["where", "change"]).size().to_dict()
    assert counts == {
        ("table", "put"): 3, ("table", "deleted"): 2,
        ("index message-group-sk-index", "put"): 2, ("index message-group-sk-index", "deleted"): 2,
    }  # fmt: skip
    requests = pictures.requests_frame(usage, stage.snapshot())
    assert requests["operation"].tolist() == [
        "Query", "PutItem", "DeleteItem", "PutItem", "DeleteItem"
    ]  # fmt: skip
    assert requests["WRU"].tolist() == ["0", "2", "2", "2", "2"]
    charges = pictures.charges_frame(usage)
    assert charges["units"].tolist() == ["0.5 RRU", *["1 WRU"] * 8]


def test_message_under_single_changes_one_item(target: Target) -> None:
    stage = Stage(Single, endpoint=target.endpoint_url)
    hello = stage.start(ADA, BO, "Hello Bo!")
    stage.settle()
    before = stage.snapshot()
    stage.send(hello, "Bo?")
    stage.settle()

    changes = pictures.changes_frame(before, stage.snapshot())
    stage.close()

    counts = changes.groupby(["where", "change"]).size().to_dict()
    assert counts == {
        ("table", "changed"): 1, ("table", "put"): 1,
        ("index inbox-a-index", "deleted"): 1, ("index inbox-a-index", "put"): 1,
        ("index inbox-b-index", "deleted"): 1, ("index inbox-b-index", "put"): 1,
    }  # fmt: skip
    told = changes.reset_index().query("change == 'changed'")["attributes"].item()
    assert told.startswith("message: Hello Bo! → Bo?, last_reply_at: <12:00")


def test_nothing_changed_is_an_empty_frame(stage: Stage) -> None:
    before = stage.snapshot()

    assert pictures.changes_frame(before, stage.snapshot()).empty
    assert pictures.changes_figure(before, stage.snapshot()).png


def test_pictures_tell_in_words_what_they_show(stage: Stage) -> None:
    hello = stage.start(ADA, BO, "Hello Bo!")
    before = stage.snapshot()
    with stage.watching() as usage:
        stage.send(hello, "Bo?")
    after = stage.snapshot()

    alts = [
        pictures.items_figure(after).alt,
        pictures.changes_figure(before, after).alt,
        pictures.requests_figure(usage, after, title="Send").alt,
        pictures.charges_figure(usage, title="Send").alt,
    ]

    assert alts == [
        "The table: GRP#<ada> has 1 item; GRP#<bo> has 1 item; MSG#<ada+bo> has 2 items.",
        "What changed: table put MSG#<ada+bo>, <12:00:01>.",
        "Send: 2 round trips, Query on message-group-sk-index, PutItem on table.",
        "Send: 0.5 RRU and 1 WRU in 2 parts.",
    ]


def test_records_are_shown_once(stage: Stage) -> None:
    stage.start(ADA, BO, "Hello Bo!")
    first = [record["eventName"] for record in stage.new_records()]
    stage.start(CY, ADA, "Lunch?")

    assert first == ["INSERT"] * 3
    assert len(stage.new_records()) == 3
    assert stage.new_records() == []


def test_table_without_a_design_has_no_design(target: Target) -> None:
    stage = Stage(define_table(), endpoint=target.endpoint_url)

    with pytest.raises(BadParameter, match=r"Stage\(Dual\)"):
        stage.settle()
    stage.close()


def test_closed_stage_leaves_no_table(target: Target) -> None:
    stage = Stage(Dual, endpoint=target.endpoint_url)

    stage.close()

    assert stage.table_name not in stage.client.list_tables()["TableNames"]


def test_lesson_starts_no_server() -> None:
    with pytest.raises(NoSharedServer, match="workbench up"):
        Stage(Dual)
