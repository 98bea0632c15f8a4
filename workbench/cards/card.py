"""What a design card holds, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

TABLE = "table"


@dataclass(frozen=True)
class Entry:
    """An item as it lies in the table or in an index: its sort key, its type, what else it has."""

    sort_key: str
    item_type: int
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Collection:
    """Items with one partition key value, in the order of their sort keys; `left_out` follow."""

    partition_key: str
    entries: tuple[Entry, ...]
    left_out: int


@dataclass(frozen=True)
class Place:
    """The table or an index: names of its key attributes, what it holds, some collections."""

    name: str
    partition_key: tuple[str, ...]
    sort_key: tuple[str, ...]
    projection: str
    collections: tuple[Collection, ...]
    left_out: int


@dataclass(frozen=True)
class ItemType:
    """Items with keys of one shape and the same attributes, those aside that not all have."""

    number: int
    keys: str
    count: int
    size_bytes: int  # of the example
    example: Mapping[str, str]
    optional: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """One request, or one action of a transaction or batch: those share a number."""

    number: int
    operation: str
    on: str
    key: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One call of an access pattern: what it sent, and what that used."""

    pattern: str
    method: str
    requests: tuple[Request, ...]
    round_trips: int
    rru: float
    wru: float
    stream_records: int


@dataclass(frozen=True)
class Guard:
    """IAM actions, and the partition keys that a policy has to allow them, `*` for any text."""

    actions: str
    on: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Faults:
    """What a search of random programs showed; `broken` and `program` are empty if all agreed."""

    programs: int
    patterns: str
    injected: Mapping[str, int]
    broken: str = ""
    program: str = ""


@dataclass(frozen=True)
class Card:
    """A design on one page; `faults` is None where no program was tried."""

    name: str
    summary: str
    file: str
    scale: str
    places: tuple[Place, ...]  # the table first
    item_types: tuple[ItemType, ...]
    calls: tuple[Call, ...]
    unsupported: Mapping[str, str]
    guards: tuple[Guard, ...]
    guarded_patterns: str  # those that name only partition keys of the caller
    faults: Faults | None

    def _repr_html_(self) -> str:
        from workbench.cards.html import card_html

        return card_html(self)
