"""Every design runs on the model unchanged, and shows what the caches still have."""

import pytest

from tests.conftest import user
from tests.dax.doubles import Clock
from tests.designs.conftest import at
from workbench.dax.client import DaxModel
from workbench.dax.trial import try_design
from workbench.designs import DESIGNS, Design, Dual
from workbench.designs.messages import message_item
from workbench.designs.pointer import Pointer
from workbench.dynamodb.targets import Target
from workbench.errors import IndexBehind, NotAParticipant
from workbench.messaging.generator import generate_messages
from workbench.trials.trial import open_trial

pytestmark = pytest.mark.local


@pytest.mark.parametrize("design_class", DESIGNS, ids=lambda design: design.name)
def test_design_shows_an_old_inbox_until_its_entry_expires(
    design_class: type[Design], target: Target
) -> None:
    clock, ada, bo = Clock(), user("ada"), user("bo")
    with open_trial(design_class, target) as trial:
        dax = DaxModel(trial.client, clock=clock)
        cached = design_class(dax, trial.table_name)  # type: ignore[arg-type]
        talk = trial.design.start_conversation(ada, bo, "first", at(0))
        trial.settle()
        assert cached.list_conversations(bo).entries[0].last_text == "first"

        trial.design.send_message(talk, "second", at(1))
        trial.settle()

        assert trial.design.list_conversations(bo).entries[0].last_text == "second"
        assert cached.list_conversations(bo).entries[0].last_text == "first"
        clock.now = 301
        assert cached.list_conversations(bo).entries[0].last_text == "second"
        texts = [each.text for each in cached.list_messages(bo, talk.group_uuid).messages]
        assert texts == ["second", "first"]


@pytest.mark.parametrize("design_class", DESIGNS, ids=lambda design: design.name)
def test_sender_is_locked_out_where_absence_was_cached(
    design_class: type[Design], target: Target
) -> None:
    """dual asks an index whether the two have talked; that they have not is cached like the rest.

    The others find the conversation by its key, which the write itself brings up to date.
    """
    clock, ada, bo = Clock(), user("ada"), user("bo")
    with open_trial(design_class, target) as trial:
        cached = design_class(DaxModel(trial.client, clock=clock), trial.table_name)  # type: ignore[arg-type]
        talk = cached.start_conversation(ada, bo, "first", at(0))
        trial.settle()
        if design_class is Dual:
            with pytest.raises(NotAParticipant):
                cached.send_message(talk, "second", at(1))
            clock.now = 301

        cached.send_message(talk, "second", at(2))

        assert trial.design.list_messages(bo, talk.group_uuid).messages[0].text == "second"


def test_stream_update_through_the_query_cache_finds_what_is_gone(target: Target) -> None:
    clock, ada, bo = Clock(), user("ada"), user("bo")
    with open_trial(Dual, target) as trial:
        cached = Dual(DaxModel(trial.client, clock=clock), trial.table_name)  # type: ignore[arg-type]
        talk = trial.design.start_conversation(ada, bo, "first", at(0))
        trial.settle()
        before = cached._group_items(talk.group_uuid)
        message = trial.design.send_message(talk, "second", at(1))
        trial.settle()

        assert cached._group_items(talk.group_uuid) == before
        with pytest.raises(IndexBehind):
            cached.update_conversation([message_item(talk.group_uuid, message)])


LOG = generate_messages(users=6, messages=60, seed=3)


def test_longer_lives_save_more_and_show_more_that_is_old(target: Target) -> None:
    cells = try_design(
        Dual, target, LOG,
        replayed=20, seed=1, ttls_seconds=(1, 300, 3600), reads_per_message=(2, 6),
    )  # fmt: skip

    assert [(each.ttl_seconds, each.reads_per_message) for each in cells] == [
        (1, 2), (1, 6), (300, 2), (300, 6), (3600, 2), (3600, 6),
    ]  # fmt: skip
    for shorter, longer in zip(cells, cells[2:], strict=False):
        assert longer.rru_with <= shorter.rru_with
        assert sum(longer.stale.values()) >= sum(shorter.stale.values())
    assert {each.looks for each in cells} == {40, 120}
    for each in cells:
        assert each.requests_with <= each.requests_without + 20
        if each.stale_seconds is not None:
            assert each.stale_seconds[-1] <= each.ttl_seconds


def test_same_seed_tries_the_same_again(target: Target) -> None:
    runs = [
        try_design(
            Dual, target, LOG, replayed=8, seed=seed, ttls_seconds=(300,), reads_per_message=(4,)
        )
        for seed in (1, 1, 2)
    ]

    assert runs[0] == runs[1] != runs[2]


def test_design_that_reads_by_key_is_kept_right_by_writes_through(target: Target) -> None:
    around, through = (
        try_design(
            Pointer, target, LOG, replayed=20, seed=1,
            ttls_seconds=(300,), reads_per_message=(6,), through=through,
        )[0]
        for through in (False, True)
    )  # fmt: skip

    assert around.stale["B"] > 0
    assert through.stale["B"] < around.stale["B"] / 2
    assert through.stale["A"] == around.stale["A"]
