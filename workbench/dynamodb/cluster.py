"""A real DAX cluster through `amazon-dax-client`: written after its source, and untested here.

Its client has no paginators and no `exceptions`, which our designs use, and its errors are of
classes of its own. This adapter adds the former, and raises the latter as boto3 does.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from workbench.dynamodb.paging import Pages
from workbench.errors import InstallFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOW_TO_INSTALL = (
    "the client of DAX is missing: `.venv/bin/pip install 'amazon-dax-client>=2.1'` "
    "(the extra `dax` of this project)"
)


class DaxCluster:
    """A client of a cluster, of which boto3's client of the same region lends what is missing."""

    def __init__(self, endpoint_url: str, client: "DynamoDBClient", cluster: Any = None) -> None:
        """The endpoint is the cluster's, as in daxs://name.abc123.dax-clusters.region.amazonaws.com.

        Raises
        ------
        InstallFailed
            If `amazon-dax-client` is not installed.
        """
        self._client = client
        self._cluster = cluster or _connect(endpoint_url, client.meta.region_name)
        self.exceptions = client.exceptions
        self.meta = self._cluster.meta

    def get_paginator(self, operation_name: str) -> Pages:
        """Pages of `query` or `scan`."""
        return Pages(getattr(self, operation_name))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._cluster, name)

        def call(**request: Any) -> Any:
            try:
                return method(**request)
            except ClientError as error:
                response: Any = error.response
                named: Any = self.exceptions.from_code(response["Error"].get("Code", ""))
                raise named(response, error.operation_name) from error

        return call


def _connect(endpoint_url: str, region: str) -> Any:
    try:
        from amazondax import AmazonDaxClient
    except ImportError as error:
        raise InstallFailed(HOW_TO_INSTALL) from error
    return AmazonDaxClient(endpoint_url=endpoint_url, region_name=region)
