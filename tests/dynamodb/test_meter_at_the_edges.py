"""What the caller sees, what is refused, and what else may happen around a metered request."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.dynamodb.conftest import DEFINITION, GROW, all_of, item, key, named, put
from workbench.dynamodb.meter import Meter, Usage
from workbench.dynamodb.tables import Table
from workbench.dynamodb.targets import Target, sealed_session
from workbench.errors import NotMetered, UnexplainedDifference

pytestmark = pytest.mark.local

UNLESS_THERE = {"ConditionExpression": "attribute_not_exists(pk)"}
IF_THERE = {"ConditionExpression": "attribute_exists(pk)"}
NEVER = {"ConditionExpression": "attribute_exists(never)"}


def causes(usage: Usage) -> list[list[str]]:
    return [[cause.name for cause in difference.causes] for difference in usage.differences]


# --- What the caller sees --------------------------------------------------------------------

SINGLE_WRITES: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"Item": item("a")}),
    ("update_item", {"Key": key("a"), **GROW}),
    ("delete_item", {"Key": key("a")}),
]


@pytest.mark.parametrize(("method", "arguments"), SINGLE_WRITES)
def test_old_item_is_hidden_unless_wanted(
    client: Any, table: Table, method: str, arguments: Any
) -> None:
    client.put_item(TableName=table.name, Item=item("a", 1_500))

    with Meter(client).watching():
        response = getattr(client, method)(TableName=table.name, **arguments)

    assert set(response) == {"ConsumedCapacity", "ResponseMetadata"}


@pytest.mark.parametrize(("method", "arguments"), SINGLE_WRITES)
def test_old_item_is_shown_if_wanted(
    client: Any, table: Table, method: str, arguments: Any
) -> None:
    client.put_item(TableName=table.name, Item=item("a", 1_500))

    with Meter(client).watching():
        response = getattr(client, method)(
            TableName=table.name, ReturnValues="ALL_OLD", **arguments
        )

    assert response["Attributes"] == item("a", 1_500)


@pytest.mark.parametrize(("method", "arguments"), SINGLE_WRITES)
@pytest.mark.parametrize("wanted", [{}, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])
def test_error_shows_item_only_if_wanted(
    client: Any, table: Table, method: str, arguments: Any, wanted: Any
) -> None:
    client.put_item(TableName=table.name, Item=item("a", 1_500))

    with (
        Meter(client).watching(),
        pytest.raises(client.exceptions.ConditionalCheckFailedException) as refused,
    ):
        getattr(client, method)(TableName=table.name, **NEVER, **wanted, **arguments)

    assert refused.value.response.get("Item") == (item("a", 1_500) if wanted else None)


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("batch_write_item", {"RequestItems": {"T": [{"PutRequest": {"Item": {}}}]}},
         "ValidationException"),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "T", "Item": {}}}]},
         "ValidationException"),
        ("transact_write_items",
         {"TransactItems": [{"Put": {"TableName": "absent", "Item": item("a")}}]},
         "ResourceNotFoundException"),
        ("update_item", {"TableName": "T", "Key": {}, **GROW, "ReturnValues": "ALL_NEW"},
         "ValidationException"),
    ],
)  # fmt: skip
def test_malformed_write_is_refused_by_target(
    client: Any, table: Table, method: str, arguments: Any, code: str
) -> None:
    operation = "".join(word.title() for word in method.split("_"))

    with (
        Meter(client).watching() as usage,
        pytest.raises(ClientError, match=rf"{code}\).* the {operation} operation"),
    ):
        getattr(client, method)(**named(arguments, table.name))

    assert (usage.round_trips, usage.charges) == (1, [])


# --- Refused writes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored_bytes", "method", "arguments", "wru"),
    [
        (0, "put_item", {"Item": item("a", 100), **IF_THERE}, 1),
        (0, "put_item", {"Item": item("a", 1_500), **IF_THERE}, 2),
        (3_000, "put_item", {"Item": item("a", 100), **UNLESS_THERE}, 3),
        (100, "put_item", {"Item": item("a", 3_000), **UNLESS_THERE}, 3),
        (3_000, "delete_item", {"Key": key("a"), **NEVER}, 3),
        (5_000, "update_item", {"Key": key("a"), **GROW, **NEVER}, 5),
        (0, "update_item", {"Key": key("a"), **GROW, **NEVER}, 1),  # its size is not known
    ],
)
def test_failed_condition_charges_the_larger_image(
    client: Any, table: Table, stored_bytes: int, method: str, arguments: Any, wru: float
) -> None:
    if stored_bytes:
        client.put_item(TableName=table.name, Item=item("a", stored_bytes))
    meter = Meter(client)

    with (
        meter.watching() as usage,
        pytest.raises(client.exceptions.ConditionalCheckFailedException),
    ):
        getattr(client, method)(TableName=table.name, **arguments)

    assert (usage.round_trips, usage.estimated_wru, usage.consumed_wru) == (1, wru, 0.0)
    assert causes(usage) == [["failed condition"]]


def test_cancelled_transaction_charges_all_its_items(client: Any, table: Table) -> None:
    meter = Meter(client)

    with (
        meter.watching() as usage,
        pytest.raises(client.exceptions.TransactionCanceledException),
    ):
        client.transact_write_items(
            TransactItems=[
                put(table, Item=item("a", 1_500, a="1", b="1")),
                put(table, Item=item("b", 100), **IF_THERE),
            ]
        )

    assert usage.estimated_wru == 4 + 2  # and nothing for the index
    assert usage.consumed_wru == 0.0
    assert causes(usage) == [["failed condition"]]


def test_replayed_token_is_charged_as_reads(client: Any, table: Table) -> None:
    transaction = {
        "TransactItems": [put(table, Item=item("a", 5_000))],
        "ClientRequestToken": "sent twice",
    }
    meter = Meter(client)

    with meter.watching() as first:
        client.transact_write_items(**transaction)
    with meter.watching() as second:
        client.transact_write_items(**transaction)

    assert (first.estimated_wru, first.estimated_rru) == (10, 0)
    assert (second.estimated_wru, second.estimated_rru) == (0, 4)
    assert (second.consumed_wru, second.consumed_rru) == (0, 4)


# --- What is refused by the meter ------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("execute_statement", {"Statement": "SELECT * FROM t"}),
        ("batch_execute_statement", {"Statements": [{"Statement": "SELECT * FROM t"}]}),
        ("execute_transaction", {"TransactStatements": [{"Statement": "SELECT * FROM t"}]}),
    ],
)
def test_partiql_is_refused_before_sending(client: Any, method: str, arguments: Any) -> None:
    with (
        Meter(client).watching() as usage,
        pytest.raises(NotMetered, match=r"no rule for \w*Execute"),
    ):
        getattr(client, method)(**arguments)

    assert usage.round_trips == 0


def test_unexplained_difference_raises_with_figures(client: Any, table: Table) -> None:
    meter = Meter(client, known=())

    with (
        pytest.raises(UnexplainedDifference, match="no known divergence") as raised,
        meter.watching(),
    ):
        client.query(TableName=table.name, **all_of("nobody"))

    arm = (table.name, None)
    assert raised.value.operation == "Query"
    assert (raised.value.estimated, raised.value.reported) == ({arm: 0.5}, {arm: 0.0})


def test_error_of_block_outranks_difference(client: Any, table: Table) -> None:
    meter = Meter(client, known=())

    with pytest.raises(LookupError, match="of the caller"), meter.watching():
        client.query(TableName=table.name, **all_of("nobody"))
        raise LookupError("of the caller")


def test_blocks_do_not_nest(client: Any) -> None:
    meter = Meter(client)

    with (
        meter.watching(),
        pytest.raises(RuntimeError, match="one block at a time"),
        meter.watching(),
    ):
        pass


# --- What else may happen around a request ---------------------------------------------------


def test_retries_are_round_trips(target: Target, table: Table) -> None:
    from botocore.awsrequest import AWSResponse
    from botocore.config import Config

    client = sealed_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url=target.endpoint_url,
        aws_access_key_id=target.access_key,
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
    )
    meter = Meter(client)
    answers = iter([500, 500])

    def fail_twice(request: Any, **_: Any) -> Any:
        status = next(answers, None)
        if status is None:
            return None
        raw = SimpleNamespace(stream=lambda *_, **__: iter([b"{}"]))
        return AWSResponse(request.url, status, {}, raw)

    client.meta.events.register("before-send.dynamodb", fail_twice)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=item("a"))

    assert (usage.round_trips, usage.consumed_wru) == (3, 1.0)


def test_unwatched_requests_are_not_counted(client: Any, table: Table) -> None:
    meter = Meter(client)

    with meter.watching() as usage:
        pass
    client.put_item(TableName=table.name, Item=item("a"))

    assert usage == Usage()


def test_meter_at_rest_adds_no_reads(client: Any, table: Table) -> None:
    meter = Meter(client)
    Meter(client)

    with meter.watching() as usage:
        client.transact_write_items(TransactItems=[put(table, Item=item("a"))])

    assert usage.round_trips == 1


def test_caller_may_change_items_afterwards(client: Any, table: Table) -> None:
    reused = item("a")
    meter = Meter(client)

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=reused)
        reused["filler"] = {"S": "x" * 2_000}
        client.query(TableName=table.name, **all_of("p"))["Items"].clear()

    assert (usage.estimated_wru, usage.bytes_read) == (1, 100)


def test_schema_changed_unwatched_is_noticed(client: Any, table: Table) -> None:
    indexed = item("a", a="1", b="1")
    meter = Meter(client)
    with meter.watching():
        client.put_item(TableName=table.name, Item=indexed)
    client.delete_table(TableName=table.name)
    client.create_table(
        TableName=table.name,
        KeySchema=DEFINITION["KeySchema"],
        AttributeDefinitions=DEFINITION["AttributeDefinitions"][:2],
        BillingMode="PAY_PER_REQUEST",
    )

    with meter.watching() as usage:
        client.put_item(TableName=table.name, Item=indexed)

    assert [charge.index for _, charge in usage.charges] == [None]


def answering(client: Any, answer: dict[str, Any]) -> None:
    """Have the target do nothing, and answer the next requests for batches with this."""

    def answer_batch(model: Any, **_: Any) -> Any:
        return (SimpleNamespace(status_code=200), answer) if "Batch" in model.name else None

    client.meta.events.register("before-call.dynamodb", answer_batch)


def test_unprocessed_writes_are_not_charged(client: Any, table: Table) -> None:
    requests = [{"PutRequest": {"Item": item(name, 1_500)}} for name in "abc"]
    meter = Meter(client)
    answering(
        client,
        {
            "UnprocessedItems": {table.name: requests[1:]},
            "ConsumedCapacity": [{"TableName": table.name, "Table": {"CapacityUnits": 2.0}}],
        },
    )

    with meter.watching() as usage:
        client.batch_write_item(RequestItems={table.name: requests})

    assert (usage.estimated_wru, usage.consumed_wru) == (2, 2)


def test_unprocessed_reads_are_not_charged(client: Any, table: Table) -> None:
    meter = Meter(client)
    answering(
        client,
        {
            "Responses": {table.name: [item("a", 1_500)]},
            "UnprocessedKeys": {table.name: {"Keys": [key("b"), key("c")]}},
            "ConsumedCapacity": [{"TableName": table.name, "Table": {"CapacityUnits": 0.5}}],
        },
    )

    with meter.watching() as usage:
        client.batch_get_item(RequestItems={table.name: {"Keys": [key(name) for name in "abc"]}})

    assert (usage.estimated_rru, usage.consumed_rru) == (0.5, 0.5)


def test_requests_of_several_threads_are_all_counted(client: Any, table: Table) -> None:
    meter = Meter(client)

    def put(number: int) -> None:
        action = {"Put": {"TableName": table.name, "Item": item(f"{number}")}}
        client.transact_write_items(TransactItems=[action])

    with meter.watching() as usage, ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(40)))

    assert (usage.round_trips, usage.estimated_wru) == (40, 80.0)
