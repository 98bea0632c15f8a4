"""How the charges of an access pattern grow, fitted to traced calls, and what they come to.

A slot is a kind of charge that a pattern makes: so many for each call, of so many items, whose size
is fixed bytes plus bytes for each byte of text and of a user's name. Each of these figures is a
line through traced points along three axes (inbox length, messages in a conversation,
participants); the axes add up. Everything takes numpy arrays of shapes that fit together, so a map
is one evaluation.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.capacity.requests import ITEM_LIMIT_BYTES, READ_BLOCK_BYTES, WRITE_BLOCK_BYTES

Array = NDArray[np.float64]

STORAGE_OVERHEAD_BYTES = 100  # of each item and index entry; DynamoDB Developer Guide, storage


class Point(NamedTuple):
    """Where a cost is asked for; arrays whose last axis runs over equally likely values.

    These are sorted, and mean nothing together: a long inbox does not go with long texts.
    """

    inbox_length: Any
    conversation_length: Any
    participants: Any
    text_bytes: Any
    name_bytes: Any = 7.0


@dataclass(frozen=True)
class Curve:
    """A figure where the axes begin, and traced (position, difference from there) along each."""

    base: float
    knots: Mapping[str, Sequence[tuple[float, float]]]

    def at(self, point: Point) -> Any:
        """The figure at a point, straight on beyond the first and the last traced position."""
        value: Any = self.base
        for axis, pairs in self.knots.items():
            value = value + _straight(pairs, getattr(point, axis))
        return value

    def mean_at(self, point: Point) -> Any:
        """The mean figure over the point's last axis."""
        return np.atleast_1d(self.at(point)).mean(axis=-1)


@dataclass(frozen=True)
class Slot:
    """One kind of charge of a pattern; for reads `fixed_after` and `per_after` are of one item."""

    pattern: str
    operation: str
    index: str | None
    is_write: bool
    factor: float
    per_before: float
    per_after: float
    count: Curve
    items: Curve
    fixed_before: Curve
    fixed_after: Curve
    name_before: float = 0.0  # for each byte of a user's handle, whose display name is as long
    name_after: float = 0.0

    def units(self, point: Point) -> Any:
        """Request units for each call of the pattern, a mean over the point's last axis."""
        blocks = self._written_blocks(point) if self.is_write else self._read_blocks(point)
        count = np.maximum(0.0, np.asarray(self.count.at(point)))
        return _mean_product(count * self.factor, blocks)

    def stored_bytes(self, point: Point) -> Any:
        """Bytes that each call of the pattern adds to what is stored, overheads included."""
        text = np.mean(point.text_bytes, axis=-1, keepdims=True)
        before, after = self._fixed(point)
        entries = np.sign(after) - np.sign(before)
        grown = after - before + (self.per_after - self.per_before) * text
        count = np.maximum(0.0, np.asarray(self.count.at(point)))
        return _mean_product(count, np.asarray(grown + entries * STORAGE_OVERHEAD_BYTES))

    @property
    def _keeps_its_size(self) -> bool:
        """Whether a write changes the text alone."""
        before = (self.per_before, self.fixed_before, self.name_before)
        return before == (self.per_after, self.fixed_after, self.name_after)

    def _fixed(self, point: Point) -> tuple[Any, Any]:
        """Bytes without the text, before and after."""
        return (
            self.fixed_before.at(point) + self.name_before * point.name_bytes,
            self.fixed_after.at(point) + self.name_after * point.name_bytes,
        )

    def _written_blocks(self, point: Point) -> Array:
        text = np.asarray(point.text_bytes, dtype=float)
        mixed = _mixed(text.shape[-1])  # or long texts would go with long lists
        before, after = self._fixed(point)
        if not (self.per_before and self.per_after):
            sizes = (before + self.per_before * text, after + self.per_after * text)
            return _blocks(np.maximum(*sizes)[..., mixed], WRITE_BLOCK_BYTES)
        if self._keeps_its_size:
            # The larger of two texts drawn apart is the k-th of n in 2k - 1 of n x n cases.
            shares = (2 * np.arange(text.shape[-1]) + 1) / text.shape[-1]
            larger: Array = (_blocks(after + self.per_after * text, WRITE_BLOCK_BYTES) * shares)[
                ..., mixed
            ]
            return larger
        old = np.asarray(before)[..., None] + self.per_before * text[..., mixed, None]
        new = np.asarray(after)[..., None] + self.per_after * text[..., None, :]
        each: Array = _blocks(np.maximum(old, new), WRITE_BLOCK_BYTES).mean(axis=-1)
        return each

    def _read_blocks(self, point: Point) -> Array:
        """Blocks of a page of so many items; a fraction of an item is a mixture of two pages."""
        items = np.maximum(0.0, np.asarray(self.items.at(point), dtype=float))
        low = np.floor(np.round(items, 6))
        share = items - low
        blocks = self._page_blocks(low, point)
        if not np.any(share > 1e-6):
            return blocks
        mixture: Array = (1 - share) * blocks + share * self._page_blocks(low + 1, point)
        return mixture

    def _page_blocks(self, items: Array, point: Point) -> Array:
        """Mean blocks of a whole number of items: their texts' sum is nearly normal from two on."""
        text = np.asarray(point.text_bytes, dtype=float)
        mixed = _mixed(text.shape[-1])
        mean, spread = text.mean(axis=-1, keepdims=True), text.std(axis=-1, keepdims=True)
        total = np.where(
            items == 1,
            text[..., mixed],
            items * mean + np.sqrt(items) * spread * _normal(text.shape[-1])[mixed],
        )
        size = items * self._fixed(point)[1] + self.per_after * total
        return _blocks(size, READ_BLOCK_BYTES)


