"""Models that lesson 12 hands out: the web shop as a relational database would have it, the game.

THREE_KINDS   customers, orders and lines, each an item by its id
game_sketch   a player's profile and matches under one key, a ranking on one key or several
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from zlib import crc32

from workbench.course.sketches.briefs import GAME, ORDERS, Record
from workbench.course.sketches.sketch import Sketch, put, typed
from workbench.designs.messages import define_index, define_table

# --- Requests --------------------------------------------------------------------------------


def get(client: Any, table_name: str, pk: str, sk: str = "-") -> Any:
    """The item of a key."""
    return client.get_item(TableName=table_name, Key=typed({"pk": pk, "sk": sk}))["Item"]


def query(client: Any, table_name: str, condition: str, values: Record, **options: Any) -> Any:
    """Items of one page, by a key condition and the plain values in it."""
    return client.query(
        TableName=table_name,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=typed(values),
        **options,
    )["Items"]


def scan(client: Any, table_name: str, condition: str, values: Record) -> list[Any]:
    """Orders of the whole table that a filter lets through, by their numbers."""
    pages = client.get_paginator("scan").paginate(
        TableName=table_name, FilterExpression=condition, ExpressionAttributeValues=typed(values)
    )
    found = [item for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: str(item["order_id"]["S"]))


# --- A web shop, three kinds of items --------------------------------------------------------


def _items_by_id(record: Record) -> list[Record]:
    if record["kind"] == "customer":
        return [record | {"pk": record["customer_id"], "sk": "-"}]
    ids = [f"{record['order_id']}-{number}" for number in range(len(record["lines"]))]
    order = record | {"pk": record["order_id"], "sk": "-", "line_ids": ids}
    del order["lines"]
    lines = [line | {"pk": id_, "sk": "-"} for id_, line in zip(ids, record["lines"], strict=True)]
    return [order, *lines]


def _list_orders(client: Any, table_name: str, customer_id: str) -> list[Any]:
    condition = "attribute_exists(order_id) AND customer_id = :customer"
    return scan(client, table_name, condition, {":customer": customer_id})[::-1][:10]


def _show_order(client: Any, table_name: str, customer_id: str, order_id: str) -> list[Any]:
    order = get(client, table_name, order_id)
    lines = [get(client, table_name, line["S"]) for line in order["line_ids"]["L"]]
    return [order, *lines]


def _ship_order(client: Any, table_name: str, customer_id: str, order_id: str) -> None:
    client.update_item(
        TableName=table_name,
        Key=typed({"pk": order_id, "sk": "-"}),
        UpdateExpression="SET delivery = :shipped",
        ExpressionAttributeValues=typed({":shipped": "shipped"}),
    )


THREE_KINDS = Sketch(
    ORDERS,
    define_table(),
    _items_by_id,
    {
        "show_customer": lambda client, table, customer_id: get(client, table, customer_id),
        "list_orders": _list_orders,
        "show_order": _show_order,
        "list_open_orders": lambda client, table: scan(
            client, table, "delivery = :open", {":open": "open"}
        )[:25],
        "place_order": lambda client, table, order: put(client, table, _items_by_id(order)),
        "ship_order": _ship_order,
    },
)

# --- A game ----------------------------------------------------------------------------------


def _ranked(score: int, player_id: str) -> str:
    return f"{score:09}#{player_id}"


def _game_items(record: Record, shards: int) -> Sequence[Record]:
    """A player, or a match twice: once in the item collection of each who played."""
    if record["kind"] == "match":
        sort_key = f"MATCH#{record['match_id']}"
        players = [result["player_id"] for result in record["results"]]
        return [record | {"pk": f"PLAYER#{player}", "sk": sort_key} for player in players]
    player_id = record["player_id"]
    keys = {"pk": f"PLAYER#{player_id}", "sk": "PROFILE"}
    board = f"board-{crc32(player_id.encode()) % shards}"
    return [record | keys | {"board": board, "standing": _ranked(record["score"], player_id)}]


def _list_top_players(client: Any, table_name: str, shards: int) -> list[Any]:
    """The best of each board, then the best of those."""
    found = []
    for shard in range(shards):
        found += query(
            client,
            table_name,
            "board = :board",
            {":board": f"board-{shard}"},
            IndexName="board-index",
            ScanIndexForward=False,
            Limit=10,
        )
    return sorted(found, key=lambda item: str(item["standing"]["S"]), reverse=True)[:10]


def _record_match(client: Any, table_name: str, match: Record) -> None:
    """Both copies of the match, and both players' scores, all of it or nothing."""
    puts = [
        {"Put": {"TableName": table_name, "Item": typed(item)}} for item in _game_items(match, 1)
    ]
    updates = [
        {
            "Update": {
                "TableName": table_name,
                "Key": typed({"pk": f"PLAYER#{result['player_id']}", "sk": "PROFILE"}),
                "UpdateExpression": "SET score = :score, standing = :standing",
                "ExpressionAttributeValues": typed(
                    {
                        ":score": result["score"],
                        ":standing": _ranked(result["score"], result["player_id"]),
                    }
                ),
            }
        }
        for result in match["results"]
    ]
    client.transact_write_items(TransactItems=[*puts, *updates])


def game_sketch(list_matches: Any = ..., *, shards: int = 1) -> Sketch:
    """The game with its ranking on so many partition keys; `list_matches` is left to the reader."""
    return Sketch(
        GAME,
        define_table(
            "board", "standing", indexes=[define_index("board-index", "board", "standing")]
        ),
        partial(_game_items, shards=shards),
        {
            "show_player": lambda client, table, player_id: get(
                client, table, f"PLAYER#{player_id}", "PROFILE"
            ),
            "list_matches": list_matches,
            "show_match": lambda client, table, player_id, match_id: get(
                client, table, f"PLAYER#{player_id}", f"MATCH#{match_id}"
            ),
            "list_top_players": partial(_list_top_players, shards=shards),
            "record_match": _record_match,
        },
    )
