"""What a design's own calls tell, on small pages, where few calls fill them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

from tests.costs.growths import RECORDED
from workbench.capacity.growth import Curve, Growth, Point
from workbench.costs import predictions
from workbench.costs.predictions import Prediction, check_growth
from workbench.costs.tracing import PARTICIPANTS, knots, trace_growth
from workbench.designs import DESIGNS, Design, DualFixed, Single
from workbench.dynamodb.targets import Target
from workbench.errors import TraceNotRepeatable
from workbench.messaging.entities import Conversation, InboxPage, Message, User

pytestmark = pytest.mark.local

RECORDED_PAGE = 20
PAGE = 2
HALVED_PAGE = 4  # where a page comes from two lists, each has whole and half pages then
# inbox length, messages, participants, bytes per text: no knots of small pages, and beyond them
PLACES = ((3, 6, 2, 100), (7, 11, 2, 350), (13, 7, 2, 980), (2, 6, 5, 500))
# WRU of a message and its stream update (C and E) by participants, and RRU: README's figures
SETTLED: Mapping[str, tuple[Mapping[int, float], float]] = {
    "dual": ({1: 5, 2: 9, 10: 41}, 1),
    "single": ({2: 6}, 1),
    "dual_fixed": ({1: 4, 2: 7, 10: 31}, 1),
    "dual_sorted": ({1: 2, 2: 3, 10: 11}, 1),
    "pointer": ({2: 2, 5: 2}, 1),
    "multikey": ({2: 7, 10: 31}, 2),
}


class Traced(NamedTuple):
    design: type[Design]
    growth: Growth


@pytest.fixture(scope="module", params=DESIGNS, ids=lambda design: design.name)
def traced(request: pytest.FixtureRequest, target: Target) -> Traced:
    return Traced(request.param, trace_growth(request.param, target, pages=pages(request.param)))


def page_of(design: type[Design]) -> int:
    return HALVED_PAGE if design is Single else PAGE


def pages(design: type[Design]) -> tuple[int, int]:
    return page_of(design), page_of(design)


def point(
    inbox: float = 1, messages: float = 1, participants: float = 2, text: float = 60
) -> Point:
    return Point(*(np.array([float(each)]) for each in (inbox, messages, participants, text)))


def checked(traced: Traced, target: Target, patch: pytest.MonkeyPatch) -> list[Prediction]:
    patch.setattr(predictions, "PLACES", PLACES)
    return check_growth(*traced, target, pages=pages(traced.design))


# --- The designs that there are --------------------------------------------------------------


def test_message_costs_what_is_settled(traced: Traced) -> None:
    wru_of, rru = SETTLED[traced.design.name]

    for participants, wru in wru_of.items():
        where = point(20, 50, participants)
        derived = {
            kind: sum(
                traced.growth.units(pattern, where, **flags)
                for pattern in "CE"
                for flags in (
                    [{"is_write": False}]
                    if kind == "RRU"
                    else [{"is_write": True, "is_index": each} for each in (False, True)]
                )
            )
            for kind in ("RRU", "WRU")
        }
        assert derived == {"RRU": rru, "WRU": wru}


def test_most_participants_are_found_by_asking(traced: Traced) -> None:
    assert traced.growth.most_participants == (2 if traced.design is Single else None)


def test_growth_predicts_where_nothing_was_fitted(
    traced: Traced, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checked(traced, target, monkeypatch)

    assert {each.place for each in found} == set(PLACES[: 3 if traced.design is Single else 4])
    assert {each.pattern for each in found} == set("ABCDE")
    assert max(each.error for each in found) < 0.01


def along(curve: Curve, axis: str, page: int, *, in_pages: bool) -> list[float]:
    """A curve at whole and half pages, or at numbers of participants."""
    if axis not in curve.knots:
        return [curve.base]
    if axis == "participants":
        return [round(curve.at(point(participants=each)).item(), 6) for each in PARTICIPANTS]
    field = {"inbox_length": "inbox", "conversation_length": "messages"}[axis]
    return [
        round(curve.at(point(**{field: share * page})).item() / (page if in_pages else 1), 6)
        for share in (0.5, 1, 1.5, 2, 2.5, 4)
    ]


def described(growth: Growth, page: int) -> Mapping[Any, Any]:
    """All figures of a growth; numbers of items in pages, whose size then does not matter.

    A BatchGetItem is charged item by item, so its count is a number of items too.
    """
    curves = {
        **{
            (slot.pattern, slot.operation, slot.index, slot.is_write, slot.factor, slot.per_before,
             slot.per_after, name): getattr(slot, name)
            for slot in growth.slots
            for name in ("count", "items", "fixed_before", "fixed_after")
        },
        **{("records", pattern): curve for pattern, curve in growth.stream_records.items()},
    }  # fmt: skip
    return {
        (*key, axis): along(curve, axis, page, in_pages=key[-1] == "items" or "BatchGetItem" in key)
        for key, curve in curves.items()
        for axis in ("inbox_length", "conversation_length", "participants")
    }


def test_recorded_traces_are_those_of_the_designs(traced: Traced) -> None:
    recorded = RECORDED[traced.design.name]

    assert described(traced.growth, page_of(traced.design)) == described(recorded, RECORDED_PAGE)
    assert traced.growth.most_participants == recorded.most_participants


@pytest.mark.parametrize("page_size", [1, 2, 4, 20, 1_000])
def test_knots_lie_at_the_start_and_around_pages(page_size: int) -> None:
    found = knots(page_size)

    assert found[:3] == (1, 2, 3)
    assert {page_size, 2 * page_size, 4 * page_size} <= set(found)
    assert list(found) == sorted(set(found))


# --- A design of one's own -------------------------------------------------------------------


class Careful(Single):
    """Looks the first conversation up again where the inbox is too long for a page."""

    name: ClassVar[str] = "careful"

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        page = super().list_conversations(reader, limit=limit, cursor=cursor)
        if page.cursor is not None:
            self._membership(reader, page.entries[0].conversation.group_uuid)
        return page


def keys_only(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    indexes = [
        {**index, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        for index in definition["GlobalSecondaryIndexes"]
    ]
    return {**definition, "GlobalSecondaryIndexes": indexes}


class Narrow(DualFixed):
    """Copies keys only to its index, and gets each conversation that it shows."""

    name: ClassVar[str] = "narrow"
    table_definition: ClassVar[Mapping[str, Any]] = keys_only(DualFixed.table_definition)

    def list_conversations(
        self, reader: User, *, limit: int = 20, cursor: str | None = None
    ) -> InboxPage:
        listed = self._client.query(
            TableName=self._table_name,
            IndexName="inbox-index",
            KeyConditionExpression="pk = :owner",
            ExpressionAttributeValues={":owner": {"S": "GRP#" + reader.uuid}},
            ScanIndexForward=False,
            Limit=limit,
        )["Items"]
        keys: list[Any] = [{"pk": item["pk"], "sk": item["sk"]} for item in listed]
        self._client.batch_get_item(RequestItems={self._table_name: {"Keys": keys}})
        return InboxPage((), None)


@pytest.mark.parametrize("design", [Careful, Narrow], ids=lambda design: design.name)
def test_design_of_ones_own_is_predicted(
    design: type[Design], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    growth = trace_growth(design, target, pages=pages(design))

    found = checked(Traced(design, growth), target, monkeypatch)

    assert max(each.error for each in found) < 0.01
    base = RECORDED["single" if design is Careful else "dual_fixed"]
    more = {slot.operation for slot in growth.slots if slot.pattern == "B"} - {
        slot.operation for slot in base.slots if slot.pattern == "B"
    }
    assert more == ({"GetItem"} if design is Careful else {"BatchGetItem"})


class Fickle(Single):
    """Makes a request for long texts that it does not make for short ones."""

    name: ClassVar[str] = "fickle"

    def send_message(self, conversation: Conversation, text: str, sent_at: datetime) -> Message:
        if len(text) > 100:
            self._membership(conversation.viewer, conversation.group_uuid)
        return super().send_message(conversation, text, sent_at)


def test_requests_that_depend_on_texts_are_refused(target: Target) -> None:
    with pytest.raises(TraceNotRepeatable, match=r"fickle, pattern C at .*: the requests for long"):
        trace_growth(Fickle, target, pages=(1, 1))
