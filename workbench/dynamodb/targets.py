"""Where requests go, and clients that go nowhere else.

By default that is the embedded DynamoDB Local, or another DynamoDB API on loopback. AWS itself is
used only when a region is named with `--aws`; nothing in the environment can cause that.
"""

import contextlib
import functools
import ipaddress
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from workbench.dynamodb.server import private_servers, shared_server
from workbench.dynamodb.wire import AUTHORIZATION, Post, Wire
from workbench.errors import EndpointRefused, NoSharedServer, TargetUnreachable

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

ENDPOINT_VARIABLE = "WORKBENCH_ENDPOINT"
LOCAL_REGION = "us-east-1"
DUMMY_KEY = "local"
USER_AGENT = "message-group-workbench"  # boto3 makes its own anew for each request
CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 60
FIRST_ANSWER_SECONDS = 5


@dataclass(frozen=True)
class Target:
    """Where requests go: an `embedded` DynamoDB Local of our own, the `shared` one of
    `workbench up`, another local `endpoint`, or `aws`.

    An embedded server keeps a database for each access key, of letters and digits. A new one is as
    quick as a new server: DynamoDB Local serves a table the slower, the more stream records were
    written to others of its database before.
    """

    kind: Literal["embedded", "shared", "endpoint", "aws"]
    region: str
    endpoint_url: str | None = None
    access_key: str = DUMMY_KEY

    def __str__(self) -> str:
        if self.kind == "aws":
            return f"AWS, {self.region}"
        name = "DynamoDB API" if self.kind == "endpoint" else f"{self.kind} DynamoDB Local"
        return f"{name} at {self.endpoint_url}"

    @property
    def is_ours(self) -> bool:
        """Whether this is the DynamoDB Local that the workbench installed."""
        return self.kind in ("embedded", "shared")

    def client(
        self, *, read_timeout_seconds: float = READ_TIMEOUT_SECONDS, is_plain: bool = False
    ) -> "DynamoDBClient":
        """A new `dynamodb` client for this target; on loopback it never retries.

        There it takes a short way, see `wire.py`; a plain one signs and sends as boto3 always does.
        """
        return self._client("dynamodb", read_timeout_seconds, is_plain=is_plain)  # type: ignore[no-any-return]

    def streams_client(self) -> "DynamoDBStreamsClient":
        """A new `dynamodbstreams` client for this target; on loopback it never retries."""
        return self._client("dynamodbstreams", READ_TIMEOUT_SECONDS)  # type: ignore[no-any-return]

    def _client(self, service: str, read_timeout_seconds: float, *, is_plain: bool = False) -> Any:
        import botocore.session
        from botocore import UNSIGNED
        from botocore.config import Config

        if self.kind == "aws":
            return botocore.session.Session().create_client(
                service,
                region_name=self.region,
                config=Config(ignore_configured_endpoint_urls=True),  # type: ignore[call-arg]
            )
        is_short = not is_plain and self.takes_short_way
        short: Any = {"signature_version": UNSIGNED, "user_agent": USER_AGENT}
        with _SESSION_IN_USE:
            client = sealed_session().create_client(
                service,
                region_name=self.region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=self.access_key,
                aws_secret_access_key=DUMMY_KEY,
                config=Config(
                    retries={"total_max_attempts": 1},
                    connect_timeout=CONNECT_TIMEOUT_SECONDS,
                    read_timeout=read_timeout_seconds,
                    proxies={},
                    **(short if is_short else {}),
                ),
            )
        if is_short:
            self._wire(read_timeout_seconds).serve(client)
        return client

    @property
    def takes_short_way(self) -> bool:
        """Whether requests can go without boto3's signing and connections: http on loopback."""
        return self.kind != "aws" and urlsplit(self.endpoint_url).scheme == "http"

    def post(self) -> Post:
        """Sends requests that are JSON already: much at once, which boto3 would only slow down.

        Not for what is measured, which boto3 sends as an application would.

        Raises
        ------
        EndpointRefused
            If the target cannot be reached by the short way.
        """
        if not self.takes_short_way:
            raise EndpointRefused(f"much at once is only put on http endpoints here (got {self})")
        return self._wire(READ_TIMEOUT_SECONDS).post

    def _wire(self, read_seconds: float) -> Wire:
        return Wire(
            str(self.endpoint_url),
            AUTHORIZATION.format(key=self.access_key, region=self.region),
            connect_seconds=CONNECT_TIMEOUT_SECONDS,
            read_seconds=read_seconds,
        )


_SESSION_IN_USE = threading.Lock()  # a session may make one client at a time


