from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.capacity.conftest import item, texts
from workbench.capacity.indexes import (
    Index,
    Schema,
    index_writes,
    read_schema,
    same_item,
    same_value,
)
from workbench.capacity.item_size import item_size_bytes
from workbench.capacity.requests import write_units

KEYS_ONLY = Index("i", ("g",), "KEYS_ONLY")
INCLUDE = Index("i", ("g",), "INCLUDE", included=("listed",))
ALL = Index("i", ("g",), "ALL")
COMPOSITE = Index("i", ("g", "h"), "ALL")
MULTIPLE = Index("i", ("country", "city", "year", "day"), "ALL")
LOCAL = Index("i", ("pk", "l"), "KEYS_ONLY", is_local=True)
PLACE = {"country": "CH", "city": "Bern", "year": "2026", "day": "1"}


def units(index: Index, old: Any, new: Any) -> list[float]:
    """WRU of each write to the index."""
    writes = index_writes(Schema(("pk",), (index,)), old, new)
    return [write_units(before, after) for _, before, after in writes]


# Developer Guide, "Using Global Secondary Indexes", "Write capacity units"; sizes, projections and
# re-puts: captures of the service by nubo-db/dynoxide, August 2026.
@pytest.mark.parametrize(
    ("index", "old", "new", "expected"),
    [
        # an entry appears, goes, or never is (sparse)
        (ALL, None, texts(g="1"), [1]),
        (ALL, texts(a="1"), texts(a="1", g="1"), [1]),
        (ALL, texts(g="1"), None, [1]),
        (ALL, texts(g="1"), texts(a="1"), [1]),
        (ALL, None, texts(a="1"), []),
        (ALL, texts(a="1"), texts(a="2"), []),
        (ALL, texts(a="1"), None, []),
        (ALL, None, None, []),
        (ALL, None, item(1_500, g="1"), [2]),
        (ALL, item(1_500, g="1"), None, [2]),
        # its key changes: a deletion and a put, each rounded up
        (ALL, texts(g="1"), texts(g="2"), [1, 1]),
        (ALL, item(1_500, g="1"), item(1_500, g="2"), [2, 2]),
        (ALL, item(2_500, g="1"), item(100, g="2"), [3, 1]),
        (KEYS_ONLY, item(5_000, g="1"), item(5_000, g="2"), [1, 1]),
        # its key stays: the larger image counts
        (ALL, item(100, g="1"), item(2_500, g="1"), [3]),
        (ALL, item(2_500, g="1"), item(100, g="1"), [3]),
        (ALL, texts(g="1", a="1"), texts(g="1", a="2"), [1]),
        # what is not projected changes nothing
        (KEYS_ONLY, texts(g="1", a="1"), texts(g="1", a="2"), []),
        (KEYS_ONLY, None, item(5_000, g="1"), [1]),
        (INCLUDE, texts(g="1", a="1"), texts(g="1", a="2"), []),
        (INCLUDE, texts(g="1", listed="1"), texts(g="1", listed="2"), [1]),
        (INCLUDE, texts(g="1"), texts(g="1", listed="2"), [1]),
        (INCLUDE, texts(g="1", listed="1"), texts(g="1"), [1]),
        (INCLUDE, texts(g="1", listed="1" * 1_500), texts(g="1", listed="2"), [2]),
        # put again as it was
        (ALL, texts(g="1", a="1"), texts(a="1", g="1"), []),
        (ALL, {**texts(g="1"), "s": {"SS": ["a", "b"]}},
         {**texts(g="1"), "s": {"SS": ["b", "a"]}}, []),
        (ALL, {**texts(g="1"), "n": {"N": "1"}}, {**texts(g="1"), "n": {"N": "1.0"}}, []),
        # an index of several key attributes needs them all, and any of them moves the entry
        (COMPOSITE, None, texts(g="1"), []),
        (COMPOSITE, texts(g="1"), texts(g="1", h="1"), [1]),
        (COMPOSITE, texts(g="1", h="1"), texts(g="1", h="2"), [1, 1]),
        (COMPOSITE, texts(g="1", h="1"), texts(h="1"), [1]),
        (MULTIPLE, None, texts(**PLACE), [1]),
        (MULTIPLE, texts(**PLACE), texts(**PLACE | {"day": "2"}), [1, 1]),
        (MULTIPLE, texts(**PLACE), texts(**PLACE | {"country": "FR", "city": "Lyon"}), [1, 1]),
        (MULTIPLE, None, {k: v for k, v in texts(**PLACE).items() if k != "year"}, []),
        # local indexes follow the same rules
        (LOCAL, None, texts(), []),
        (LOCAL, None, texts(l="1"), [1]),
        (LOCAL, texts(l="1"), texts(l="2"), [1, 1]),
        (LOCAL, texts(l="1", a="1"), texts(l="1", a="2"), []),
    ],
)  # fmt: skip
def test_change_writes_the_published_units(
    index: Index, old: Any, new: Any, expected: list[float]
) -> None:
    assert units(index, old, new) == expected


