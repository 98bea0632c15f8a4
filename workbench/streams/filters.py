"""Filter criteria of an event source mapping: which records reach a function at all.

A pattern has the shape of the record. At each end of it stands a list, one entry of which has to
match; several patterns are alternatives.

    {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "MSG#"}]}}}}

Supported are what the designs need: texts, `prefix`, `anything-but` and `exists`. Whatever else
the syntax knows is refused by name, rather than matched wrongly.

Source
------
AWS Lambda Developer Guide, "Control which events Lambda sends to your function", and AWS Lambda
Developer Guide, "Using event filtering with a DynamoDB event source".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import PatternRefused

Pattern = Mapping[str, Any]

MAX_PATTERNS = 5
FILTERED_KEYS = ("awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "userIdentity")


def checked_patterns(patterns: Sequence[Pattern]) -> tuple[Pattern, ...]:
    """The patterns themselves, if every part of them is supported.

    Raises
    ------
    PatternRefused
        If a part is not, or there are more than five, which is Lambda's default quota.
    """
    if len(patterns) > MAX_PATTERNS:
        raise PatternRefused(f"at most {MAX_PATTERNS} patterns (got {len(patterns)})")
    for pattern in patterns:
        for key in pattern:
            if key not in FILTERED_KEYS:
                raise PatternRefused(f"no filter by {key!r} (only by {', '.join(FILTERED_KEYS)})")
        _check(pattern, "")
    return tuple(patterns)


def _check(pattern: Any, path: str) -> None:
    if isinstance(pattern, Mapping) and pattern:
        for key, part in pattern.items():
            if key.startswith("$"):
                raise PatternRefused(f"{key!r} is not supported here: write further patterns")
            _check(part, f"{path}.{key}".lstrip("."))
    elif isinstance(pattern, list) and pattern:
        for rule in pattern:
            _check_rule(rule, path)
    else:
        raise PatternRefused(f"{path or 'a pattern'} needs a list of values (got {pattern!r})")


def _check_rule(rule: Any, path: str) -> None:
    match rule:
        case str():
            return
        case {"prefix": str(), **rest} | {"exists": bool(), **rest} if not rest:
            return
        case {"anything-but": [_, *_] as values} if len(rule) == 1 and all(
            isinstance(value, str) for value in values
        ):
            return
    raise PatternRefused(
        f"{json.dumps(rule)} at {path} is not supported here: use texts, prefix, anything-but "
        "with a list of texts, or exists"
    )


def matches(patterns: Sequence[Pattern], record: Mapping[str, Any]) -> bool:
    """Whether a record passes: some pattern matches it, or there is none to match."""
    return not patterns or any(_matches(pattern, record) for pattern in patterns)


def _matches(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, Mapping):
        fields = value if isinstance(value, Mapping) else {}
        return all(_matches(part, fields.get(key)) for key, part in pattern.items())
    values = value if isinstance(value, list) else [value]  # of a set or list, one is enough
    return any(_obeys(rule, each) for rule in pattern for each in values)


def _obeys(rule: Any, value: Any) -> bool:
    match rule:
        case str():
            return bool(value == rule)
        case {"prefix": prefix}:
            return isinstance(value, str) and value.startswith(prefix)
        case {"anything-but": others}:
            return value is not None and value not in others
        case {"exists": is_wanted}:
            is_leaf = value is not None and not isinstance(value, Mapping)
            return is_leaf is is_wanted
    raise PatternRefused(f"{rule!r} is not supported here")
