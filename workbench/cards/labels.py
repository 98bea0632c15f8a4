"""Readable text for keys, attributes and requests: UUIDs are shown by whom or what they stand for.

Text in angle brackets is never stored: `<ada>` is ada's UUID, `<ada+bo>` that of their
conversation, `<12:00:01>` a time with its date. A shape shows any user as `<user>`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.cards.card import TABLE, Request
from workbench.iam.policies import UUID
from workbench.messaging.entities import User

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:?\d\d)?")
NUMBER = re.compile(r"\d{6,}")
Attributes = Mapping[str, Mapping[str, Any]]


def _brief(text: str) -> str:
    return TIME.sub(lambda found: f"<{found[0][11:19]}>", text)


def shortened(text: str, most: int) -> str:
    """The text, cut off with "..." if it has more characters."""
    return text if len(text) <= most else text[: most - 3] + "..."


class Labels:
    """What UUIDs stand for, and values written with that."""

    def __init__(self, users: tuple[User, ...]) -> None:
        self._names = {user.uuid: (user.handle, "user") for user in users}

    def name_conversation(self, group_uuid: str, name: str) -> None:
        """Show this UUID by a name from now on."""
        self._names[group_uuid] = (name, "conversation")

    def read(self, text: str) -> str:
        """The text, with names for UUIDs."""
        return UUID.sub(lambda found: f"<{self._names.get(found[0], ('uuid', ''))[0]}>", text)

    def value(self, value: Mapping[str, Any]) -> str:
        """An attribute value in the API's form, without its type."""
        [(kind, content)] = value.items()
        match kind:
            case "M":
                inner = [f"{self.read(name)}: {self.value(each)}" for name, each in content.items()]
                return "{" + ", ".join(inner) + "}"
            case "L":
                return "[" + ", ".join(map(self.value, content)) + "]"
            case "SS" | "NS":
                return "{" + ", ".join(map(self.read, sorted(content))) + "}"
        return self.read(str(content))

    def brief(self, value: Mapping[str, Any]) -> str:
        """The value, with the time of day for a time."""
        return _brief(self.value(value))

    def values(self, item: Attributes) -> dict[str, str]:
        """All attribute values of an item."""
        return {name: self.value(value) for name, value in item.items()}

    def shape(self, value: Mapping[str, Any]) -> str:
        """A key value with a placeholder for all that differs from item to item."""
        [(kind, content)] = value.items()
        if kind != "S":
            return "<number>" if kind == "N" else "<bytes>"
        kinds = UUID.sub(lambda found: f"<{self._names.get(found[0], ('', 'uuid'))[1]}>", content)
        return NUMBER.sub("<number>", TIME.sub("<time>", kinds))

    # --- Requests ----------------------------------------------------------------------------

    def requests(
        self, sent: list[tuple[str, Mapping[str, Any]]], key_names: tuple[str, ...]
    ) -> Iterator[Request]:
        """What was sent in order, an action of a transaction or batch each by itself."""
        for number, (operation, params) in enumerate(sent, start=1):
            for verb, part in _parts(params):
                yield Request(
                    number,
                    f"{operation} {verb}".strip(),
                    params.get("IndexName", TABLE),
                    self._key(part, key_names),
                    tuple(self._details(part)),
                )

    def _key(self, part: Mapping[str, Any], key_names: tuple[str, ...]) -> str:
        if condition := part.get("KeyConditionExpression"):
            return f"{condition} {self._placeholders(condition, part)}".strip()
        item = part.get("Key") or part.get("Item") or {}
        keys = (f"{name} = {self.brief(item[name])}" for name in key_names if name in item)
        return ", ".join(keys)

    def _details(self, part: Mapping[str, Any]) -> Iterator[str]:
        for option, word in (
            ("UpdateExpression", ""),
            ("ConditionExpression", "if "),
            ("FilterExpression", "filter "),
        ):
            if expression := part.get(option):
                names = self._placeholders(expression, part, values=False)
                yield f"{word}{expression} {names}".strip()
        if part.get("ScanIndexForward") is False:
            yield f"last first, at most {part['Limit']}" if "Limit" in part else "last first"
        if part.get("ConsistentRead"):
            yield "strongly consistent"

    def _placeholders(
        self, expression: str, part: Mapping[str, Any], *, values: bool = True
    ) -> str:
        """What the expression's placeholders stand for, in brackets."""
        stands_for = dict(part.get("ExpressionAttributeNames", {}))
        if values:
            given = part.get("ExpressionAttributeValues", {})
            stands_for |= {name: self.brief(value) for name, value in given.items()}
        found = [
            f"{name} = {self.read(text)}"
            for name, text in stands_for.items()
            if re.search(rf"{re.escape(name)}\b", expression)
        ]
        return f"({', '.join(found)})" if found else ""


def _parts(params: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The actions of a transaction or batch with their verbs, or the request itself."""
    if "TransactItems" in params:
        for each in params["TransactItems"]:
            yield from each.items()
    elif "RequestItems" in params:
        for asked in params["RequestItems"].values():
            if isinstance(asked, Mapping):  # BatchGetItem
                options = {name: value for name, value in asked.items() if name != "Keys"}
                yield from (("", {**options, "Key": key}) for key in asked["Keys"])
            else:
                for each in asked:
                    yield from ((verb.removesuffix("Request"), body) for verb, body in each.items())
    else:
        yield "", params
