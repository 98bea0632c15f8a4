"""The rules of capacity against DynamoDB Local: random tables and requests, no unexplained word."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dynamodb.programs import requests, tables
from workbench.dynamodb.meter import Meter
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target

pytestmark = [pytest.mark.local, pytest.mark.differential]
PROGRAMS = 120
REQUESTS_EACH = 25
REFUSALS = {"ConditionalCheckFailedException", "TransactionCanceledException"}


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """Counts of compared requests, printed when the test has ended."""
    counts: Counter[str] = Counter()
    yield counts
    reporter: Any = request.config.pluginmanager.get_plugin("terminalreporter")
    compared = counts["compared"]
    reporter.write_line(f"\ncompared {compared:,} requests with DynamoDB Local: {dict(counts)}")


def with_table(arguments: Any, name: str) -> Any:
    return json.loads(json.dumps(arguments, default=_encoded).replace('"TABLE"', f'"{name}"'),
                      object_hook=_decoded)  # fmt: skip


def _encoded(content: bytes) -> Any:
    return {"__bytes__": content.hex()}


def _decoded(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["__bytes__"]) if "__bytes__" in value else value


@settings(
    max_examples=PROGRAMS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # a failure names the request; making it smaller takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_rules_agree_with_dynamodb_local(
    data: st.DataObject, target: Target, tally: Counter[str]
) -> None:
    definition = data.draw(tables())
    program = data.draw(st.lists(requests(definition), min_size=15, max_size=REQUESTS_EACH))
    client = target.client()
    meter = Meter(client)
    with temporary_table(client, "differential", definition) as table:
        for method, arguments in program:
            with meter.watching() as usage:
                try:
                    getattr(client, method)(**with_table(arguments, table.name))
                except ClientError as error:
                    code = error.response["Error"]["Code"]
                    tally[code] += 1
                    if code not in REFUSALS:
                        assert code == "ValidationException", error
                        continue
            tally["compared"] += 1
            tally[method] += 1
            for difference in usage.differences:
                assert difference.causes
                tally.update(divergence.name for divergence in difference.causes)


def test_enough_was_compared(tally: Counter[str]) -> None:
    assert tally["compared"] >= 2_000
    assert tally["ValidationException"] < tally["compared"] / 20
