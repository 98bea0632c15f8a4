"""The sections of a card, in the order in which they are read, whatever the format."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.capacity.operations import WRITES
from workbench.cards.card import TABLE, Call, Card, ItemType, Place, Request
from workbench.cards.labels import shortened
from workbench.messaging.access_patterns import ACCESS_PATTERNS
from workbench.units import format_mean

MOST_REQUESTS = 9  # of one call
MOST_CHARACTERS = 60  # of a value
Rows = tuple[tuple[str, ...], ...]
Listing = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Section:
    """A title with sentences, then a table (headings first), headings with lines, or more."""

    title: str
    notes: tuple[str, ...] = ()
    rows: Rows = ()
    listing: Listing = ()
    places: tuple[Place, ...] = ()  # to be drawn
    code: str = ""


def sections(card: Card) -> list[Section]:
    """All sections; their titles are the same for every design."""
    return [
        Section("Keys", rows=_keys(card)),
        Section(
            "Item types",
            (
                "One example of each. What stands in <> is longer: <ada> is ada's UUID, <ada+bo> "
                "that of their conversation, <12:00:01> a time with its date.",
            ),
            listing=tuple((_type_heading(each), _type_lines(each)) for each in card.item_types),
        ),
        Section(
            "Item collections",
            ("Items in the order of their sort keys; the number in brackets is the item type.",),
            places=card.places,
        ),
        Section(
            "Requests",
            ("What each access pattern sent, in order; expressions as they were sent.",),
            listing=tuple(_requests(card)),
        ),
        Section(
            "Costs",
            (
                f"Request units by rule, for one call at a small scale: {card.scale}.",
                f"`workbench compare --designs {card.name}` measures on a log.",
            ),
            rows=_costs(card),
        ),
        _faults(card),
        Section("What it cannot do", tuple(_limits(card)) or ("Nothing was seen.",)),
        _guards(card),
    ]


def _keys(card: Card) -> Rows:
    headings = ("", "partition key", "sort key", "projection")
    return (
        headings,
        *(
            (each.name, ", ".join(each.partition_key), ", ".join(each.sort_key), each.projection)
            for each in card.places
        ),
    )


def _type_heading(kind: ItemType) -> str:
    items = "1 item" if kind.count == 1 else f"{kind.count} items"
    return f"[{kind.number}] {kind.keys}: {items}, the example {kind.size_bytes} bytes"


def _type_lines(kind: ItemType) -> tuple[str, ...]:
    return tuple(
        f"{name} = {shortened(value, MOST_CHARACTERS)}"
        + ("  (not in all)" if name in kind.optional else "")
        for name, value in kind.example.items()
    )


# --- Requests and costs ----------------------------------------------------------------------


def _requests(card: Card) -> Iterator[tuple[str, tuple[str, ...]]]:
    for letter, question in ACCESS_PATTERNS.items():
        calls = [call for call in card.calls if call.pattern == letter]
        for call in calls:
            yield f"{letter} {call.method} ({question})", tuple(_request_lines(call))
        if letter in card.unsupported:
            why = f"not supported, because {card.unsupported[letter]}"
            yield f"{letter} {question}", (f"the rest is {why}" if calls else why,)


def _request_lines(call: Call) -> Iterator[str]:
    if not call.requests:
        yield "no request"
    shown_number = 0
    for request in call.requests[:MOST_REQUESTS]:
        number = "" if request.number == shown_number else str(request.number)
        shown_number = request.number
        yield f"{number:>2} {_request_line(request)}"
    if left := len(call.requests[MOST_REQUESTS:]):
        yield f"   ... and {left} more of these"


def _request_line(request: Request) -> str:
    on = "" if request.on == TABLE else f" on {request.on}"
    return "; ".join(filter(None, (f"{request.operation}{on}  {request.key}", *request.details)))


def _costs(card: Card) -> Rows:
    headings = ("", "call", "round trips", "RRU", "WRU", "stream records")
    return (
        headings,
        *(
            (
                call.pattern,
                call.method,
                *map(format_mean, (call.round_trips, call.rru, call.wru, call.stream_records)),
            )
            for call in card.calls
        ),
    )


# --- What was tried, and what it cannot do ---------------------------------------------------


def _faults(card: Card) -> Section:
    title, faults = "Faults survived", card.faults
    if faults is None:
        return Section(title, ("Not tried: give --programs.",))
    happened = ", ".join(f"{kind} {count}" for kind, count in faults.injected.items()) or "none"
    tried = (
        f"{faults.programs} random programs with the patterns {faults.patterns} were tried; "
        f"faults that happened: {happened}."
    )
    if faults.broken:
        return Section(title, (tried, f"Broken promise: {faults.broken}."), code=faults.program)
    return Section(title, (tried, "Every promise was kept. That is no proof: others may fail."))


def _limits(card: Card) -> Iterator[str]:
    for letter, why in card.unsupported.items():
        yield f"{letter} {ACCESS_PATTERNS[letter]}: not supported, because {why}."
    for index in card.places[1:]:
        readers = {c.pattern for c in card.calls if index.name in [each.on for each in c.requests]}
        if readers:
            who = ", ".join(sorted(readers))
            yield f"{index.name} is read by {who}: on AWS an index may lag behind its table."
    for call in card.calls:
        who = f"{call.pattern} {call.method}"
        if any(each.operation == "Scan" for each in call.requests):
            yield f"{who} scans: it reads all there is, whoever asks."
        writes = {
            each.number: operation
            for each in call.requests
            if (operation := each.operation.split()[0]) in WRITES
        }
        if len(writes) > 1:
            yield (
                f"{who} wrote with {len(writes)} requests, not all or nothing: a crash in between "
                "leaves some done."
            )


def _guards(card: Card) -> Section:
    notes = (
        "A policy can let each user name only partition keys with their own UUID, <caller>; `*` is "
        "any text. It must allow at least these keys, for patterns without E, which is no user's.",
        "Patterns that name none but the caller's own: "
        f"{', '.join(card.guarded_patterns) or 'none'}.",
    )
    rows = [("actions", "on", "partition keys", "the caller's own")]
    for each in card.guards:
        own = ["<caller>" in key for key in each.keys]
        answer = "always" if all(own) else "in part" if any(own) else "no"
        rows.append((each.actions, each.on, ", ".join(each.keys), answer))
    return Section("What IAM can guard by key", notes, rows=tuple(rows))