@pytest.mark.parametrize(
    ("index", "kept"),
    [
        (KEYS_ONLY, {"pk", "g"}),
        (INCLUDE, {"pk", "g", "listed"}),
        (ALL, {"pk", "g", "listed", "a"}),
    ],
)
def test_entry_holds_what_is_projected(index: Index, kept: set[str]) -> None:
    schema = Schema(("pk",), (index,))

    entry = schema.entry(index, texts(g="1", listed="1", a="1"))

    assert entry is not None
    assert set(entry) == kept


def test_each_index_is_written_apart() -> None:
    schema = Schema(("pk",), (ALL, Index("other", ("o",), "ALL"), Index("none", ("n",), "ALL")))

    writes = [index.name for index, _, _ in index_writes(schema, None, texts(g="1", o="1"))]

    assert writes == ["i", "other"]


def test_schema_is_read_from_create_table() -> None:
    def keys(partition: list[str], sort: list[str]) -> list[dict[str, str]]:
        return [{"AttributeName": name, "KeyType": "HASH"} for name in partition] + [
            {"AttributeName": name, "KeyType": "RANGE"} for name in sort
        ]

    schema = read_schema(
        {
            "KeySchema": keys(["pk"], ["sk"]),
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "global",
                    "KeySchema": keys(["a", "b"], ["c", "d"]),
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["e"]},
                }
            ],
            "LocalSecondaryIndexes": [
                {
                    "IndexName": "local",
                    "KeySchema": keys(["pk"], ["l"]),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        }
    )

    assert schema == Schema(
        ("pk", "sk"),
        (
            Index("global", ("a", "b", "c", "d"), "INCLUDE", ("e",)),
            Index("local", ("pk", "l"), "KEYS_ONLY", is_local=True),
        ),
    )


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"N": "1"}, {"N": "1.00"}, True),
        ({"N": "1E2"}, {"N": "100"}, True),
        ({"N": "1"}, {"S": "1"}, False),
        ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}, True),
        ({"SS": ["a"]}, {"SS": ["a", "b"]}, False),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", bytearray(b"a")]}, True),
        ({"B": b"a"}, {"B": bytearray(b"a")}, True),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1.0"}]}, True),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}, False),
        ({"M": {"a": {"SS": ["x", "y"]}}}, {"M": {"a": {"SS": ["y", "x"]}}}, True),
    ],
)
def test_values_equal_as_dynamodb_sees(one: Any, other: Any, is_same: Any) -> None:
    assert same_value(one, other) is is_same


# --- Properties ------------------------------------------------------------------------------

INDEXES = st.sampled_from((KEYS_ONLY, INCLUDE, ALL, COMPOSITE, LOCAL))
words = st.sampled_from(("1", "2", "x" * 1_100, "x" * 2_100))
items = st.builds(
    lambda values: texts(**values),
    st.dictionaries(st.sampled_from(("g", "h", "l", "listed", "a")), words),
)


@given(INDEXES, items)
def test_item_put_again_writes_nothing(index: Index, same: Any) -> None:
    reordered = dict(reversed(same.items()))

    assert same_item(same, reordered)
    assert units(index, same, reordered) == []


@given(INDEXES, st.none() | items, st.none() | items)
def test_change_costs_the_same_undone(index: Index, old: Any, new: Any) -> None:
    assert sorted(units(index, old, new)) == sorted(units(index, new, old))


@given(INDEXES, st.none() | items, st.none() | items)
def test_index_is_written_twice_at_most(index: Index, old: Any, new: Any) -> None:
    schema = Schema(("pk",), (index,))
    largest = max((item_size_bytes(image) for image in (old, new) if image is not None), default=0)

    writes = list(index_writes(schema, old, new))

    assert len(writes) <= 2
    assert all(0 < max(before, after) <= largest for _, before, after in writes)
