"""Load from several processes."""

from dataclasses import replace

import pytest

from tests.latency.test_runs import plan
from workbench.designs import Single
from workbench.dynamodb.server import private_servers
from workbench.dynamodb.targets import LOCAL_REGION, Target
from workbench.errors import SenderFailed
from workbench.latency.blocks import prepare
from workbench.latency.driving import _limit, drive


@pytest.mark.local
def test_processes_share_a_schedule_and_say_who_was_the_limit() -> None:
    with private_servers() as [server]:
        target = Target("embedded", LOCAL_REGION, server.endpoint_url)
        prepared = prepare(Single, target, plan(), lambda task, done, total: None)

        calm = drive(prepared, server, target, plan(per_second=30.0), processes=2, seconds=2)
        flood = drive(
            prepared, server, target, plan(per_second=20_000.0), processes=2, seconds=0.02
        )

        assert target.client().list_tables()["TableNames"] == []
        with pytest.raises(SenderFailed):
            gone = replace(prepared, conversations={})
            drive(gone, server, target, plan(per_second=30.0), processes=1, seconds=1)
    assert calm.calls_per_second == pytest.approx(30, rel=0.5)
    assert calm.requests_per_second == pytest.approx(2 * calm.calls_per_second, rel=0.1)
    assert calm.p95_ms >= calm.median_ms > 0
    assert flood.calls_per_second < 20_000
    assert "schedule was not held" in str(flood.fault)
    assert flood.limit is not None


@pytest.mark.parametrize(
    ("client_cores", "server_cores", "said"),
    [
        ([0.97, 0.3], 0.4, "the client: a process used a whole core"),
        ([0.5, 0.6], 0.8, "all 2 cores were in use, most of them by the client"),
        ([0.3, 0.3], 1.3, "all 2 cores were in use, most of them by the server"),
        ([0.2, 0.2], 0.5, "the server: the cores had time left"),
    ],
)
def test_limit_is_whoever_had_nothing_left(
    client_cores: list[float], server_cores: float, said: str
) -> None:
    assert said in _limit(client_cores, server_cores, 2)
