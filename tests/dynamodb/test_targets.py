import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from workbench.dynamodb import targets as targets_module
from workbench.dynamodb.server import Server
from workbench.dynamodb.targets import DUMMY_KEY, Target, is_loopback, open_targets
from workbench.errors import EndpointRefused, TargetUnreachable

HOSTILE = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real-session-token",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "http://198.51.100.1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://198.51.100.2",
    "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": "http://198.51.100.3",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "9",
    "AWS_CA_BUNDLE": "/nowhere/ca.pem",
    "HTTP_PROXY": "http://198.51.100.4:3128",
    "http_proxy": "http://198.51.100.4:3128",
}


@pytest.fixture
def hostile_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everything by which AWS settings can redirect or sign a request, all at once."""
    config = tmp_path / "config"
    config.write_text("[profile production]\nregion = ap-south-1\nendpoint_url = http://evil\n")
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(config))


@pytest.mark.local
@pytest.mark.usefixtures("hostile_environment")
@pytest.mark.parametrize("service", ["client", "streams_client"])
def test_ambient_settings_neither_redirect_nor_sign(target: Target, service: str) -> None:
    client = getattr(replace(target, access_key=DUMMY_KEY), service)()
    sent = []
    client.meta.events.register("before-send.*", lambda request, **_: sent.append(request))

    client.list_tables() if service == "client" else client.list_streams()

    [request] = sent
    assert request.url == f"{target.endpoint_url}/"
    assert b"Credential=local/" in request.headers["Authorization"]
    assert b"/us-east-1/" in request.headers["Authorization"]
    assert "X-Amz-Security-Token" not in request.headers


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8000", True),
        ("http://[::1", False),
        ("http://dynamodb.us-east-1.amazonaws.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@198.51.100.1", False),
        ("http://0.0.0.0:8000", False),
        ("http://10.0.0.1:8000", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(url) is expected


@pytest.mark.parametrize("way", ["option", "variable"])
@pytest.mark.parametrize(
    "endpoint", ["https://dynamodb.us-east-1.amazonaws.com", "localhost:8000", "ftp://127.0.0.1"]
)
def test_endpoint_elsewhere_is_refused(way: str, endpoint: str) -> None:
    given = (
        {"endpoint": endpoint, "environ": {}}
        if way == "option"
        else {"environ": {"WORKBENCH_ENDPOINT": endpoint}}
    )

    with (
        pytest.raises(EndpointRefused, match=r"no http address on this machine.*--aws REGION"),
        open_targets(**given),
    ):
        pass


def test_endpoint_together_with_aws_is_refused() -> None:
    with (
        pytest.raises(EndpointRefused, match="not both"),
        open_targets(endpoint="http://localhost:1", aws_region="eu-west-1"),
    ):
        pass


def test_endpoint_that_does_not_answer_is_reported() -> None:
    with (
        pytest.raises(TargetUnreachable, match=r"127\.0\.0\.1:9 does not answer\. Start it"),
        open_targets(endpoint="http://127.0.0.1:9", environ={}),
    ):
        pass


@pytest.mark.local
def test_given_endpoint_goes_before_the_variable(target: Target) -> None:
    environ = {"WORKBENCH_ENDPOINT": "http://127.0.0.1:9"}

    with open_targets(2, endpoint=target.endpoint_url, environ=environ) as targets:
        assert [each.endpoint_url for each in targets] == [target.endpoint_url] * 2


@pytest.mark.local
def test_variable_goes_before_the_embedded_server(target: Target) -> None:
    environ = {"WORKBENCH_ENDPOINT": str(target.endpoint_url)}

    with open_targets(environ=environ) as [chosen]:
        assert chosen.kind == "endpoint"
        assert chosen.endpoint_url == target.endpoint_url


@pytest.fixture
def shared(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The session's server, as if `workbench up` had started it."""
    url = str(target.endpoint_url)
    server = Server(url, int(url.rpartition(":")[2]), 1, 0.0, "3.3.1", None, "")
    monkeypatch.setattr(targets_module, "shared_server", lambda: server)
    return target


@pytest.mark.local
def test_shared_server_is_used_for_every_target(shared: Target) -> None:
    with open_targets(2, environ={}) as targets:
        assert targets == [Target("shared", "us-east-1", shared.endpoint_url)] * 2
        assert targets[0].is_ours


@pytest.mark.local
def test_variable_goes_before_the_shared_server(shared: Target) -> None:
    with open_targets(environ={"WORKBENCH_ENDPOINT": str(shared.endpoint_url)}) as [chosen]:
        assert chosen.kind == "endpoint"


@pytest.mark.local
def test_failing_request_is_not_sent_again(target: Target) -> None:
    client = target.client()
    sent = []

    def fail(request: Any, **_: Any) -> Any:
        sent.append(request)
        raw = type("Raw", (), {"stream": lambda *_, **__: iter([b"{}"])})()
        return AWSResponse(request.url, 500, {}, raw)

    client.meta.events.register("before-send.dynamodb", fail)

    with pytest.raises(ClientError, match="500"):
        client.list_tables()

    assert len(sent) == 1


class PlainHandler(http.server.BaseHTTPRequestHandler):
    """A web server that is no DynamoDB."""

    def do_POST(self) -> None:
        self.send_error(501)

    def log_message(self, *_: Any) -> None:
        pass


def test_server_that_is_no_dynamodb_is_refused() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), PlainHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"

        with pytest.raises(TargetUnreachable, match=r"refuses: .*501"), open_targets(endpoint=url):
            pass

        server.shutdown()


def test_region_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")

    with pytest.raises(TargetUnreachable, match="refuses"), open_targets(aws_region="no region"):
        pass


@pytest.fixture
def aws_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://198.51.100.1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    yield Target("aws", "eu-west-1").client()


def test_aws_by_name_uses_own_keys_and_the_regions_endpoint(aws_client) -> None:
    assert aws_client.meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"
    assert aws_client._get_credentials().access_key == "AKIAOWN"
