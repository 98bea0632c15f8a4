"""How much the caches hold, and for how long."""

import pytest

from tests.dax.doubles import Cluster, item
from workbench.dax.caches import Cache
from workbench.errors import BadParameter


def test_full_cache_evicts_what_was_read_longest_ago() -> None:
    cluster = Cluster(*(item(name) for name in "abc"), item_bytes=120)  # two entries
    for name in "abab":
        cluster.get(name)
    assert cluster.table.sent["get_item"] == 2

    for name in "acabc":
        cluster.get(name)

    assert cluster.table.sent["get_item"] == 5  # c evicts b, a stays, b evicts c, c comes again


def test_entry_too_long_for_the_cache_is_not_kept() -> None:
    cluster = Cluster(item("a"), item_bytes=20)

    for _ in range(2):
        cluster.get("a")

    assert cluster.table.sent["get_item"] == 2
    assert cluster.dax.items.peak_bytes == 0


def test_time_to_live_of_zero_is_refused() -> None:
    with pytest.raises(BadParameter, match=r"ttl_seconds must be above 0 \(got 0\)"):
        Cache(0, 1000, lambda: 0.0)
