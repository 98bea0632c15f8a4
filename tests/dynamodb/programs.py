"""Random tables and requests, for holding the rules of capacity against DynamoDB Local."""

import string
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

KEY_TYPES = {"pk": "S", "sk": "S", "a": "S", "n": "N", "d": "B"}
NEAR_BLOCKS = st.sampled_from((700, 900, 1_000, 1_900, 2_950, 4_000))
NUMBERS = st.decimals(allow_nan=False, places=4, min_value=-9_999, max_value=9_999)


def text(least: int = 0) -> Strategy:
    return st.one_of(
        st.text(string.ascii_letters + "é漢😀", min_size=least, max_size=12),
        st.builds(lambda size, more: "x" * (size + more), NEAR_BLOCKS, st.integers(0, 140)),
    )


def value_of(kind: str, least: int = 0) -> Strategy:
    short = st.text(string.ascii_lowercase, min_size=1, max_size=6)
    contents: dict[str, Strategy] = {
        "S": text(least) if least == 0 else short,
        "N": NUMBERS.map(str),
        "B": st.binary(min_size=least, max_size=20),
        "BOOL": st.booleans(),
        "NULL": st.just(value=True),
        "SS": st.sets(short, min_size=1, max_size=4).map(sorted),
        "NS": st.sets(st.integers(-99_999, 99_999), min_size=1, max_size=4).map(
            lambda numbers: [str(number) for number in sorted(numbers)]
        ),
        "BS": st.sets(st.binary(min_size=1, max_size=5), min_size=1, max_size=3).map(sorted),
        "L": st.lists(st.fixed_dictionaries({"S": short}), max_size=4),
        "M": st.dictionaries(short, st.fixed_dictionaries({"N": NUMBERS.map(str)}), max_size=3),
    }
    return st.fixed_dictionaries({kind: contents[kind]})


ANY_VALUE = st.sampled_from(("S", "S", "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"))
KEYS = st.fixed_dictionaries(
    {
        "pk": st.sampled_from("pq").map(lambda name: {"S": name}),
        "sk": st.sampled_from("123").map(lambda name: {"S": name}),
    }
)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "a": value_of("S", least=1),
        "n": value_of("N"),
        "d": value_of("B", least=1),
        "text": value_of("S"),
        "other": ANY_VALUE.flatmap(value_of),
    },
)
ITEMS = st.builds(lambda key, more: {**key, **more}, KEYS, ATTRIBUTES)
PROJECTIONS = st.one_of(
    st.just({"ProjectionType": "ALL"}),
    st.just({"ProjectionType": "KEYS_ONLY"}),
    st.just({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}),
)


