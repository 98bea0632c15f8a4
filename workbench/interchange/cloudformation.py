"""A CloudFormation template of a model's tables, without sample data.

Source
------
AWS CloudFormation Template Reference, "AWS::DynamoDB::Table".
"""

import json
import re
from typing import Any

from workbench.interchange.model import Model, Table


def write_template(model: Model) -> str:
    """The template in JSON: each table with its indexes and its stream, kept when it is deleted.

    Tables have no names, so that one stack can stand beside another; outputs tell them.
    """
    names = {table.name: _logical_name(at, table) for at, table in enumerate(model.tables, 1)}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{model.name}: {model.description}"[:1024],
        "Resources": {names[table.name]: _resource(table) for table in model.tables},
        "Outputs": {
            f"{names[table.name]}Name": {
                "Description": f"Name of the table {table.name}",
                "Value": {"Ref": names[table.name]},
            }
            for table in model.tables
        },
    }
    return json.dumps(template, indent=2) + "\n"


def _logical_name(number: int, table: Table) -> str:
    """Letters and digits only, and another one for each table: Table1Dual."""
    words = re.findall("[A-Za-z0-9]+", table.name)
    return f"Table{number}" + "".join(word.title() for word in words)


def _resource(table: Table) -> dict[str, Any]:
    properties = dict(table.definition)
    stream = properties.pop("StreamSpecification", {})
    if stream.get("StreamEnabled"):
        properties["StreamSpecification"] = {"StreamViewType": stream["StreamViewType"]}
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