@dataclass(frozen=True)
class Growth:
    """How one design's access patterns grow."""

    slots: tuple[Slot, ...]
    stream_records: Mapping[str, Curve]
    most_participants: int | None = None  # None: any number

    def units(self, pattern: str, point: Point, *, is_write: bool, is_index: bool = False) -> Any:
        """RRU of a pattern's call, or WRU of it in the table, or in its indexes."""
        return sum(
            slot.units(point)
            for slot in self.slots
            if slot.pattern == pattern
            and slot.is_write == is_write
            and (not is_write or (slot.index is not None) == is_index)
        )

    def largest_item_bytes(self, point: Point) -> Any:
        """The largest item or index entry that is written, with the longest of the texts."""
        longest = np.max(point.text_bytes, axis=-1, keepdims=True)
        sizes = [
            np.max(slot._fixed(point)[1] + slot.per_after * longest, axis=-1)
            for slot in self.slots
            if slot.is_write
        ]
        return functools.reduce(np.maximum, sizes, np.zeros(()))

    def has_place(self, point: Point) -> Any:
        """Whether the design takes so many participants, and no item grows over 400 KB."""
        fits = self.largest_item_bytes(point) <= ITEM_LIMIT_BYTES
        if self.most_participants is not None:
            fits = fits & np.all(point.participants <= self.most_participants, axis=-1)
        return fits

    def stored_bytes(self, pattern: str, point: Point, *, is_index: bool) -> Any:
        """Bytes that a pattern's call adds to the table, or to its indexes."""
        return sum(
            slot.stored_bytes(point)
            for slot in self.slots
            if slot.pattern == pattern and slot.is_write and (slot.index is not None) == is_index
        )


def read_growth(stored: Mapping[str, Any]) -> Growth:
    """The growth whose `dataclasses.asdict` is given, as JSON gives it back."""

    def curves(of: Mapping[str, Any]) -> dict[str, Any]:
        return {k: Curve(**v) if isinstance(v, dict) else v for k, v in of.items()}

    return Growth(
        slots=tuple(Slot(**curves(slot)) for slot in stored["slots"]),
        stream_records=curves(stored["stream_records"]),
        most_participants=stored["most_participants"],
    )


def _mean_product(count: Any, each: Any) -> Any:
    """The mean of a product over the last axis, taken before the product where that is the same."""
    if count.ndim == 0:
        return count * each.mean(axis=-1)
    if count.shape[-1] == 1:
        return count[..., 0] * each.mean(axis=-1)
    return np.mean(count * each, axis=-1)


def _blocks(size: Any, block_bytes: int) -> Array:
    blocks: Array = np.maximum(1.0, np.ceil(np.round(size, 6) / block_bytes))
    return blocks


def _straight(pairs: Sequence[tuple[float, float]], position: Any) -> Any:
    """Straight lines through the pairs, and on beyond them."""
    xs, ys = np.array(pairs, dtype=float).T
    where = np.asarray(position, dtype=float)
    right = np.clip(np.searchsorted(xs, where), 1, len(xs) - 1)
    slope = (ys[right] - ys[right - 1]) / (xs[right] - xs[right - 1])
    return ys[right - 1] + slope * (where - xs[right - 1])


@functools.cache
def _mixed(count: int) -> NDArray[np.intp]:
    """An order of so many values that goes with no other: by fractions of the golden ratio.

    Of its rotations, the one that goes least with the values' own order.
    """
    values = np.arange(count)
    order = np.argsort(values * 0.6180339887498949 % 1)
    off_mean = values - (count - 1) / 2
    return min((np.roll(order, by) for by in values), key=lambda each: abs(off_mean @ each))


@functools.cache
def _normal(count: int) -> Array:
    """Equally likely values of the standard normal distribution; 0 if there is but one."""
    return np.array([NormalDist().inv_cdf((n + 0.5) / count) for n in range(count)])
