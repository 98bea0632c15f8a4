"""The adapter of a real cluster's client, on a fake one: no cluster was ever asked."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from workbench.dynamodb.cluster import DaxCluster
from workbench.dynamodb.targets import Target
from workbench.errors import InstallFailed

CLIENT = Target("endpoint", "us-east-1", "http://127.0.0.1:1").client()


class DaxServiceError(ClientError):
    """A class of the cluster's client."""


def refuse(**_: Any) -> None:
    raise DaxServiceError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")


def pages(**request: Any) -> dict[str, Any]:
    start = request.get("ExclusiveStartKey", 0)
    return {"Items": [start], **({"LastEvaluatedKey": start + 1} if start < 2 else {})}


CLUSTER = DaxCluster("", CLIENT, SimpleNamespace(meta=None, put_item=refuse, query=pages))


def test_errors_are_those_of_boto3() -> None:
    with pytest.raises(CLIENT.exceptions.ConditionalCheckFailedException):
        CLUSTER.put_item(TableName="t")


def test_pages_go_on_to_the_last() -> None:
    found = [page["Items"] for page in CLUSTER.get_paginator("query").paginate()]

    assert found == [[0], [1], [2]]


def test_missing_client_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "amazondax", None)

    with pytest.raises(InstallFailed, match="amazon-dax-client"):
        DaxCluster("dax://nowhere", CLIENT)
