"""One cache of a cluster: answers with a time to live, least recently used first to go.

Source
------
DynamoDB Developer Guide, "DAX: How it works": both caches have a TTL, of 5 minutes by default, and
a list of the least recently used, who go first when it is full, even if they have not expired.
"""

import json
import pickle
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cachetools import TTLCache

from workbench.capacity.indexes import Item
from workbench.capacity.item_size import item_size_bytes
from workbench.errors import BadParameter

DEFAULT_TTL_SECONDS = 300.0
DEFAULT_BYTES = 512 * 1024**2
MISS = object()


class Cache:
    """Answers by key; `None` is an answer, too: that there is nothing (a negative entry).

    Writing an entry begins its time anew, reading it does not. Entries are kept as bytes, so that
    nobody who was handed one can change it. `peak_bytes` is the most that was kept at once.

    Parameters
    ----------
    clock
        Seconds, from whatever instant; never called off by sleeping.

    Raises
    ------
    BadParameter
        If the time to live is not above zero: what 0 means to DAX is not modelled.
    """

    def __init__(self, ttl_seconds: float, size_bytes: int, clock: Callable[[], float]) -> None:
        if ttl_seconds <= 0:
            raise BadParameter("ttl_seconds", ttl_seconds, "above 0")
        self.peak_bytes = 0
        self._kept: TTLCache[str, tuple[int, bytes]] = TTLCache(
            size_bytes, ttl_seconds, timer=clock, getsizeof=lambda entry: entry[0]
        )

    def get(self, key: str) -> Any:
        """The answer that is kept, or MISS."""
        entry = self._kept.get(key)
        return MISS if entry is None else pickle.loads(entry[1])

    def put(self, key: str, answer: Any, items: Iterable[Item]) -> None:
        """Keep an answer, which counts as long as its key and its items; if too long, do not."""
        size_bytes = len(key.encode()) + sum(map(item_size_bytes, items))
        self.drop(key)
        if size_bytes <= self._kept.maxsize:
            self._kept[key] = (size_bytes, pickle.dumps(answer))
            self.peak_bytes = max(self.peak_bytes, int(self._kept.currsize))

    def drop(self, key: str) -> None:
        """Forget an answer, if it is kept."""
        self._kept.pop(key, None)


def cache_key(*parts: Mapping[str, Any] | str) -> str:
    """A text that is the same for the same values, in whatever order parameters were given."""
    return json.dumps(parts, sort_keys=True, default=repr)