@functools.cache
def sealed_session() -> "Session":
    """A botocore session that reads no AWS variable, profile, config or credentials file.

    It is the same each time: to make one takes twice as long as to make a client with it.
    """
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
    from botocore.session import Session

    sealed = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    for file in ("config_file", "credentials_file"):
        sealed[file] = (None, None, os.devnull, None)
    return Session(session_vars=sealed)


def is_loopback(endpoint_url: str) -> bool:
    """Whether a URL names this machine: localhost, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(endpoint_url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_endpoint(endpoint_url: str) -> str:
    """The URL itself, if it is http(s) on loopback.

    Raises
    ------
    EndpointRefused
        Otherwise: no request of ours goes to another machine by mistake.
    """
    if not (is_loopback(endpoint_url) and urlsplit(endpoint_url).scheme in ("http", "https")):
        raise EndpointRefused(
            f"endpoint {endpoint_url!r} is no http address on this machine. Give one such as "
            "http://127.0.0.1:8000, or name AWS itself with --aws REGION."
        )
    return endpoint_url


def is_answering(endpoint_url: str) -> bool:
    """Whether a DynamoDB API on loopback answers a request."""
    try:
        _check_answer(Target("endpoint", LOCAL_REGION, endpoint_url))
    except TargetUnreachable:
        return False
    return True


def _check_answer(target: Target) -> None:
    """Ask once, briefly: a server that hangs, or is no DynamoDB, is found out now."""
    from botocore.exceptions import BotoCoreError, ClientError

    with reporting_unreachable(target):
        try:
            target.client(read_timeout_seconds=FIRST_ANSWER_SECONDS).list_tables(Limit=1)
        except connection_errors():
            raise
        except (BotoCoreError, ClientError, ValueError) as error:
            first_line = str(error).partition("\n")[0]
            raise TargetUnreachable(f"{target} refuses: {first_line[:200]}") from error


@contextlib.contextmanager
def open_targets(
    count: int = 1,
    *,
    endpoint: str | None = None,
    aws_region: str | None = None,
    may_start: bool = True,
    is_brief: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[list[Target]]:
    """So many targets, ready to answer; servers started for them end with the block.

    The order is: AWS if a region is named, the given endpoint, the one in WORKBENCH_ENDPOINT,
    the shared server if `workbench up` started one, servers of this block's own. Only these last
    are different ones: the others are one target, so many times. They are brief if nothing long is
    asked of them. Where what another process does is wanted, they are of no use: then nothing
    `may_start`.

    Raises
    ------
    EndpointRefused
        If an endpoint is not on loopback, or is given together with AWS.
    NoSharedServer
        If a server would have to be started, and must not be.
    TargetUnreachable
        If a target does not answer, now or later in the block.
    """
    if aws_region is not None and endpoint is not None:
        raise EndpointRefused("give either --endpoint or --aws, not both")
    with contextlib.ExitStack() as stack:
        if aws_region is not None:
            targets = [Target("aws", aws_region)] * count
        elif given := endpoint or environ.get(ENDPOINT_VARIABLE):
            targets = [Target("endpoint", LOCAL_REGION, checked_endpoint(given))] * count
        else:
            shared = shared_server()
            if not (shared or may_start):
                raise NoSharedServer(
                    "no server is up that another command could reach: start one with "
                    "`workbench up`, or give --endpoint"
                )
            servers = (
                [shared] * count
                if shared
                else stack.enter_context(private_servers(count, is_brief=is_brief))
            )
            kind: Literal["shared", "embedded"] = "shared" if shared else "embedded"
            targets = [Target(kind, LOCAL_REGION, each.endpoint_url) for each in servers]
        for target in set(targets):
            _check_answer(target)
        with reporting_unreachable(targets[0]):
            yield targets


def connection_errors() -> tuple[type[Exception], ...]:
    """The errors by which botocore says that a target is gone or does not answer."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    return (HTTPClientError, NoConnection)


@contextlib.contextmanager
def reporting_unreachable(target: Target) -> Iterator[None]:
    """Turn botocore's connection errors into one that says what to do."""
    try:
        yield
    except connection_errors() as error:
        way_out = {
            "embedded": "It was stopped, or it crashed: run the command again.",
            "shared": "`workbench down` ends what is left of it; then run the command again.",
            "endpoint": "Start it, or leave --endpoint and WORKBENCH_ENDPOINT out.",
            "aws": "Check the network and the region's name.",
        }[target.kind]
        raise TargetUnreachable(f"{target} does not answer. {way_out}") from error
