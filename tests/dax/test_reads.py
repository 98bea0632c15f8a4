"""Rules of DAX for reads: what a client sees and what reaches the table."""

import pytest

from tests.dax.doubles import TABLE, Cluster, item, key, query_of


def test_item_is_read_from_the_table_once() -> None:
    cluster = Cluster(item("a"))

    answers = [cluster.get("a"), cluster.get("a")]

    assert answers == ["old", "old"]
    assert cluster.table.sent["get_item"] == 1
    assert cluster.dax.hit_rate("GetItem") == 0.5


@pytest.mark.parametrize(("seconds", "sent"), [(299.9, 1), (300.1, 2)])
def test_entries_live_for_five_minutes_by_default(seconds: float, sent: int) -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    cluster.list("a")

    cluster.clock.now = seconds
    cluster.get("a")
    cluster.list("a")

    assert cluster.table.sent == {"get_item": sent, "query": sent}


def test_caches_have_times_to_live_of_their_own() -> None:
    cluster = Cluster(item("a"), item_ttl_seconds=10, query_ttl_seconds=1000)
    cluster.get("a")
    cluster.list("a")

    cluster.clock.now = 500
    cluster.get("a")
    cluster.list("a")

    assert cluster.table.sent == {"get_item": 2, "query": 1}


def test_reading_does_not_prolong_an_entry() -> None:
    cluster = Cluster(item("a"))
    for cluster.clock.now in (0, 200, 400):
        cluster.get("a")

    assert cluster.table.sent["get_item"] == 2


def test_query_is_cached_by_its_whole_request() -> None:
    cluster = Cluster(item("a"))

    for options in ({}, {"Limit": 5}, {"Limit": 6}, {"Limit": 5}):
        cluster.list("a", **options)

    assert cluster.table.sent["query"] == 3


def test_order_of_parameters_makes_no_other_request() -> None:
    cluster = Cluster(item("a"))
    request = query_of("a")

    cluster.dax.query(**request)
    cluster.dax.query(**dict(reversed(request.items())))

    assert cluster.table.sent["query"] == 1


def test_query_does_not_fill_the_item_cache() -> None:
    cluster = Cluster(item("a"))

    cluster.list("a")
    cluster.dax.scan(TableName=TABLE)
    cluster.get("a")

    assert cluster.table.sent["get_item"] == 1


def test_each_page_of_a_paginator_is_an_entry() -> None:
    cluster = Cluster(item("a", "1"), item("a", "2"), item("a", "3"))

    for _ in range(2):
        pages = list(cluster.dax.get_paginator("query").paginate(**query_of("a"), Limit=2))

    assert [len(page["Items"]) for page in pages] == [2, 1]
    assert cluster.table.sent["query"] == 2


def test_batch_asks_for_missing_keys_only() -> None:
    cluster = Cluster(item("a"), item("b"))
    cluster.get("a")

    found = batch(cluster, "a", "b")

    assert found == ["a", "b"]
    assert cluster.dax.counts["BatchGetItem", "hit"] == 1
    assert batch(cluster, "a", "b") == ["a", "b"]
    assert cluster.table.sent["batch_get_item"] == 1


def test_batch_keeps_nothing_of_unprocessed_keys() -> None:
    cluster = Cluster(item("a"))
    cluster.table.left_out = [key("a")]
    batch(cluster, "a")

    cluster.table.left_out = []

    assert batch(cluster, "a") == ["a"]


def batch(cluster: Cluster, *names: str) -> list[str]:
    asked = {TABLE: {"Keys": [key(name) for name in names]}}
    found = cluster.dax.batch_get_item(RequestItems=asked)
    return sorted(each["pk"]["S"] for each in found["Responses"][TABLE])


def test_strong_reads_pass_and_are_not_cached() -> None:
    cluster = Cluster(item("a"))

    for _ in range(2):
        cluster.get("a", ConsistentRead=True)
        cluster.list("a", ConsistentRead=True)
    cluster.get("a")
    cluster.list("a")

    assert cluster.table.sent == {"get_item": 3, "query": 3}
    assert cluster.dax.hit_rate("GetItem", "Query") == 0


def test_strong_read_leaves_an_older_entry_as_it_is() -> None:
    cluster = Cluster(item("a"))
    cluster.get("a")
    cluster.table.kept["a", "1"] = item("a", text="new")

    strong = cluster.get("a", ConsistentRead=True)

    assert (strong, cluster.get("a")) == ("new", "old")


def test_transactional_reads_pass_and_are_not_cached() -> None:
    cluster = Cluster(item("a"))
    request = [{"Get": {"TableName": TABLE, "Key": key("a")}}]

    for _ in range(2):
        cluster.dax.transact_get_items(TransactItems=request)
    cluster.get("a")

    assert cluster.table.sent == {"transact_get_items": 2, "get_item": 1}


def test_absent_item_and_empty_query_are_cached_too() -> None:
    cluster = Cluster()

    answers = [(cluster.get("a"), cluster.list("a")) for _ in range(2)]

    assert answers == [(None, [])] * 2
    assert cluster.table.sent == {"get_item": 1, "query": 1}


def test_batch_remembers_that_there_is_none() -> None:
    cluster = Cluster()

    assert batch(cluster, "a") == []
    assert cluster.get("a") is None
    assert cluster.table.sent == {"batch_get_item": 1}


def test_hit_says_nothing_of_consumed_capacity() -> None:
    cluster = Cluster(item("a"))

    pages = [cluster.dax.query(**query_of("a")) for _ in range(2)]

    assert ["ConsumedCapacity" in page for page in pages] == [True, False]


def test_caller_cannot_change_what_is_cached() -> None:
    cluster = Cluster(item("a"))
    cluster.list("a")

    cluster.dax.query(**query_of("a"))["Items"][0]["text"]["S"] = "changed"

    assert cluster.list("a") == ["old"]
