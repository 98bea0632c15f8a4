"""The short way on loopback, against servers that misbehave, and beside boto3's own."""

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from workbench.designs import Single
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target

Answer = Callable[["Server", bytes], None]


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as the test's `answer` does, and writes down who asked what."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[int, str]]
    answer: Answer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.client_address[1], self.headers["X-Amz-Target"]))
        type(self).answer(self, body)

    def say(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def plainly(server: Server, body: bytes) -> None:
    server.say(b'{"TableNames": ["one"]}')


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[tuple[Target, list[tuple[int, str]]]]:
    asked: list[tuple[int, str]] = []
    handler = type("Handler", (Server,), {"asked": asked, "answer": answer})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Target("endpoint", "us-east-1", f"http://127.0.0.1:{server.server_port}"), asked
        server.shutdown()


def test_connection_is_kept_and_each_thread_has_its_own() -> None:
    with serving(plainly) as (target, asked):
        client = target.client()

        for _ in range(3):
            assert client.list_tables()["TableNames"] == ["one"]
        thread = threading.Thread(target=client.list_tables)
        thread.start()
        thread.join()

        ports = [port for port, _ in asked]
        assert ports[0] == ports[1] == ports[2] != ports[3]
        assert {operation for _, operation in asked} == {"DynamoDB_20120810.ListTables"}


def test_connection_that_the_server_closed_is_opened_anew() -> None:
    def once(server: Server, body: bytes) -> None:
        plainly(server, body)
        server.close_connection = True

    with serving(once) as (target, asked):
        client = target.client()

        client.list_tables()
        time.sleep(0.1)  # for the news to arrive
        client.list_tables()

        assert len({port for port, _ in asked}) == 2


def test_server_that_hangs_is_given_up_after_the_timeout() -> None:
    with serving(lambda server, body: time.sleep(0.6)) as (target, asked):
        with pytest.raises(ReadTimeoutError):
            target.client(read_timeout_seconds=0.2).list_tables()

        assert len(asked) == 1


def test_answer_that_breaks_off_is_an_error_and_nothing_is_sent_again() -> None:
    def half(server: Server, body: bytes) -> None:
        server.send_response(200)
        server.send_header("Content-Length", "1000")
        server.end_headers()
        server.wfile.write(b'{"TableNames"')
        server.close_connection = True

    with serving(half) as (target, asked):
        with pytest.raises(ConnectionClosedError):
            target.client().list_tables()

        assert len(asked) == 1


def test_nobody_there_is_told() -> None:
    with pytest.raises(EndpointConnectionError):
        Target("endpoint", "us-east-1", "http://127.0.0.1:9").client().list_tables()


def test_answer_of_an_interrupted_request_goes_to_no_other() -> None:
    answers = iter([b'{"TableNames": ["of the first"]}', b'{"TableNames": ["of the second"]}'])

    def slowly(server: Server, body: bytes) -> None:
        content = next(answers)
        time.sleep(0.2)
        server.say(content)

    with serving(slowly) as (target, _):
        client = target.client()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("http.client.HTTPResponse.read", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.list_tables()

        assert client.list_tables()["TableNames"] == ["of the second"]


def _interrupted(*_: Any) -> bytes:
    raise KeyboardInterrupt


@pytest.mark.local
def test_answers_and_errors_are_those_of_a_plain_client(target: Target) -> None:
    client, plain = target.client(), target.client(is_plain=True)
    item = {"pk": {"S": "ключ"}, "sk": {"S": "s"}, "data": {"B": bytes(range(256))}}
    with temporary_table(client, "wire", Single.table_definition) as table:
        for one, other in ((client, plain), (plain, client)):
            one.put_item(TableName=table.name, Item=item)
            asked: Any = {"TableName": table.name, "Key": {key: item[key] for key in ("pk", "sk")}}
            assert other.get_item(**asked)["Item"] == item
            for each in (one, other):
                with pytest.raises(each.exceptions.ConditionalCheckFailedException) as refused:
                    each.delete_item(**asked, ConditionExpression="attribute_not_exists(pk)")
                assert refused.value.response["Error"]["Message"]
                with pytest.raises(ClientError, match="ValidationException"):
                    each.get_item(TableName=table.name, Key={"pk": {"N": "1"}})


@pytest.mark.local
def test_pages_of_a_megabyte_arrive_whole(target: Target) -> None:
    client = target.client()
    with temporary_table(client, "wire", Single.table_definition) as table:
        for number in range(6):
            item = {"pk": {"S": "p"}, "sk": {"S": f"{number}"}, "text": {"S": "x" * 300_000}}
            client.put_item(TableName=table.name, Item=item)

        pages = client.get_paginator("query").paginate(
            TableName=table.name,
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": "p"}},
        )

        assert sum(len(item["text"]["S"]) for page in pages for item in page["Items"]) == 1_800_000
