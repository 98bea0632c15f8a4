"""The size of an item in bytes, as DynamoDB counts it."""

from collections.abc import Mapping
from typing import Any

CONTAINER_BYTES = 3
ELEMENT_BYTES = 1


def item_size_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of an item in the API's own form, `{"pk": {"S": "..."}, ...}`, names included.

    Source
    ------
    DynamoDB Developer Guide, "DynamoDB item sizes and formats"; for numbers the exact rule that
    captures of the service and DynamoDB Local 3.3.1 both follow.
    """
    return sum(_text_bytes(name) + value_size_bytes(value) for name, value in item.items())


def value_size_bytes(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value, such as `{"S": "text"}`, without its name.

    Raises
    ------
    ValueError
        If the value has a type that DynamoDB does not know.
    """
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return _text_bytes(content)
        case "N":
            return number_size_bytes(content)
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(map(_text_bytes, content))
        case "NS":
            return sum(map(number_size_bytes, content))
        case "BS":
            return sum(map(len, content))
        case "L":
            return CONTAINER_BYTES + sum(ELEMENT_BYTES + value_size_bytes(v) for v in content)
        case "M":
            return CONTAINER_BYTES + ELEMENT_BYTES * len(content) + item_size_bytes(content)
    raise ValueError(f"{kind!r} is no DynamoDB type; the types are S N B BOOL NULL SS NS BS L M")


def number_size_bytes(literal: str) -> int:
    """Bytes of a number: a byte per two digits on each side of the point, plus one.

    Digits are counted after leading and trailing zeros are gone; a minus sign takes a byte and
    zero takes one. Pairs are aligned to the decimal point, so 1.5 takes three bytes.
    """
    sign, digits, exponent = _decimal_parts(literal)
    if not digits:
        return 1
    integer_digits = max(0, len(digits) + exponent)
    whole = digits[:integer_digits].rstrip("0") if exponent >= 0 else digits[:integer_digits]
    fraction = digits[integer_digits:].lstrip("0")
    return 1 + -(-len(whole) // 2) + -(-len(fraction) // 2) + sign


def _decimal_parts(literal: str) -> tuple[int, str, int]:
    from decimal import Decimal

    sign, digit_tuple, exponent = Decimal(literal).as_tuple()
    digits = "".join(map(str, digit_tuple)).lstrip("0")
    trimmed = digits.rstrip("0")
    return sign, trimmed, int(exponent) + len(digits) - len(trimmed)


def _text_bytes(text: str) -> int:
    return len(text.encode())
