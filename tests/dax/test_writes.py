"""Rules of DAX for writes: what they leave in the item cache, and that queries stay."""

import pytest

from tests.dax.doubles import TABLE, WRITES, Cluster, Refused, item, key
from workbench.errors import InputFault


@pytest.mark.parametrize("name", WRITES)
def test_write_goes_through_to_the_item_cache(name: str) -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    method, request = WRITES[name]

    getattr(cluster.dax, method)(**request)

    assert cluster.get("a") == "new"
    assert cluster.table.sent["get_item"] == 1


@pytest.mark.parametrize("name", WRITES)
def test_write_leaves_the_query_cache_as_it_is(name: str) -> None:
    cluster = Cluster(item("a"))
    cluster.list("a")
    method, request = WRITES[name]

    getattr(cluster.dax, method)(**request)

    assert cluster.list("a") == ["old"]
    cluster.clock.now = 301
    assert cluster.list("a") == ["new"]


def test_write_begins_the_time_of_an_entry_anew() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    cluster.clock.now = 200
    cluster.dax.put_item(TableName=TABLE, Item=item("a", text="new"))

    cluster.clock.now = 450

    assert cluster.get("a") == "new"
    assert cluster.table.sent["get_item"] == 1


@pytest.mark.parametrize("method", ["put_item", "delete_item"])
def test_write_replaces_a_negative_entry_or_makes_one(method: str) -> None:
    cluster = Cluster(item("b"))
    cluster.get("a")
    request = {"Item": item("a")} if method == "put_item" else {"Key": key("b")}

    getattr(cluster.dax, method)(TableName=TABLE, **request)

    assert (cluster.get("a"), cluster.get("b")) == (
        ("old", "old") if "Item" in request else (None, None)
    )


def test_write_that_fails_is_not_cached() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    cluster.table.is_refusing = True

    with pytest.raises(Refused):
        cluster.dax.put_item(TableName=TABLE, Item=item("a", text="new"))

    assert cluster.get("a") == "old"


def test_unprocessed_write_is_not_cached() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    _, request = WRITES["batch"]
    cluster.table.left_out = request["RequestItems"][TABLE]

    cluster.dax.batch_write_item(**request)

    assert cluster.get("a") == "old"


def test_batch_that_deletes_is_known_to_the_item_cache() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")

    cluster.dax.batch_write_item(RequestItems={TABLE: [{"DeleteRequest": {"Key": key("a")}}]})

    assert cluster.get("a") is None


@pytest.mark.parametrize(("asked", "sent"), [("NONE", 0), ("ALL_NEW", 0), ("UPDATED_NEW", 1)])
def test_update_caches_the_whole_item_or_forgets_it(asked: str, sent: int) -> None:
    cluster = Cluster()

    response = cluster.dax.update_item(**WRITES["update"][1], ReturnValues=asked)

    assert ("Attributes" in response) == (asked == "ALL_NEW")
    assert cluster.get("a") == "new"
    assert cluster.table.sent["get_item"] == sent


def test_write_around_the_cluster_is_not_noticed() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")

    cluster.table.put_item(TableName=TABLE, Item=item("a", text="new"))

    assert cluster.get("a") == "old"
    cluster.clock.now = 301
    assert cluster.get("a") == "new"


def test_transaction_is_read_again_item_by_item() -> None:
    """Three items: six RRU besides, as in "Capacity management for transactions"."""
    cluster = Cluster()
    puts = [{"Put": {"TableName": TABLE, "Item": item(name)}} for name in "abc"]

    cluster.dax.transact_write_items(TransactItems=puts)

    assert cluster.table.sent == {"transact_write_items": 1, "transact_get_items": 1}
    assert cluster.dax.counts["TransactWriteItems", "refreshed"] == 3


def test_table_operation_is_not_served() -> None:
    with pytest.raises(InputFault, match="DynamoDB's own client for create_table"):
        Cluster().dax.create_table(TableName=TABLE)


def test_what_no_client_has_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = Cluster().dax.no_such_operation
