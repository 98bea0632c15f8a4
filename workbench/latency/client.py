"""The client's own share of a call: the same bytes sent with and without boto3."""

import http.client
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target

ROUNDS, CALLS = 30, 20  # in turns
WARM_UP_CALLS = 2_000
DEFINITION: Any = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
}
KEY: Any = {"pk": {"S": "p"}}


def time_client(target: Target) -> dict[str, float]:
    """Medians in ms of a GetItem: by boto3 as it comes, by our clients, and of its bare bytes.

    What they differ by is the client's own: building, signing and parsing, where it is asked.
    """
    client, plain = target.client(), target.client(is_plain=True)
    sent: list[Any] = []
    client.meta.events.register(
        "before-send.dynamodb.GetItem", lambda request, **_: sent.append(request)
    )
    with ExitStack() as stack, temporary_table(client, "client", DEFINITION) as table:
        client.put_item(TableName=table.name, Item={**KEY, "text": {"S": "x" * 200}})

        def by_boto3() -> None:
            client.get_item(TableName=table.name, Key=KEY)

        def plainly() -> None:
            plain.get_item(TableName=table.name, Key=KEY)

        by_boto3()
        bare = stack.enter_context(_bare(str(target.endpoint_url), sent[0]))
        for _ in range(WARM_UP_CALLS):
            bare()
        calls = {"plain_ms": plainly, "boto3_ms": by_boto3, "bare_ms": bare}
        times: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                times[name] += [_timed_ms(call) for _ in range(CALLS)]
    return {name: round(statistics.median(values), 4) for name, values in times.items()}


@contextmanager
def _bare(endpoint_url: str, request: Any) -> Iterator[Callable[[], None]]:
    """Sends a prepared request again, as it is, and reads the answer unread."""
    parts = urlsplit(endpoint_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    headers = {name: _text(value) for name, value in request.headers.items()}

    def send() -> None:
        connection.request("POST", "/", body=request.body, headers=headers)
        connection.getresponse().read()

    with closing(connection):
        yield send


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _timed_ms(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1_000
