"""Parts of a JSON file that know where they stand, so that what is wrong is named by its place."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from workbench.errors import BadParameter

WAY_OUT = "mend it there, or export the model from NoSQL Workbench anew"
MOST_SHOWN = 60  # characters of what was got
CONTENT: dict[str, Any] = {
    "S": str, "N": (str, int, Decimal), "B": str, "BOOL": bool, "NULL": bool, "L": list, "M": dict,
    "SS": list, "NS": list, "BS": list,
}  # fmt: skip
TYPES = ", ".join(CONTENT)
NAMES: dict[type, str] = {
    str: "a text", dict: "an object", list: "a list", bool: "true or false",
}  # fmt: skip


class _Shown(str):
    """JSON, to stand in a message as it is."""

    def __repr__(self) -> str:
        return str(self)


class _Absent:
    """What is not there."""


@dataclass(frozen=True)
class Part:
    """A value in a file, at a path such as DataModel[0].TableName."""

    file: str
    path: str
    value: Any

    def wrong(self, expected: str) -> BadParameter:
        """The error that it is not as expected."""
        text = json.dumps(self.value, default=str) if self.is_there else "nothing"
        shown = _Shown(text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "...")
        where = f"{self.file}: {self.path}" if self.path else self.file
        return BadParameter(where, shown, f"{expected}; {WAY_OUT}")

    @property
    def is_there(self) -> bool:
        """Whether the file has it; null is as good as nothing."""
        return not (self.value is None or isinstance(self.value, _Absent))

    def member(self, name: str, kind: type, *, default: Any = None) -> "Part":
        """A member of this object, of the kind; what is not there is the default, if one is given.

        Raises
        ------
        BadParameter
            If it is of another kind, or is not there and has no default.
        """
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(self.value, dict):
            found = Part(self.file, path, self.value.get(name, _Absent()))
            if isinstance(found.value, kind):
                return found
            if not found.is_there and default is not None:
                return Part(self.file, path, default)
            raise found.wrong(NAMES[kind])
        raise self.wrong("an object")

    def text(self, name: str, *, default: str | None = None) -> str:
        """A member that is text."""
        return str(self.member(name, str, default=default).value)

    def elements(self, name: str) -> list["Part"]:
        """The elements of a list; none if it is not there."""
        found = self.member(name, list, default=[])
        return [Part(self.file, f"{found.path}[{at}]", e) for at, e in enumerate(found.value)]

    def members(self) -> Iterator[tuple[str, "Part"]]:
        """All members of this object, by name."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        for name in self.value:
            path = f"{self.path}.{name if name.isprintable() else ascii(name)}"
            yield name, Part(self.file, path, self.value[name])


# --- Attribute values ------------------------------------------------------------------------


def attribute_value(part: Part) -> dict[str, Any]:
    """An attribute value as boto3 takes it.

    Within lists and maps plain JSON is taken as well, as NoSQL Workbench writes it: 59 for
    {"N": "59"}. An object whose only member is named like a type is a typed value.

    Raises
    ------
    BadParameter
        If it has no type, or not what its type needs.
    """
    if not (
        isinstance(part.value, dict)
        and len(part.value) == 1
        and part.value.keys() <= CONTENT.keys()
    ):
        raise part.wrong(f'an object with a type and a value, such as {{"S": "text"}} ({TYPES})')
    [(kind, content)] = part.members()
    return {kind: _content(kind, content)}


def _content(kind: str, part: Part) -> Any:
    if kind == "N":
        return _number(part)
    if not isinstance(part.value, CONTENT[kind]):
        raise part.wrong(NAMES[CONTENT[kind]])
    match kind:
        case "B":
            return _bytes(part)
        case "NULL" if not part.value:
            raise part.wrong("true")
        case "L":
            return [_inner(each) for each in _each(part)]
        case "M":
            return {name: _inner(each) for name, each in part.members()}
        case "SS" | "NS" | "BS":
            if not part.value:
                raise part.wrong("a set of one value or more")
            return [_content(kind[0], each) for each in _each(part)]
    return part.value


def _each(part: Part) -> list[Part]:
    return [Part(part.file, f"{part.path}[{at}]", each) for at, each in enumerate(part.value)]


def _inner(part: Part) -> dict[str, Any]:
    """A value in a list or a map, typed or plain."""
    match part.value:
        case dict(value):
            [(kind, content)] = value.items() if len(value) == 1 else [("", None)]
            if isinstance(content, CONTENT.get(kind, _Absent)):
                return attribute_value(part)
            return {"M": _content("M", part)}
        case list():
            return {"L": _content("L", part)}
        case bool(value):
            return {"BOOL": value}
        case str(text):
            return {"S": text}
        case None:
            return {"NULL": True}
    return {"N": _number(part)}


def _number(part: Part) -> str:
    if isinstance(part.value, (str, int, Decimal)) and not isinstance(part.value, bool):
        try:
            if Decimal(part.value).is_finite():
                return str(part.value)
        except InvalidOperation:
            pass
    raise part.wrong('a number, as text such as "12.5"')


def _bytes(part: Part) -> bytes:
    try:
        return base64.b64decode(part.value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise part.wrong("bytes in base64") from error
