"""The relational baseline beside a stage: the same answers, each side metered by its own."""

import pytest

from workbench.cards.scenario import ADA, BO
from workbench.course.lessons.beside import Beside
from workbench.course.stage import Stage
from workbench.designs.dual import Dual
from workbench.dynamodb.targets import Target


@pytest.mark.local
def test_both_sides_answer_alike_and_are_metered_apart(target: Target) -> None:
    both = Beside(Stage(Dual, endpoint=str(target.endpoint_url)))
    both.start(ADA, BO, "Hello Bo!")
    both.stage.settle()

    inbox = both.call("B", "list_conversations", ADA)
    frame, counts, in_tables = both.frame(), both.row_counts(), both.tables.list_conversations(ADA)
    both.close()

    assert inbox.answer == in_tables
    assert (inbox.statements, inbox.rows, inbox.round_trips, inbox.rru) == (1, 1, 1, 0.5)
    assert inbox.steps > 0
    assert list(frame["WRU"]) == ["0", "8"]
    assert counts == {"users": 2, "conversations": 1, "participants": 2, "messages": 1}


@pytest.mark.local
def test_stream_update_is_nothing_for_tables(target: Target) -> None:
    both = Beside(Stage(Dual, endpoint=str(target.endpoint_url)))
    with_bo = both.start(ADA, BO, "Hello Bo!")
    both.stage.settle()
    both.call("C", "send_message", with_bo, "Are you there?", both.stage.now())

    update = both.settle()
    both.close()

    assert (update.statements, update.rows) == (0, 0)
    assert (update.round_trips, update.wru) == (5, 8)