def key_schema(partition: list[str], sort: list[str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": "HASH"} for name in partition] + [
        {"AttributeName": name, "KeyType": "RANGE"} for name in sort
    ]


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of CreateTable: up to three GSIs, also of several attributes, and an LSI."""
    indexes = []
    for number in range(draw(st.integers(0, 3))):
        names = draw(st.permutations(list(KEY_TYPES)))
        split = draw(st.integers(1, 3))
        end = draw(st.integers(split, split + 1))
        keys = key_schema(names[:split], names[split:end])
        projection = draw(PROJECTIONS)
        indexes.append({"IndexName": f"gsi{number}", "KeySchema": keys, "Projection": projection})
    local = [
        {
            "IndexName": "lsi",
            "KeySchema": key_schema(["pk"], [sort]),
            "Projection": draw(PROJECTIONS),
        }
        for sort in draw(st.sampled_from(([], ["a"], ["n"])))
    ]
    used = {key["AttributeName"] for index in [*indexes, *local] for key in index["KeySchema"]}
    return {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": KEY_TYPES[name]}
            for name in sorted(used | {"pk", "sk"})
        ],
        "KeySchema": key_schema(["pk"], ["sk"]),
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        **({"LocalSecondaryIndexes": local} if local else {}),
    }


CONDITIONS = st.sampled_from(
    (
        {},
        {},
        {"ConditionExpression": "attribute_not_exists(pk)"},
        {"ConditionExpression": "attribute_exists(pk)"},
    )
)
UPDATES = st.one_of(
    st.sampled_from(("a", "d")).flatmap(
        lambda name: st.builds(
            lambda value: {
                "UpdateExpression": f"SET {name} = :v", "ExpressionAttributeValues": {":v": value},
            },
            value_of(KEY_TYPES[name], least=1),
        )
    ),
    st.builds(
        lambda value: {
            "UpdateExpression": "SET #t = :v",
            "ExpressionAttributeNames": {"#t": "text"},
            "ExpressionAttributeValues": {":v": value},
        },
        value_of("S"),
    ),
    st.just({"UpdateExpression": "ADD n :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}),
    st.sampled_from(({"UpdateExpression": "REMOVE a"}, {"UpdateExpression": "REMOVE n, d"})),
)  # fmt: skip
CONSISTENT = st.booleans().map(lambda strong: {"ConsistentRead": True} if strong else {})
NARROWER = st.sampled_from(
    (
        {}, {}, {"ProjectionExpression": "pk, a"}, {"Select": "COUNT"},
        {"FilterExpression": "attribute_exists(a)"},
        {
            "FilterExpression": "#a < :low", "ExpressionAttributeNames": {"#a": "a"},
            "ExpressionAttributeValues": {":low": {"S": "m"}},
        },
    )
)  # fmt: skip


def puts() -> Strategy:
    return st.builds(lambda item, condition: {"Item": item, **condition}, ITEMS, CONDITIONS)


def updates() -> Strategy:
    return st.builds(lambda key, how, cond: {"Key": key, **how, **cond}, KEYS, UPDATES, CONDITIONS)


def deletes() -> Strategy:
    return st.builds(lambda key, condition: {"Key": key, **condition}, KEYS, CONDITIONS)


def checks() -> Strategy:
    condition = {"ConditionExpression": "attribute_exists(pk)"}
    return KEYS.map(lambda key: {"Key": key, **condition})


def key_name(key: Any) -> str:
    return f"{key['pk']['S']}{key['sk']['S']}"


def key_text(request: Any) -> str:
    [body] = request.values()
    return key_name(body.get("Key") or body["Item"])


@st.composite
def requests(draw: st.DrawFn, definition: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A method of the client and its arguments; the table's name is filled in as TABLE."""
    name = draw(st.sampled_from(list(MAKERS)))
    return name, draw(MAKERS[name](definition))


def _single(bodies: Strategy) -> Any:
    return lambda definition: bodies.map(lambda body: {"TableName": "TABLE", **body})


def _queries(definition: dict[str, Any]) -> Strategy:
    return st.builds(
        lambda partition, narrower, more, limit: {
            "TableName": "TABLE",
            "KeyConditionExpression": "#pk = :pk",
            **narrower,
            "ExpressionAttributeNames": {
                "#pk": "pk", **narrower.get("ExpressionAttributeNames", {}),
            },
            "ExpressionAttributeValues": {
                ":pk": {"S": partition}, **narrower.get("ExpressionAttributeValues", {}),
            },
            **more,
            **limit,
        },
        st.sampled_from("pqr"),
        NARROWER,
        st.one_of(CONSISTENT, _lsi(definition)),
        st.sampled_from(({}, {"Limit": 2})),
    )  # fmt: skip


def _lsi(definition: dict[str, Any]) -> Strategy:
    if "LocalSecondaryIndexes" not in definition:
        return st.just({})
    return CONSISTENT.map(lambda consistent: {"IndexName": "lsi", **consistent})


def _scans(definition: dict[str, Any]) -> Strategy:
    indexes = [index["IndexName"] for index in definition.get("GlobalSecondaryIndexes", ())]
    where = st.sampled_from([{}, *({"IndexName": name} for name in indexes)])
    plain = st.sampled_from(({}, {"FilterExpression": "attribute_exists(a)"}, {"Select": "COUNT"}))
    return st.builds(
        lambda index, narrower, limit: {"TableName": "TABLE", **index, **narrower, **limit},
        where,
        plain,
        st.sampled_from(({}, {"Limit": 1})),
    )


def _batch_gets(definition: dict[str, Any]) -> Strategy:
    return st.builds(
        lambda keys, consistent, narrower: {
            "RequestItems": {"TABLE": {"Keys": keys, **consistent, **narrower}}
        },
        st.lists(KEYS, min_size=1, max_size=5, unique_by=key_name),
        CONSISTENT,
        st.sampled_from(({}, {"ProjectionExpression": "pk"})),
    )


def _batch_writes(definition: dict[str, Any]) -> Strategy:
    one = st.one_of(
        ITEMS.map(lambda item: {"PutRequest": {"Item": item}}),
        KEYS.map(lambda key: {"DeleteRequest": {"Key": key}}),
    )
    several = st.lists(one, min_size=1, max_size=5, unique_by=key_text)
    return several.map(lambda requests: {"RequestItems": {"TABLE": requests}})


def _transactions(definition: dict[str, Any]) -> Strategy:
    one = st.one_of(
        puts().map(lambda body: {"Put": {"TableName": "TABLE", **body}}),
        updates().map(lambda body: {"Update": {"TableName": "TABLE", **body}}),
        deletes().map(lambda body: {"Delete": {"TableName": "TABLE", **body}}),
        checks().map(lambda body: {"ConditionCheck": {"TableName": "TABLE", **body}}),
    )
    several = st.lists(one, min_size=1, max_size=5, unique_by=key_text)
    return several.map(lambda requests: {"TransactItems": requests})


def _transact_gets(definition: dict[str, Any]) -> Strategy:
    keys = st.lists(KEYS, min_size=1, max_size=4, unique_by=key_name)
    return keys.map(
        lambda some: {"TransactItems": [{"Get": {"TableName": "TABLE", "Key": k}} for k in some]}
    )


MAKERS: dict[str, Any] = {
    "put_item": _single(puts()),
    "update_item": _single(updates()),
    "delete_item": _single(deletes()),
    "get_item": _single(st.builds(lambda key, how: {"Key": key, **how}, KEYS, CONSISTENT)),
    "query": _queries,
    "scan": _scans,
    "batch_get_item": _batch_gets,
    "batch_write_item": _batch_writes,
    "transact_write_items": _transactions,
    "transact_get_items": _transact_gets,
}
