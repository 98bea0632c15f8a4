"""Making a model's tables on a target, with its sample data."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from workbench.capacity.indexes import Item
from workbench.dynamodb.bulk import put_all, to_json
from workbench.dynamodb.tables import open_silent
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter, TableOfAnotherDesign


def load_tables(
    target: Target,
    definitions: Mapping[str, Mapping[str, Any]],
    samples: Mapping[str, Iterable[Item]],
) -> dict[str, int]:
    """Make the tables that are not there yet and put the items; how many each table was given.

    An item that is there already is replaced. A stream is not switched on.

    Raises
    ------
    BadParameter
        If there is a table of that name with other keys or indexes, or the target refuses it.
    """
    given: dict[str, int] = {}
    for name, definition in definitions.items():
        items = [to_json(item) for item in samples.get(name, ())]
        try:
            open_silent(target.client(), name, definition)
            put_all(target.post(), name, items)
        except TableOfAnotherDesign as error:
            way_out = "those of the model: delete that table first, or use another server"
            raise BadParameter(
                f"keys and indexes of the table {name!r} on {target}", error.differing, way_out
            ) from error
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise BadParameter(f"table {name!r}", message, "as DynamoDB takes it") from error
        given[name] = len(items)
    return given
