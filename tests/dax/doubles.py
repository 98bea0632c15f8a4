"""A clock that is driven, and a table of dictionaries that counts what reaches it."""

from collections import Counter
from typing import Any

from workbench.dax.client import DaxModel

TABLE = "t"
DESCRIPTION = {
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
    ],
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
}  # fmt: skip


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def key(pk: str, sk: str = "1") -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def item(pk: str, sk: str = "1", text: str = "old") -> dict[str, Any]:
    return {**key(pk, sk), "text": {"S": text}}


class Refused(Exception):
    """What the fake raises where a write is to fail."""


class FakeTable:
    """A client of one table with the keys pk and sk; `sent` counts requests by method."""

    exceptions = meta = None

    def __init__(self, *items: dict[str, Any]) -> None:
        self.kept = {self._place(each): each for each in items}
        self.sent: Counter[str] = Counter()
        self.is_refusing = False
        self.left_out: list[dict[str, Any]] = []

    @staticmethod
    def _place(each: dict[str, Any]) -> tuple[str, str]:
        return each["pk"]["S"], each["sk"]["S"]

    def describe_table(self, **_: Any) -> Any:
        return {"Table": DESCRIPTION}

    def create_table(self, **_: Any) -> None:
        raise AssertionError("a cluster passes no table operation on")

    def _found(self, wanted: dict[str, Any]) -> dict[str, Any]:
        found = self.kept.get(self._place(wanted))
        return {} if found is None else {"Item": found}

    def get_item(self, **request: Any) -> Any:
        self.sent["get_item"] += 1
        return self._found(request["Key"])

    def batch_get_item(self, **request: Any) -> Any:
        self.sent["batch_get_item"] += 1
        keys = [k for k in request["RequestItems"][TABLE]["Keys"] if k not in self.left_out]
        found = [self._found(each)["Item"] for each in keys if self._found(each)]
        left = {TABLE: {"Keys": self.left_out}} if self.left_out else {}
        return {"Responses": {TABLE: found}, "UnprocessedKeys": left}

    def query(self, **request: Any) -> Any:
        self.sent["query"] += 1
        pk = request["ExpressionAttributeValues"][":pk"]["S"]
        items = [self.kept[place] for place in sorted(self.kept) if place[0] == pk]
        start = request.get("ExclusiveStartKey")
        items = [each for each in items if start is None or each["sk"]["S"] > start["sk"]["S"]]
        limit = request.get("Limit", 100)
        more = {"LastEvaluatedKey": key(pk, items[limit - 1]["sk"]["S"])} if items[limit:] else {}
        return {"Items": items[:limit], **more, "ConsumedCapacity": {"CapacityUnits": 0.5}}

    def scan(self, **_: Any) -> Any:
        self.sent["scan"] += 1
        return {"Items": list(self.kept.values())}

    def transact_get_items(self, **request: Any) -> Any:
        self.sent["transact_get_items"] += 1
        return {"Responses": [self._found(e["Get"]["Key"]) for e in request["TransactItems"]]}

    def put_item(self, **request: Any) -> Any:
        self.sent["put_item"] += 1
        if self.is_refusing:
            raise Refused
        self.kept[self._place(request["Item"])] = request["Item"]
        return {}

    def update_item(self, **request: Any) -> Any:
        self.sent["update_item"] += 1
        new = {**request["Key"], "text": request["ExpressionAttributeValues"][":text"]}
        self.kept[self._place(new)] = new
        return {"Attributes": new} if request.get("ReturnValues") == "ALL_NEW" else {}

    def delete_item(self, **request: Any) -> Any:
        self.sent["delete_item"] += 1
        self.kept.pop(self._place(request["Key"]), None)
        return {}

    def batch_write_item(self, **request: Any) -> Any:
        self.sent["batch_write_item"] += 1
        done = [w for w in request["RequestItems"][TABLE] if w not in self.left_out]
        for write in done:
            [(verb, body)] = write.items()
            if verb == "PutRequest":
                self.kept[self._place(body["Item"])] = body["Item"]
            else:
                self.kept.pop(self._place(body["Key"]), None)
        return {"UnprocessedItems": {TABLE: self.left_out} if self.left_out else {}}

    def transact_write_items(self, **request: Any) -> Any:
        self.sent["transact_write_items"] += 1
        for element in request["TransactItems"]:
            if "Put" in element:
                self.kept[self._place(element["Put"]["Item"])] = element["Put"]["Item"]
        return {}


class Cluster:
    """A model in front of a fake table, with a clock; `get` and `list` read through it."""

    def __init__(self, *items: dict[str, Any], **options: Any) -> None:
        self.clock = Clock()
        self.table = FakeTable(*items)
        self.dax = DaxModel(self.table, clock=self.clock, **options)

    def get(self, pk: str, sk: str = "1", **options: Any) -> str | None:
        found = self.dax.get_item(TableName=TABLE, Key=key(pk, sk), **options)
        return found["Item"]["text"]["S"] if "Item" in found else None

    def list(self, pk: str, **options: Any) -> list[str]:
        return [each["text"]["S"] for each in self.dax.query(**query_of(pk), **options)["Items"]]


def query_of(pk: str) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}},
    }


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "put": ("put_item", {"TableName": TABLE, "Item": item("a", text="new")}),
    "update": (
        "update_item",
        {
            "TableName": TABLE,
            "Key": key("a"),
            "UpdateExpression": "SET text = :text",
            "ExpressionAttributeValues": {":text": {"S": "new"}},
        },
    ),
    "batch": (
        "batch_write_item",
        {"RequestItems": {TABLE: [{"PutRequest": {"Item": item("a", text="new")}}]}},
    ),
    "transaction": (
        "transact_write_items",
        {"TransactItems": [{"Put": {"TableName": TABLE, "Item": item("a", text="new")}}]},
    ),
}
