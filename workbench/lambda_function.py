"""The deployed door: the function on the table's stream, as deploy/template.yaml names it.

It needs what Lambda's Python has, boto3, and this package; nothing else that the package needs.
"""

import functools
import os
from collections.abc import Mapping
from typing import Any

import boto3

from workbench.designs import find_design
from workbench.errors import EndpointRefused
from workbench.streams.handlers import stream_handler
from workbench.streams.runner import Handler

RUNS_ON_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"  # a variable that Lambda sets


@functools.cache
def _handler() -> Handler:
    """Made once, and used as long as Lambda keeps the process."""
    if RUNS_ON_LAMBDA not in os.environ:
        raise EndpointRefused(
            "this handler speaks to AWS with the rights of its role, and runs on Lambda only. Use "
            "`workbench stream run` here."
        )
    design_class = find_design(os.environ["DESIGN"])
    return stream_handler(design_class(boto3.client("dynamodb"), os.environ["TABLE_NAME"]))


def handler(event: Mapping[str, Any], context: Any) -> Any:
    """Bring the group items up to the new messages in a batch of stream records.

    Environment: DESIGN, a design's name, and TABLE_NAME. What fails is reported as
    `batchItemFailures`, so the mapping has to ask for ReportBatchItemFailures.
    """
    return _handler()(event, context)
