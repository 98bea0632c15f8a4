"""Each mistake that the judges of lesson 12 know."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from workbench.course.exercises import RIGHT, UNANSWERED
from workbench.course.sketches.briefs import TICKETS, Record
from workbench.course.sketches.sketch import Sketch, put, typed
from workbench.course.sketches.trying import try_out
from workbench.course.sketches.worked import THREE_KINDS, game_sketch, query
from workbench.course.tasks.sessions import EXERCISES
from workbench.designs.messages import define_index, define_table
from workbench.dynamodb.targets import Target

JUDGES = {exercise.name: exercise.judge for exercise in EXERCISES}


@pytest.fixture
def tried(target: Target) -> Callable[[Sketch], Any]:
    return partial(try_out, endpoint=str(target.endpoint_url))


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: str(each.name))
def test_exercise_has_hints_and_refuses_nonsense(exercise: Any) -> None:
    assert len(exercise.hints) >= 3
    assert exercise.judge("nonsense").reason in ("not a number", "not a function", "not tried out")


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("12.open_orders", 4.32, RIGHT),
        ("12.open_orders", 43.2, "forgot the peak"),
        ("12.open_orders", 8.64, "counted the entry once"),
        ("12.open_orders", 2.16, "counted the table"),
        ("12.open_orders", 5, "too many"),
        ("12.shards", 3, RIGHT),
        ("12.shards", 1, "forgot the peak"),
        ("12.shards", 2, "counted half"),
        ("12.shards", 5, "doubled the index in the transaction"),
        ("12.shards", 4, "too many"),
        ("12.score_key", lambda score, player: f"{score:06}#{player}", RIGHT),
        ("12.score_key", lambda score, player: ..., UNANSWERED),
        ("12.score_key", lambda score, player: f"{score}#{player}", "sorted as text"),
        ("12.score_key", lambda score, player: f"{score:05}#{player}", "sorted as text"),
        ("12.score_key", lambda score, player: f"{player}#{score:06}", "the id in front"),
        ("12.score_key", lambda score, player: f"{999_999 - score:06}#{player}", "upside down"),
        ("12.score_key", lambda score, player: f"{score:06}", "ties are left open"),
        ("12.score_key", lambda score, player: score, "not a text"),
        ("12.score_key", lambda score: f"{score:06}", "raised an error"),
    ],
)
def test_answer_is_judged_with_its_reason(name: str, answer: Any, reason: str) -> None:
    assert JUDGES[name](answer).reason == reason


# --- A key condition -------------------------------------------------------------------------


def matches(client: Any, table: str, player_id: str, month: str, **options: Any) -> Any:
    condition = "pk = :pk AND begins_with(sk, :month)"
    values = {":pk": f"PLAYER#{player_id}", ":month": f"MATCH#{month}"}
    return query(
        client, table, condition, values, **{"ScanIndexForward": False, "Limit": 5} | options
    )


def matches_filtered(client: Any, table: str, player_id: str, month: str) -> Any:
    values = {":pk": f"PLAYER#{player_id}", ":month": month}
    found = query(
        client,
        table,
        "pk = :pk",
        values,
        FilterExpression="begins_with(match_id, :month)",
        ScanIndexForward=False,
    )
    return found[:5]


def matches_scanned(client: Any, table: str, player_id: str, month: str) -> Any:
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="pk = :pk AND begins_with(match_id, :month)",
        ExpressionAttributeValues=typed({":pk": f"PLAYER#{player_id}", ":month": month}),
    )
    found = [item for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: str(item["sk"]["S"]), reverse=True)[:5]


@pytest.mark.local
@pytest.mark.parametrize(
    ("list_matches", "reason"),
    [
        (matches, RIGHT),
        (lambda *_, **__: ..., UNANSWERED),
        (partial(matches, ScanIndexForward=True), "another answer"),
        (partial(matches, Limit=50), "too many"),
        (matches_filtered, "reads too much"),
        (matches_scanned, "a Scan"),
    ],
)
def test_key_condition_is_judged(
    tried: Callable[[Sketch], Any], list_matches: Any, reason: str
) -> None:
    assert JUDGES["12.list_matches"](tried(game_sketch(list_matches))).reason == reason


@pytest.mark.local
def test_sketch_of_another_brief_is_refused(tried: Callable[[Sketch], Any]) -> None:
    assert JUDGES["12.list_matches"](tried(THREE_KINDS)).reason == "another brief"


# --- A support desk --------------------------------------------------------------------------

INDEXES = (
    define_index("work-index", "worker", "urgency"),
    define_index("customer-index", "customer", "ticket_id"),
)


def items(
    record: Record, *, prefix: str = "TICKET#{}", urgency: str = "{}#{}", embedded: bool = False
) -> list[Record]:
    pk = prefix.format(record["ticket_id"])
    ticket = record | {"pk": pk, "sk": record["ticket_id"]}
    if record["phase"] == "open":
        ticket["worker"] = record.get("assigned_to", "nobody")
        ticket["urgency"] = urgency.format(record["priority"], record["ticket_id"])
    if embedded:
        return [ticket]
    del ticket["comments"]
    comments = [
        each | {"pk": pk, "sk": f"{ticket['sk']}#{each['comment_id']}"}
        for each in record["comments"]
    ]
    return [ticket, *comments]


def desk(**options: Any) -> Sketch:
    """A model of the brief; options change how items are made."""
    prefix = options.get("prefix", "TICKET#{}")

    def key(ticket_id: str) -> Any:
        return {"pk": prefix.format(ticket_id), "sk": ticket_id}

    def list_of_agent(client: Any, table: str, agent: str) -> Any:
        values = {":worker": agent}
        return query(client, table, "worker = :worker", values, IndexName="work-index", Limit=15)

    def list_of_customer(client: Any, table: str, customer: str) -> Any:
        place = {"IndexName": "customer-index", "ScanIndexForward": False, "Limit": 10}
        return query(client, table, "customer = :customer", {":customer": customer}, **place)

    def show_ticket(client: Any, table: str, ticket_id: str) -> Any:
        values = {":pk": prefix.format(ticket_id), ":ticket": ticket_id}
        return query(client, table, "pk = :pk AND begins_with(sk, :ticket)", values)

    def assign_ticket(client: Any, table: str, ticket_id: str, agent: str) -> None:
        client.update_item(
            TableName=table,
            Key=typed(key(ticket_id)),
            UpdateExpression="SET assigned_to = :agent, worker = :agent",
            ExpressionAttributeValues=typed({":agent": agent}),
        )

    def add_comment(client: Any, table: str, ticket_id: str, comment: Record) -> None:
        if options.get("embedded"):
            client.update_item(
                TableName=table,
                Key=typed(key(ticket_id)),
                UpdateExpression="SET comments = list_append(comments, :new)",
                ExpressionAttributeValues=typed({":new": [comment]}),
            )
        else:
            sort_key = f"{ticket_id}#{comment['comment_id']}"
            put(client, table, [comment | {"pk": prefix.format(ticket_id), "sk": sort_key}])

    def open_ticket(client: Any, table: str, ticket: Record) -> None:
        put(client, table, items(ticket, **options))

    functions = (show_ticket, list_of_customer, list_of_agent, open_ticket, assign_ticket)
    return Sketch(
        TICKETS,
        define_table("worker", "urgency", "customer", "ticket_id", indexes=INDEXES),
        partial(items, **options),
        {function.__name__: function for function in functions}
        | {
            "add_comment": add_comment,
            "list_of_nobody": lambda client, table: list_of_agent(client, table, "nobody"),
        },
    )


def with_pattern(name: str, function: Any) -> Sketch:
    sketch = desk()
    return Sketch(TICKETS, sketch.table, sketch.items_of, {**sketch.patterns, name: function})


def assign_only(client: Any, table: str, ticket_id: str, agent: str) -> None:
    client.update_item(
        TableName=table,
        Key=typed({"pk": f"TICKET#{ticket_id}", "sk": ticket_id}),
        UpdateExpression="SET assigned_to = :agent",
        ExpressionAttributeValues=typed({":agent": agent}),
    )


def assign_after_a_look(client: Any, table: str, ticket_id: str, agent: str) -> None:
    key = typed({"pk": f"TICKET#{ticket_id}", "sk": ticket_id})
    item = client.get_item(TableName=table, Key=key)["Item"]
    client.put_item(TableName=table, Item=item | typed({"assigned_to": agent, "worker": agent}))


def scan_for_agent(client: Any, table: str, agent: str) -> Any:
    response = client.scan(
        TableName=table,
        FilterExpression="worker = :worker",
        ExpressionAttributeValues=typed({":worker": agent}),
    )
    return sorted(response["Items"], key=lambda item: str(item["urgency"]["S"]))[:15]


@pytest.mark.local
@pytest.mark.parametrize(
    ("sketch", "answers", "costs"),
    [
        (desk(), RIGHT, RIGHT),
        (desk(urgency="{1}"), "another answer", "another answer"),
        (desk(prefix="TICKETS"), RIGHT, "all under one key"),
        (desk(embedded=True), RIGHT, "too dear"),
        (with_pattern("list_of_agent", scan_for_agent), RIGHT, "a Scan"),
        (with_pattern("assign_ticket", assign_after_a_look), RIGHT, "round trips"),
        (
            with_pattern("assign_ticket", assign_only),
            "list_of_agent is wrong afterwards",
            "list_of_agent is wrong afterwards",
        ),
        (with_pattern("open_ticket", ...), UNANSWERED, UNANSWERED),
    ],
    ids="right unsorted one_key embedded scan look assign_only unwritten".split(),
)
def test_sketch_of_the_desk_is_judged(
    tried: Callable[[Sketch], Any], sketch: Sketch, answers: str, costs: str
) -> None:
    measured = tried(sketch)

    assert JUDGES["12.tickets_answers"](measured).reason == answers, measured
    assert JUDGES["12.tickets_costs"](measured).reason == costs, (measured.usd, measured)
