"""Request units of reads and writes, from sizes in bytes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from workbench.errors import ItemTooLarge, NegativeSize

READ_BLOCK_BYTES = 4_096
WRITE_BLOCK_BYTES = 1_024
ITEM_LIMIT_BYTES = 409_600
TRANSACTION_FACTOR = 2.0


class Consistency(Enum):
    """How a read treats writes under way; the value is its RRU for each 4 KB begun.

    Source
    ------
    DynamoDB Developer Guide, "DynamoDB read and write operations".
    """

    EVENTUAL = 0.5
    STRONG = 1.0
    TRANSACTIONAL = 2.0


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request reads or writes in a table or in one of its indexes, before rounding.

    `factor` is the units for each block begun: a read of `after_bytes`, in blocks of 4 KB, or a
    write of the larger of `before_bytes` and `after_bytes`, in blocks of 1 KB. An absent item has
    0 bytes, and is charged as one block. `index` is None for the table itself, and `is_local`
    tells a local index from a global one. A factor of 0 is what only DynamoDB Local counts.
    """

    table: str
    index: str | None
    factor: float
    before_bytes: int
    after_bytes: int
    items: int = 1
    is_write: bool = field(kw_only=True)
    is_local: bool = field(kw_only=True, default=False)

    @property
    def units(self) -> float:
        """Request units: RRU of a read, WRU of a write."""
        if self.is_write:
            return self.factor * write_units(self.before_bytes, self.after_bytes)
        return self.factor * _blocks(self.after_bytes, READ_BLOCK_BYTES)


def read_units(size_bytes: int, consistency: Consistency) -> float:
    """RRU of reading one item by its key: GetItem, and each item of a batch or transaction.

    An item that does not exist has size 0 and is charged as one block.

    Raises
    ------
    ItemTooLarge, NegativeSize
        If no item can have this size.

    Source
    ------
    DynamoDB Developer Guide, "Capacity unit consumption for reads"; that missing keys of a batch
    are charged: issue 7 of awslabs/amazon-dynamodb-local-samples.
    """
    return consistency.value * _blocks(_checked("size_bytes", size_bytes), READ_BLOCK_BYTES)


def query_read_units(sizes_bytes: Sequence[int], consistency: Consistency) -> float:
    """RRU of one page of a Query or Scan: sizes are added first and rounded up once.

    A filter or projection changes what is returned, never what is charged. A page on which
    nothing was found is charged as one block.

    Raises
    ------
    ItemTooLarge, NegativeSize
        If no item can have such a size.

    Source
    ------
    DynamoDB Developer Guide, "Capacity unit consumption for reads"; the minimum: API reference of
    Query.
    """
    total_bytes = sum(_checked("each of sizes_bytes", size) for size in sizes_bytes)
    return consistency.value * _blocks(total_bytes, READ_BLOCK_BYTES)


def write_units(before_bytes: int, after_bytes: int, *, is_transactional: bool = False) -> float:
    """WRU of changing one item of a table, or one entry of an index; 0 bytes where there is none.

    The larger size counts, whatever the change. A condition that fails is charged like the write
    that it prevented. Transactions double the table's units, never those of its indexes.

    Raises
    ------
    ItemTooLarge, NegativeSize
        If no item can have such a size.

    Source
    ------
    DynamoDB Developer Guide, "Capacity unit consumption for writes" and "Transactions"; failed
    conditions and indexes: captures of the service by nubo-db/dynoxide, August 2026.
    """
    before = _checked("before_bytes", before_bytes)
    after = _checked("after_bytes", after_bytes)
    blocks = _blocks(max(before, after), WRITE_BLOCK_BYTES)
    return blocks * (TRANSACTION_FACTOR if is_transactional else 1.0)


def _blocks(size_bytes: int, block_bytes: int) -> int:
    return max(1, math.ceil(size_bytes / block_bytes))


def _checked(field_name: str, size_bytes: int) -> int:
    if size_bytes < 0:
        raise NegativeSize(f"{field_name} must be 0 or more (got {size_bytes})")
    if size_bytes > ITEM_LIMIT_BYTES:
        raise ItemTooLarge(
            f"{field_name} must be at most {ITEM_LIMIT_BYTES:,}, the limit of an item "
            f"(got {size_bytes:,})"
        )
    return size_bytes
