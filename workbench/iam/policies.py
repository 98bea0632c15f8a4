"""IAM policies: the least that allows recorded calls, and an evaluator that needs no AWS.

The evaluator refuses by name what it does not know: a part passed over makes its answer wrong.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import PolicyNotUnderstood
from workbench.iam.calls import Call

VERSION = "2012-10-17"  # an older one has no variables
LEADING_KEYS = "dynamodb:LeadingKeys"
ALL_LIKE = "ForAllValues:StringLike"
CALLER = "aws:PrincipalTag/user_uuid"
CALLER_VARIABLE = f"${{{CALLER}}}"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Texts = tuple[str, ...]
Conditions = Mapping[str, Mapping[str, Texts]]  # operator -> condition key -> values


@dataclass(frozen=True)
class Statement:
    """What is allowed or denied on some resources, if all conditions hold."""

    effect: str
    actions: Texts
    resources: Texts
    conditions: Conditions = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """What a role may do."""

    statements: tuple[Statement, ...]

    def to_json(self) -> str:
        """The policy document."""
        statements = [
            {"Effect": each.effect, "Action": each.actions, "Resource": each.resources}
            | ({"Condition": each.conditions} if each.conditions else {})
            for each in self.statements
        ]
        return json.dumps({"Version": VERSION, "Statement": statements}, indent=2)


@dataclass(frozen=True)
class Decision:
    """Whether a call is allowed, and why."""

    allowed: bool
    reason: str


# --- Least privilege -------------------------------------------------------------------------


def minimal_policy(calls: Iterable[Call]) -> Policy:
    """The policy that allows these calls, and would not without any of its parts.

    What no call did is not allowed, even if the code can do it. A statement has one resource,
    because every action of a statement is allowed on every resource in it.
    """
    patterns: dict[tuple[str, str], set[str]] = defaultdict(set)
    for call in calls:
        # A stream's label is the time it was made: another one for each new table.
        resource = re.sub(r"/stream/.*", "/stream/*", call.resource)
        patterns[resource, call.action].update(key_patterns(call))
    alike: dict[tuple[str, Texts], list[str]] = defaultdict(list)
    for (resource, action), found in sorted(patterns.items()):
        alike[resource, _widest(found)].append(action)
    return Policy(
        tuple(
            Statement("Allow", tuple(actions), (resource,), _only_keys(keys))
            for (resource, keys), actions in alike.items()
        )
    )


def key_patterns(call: Call) -> Texts:
    """Its leading keys, with the caller's UUID as a variable, and any other UUID as `*`."""
    return tuple(
        UUID.sub(lambda found: CALLER_VARIABLE if found[0] == call.caller else "*", key)
        for key in call.leading_keys or "*"
    )


def _widest(patterns: set[str]) -> Texts:
    """The patterns that no other one covers."""
    return tuple(sorted(p for p in patterns if not any(_like(q, p) for q in patterns - {p})))


def _only_keys(patterns: Texts) -> Conditions:
    if patterns == ("*",):  # guards nothing
        return {}
    return {ALL_LIKE: {LEADING_KEYS: patterns}, "Null": {LEADING_KEYS: ("false",)}}


# --- Evaluating ------------------------------------------------------------------------------


def evaluate(policy: Policy, call: Call) -> Decision:
    """What a policy says to a call: denied if one statement denies it, or if none allows it.

    Source
    ------
    IAM User Guide, "Policy evaluation logic".
    """
    nearest, reason, is_allowed = -1, f"no statement allows {call.action}", False
    for number, statement in enumerate(policy.statements, start=1):
        nearness, miss = _miss(statement, call)
        if statement.effect == "Deny" and not miss:
            return Decision(allowed=False, reason=f"statement {number} denies it")
        if statement.effect == "Allow" and nearness > nearest:
            nearest, reason, is_allowed = nearness, miss or f"statement {number}", not miss
    return Decision(is_allowed, reason)


def _miss(statement: Statement, call: Call) -> tuple[int, str]:
    """How near a statement comes to a call, and what it lacks: nothing where it applies."""
    if not any(_like(action.lower(), call.action.lower()) for action in statement.actions):
        return 0, f"no statement allows {call.action}"
    if not any(_like(resource, call.resource, call.caller) for resource in statement.resources):
        places = f"{' and '.join(statement.resources)}, not on {call.resource}"
        if call.resource.partition("/index/")[0] in statement.resources:
            places += ": an index has an ARN of its own"
        return 1, f"{call.action} is allowed on {places}"
    for operator, tests in statement.conditions.items():
        for key, values in tests.items():
            if not _holds(operator, values, call):
                has = f"{key} is {' and '.join(call.leading_keys) or 'missing'}"
                condition = f"{operator} {key} {' or '.join(values)}"
                return 2, f"{call.action} is allowed if {condition}, but {has}"
    return 3, ""


