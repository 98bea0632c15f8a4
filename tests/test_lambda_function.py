"""The deployed handler, where only what Lambda has can be imported."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.streams.fakes import lambda_record
from workbench import lambda_function
from workbench.designs import DESIGNS
from workbench.errors import EndpointRefused, UnknownDesign

# Imports whatever the handler needs, and nothing that comes neither with Python nor with boto3.
ON_LAMBDA = """
import sys
RUNTIME = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3", "workbench"}

class OnlyWhatLambdaHas:
    def find_spec(self, name, path=None, target=None):
        package = name.partition(".")[0]
        if package not in RUNTIME | set(sys.stdlib_module_names):
            raise ImportError(f"Lambda has no {package}", name=package)

sys.meta_path.insert(0, OnlyWhatLambdaHas())
"""
USE = """
import json, os
import workbench.lambda_function as deployed
from botocore.stub import Stubber, ANY
import boto3

client = boto3.client("dynamodb")
stub = Stubber(client)
stub.add_response("update_item", {}, {key: ANY for key in EXPECTED})
stub.add_client_error("update_item", "ProvisionedThroughputExceededException")
stub.activate()
deployed.boto3.client = lambda service: client
print(json.dumps(deployed.handler(json.loads(os.environ["EVENT"]), None)))
stub.assert_no_pending_responses()
"""
EXPECTED = [
    "TableName",
    "Key",
    "UpdateExpression",
    "ConditionExpression",
    "ExpressionAttributeValues",
    "ReturnValuesOnConditionCheckFailure",
]


def run_on_lambda(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    aws = {
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(
        [sys.executable, "-c", ON_LAMBDA + code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **aws, **environ},
        timeout=60,
    )


def test_handler_reports_the_record_at_which_it_stopped() -> None:
    event = {"Records": [lambda_record(1, "MSG#a"), lambda_record(2, "MSG#b")]}
    for record in event["Records"]:
        record["dynamodb"]["NewImage"]["sk"] = {"S": "2026-03-01T12:00:00.000000+00:00"}

    done = run_on_lambda(
        f"EXPECTED = {EXPECTED}\n{USE}", DESIGN="single", TABLE_NAME="t", EVENT=json.dumps(event)
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert "ProvisionedThroughputExceededException" in done.stderr


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_every_design_is_made_with_what_lambda_has(design: Any) -> None:
    event = json.dumps({"Records": [lambda_record(1, "GRP#a")]})

    done = run_on_lambda(
        f"import workbench.lambda_function as l; print(l.handler({event}, None))",
        DESIGN=design.name,
        TABLE_NAME="t",
    )

    assert done.stdout == "{'batchItemFailures': []}\n", done.stderr


def test_import_that_lambda_lacks_would_be_found() -> None:
    done = run_on_lambda("import workbench.dynamodb.server")

    assert done.returncode == 1
    assert "Lambda has no psutil" in done.stderr


def test_handler_runs_on_lambda_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)

    with pytest.raises(EndpointRefused, match="workbench stream run"):
        lambda_function.handler({"Records": []}, None)


def test_unknown_design_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("DESIGN", "triple")

    with pytest.raises(UnknownDesign, match="'triple'"):
        lambda_function.handler({"Records": []}, None)
