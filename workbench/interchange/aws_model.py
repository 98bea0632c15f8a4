"""The JSON of AWS's data-modelling tool: tables, items, and access patterns as AWS CLI commands.

Source
------
awslabs/mcp, src/dynamodb-mcp-server, prompts/json_generation_guide.md: dynamodb_data_model.json.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

from workbench.dynamodb.bulk import to_json
from workbench.interchange.model import Model, Pattern


def write_model(model: Model) -> str:
    """The model as dynamodb_data_model.json."""
    document = {
        "tables": [{"TableName": table.name, **table.definition} for table in model.tables],
        "items": {
            table.name: [{"PutRequest": {"Item": json.loads(to_json(i))}} for i in table.items]
            for table in model.tables
        },
        "access_patterns": [entry for each in model.patterns for entry in _entries(model, each)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entries(model: Model, pattern: Pattern) -> Iterator[dict[str, Any]]:
    """An entry for each request of a pattern, or one with the reason that there is none."""
    if pattern.reason:
        yield {
            "pattern": pattern.letter,
            "description": pattern.description,
            "reason": pattern.reason,
        }
    count = len(pattern.requests)
    for number, (operation, given) in enumerate(pattern.requests, start=1):
        of_several = f", request {number} of {count}" if count > 1 else ""
        yield {
            "pattern": pattern.letter,
            "description": pattern.description + of_several,
            "table": given.get("TableName", model.tables[0].name),
            **({"index": given["IndexName"]} if "IndexName" in given else {}),
            "dynamodb_operation": operation,
            "implementation": _command(operation, given),
        }


def _command(operation: str, given: Mapping[str, Any]) -> str:
    """The AWS CLI's command for a request."""
    options = [part for name, value in given.items() for part in _option(name, value)]
    return shlex.join(["aws", "dynamodb", xform_name(operation, "-"), *options])


def _option(name: str, value: Any) -> list[str]:
    option = xform_name(name, "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    return [f"--{option}", value if isinstance(value, str) else to_json(value)]
