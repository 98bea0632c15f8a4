"""Lesson 04: each wrong answer is told why, the right one passes."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.conftest import ROOT
from workbench.cards.scenario import ADA, BO
from workbench.course.checking import find_exercise
from workbench.course.exercises import RIGHT
from workbench.course.lessons.streams import bootcamp_on, message_record, records_frame
from workbench.course.stage import Stage
from workbench.designs import Dual
from workbench.designs.messages import NEW_MESSAGES
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter
from workbench.reports.lessons import hunted, read_lessons
from workbench.streams.filters import matches


@pytest.fixture(autouse=True)
def endpoint(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("local"):
        server: Target = request.getfixturevalue("server")
        monkeypatch.setenv("WORKBENCH_ENDPOINT", str(server.endpoint_url))


def reason(name: str, answer: Any) -> str:
    return find_exercise(name).judge(answer).reason


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("04.hunt_p", "five", "not one of the eleven"),
        ("04.hunt_p", 12, "not one of the eleven"),
        ("04.hunt_p", True, "not one of the eleven"),
        ("04.hunt_p", 5, RIGHT),
        ("04.hunt_q", 4, RIGHT),
        ("04.hunt_r", 6, RIGHT),
        ("04.come_again", 2, "no list of numbers"),
        ("04.come_again", ["b2", "a3", "c4"], "no list of numbers"),
        ("04.come_again", [2], "only what failed"),
        ("04.come_again", [2, 4], "left out what is done"),
        ("04.come_again", [1, 2, 3, 4], "forgot the report"),
        ("04.come_again", [4], "other records"),
        ("04.come_again", [2, 3, 4], RIGHT),
        ("04.burst", 8, "took each message alone"),
        ("04.burst", 0.4, "forgot the batch size"),
        ("04.burst", 32, "gave the total"),
        ("04.burst", 1.6, RIGHT),
        ("04.mend", "handler", "no function"),
    ],
)
def test_answer_is_told_what_is_wrong(name: str, answer: Any, told: str) -> None:
    assert reason(name, answer) == told


@pytest.mark.local
@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("04.hunt_p", 1, "not this fault"),
        ("04.hunt_p", 7, "shown by less"),
        ("04.hunt_q", 2, "shown by less"),
        ("04.hunt_r", 4, "not this fault"),
    ],
)
def test_guessed_fault_is_tried(name: str, answer: int, told: str) -> None:
    assert reason(name, answer) == told


# --- Handlers --------------------------------------------------------------------------------


def is_new(record: Any) -> bool:
    return matches([NEW_MESSAGES], record)


def is_insert(record: Any) -> bool:
    return bool(record["eventName"] == "INSERT")


def is_message(record: Any) -> bool:
    return str(record["dynamodb"]["Keys"]["pk"]["S"]).startswith("MSG#")


def has_image(record: Any) -> bool:
    return "NewImage" in record["dynamodb"]


def handler(
    accepts: Callable[[Any], bool] = is_new,
    *,
    guard: str = "last_reply_at < :at",
    catches: bool = True,
    most: int | None = None,
    reads: bool = False,
) -> Callable[[Any, Any, str], None]:
    """A handler that shows new messages, with things left out."""

    def handle(event: Any, client: Any, table_name: str) -> None:
        for record in filter(accepts, event["Records"][:most]):
            image = record["dynamodb"]["NewImage"]
            key = {"pk": {"S": image["pk"]["S"].replace("MSG#", "GRP#")}, "sk": {"S": "LAST"}}
            if reads:
                there = client.get_item(TableName=table_name, Key=key)["Item"]
                if there["last_reply_at"]["S"] >= image["sk"]["S"]:
                    continue
            try:
                client.update_item(
                    TableName=table_name,
                    Key=key,
                    UpdateExpression="SET message = :text, last_reply_at = :at",
                    ExpressionAttributeValues={":text": image["message"], ":at": image["sk"]},
                    **({"ConditionExpression": guard} if guard else {}),
                )
            except client.exceptions.ConditionalCheckFailedException:
                if not catches:
                    raise

    return handle


def careless(event: Any, client: Any, table_name: str) -> None:
    for record in event["Records"]:
        with suppress(Exception):
            handler()({"Records": [record]}, client, table_name)


def reporting(event: Any, client: Any, table_name: str) -> Any:
    try:
        handler()(event, client, table_name)
    except Exception:
        return {"batchItemFailures": [{"itemIdentifier": "1"}]}
    return {"batchItemFailures": []}


@pytest.mark.local
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda event, client, table_name: None, "nothing happened"),
        (handler(most=1), "handled a part of the batch"),
        (handler(is_message), "fell over a REMOVE"),
        (handler(has_image), "took its own write for a message"),
        (handler(lambda r: is_message(r) and has_image(r)), "took a change for a new message"),
        (handler(guard=""), "let an older message win"),
        (handler(guard="", reads=True), "read first, then wrote"),
        (handler(catches=False), "did not catch the refusal"),
        (handler(guard="last_reply_at <"), "a request was refused"),
        (careless, "swallowed every error"),
        (reporting, RIGHT),
        (handler(), RIGHT),
    ],
)  # fmt: skip
def test_handler_is_told_what_it_does_not_survive(answer: Any, told: str) -> None:
    assert reason("04.mend", answer) == told


# --- What the lesson acts with -------------------------------------------------------------------


def test_hunted_programs_are_of_different_faults() -> None:
    found = hunted(read_lessons(ROOT / "data" / "faults.json"))

    assert len({lesson["number"] for lesson in found.values()}) == len(found) == 3


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(Dual)
    yield made
    made.close()


@pytest.mark.local
def test_handler_with_the_first_fault_loses_a_message(stage: Stage) -> None:
    conversation = stage.start(ADA, BO, "Hello Bo!")
    stage.settle()
    stage.new_records()
    for text in ("One", "Two"):
        stage.send(conversation, text)

    bootcamp_on(stage, 1)({"Records": stage.new_records()}, None)

    [entry] = stage.design.list_conversations(BO).entries
    assert entry.last_text == "One"
    with pytest.raises(BadParameter, match="stays on this machine"):
        bootcamp_on(stage, 7)


@pytest.mark.local
def test_records_are_shown_with_and_without_images(stage: Stage) -> None:
    removed = message_record(1, "a", event="REMOVE")

    frame = records_frame([message_record(2, "b", text="Hello"), removed], stage.labels)

    assert list(frame["event"]) == ["INSERT", "REMOVE"]
    assert list(frame["new image"]) == ["message=Hello", "none"]
