"""The table designs, one file each: keys, reads, writes, stream update, in that order."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from workbench.designs.dual import Dual
from workbench.designs.dual_fixed import DualFixed
from workbench.designs.dual_sorted import DualSorted
from workbench.designs.single import Single
from workbench.errors import UnknownDesign
from workbench.messaging.access_patterns import AccessPatterns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Design(AccessPatterns, Protocol):
    """A way to lay the application's data out in a table."""

    name: ClassVar[str]
    summary: ClassVar[str]
    table_definition: ClassVar[Mapping[str, Any]]
    stream_filter: ClassVar[Mapping[str, Any]]  # which stream records its stream update is for

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None: ...


DESIGNS: tuple[type[Design], ...] = (Dual, Single, DualFixed, DualSorted)


def find_design(name: str) -> type[Design]:
    """The design of this name.

    Raises
    ------
    UnknownDesign
        If none has it; the message lists those there are.
    """
    for design in DESIGNS:
        if design.name == name:
            return design
    known = ", ".join(design.name for design in DESIGNS)
    raise UnknownDesign(f"there is no design {name!r}. The designs are: {known}.")


def find_designs(names: str) -> list[type[Design]]:
    """The designs of these names, which commas part; see `find_design`."""
    return [find_design(name.strip()) for name in names.split(",")]
