"""The table designs, one file each: keys, reads, writes, stream update, in that order."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from workbench.designs.dual import Dual
from workbench.designs.dual_fixed import DualFixed
from workbench.designs.dual_sorted import DualSorted
from workbench.designs.loading import load_design
from workbench.designs.multikey import Multikey
from workbench.designs.pointer import Pointer
from workbench.designs.relational import Relational
from workbench.designs.single import Single
from workbench.errors import BadParameter, UnknownDesign
from workbench.messaging.access_patterns import AccessPatterns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Design(AccessPatterns, Protocol):
    """A way to lay the application's data out in a table."""

    summary: ClassVar[str]
    table_definition: ClassVar[Mapping[str, Any]]
    stream_filter: ClassVar[Mapping[str, Any]]  # which stream records its stream update is for

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None: ...


AnyDesign = type[Design] | type[Relational]
DESIGNS: tuple[type[Design], ...] = (Dual, Single, DualFixed, DualSorted, Pointer, Multikey)
BASELINE = Relational  # no table, no request units: for comparisons of round trips and rows
Found = TypeVar("Found", type[Design], AnyDesign)


def find_design(name: str) -> type[Design]:
    """The design of this name; of what ends in .py, the one that this file defines.

    Raises
    ------
    DesignNotLoaded
        If the file defines none that can be used.
    UnknownDesign
        If none has the name; the message lists those there are.
    """
    if name.endswith(".py"):
        return load_design(Path(name), taken=[*(design.name for design in DESIGNS), BASELINE.name])
    for design in DESIGNS:
        if design.name == name:
            return design
    if Path(name).is_dir():
        raise UnknownDesign(f"{name!r} is a folder: name the file of a design in it, or a design")
    if name == BASELINE.name:
        raise UnknownDesign(
            f"{name!r} has no table on DynamoDB, and so no request units: it is the baseline of "
            "`workbench compare` and `workbench check` alone"
        )
    known = ", ".join(design.name for design in DESIGNS)
    raise UnknownDesign(
        f"there is no design {name!r}. The designs are: {known}. One of your own is named by its "
        "file, as in my_design.py (`workbench new my_design.py` writes one)."
    )


def find_any(name: str) -> AnyDesign:
    """As `find_design`, and the relational baseline, too."""
    return BASELINE if name == BASELINE.name else find_design(name)


def find_designs(names: str) -> list[type[Design]]:
    """The designs of these names or files, which commas part; see `find_design`.

    Raises
    ------
    BadParameter
        If two have one name, by which results could not tell them apart.
    """
    return _find_all(names, find_design)


def find_compared(names: str) -> list[AnyDesign]:
    """As `find_designs`, and the relational baseline may be among them."""
    return _find_all(names, find_any)


def _find_all(names: str, find: Callable[[str], Found]) -> list[Found]:
    by_name: dict[str, str] = {}
    found = []
    for source in (name.strip() for name in names.split(",")):
        design = find(source)
        if design.name in by_name:
            clash = f"{by_name[design.name]} and {source} are both named {design.name!r}"
            allowed = f"of different names, and {clash}: name each once, or change a `name`"
            raise BadParameter("designs", names, allowed)
        by_name[design.name] = source
        found.append(design)
    return found


def source_of(design: AnyDesign) -> str:
    """What `find_design` finds a design by, in another process too: its name, or its file."""
    return design.name if design in (*DESIGNS, BASELINE) else str(inspect.getsourcefile(design))
