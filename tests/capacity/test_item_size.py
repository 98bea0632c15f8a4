import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.capacity.item_size import item_size_bytes, number_size_bytes, value_size_bytes
from workbench.dynamodb.tables import temporary_table
from workbench.dynamodb.targets import Target

# Literal -> bytes, as captured from the service by nubo-db/dynoxide (src/types.rs, August 2026).
CAPTURED_NUMBERS = {
    "0": 1, "1": 2, "12": 2, "100": 2, "123": 3, "1234": 3, "12345678912": 7, "1.5": 3,
    "3.14159": 5, "-42": 3, "1E125": 2, "0.0000001": 2, "1700000000": 2, "1731456000123": 8,
    "9" * 19: 11, "9" * 38: 20,
}  # fmt: skip


@pytest.mark.parametrize(("literal", "size_bytes"), CAPTURED_NUMBERS.items())
def test_number_takes_the_captured_bytes(literal: str, size_bytes: int) -> None:
    assert number_size_bytes(literal) == size_bytes


@pytest.mark.parametrize(
    ("value", "size_bytes"),
    [
        ({"S": "é"}, 2),
        ({"B": b"abc"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "123"]}, 5),
        ({"BS": [b"a", b"bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"N": "1"}]}, 3 + 1 + 1 + 1 + 2),
        ({"M": {}}, 3),
        ({"M": {"key": {"S": "a"}}}, 3 + 1 + 3 + 1),
    ],
)
def test_value_takes_the_documented_bytes(value: dict[str, object], size_bytes: int) -> None:
    assert value_size_bytes(value) == size_bytes


def test_attribute_names_count_in_utf8() -> None:
    assert item_size_bytes({"naïve": {"S": "x"}}) == 6 + 1


def test_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="'X' is no DynamoDB type"):
        value_size_bytes({"X": "1"})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_number_never_exceeds_21_bytes(value: object) -> None:
    assert 1 <= number_size_bytes(str(value)) <= 21


@pytest.mark.local
def test_sizes_are_those_that_dynamodb_local_reports(target: Target) -> None:
    client = target.client()
    definition = {
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }
    odd_numbers = ("110", "1010", "105.5", "1000.0001", "0.01", "0.123", "-110", "-0.5", "1E-130")
    items = [
        {"k": {"S": "a"}, "n": {"N": literal}} for literal in (*CAPTURED_NUMBERS, *odd_numbers)
    ] + [
        {"k": {"S": "a"}, "m": {"M": {"é": {"L": [{"BOOL": True}, {"NULL": True}]}}}},
        {"k": {"S": "a"}, "s": {"SS": ["a", "bc"]}, "b": {"BS": [b"1", b"23"]}},
    ]

    with temporary_table(client, "sizes", definition) as table:
        reported = []
        for item in items:
            client.put_item(TableName=table.name, Item=item)
            description = client.describe_table(TableName=table.name)["Table"]
            reported.append(description["TableSizeBytes"])

    assert [item_size_bytes(item) for item in items] == reported
