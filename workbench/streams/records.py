"""What a stream record says, in the terms that a stream update needs."""

from collections.abc import Mapping
from typing import Any


def inserted_item(record: Mapping[str, Any], partition_prefix: str) -> Mapping[str, Any] | None:
    """The new item of an INSERT record whose `pk` has this prefix, else None.

    Only an INSERT is a new item: MODIFY is a change to an old one, REMOVE (a deletion, by us or by
    time to live) has no new image, and DynamoDB Local names time-to-live deletions otherwise.
    """
    if record["eventName"] != "INSERT":
        return None
    item: Mapping[str, Any] = record["dynamodb"]["NewImage"]
    return item if item["pk"]["S"].startswith(partition_prefix) else None
