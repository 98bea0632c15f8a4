"""What lessons show of policies, and a stage under one."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.conftest import ROOT
from workbench.cards.scenario import ADA, BO
from workbench.course import Stage
from workbench.course.lessons.rights import acting_under, calls_in, statements_frame, verdicts_frame
from workbench.course.tasks.rights import TABLE
from workbench.designs import Dual
from workbench.dynamodb.targets import Target
from workbench.iam.policies import Policy, read_policy

pytestmark = pytest.mark.local


@pytest.fixture
def stage(target: Target) -> Iterator[Stage]:
    stage = Stage(Dual, endpoint=target.endpoint_url)
    yield stage
    stage.close()


def bootcamp(name: str) -> Policy:
    return read_policy((ROOT / "data" / "policies" / f"bootcamp_{name}.json").read_text())


def test_what_a_policy_denies_is_refused_until_the_block_ends(stage: Stage) -> None:
    stage.start(ADA, BO, "Hello Bo!")
    message = stage.new_records()[0]["dynamodb"]["NewImage"]

    with (
        pytest.raises(ClientError, match=r"AccessDenied.*/index/message-group-sk-index"),
        acting_under(bootcamp("first"), stage, TABLE),
    ):
        stage.design.update_conversation([message])
    with acting_under(bootcamp("fixed"), stage, TABLE):
        stage.design.update_conversation([message])

    stage.design.list_conversations(ADA)


def test_frames_tell_place_keys_and_verdict(stage: Stage) -> None:
    with stage.watching() as usage:
        stage.start(ADA, BO, "Hello Bo!")
    calls = calls_in(usage, stage.schema, TABLE, ADA.uuid)

    statements = statements_frame(bootcamp("first"))
    verdicts = verdicts_frame(bootcamp("first"), calls, stage.labels)

    assert list(statements["on"]) == ["*", "table"]
    assert list(verdicts["verdict"]) == ["DENIED", "allowed", "allowed", "allowed"]
    assert verdicts["on"].iloc[0] == "index message-group-sk-index"
    assert list(verdicts["partition keys"]) == [
        "<ada+bo>", "MSG#<ada+bo>", "GRP#<ada>", "GRP#<bo>",
    ]  # fmt: skip
