"""Many items at once: nothing lost, nothing on its way behind an interruption."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from workbench.capacity.indexes import Item
from workbench.designs import Single
from workbench.dynamodb.bulk import BATCH_SIZE, all_items, put_items, to_json
from workbench.dynamodb.tables import silent_table
from workbench.dynamodb.targets import Target
from workbench.errors import EndpointRefused


class Taking:
    """Takes batches, but leaves the first item of its first ones unwritten."""

    def __init__(self, throttled: int = 0) -> None:
        self.left = throttled
        self.written: list[Item] = []
        self._lock = threading.Lock()

    def post(self, operation: str, body: str) -> Any:
        assert operation == "BatchWriteItem"
        [(table, requests)] = json.loads(body)["RequestItems"].items()
        assert len(requests) <= BATCH_SIZE
        with self._lock:
            keep = requests[:1] if self.left else []
            self.left -= bool(self.left)
            self.written += [each["PutRequest"]["Item"] for each in requests[len(keep) :]]
        return {"UnprocessedItems": {table: keep} if keep else {}}


def numbered(count: int) -> Iterator[str]:
    return (json.dumps({"n": number}) for number in range(count))


def test_unprocessed_items_are_sent_again_after_growing_pauses() -> None:
    taking, pauses = Taking(throttled=3), list[float]()

    counts = list(put_items(taking.post, "t", numbered(20), sleep=pauses.append))

    assert counts == [20]
    assert sorted(item["n"] for item in taking.written) == list(range(20))
    assert pauses == [0.05, 0.1, 0.2]


def test_batches_on_several_ways_are_counted_in_order() -> None:
    taking = Taking(throttled=5)

    counts = list(put_items(taking.post, "t", numbered(1_010), sleep=lambda seconds: None))

    assert counts == [*range(25, 1_001, 25), 1_010]
    assert sorted(item["n"] for item in taking.written) == list(range(1_010))


def test_who_is_interrupted_has_what_was_counted_and_nothing_on_its_way() -> None:
    taking = Taking()

    def interrupted() -> Iterator[str]:
        yield from numbered(500)
        raise KeyboardInterrupt

    counted = 0
    with pytest.raises(KeyboardInterrupt):
        for counted in put_items(taking.post, "t", interrupted()):  # noqa: B007
            pass

    written = len(taking.written)
    assert 0 < counted <= written
    assert {item["n"] for item in taking.written} >= set(range(counted))
    assert threading.active_count() == 1 or len(taking.written) == written


def test_refusal_reaches_the_caller() -> None:
    def refuse(operation: str, body: str) -> Any:
        raise ValueError("too large")

    with pytest.raises(ValueError, match="too large"):
        list(put_items(refuse, "t", numbered(60)))


@pytest.mark.local
def test_items_come_back_as_they_were_put(target: Target) -> None:
    item = {
        "pk": {"S": 'a "quoted" é \\ \n'}, "sk": {"S": "s"}, "binary": {"B": b"\x00\xff"},
        "many": {"BS": [b"\x01"]}, "deep": {"M": {"list": {"L": [{"N": "1.5"}, {"NULL": True}]}}},
    }  # fmt: skip
    client = target.client()

    with silent_table(client, "bulk", Single.table_definition) as name:
        list(put_items(target.post(), name, [to_json(item)]))

        assert all_items(client, name) == [item]


@pytest.mark.local
def test_refused_post_is_botocores_error(target: Target) -> None:
    client = target.client()

    with pytest.raises(client.exceptions.ClientError) as caught:
        target.post()("Scan", '{"TableName": "none-such"}')

    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert caught.value.operation_name == "Scan"


@pytest.mark.parametrize(
    "target",
    [Target("aws", "eu-west-1"), Target("endpoint", "us-east-1", "https://localhost:1")],
    ids=str,
)
def test_much_at_once_goes_to_this_machine_only(target: Target) -> None:
    with pytest.raises(EndpointRefused, match="only put on http endpoints here"):
        target.post()
