"""Three applications to model: access patterns, data made by rule, and the right answers.

    ORDERS    a web shop: customers, orders, a warehouse that ships
    GAME      players, matches, a ranking
    TICKETS   customers' tickets, agents, comments

A brief knows no table. What a pattern has to answer is worked out from the records in plain Python,
before and after each write, so that any model can be held against it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.reports.tables import rows_frame

if TYPE_CHECKING:
    from pandas import DataFrame

Record = dict[str, Any]
Records = Sequence[Record]


@dataclass(frozen=True)
class Asked:
    """One access pattern of a brief, read or write.

    `cases` are arguments to call it with; the first of them is measured. A read has an `answer`,
    of which the attributes named in `shows` are compared, in their order. A write has a `change`.
    """

    name: str
    returns: str  # in words: the order of the answer, and how many at most
    per_day: int
    cases: tuple[Mapping[str, Any], ...] = ({},)
    shows: tuple[str, ...] = ()
    answer: Callable[..., Records] | None = None
    change: Callable[..., Records] | None = None


@dataclass(frozen=True)
class Brief:
    """An application to model; `most_usd` a month is what a good model stays below."""

    name: str
    records: Records
    patterns: tuple[Asked, ...]
    most_usd: float

    def frame(self) -> "DataFrame":
        """Patterns with what they are given, what they return, and how often a day."""
        rows = [
            {
                "pattern": asked.name,
                "given": ", ".join(asked.cases[0]) or "nothing",
                "returns": asked.returns,
                "a day": f"{asked.per_day:,}",
            }
            for asked in self.patterns
        ]
        return rows_frame(rows, "pattern")


def _of(records: Records, kind: str, **wanted: Any) -> list[Record]:
    """Records of a kind that have these values, in the order of their numbers."""
    return [
        record
        for record in records
        if record["kind"] == kind and all(record.get(n) == value for n, value in wanted.items())
    ]


def _changed(records: Records, name: str, value: str, **changes: Any) -> Records:
    return [record | changes if record.get(name) == value else record for record in records]


# --- Orders ----------------------------------------------------------------------------------

CUSTOMERS = 12
PRODUCTS = ("wool socks", "enamel mug", "pocket lamp", "tin of tea", "notebook", "oak spoon")


def _order(number: int, count: int) -> Record:
    is_open = number >= count - 40 and number % 5 > 0
    lines: list[Record] = [
        {
            "product": PRODUCTS[(number + line) % len(PRODUCTS)],
            "quantity": 1 + (number + line) % 3,
            "price": 390 + 130 * line,
        }
        for line in range(1 + number % 4)
    ]
    return {
        "kind": "order",
        "order_id": f"o{number:05}",
        "customer_id": f"c{number % CUSTOMERS:02}",
        "placed_on": f"2026-{1 + number * 3 // count:02}-{1 + number % 28:02}",
        "delivery": "open" if is_open else "shipped",
        "total": sum(line["quantity"] * line["price"] for line in lines),
        "lines": lines,
    }


def orders_brief(count: int = 150) -> Brief:
    """The web shop with so many orders; their numbers rise as they come."""
    customers = [
        {
            "kind": "customer",
            "customer_id": f"c{number:02}",
            "name": f"Customer {number}",
            "email": f"customer{number}@example.com",
        }
        for number in range(CUSTOMERS)
    ]
    orders = [_order(number, count) for number in range(count)]
    new = _order(count + (1 - count) % 4, count)  # of two lines
    shown = {"customer_id": "c03", "order_id": "o00027"}
    shipped = _of(orders, "order", delivery="open")[0]
    return Brief(
        "orders",
        [*customers, *orders],
        (
            Asked(
                "show_customer", "name and email", 400_000,
                ({"customer_id": "c03"}, {"customer_id": "c11"}), ("name", "email"),
                lambda records, **given: _of(records, "customer", **given),
            ),
            Asked(
                "list_orders", "newest first, at most 10", 600_000,
                ({"customer_id": "c03"}, {"customer_id": "c08"}), ("order_id", "total"),
                lambda records, **given: _of(records, "order", **given)[::-1][:10],
            ),
            Asked(
                "show_order", "its total and its lines", 900_000,
                (shown, {"customer_id": "c00", "order_id": "o00036"}), ("total", "product"),
                lambda records, **given: _of(records, "order", **given),
            ),
            Asked(
                "list_open_orders", "not yet shipped, oldest first, at most 25", 50_000,
                ({},), ("order_id", "customer_id"),
                lambda records: _of(records, "order", delivery="open")[:25],
            ),
            Asked(
                "place_order", "nothing: writes", 100_000, ({"order": new},),
                change=lambda records, order: [*records, order],
            ),
            Asked(
                "ship_order", "nothing: writes", 100_000,
                ({name: shipped[name] for name in shown},),
                change=lambda records, customer_id, order_id: _changed(
                    records, "order_id", order_id, delivery="shipped"
                ),
            ),
        ),
        most_usd=30,
    )  # fmt: skip


# --- Game ------------------------------------------------------------------------------------

PLAYERS, MATCHES = 20, 240


def _game_records() -> tuple[list[Record], Record]:
    """Players and matches, and one match more; a match has the total scores after it."""
    totals = [0] * PLAYERS
    matches = []
    for number in range(MATCHES + 1):
        first = number % PLAYERS
        results = []
        for player, points in (
            (first, number * 13 % 97),
            ((first + 1 + number // PLAYERS % 7) % PLAYERS, number * 29 % 83),
        ):
            totals[player] += points
            results.append(
                {"player_id": f"p{player:02}", "points": points, "score": totals[player]}
            )
        month, day = 1 + number // 60, 1 + number % 60 // 3
        match_id = f"2026{month:02}{day:02}-{number:04}"
        matches.append({"kind": "match", "match_id": match_id, "results": results})
        if number == MATCHES - 1:
            players = [
                {"kind": "player", "player_id": f"p{n:02}", "name": f"Player {n}", "score": total}
                for n, total in enumerate(totals)
            ]
    return [*players, *matches[:-1]], matches[-1]


def _played(records: Records, player_id: str, begins: str) -> list[Record]:
    return [
        record
        for record in _of(records, "match")
        if record["match_id"].startswith(begins)
        and player_id in (result["player_id"] for result in record["results"])
    ]


def _minus_score(player: Record) -> int:
    return -int(player["score"])


def _recorded(records: Records, match: Record) -> Records:
    for result in match["results"]:
        records = _changed(records, "player_id", result["player_id"], score=result["score"])
    return [*records, match]


def game_brief() -> Brief:
    """The game: numbers of matches begin with their day."""
    records, new = _game_records()
    seen = _played(records, "p07", "202602")[0]
    return Brief(
        "game",
        records,
        (
            Asked(
                "show_player", "name and score", 5_000_000,
                ({"player_id": "p07"}, {"player_id": "p12"}), ("name", "score"),
                lambda records, **given: _of(records, "player", **given),
            ),
            Asked(
                "list_matches", "of that month, newest first, at most 5", 2_000_000,
                ({"player_id": "p07", "month": "202603"}, {"player_id": "p00", "month": "202601"}),
                ("match_id",),
                lambda records, player_id, month: _played(records, player_id, month)[::-1][:5],
            ),
            Asked(
                "show_match", "both results", 500_000,
                ({"player_id": "p07", "match_id": seen["match_id"]},), ("points",),
                lambda records, player_id, match_id: _of(records, "match", match_id=match_id),
            ),
            Asked(
                "list_top_players", "highest score first, at most 10", 3_000_000,
                ({},), ("name", "score"),
                lambda records: sorted(_of(records, "player"), key=_minus_score)[:10],
            ),
            Asked(
                "record_match", "nothing: writes, two scores as well", 5_000_000,
                ({"match": new},), change=_recorded,
            ),
        ),
        most_usd=2_000,
    )  # fmt: skip


# --- Tickets ---------------------------------------------------------------------------------

REMARK = "It happens each time I open the page, on two machines, since the day before yesterday. "


def _ticket(number: int) -> Record:
    ticket_id = f"t{number:04}"
    comments = [
        {
            "comment_id": f"{ticket_id}-{turn:03}",
            "by": "agent" if turn % 2 else "customer",
            "text": f"{turn}: {REMARK * (1 + (number + turn) % 3)}".strip(),
        }
        for turn in range(1 + number % 9)
    ]
    record = {
        "kind": "ticket",
        "ticket_id": ticket_id,
        "customer": f"customer-{number % 7}",
        "subject": f"Question {number}",
        "priority": 1 + number % 5 % 3,
        "phase": "closed" if number % 3 == 0 else "open",
        "comments": comments,
    }
    return record if number % 4 == 1 else record | {"assigned_to": f"agent-{number // 3 % 3}"}


def _to_do(records: Records, agent: str | None) -> list[Record]:
    found = _of(records, "ticket", phase="open", assigned_to=agent)
    return sorted(found, key=lambda ticket: (ticket["priority"], ticket["ticket_id"]))[:15]


def _commented(records: Records, ticket_id: str, comment: Record) -> Records:
    [ticket] = _of(records, "ticket", ticket_id=ticket_id)
    return _changed(records, "ticket_id", ticket_id, comments=[*ticket["comments"], comment])


def tickets_brief(count: int = 110) -> Brief:
    """Support: numbers of tickets rise; one without `assigned_to` is nobody's yet."""
    records = [_ticket(number) for number in range(count)]
    free = _to_do(records, None)[0]["ticket_id"]
    new = _ticket(1_001)  # nobody's, and open
    comment = {"comment_id": f"{free}-100", "by": "agent", "text": "Does it still happen?"}
    return Brief(
        "tickets",
        records,
        (
            Asked(
                "show_ticket", "subject; comments, oldest first", 300_000,
                ({"ticket_id": "t0043"}, {"ticket_id": "t0018"}), ("subject", "text"),
                lambda records, **given: _of(records, "ticket", **given),
            ),
            Asked(
                "list_of_customer", "newest first, at most 10", 100_000,
                ({"customer": "customer-2"}, {"customer": "customer-5"}), ("ticket_id", "subject"),
                lambda records, **given: _of(records, "ticket", **given)[::-1][:10],
            ),
            Asked(
                "list_of_agent", "open: priority 1 first, then oldest, 15", 200_000,
                ({"agent": "agent-1"}, {"agent": "agent-2"}), ("ticket_id", "subject"), _to_do,
            ),
            Asked(
                "list_of_nobody", "the same, of those without an agent, 15", 100_000,
                ({},), ("ticket_id", "subject"), lambda records: _to_do(records, None),
            ),
            Asked(
                "open_ticket", "nothing: writes", 40_000,
                ({"ticket": new | {"comments": new["comments"][:1]}},),
                change=lambda records, ticket: [*records, ticket],
            ),
            Asked(
                "assign_ticket", "nothing: writes", 40_000,
                ({"ticket_id": free, "agent": "agent-1"},),
                change=lambda records, ticket_id, agent: _changed(
                    records, "ticket_id", ticket_id, assigned_to=agent
                ),
            ),
            Asked(
                "add_comment", "nothing: writes", 120_000,
                ({"ticket_id": free, "comment": comment},), change=_commented,
            ),
        ),
        most_usd=15,
    )  # fmt: skip


ORDERS, GAME, TICKETS = orders_brief(), game_brief(), tickets_brief()
