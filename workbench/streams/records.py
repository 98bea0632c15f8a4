"""Stream records as a Lambda function gets them: not quite as the stream API gives them."""

import base64
from collections.abc import Mapping
from typing import Any

StreamRecord = Mapping[str, Any]

TTL_PRINCIPAL = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


def to_lambda_record(record: StreamRecord, stream_arn: str) -> dict[str, Any]:
    """A record of GetRecords as an event source mapping hands it to a function, JSON throughout.

    Times become seconds since 1970, binary values base64. What time to live deletes reaches
    DynamoDB Local's stream as UNKNOWN_TO_SDK_VERSION; the service calls it a REMOVE by a principal.

    Source
    ------
    AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB", example event; DynamoDB
    Developer Guide, "DynamoDB Streams and Time to Live".
    """
    change = dict(record["dynamodb"])
    if "ApproximateCreationDateTime" in change:
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    for image in ("Keys", "NewImage", "OldImage"):
        if image in change:
            change[image] = _to_json(change[image])
    name, identity = record["eventName"], record.get("userIdentity")
    if name == "UNKNOWN_TO_SDK_VERSION":
        name, identity = "REMOVE", TTL_PRINCIPAL
    shown = {
        "eventID": record["eventID"],
        "eventName": name,
        "eventVersion": record["eventVersion"],
        "eventSource": "aws:dynamodb",
        "awsRegion": stream_arn.split(":")[3],
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
    if identity:
        shown["userIdentity"] = {
            "principalId": identity["PrincipalId"],
            "type": identity["Type"],
        }
    return shown


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _to_json(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_to_json(part) for part in value]
    return value


def sequence_number(record: StreamRecord) -> str:
    """Position of a record in its shard; the number grows with time, as a number, not as text."""
    return str(record["dynamodb"]["SequenceNumber"])


def described(record: StreamRecord) -> str:
    """The record in one line: what happened to which item."""
    keys = sorted(record["dynamodb"]["Keys"].items())
    shown = " ".join(str(next(iter(value.values()))) for _, value in keys)
    line = f"{sequence_number(record):>21} {record['eventName']:<6} {shown}"
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)