def _holds(operator: str, values: Texts, call: Call) -> bool:
    """Whether a condition on the leading keys holds.

    ForAllValues holds where there are none, so for any Scan. `Null: false` asks that there be one.

    Source
    ------
    IAM User Guide, "Single-valued vs. multivalued context keys"; "IAM JSON policy elements:
    Condition operators".
    """
    if operator == "Null":
        return str(not call.leading_keys).lower() in values
    is_met = _like if operator == ALL_LIKE else _equal
    return all(any(is_met(each, key, call.caller) for each in values) for key in call.leading_keys)


def _equal(wanted: str, text: str, caller: str) -> bool:
    """Whether a text is another to the letter: here `*` is a star."""
    if CALLER_VARIABLE in wanted and not caller:
        return False
    return wanted.replace(CALLER_VARIABLE, caller) == text


def _like(pattern: str, text: str, caller: str = "") -> bool:
    """Whether a text is like a pattern; `*` is any characters, so `table/T*` covers T's indexes.

    Source
    ------
    IAM User Guide, "IAM JSON policy elements: Resource".
    """
    if CALLER_VARIABLE in pattern and not caller:
        return False
    regex = "".join(
        {"*": ".*", "?": ".", CALLER_VARIABLE: re.escape(caller)}.get(part, re.escape(part))
        for part in re.split(r"(\$\{.*?\}|[*?])", pattern)
    )
    return re.fullmatch(regex, text, re.DOTALL) is not None


# --- Reading ---------------------------------------------------------------------------------

KNOWN = {
    "policy element": ("Version", "Id", "Statement"),
    "Version": (VERSION,),
    "statement element": ("Sid", "Effect", "Action", "Resource", "Condition"),
    "Effect": ("Allow", "Deny"),
    "operator": (ALL_LIKE, "ForAllValues:StringEquals", "Null"),
    "condition key": (LEADING_KEYS,),
    "value of Null": ("true", "false"),
    "variable": (CALLER,),
}


def read_policy(text: str | bytes) -> Policy:
    """The policy in a JSON document.

    Raises
    ------
    PolicyNotUnderstood
        If it is none, or has a part that is not known here.

    Source
    ------
    IAM User Guide, "IAM JSON policy elements reference".
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PolicyNotUnderstood("document", str(error), ("JSON",)) from error
    elements = _known("policy element", document)
    _choice("Version", elements)
    statements = elements.get("Statement", [])
    return Policy(
        tuple(map(_read_statement, statements if isinstance(statements, list) else [statements]))
    )


def _read_statement(document: Any) -> Statement:
    elements = _known("statement element", document)
    conditions = {
        operator: {key: _texts(key, v) for key, v in _known("condition key", tests).items()}
        for operator, tests in _known("operator", elements.get("Condition", {})).items()
    }
    for texts in conditions.get("Null", {}).values():
        _known("value of Null", dict.fromkeys(texts))
    actions, resources = (_texts(name, elements.get(name)) for name in ("Action", "Resource"))
    return Statement(_choice("Effect", elements), actions, resources, conditions)


def _known(what: str, parts: Any) -> Mapping[str, Any]:
    """The parts themselves, if they are an object in which every name is known."""
    if not isinstance(parts, dict):
        raise PolicyNotUnderstood(what, parts, KNOWN[what])
    for name in parts:
        if name not in KNOWN[what]:
            raise PolicyNotUnderstood(what, name, KNOWN[what])
    return parts


def _choice(what: str, elements: Mapping[str, Any]) -> str:
    got: str = elements.get(what, "")
    if got not in KNOWN[what]:
        raise PolicyNotUnderstood(what, got, KNOWN[what])
    return got


def _texts(what: str, given: Any) -> Texts:
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise PolicyNotUnderstood(what, given, ("a text", "a list of texts"))
    _known("variable", dict.fromkeys(re.findall(r"\$\{(.*?)\}", " ".join(texts))))
    return tuple(texts)
