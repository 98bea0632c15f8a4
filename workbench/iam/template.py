"""A CloudFormation template, held to what a design declares and what its stream update calls.

Scanners know nothing of a design. These checks add what they cannot know: keys, indexes, stream
view and filter as declared; an index's own ARN; and rights no wider than the calls, down to the
partition keys (LeadingKeys).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from workbench.designs import Design
from workbench.errors import BadParameter
from workbench.iam.calls import BATCHES, ON_ONE_ITEM, ON_STREAM, Call
from workbench.iam.matrix import TABLE
from workbench.iam.policies import Policy, Statement, evaluate, minimal_policy, read_policy

OTHER_TABLE = TABLE.replace("messages", "another")
OTHER_KEY = "OTHER#key"
DECLARED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
ACTIONS = (*ON_ONE_ITEM, *BATCHES, "Query", "Scan")


@dataclass(frozen=True)
class Finding:
    """What a template has that the design does not ask for, or lacks."""

    kind: str
    resource: str
    text: str


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags; what they stand for is put in by `_resolved`."""


for _tag in ("!Ref", "!GetAtt", "!Sub"):
    _Loader.add_constructor(
        _tag,
        lambda loader, node, tag=_tag: f"<{tag[1:]} {loader.construct_scalar(node)}>",  # type: ignore[misc]
    )


class Template:
    """A template with one table, one serverless function on its stream, and that one's role.

    Raises
    ------
    BadParameter
        If it has not these.
    """

    def __init__(self, text: str) -> None:
        try:
            document = yaml.load(text, _Loader)
            self.resources: Mapping[str, Any] = document["Resources"]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise BadParameter("template", str(error), "YAML with Resources") from error
        self.table_name, table = self._only("AWS::DynamoDB::Table")
        self.table: Mapping[str, Any] = table
        self.function_name, self.function = self._only("AWS::Serverless::Function")
        self.role_name = re.sub(r"<GetAtt (.*)\.Arn>", r"\1", str(self.function.get("Role")))
        if self.role_name not in self.resources:
            raise BadParameter("template", self.role_name, "one that makes its function's role")

    def _only(self, kind: str) -> tuple[str, Mapping[str, Any]]:
        found = [name for name, each in self.resources.items() if each["Type"] == kind]
        if len(found) != 1:
            raise BadParameter("template", found, f"one with one {kind}")
        return found[0], self.properties(found[0])

    def properties(self, name: str) -> Mapping[str, Any]:
        """The properties of a resource."""
        found: Mapping[str, Any] = self.resources[name].get("Properties", {})
        return found

    @property
    def mapping(self) -> Mapping[str, Any]:
        """The event source mapping of the function on the table's stream."""
        for event in self.function.get("Events", {}).values():
            if event["Type"] == "DynamoDB":
                found: Mapping[str, Any] = event["Properties"]
                return found
        return {}

    def statements(self, service: str = "dynamodb:") -> tuple[Statement, ...]:
        """What the function's role may do with a service, as IAM reads it."""
        return tuple(
            statement
            for policy in self.properties(self.role_name).get("Policies", ())
            for statement in read_policy(self._resolved(policy["PolicyDocument"])).statements
            if any(action == "*" or action.startswith(service) for action in statement.actions)
        )

    def _resolved(self, document: Any) -> str:
        """JSON in which references are ARNs: of the table, or made up from a resource's name."""
        arns = {
            f"{self.table_name}.Arn": TABLE,
            f"{self.table_name}.StreamArn": f"{TABLE}/stream/*",
        }
        text = re.sub(
            r"<Sub (.*?)>(?=\")",
            lambda sub: re.sub(r"\$\{(.*?)\}", lambda name: f"<GetAtt {name[1]}>", sub[1]),
            json.dumps(document),
        )
        return re.sub(r"<GetAtt (.*?)>", lambda name: arns.get(name[1], f"arn:{name[1]}"), text)


# --- Checks ----------------------------------------------------------------------------------


def check_template(
    template: Template, design: type[Design], calls: Sequence[Call]
) -> tuple[Finding, ...]:
    """Where a template departs from a design; `calls` are what its stream update needs on TABLE."""
    return (
        *_declared(template, design),
        *_too_narrow(template, calls),
        *_too_wide(template, minimal_policy(calls), calls, design),
    )


def _declared(template: Template, design: type[Design]) -> Iterator[Finding]:
    """Keys, indexes, stream view and filter, against the design's declaration."""
    table, declared = template.table, design.table_definition
    for name in DECLARED:
        if table.get(name) != declared.get(name):
            yield Finding(
                "table", template.table_name, f"{name} is not what {design.name} declares"
            )
    view = table.get("StreamSpecification", {}).get("StreamViewType")
    asked = declared["StreamSpecification"]["StreamViewType"]
    if view != asked:
        text = f"the stream shows {view}, and the stream update reads {asked}"
        yield Finding("stream view", template.table_name, text)
    filters = template.mapping.get("FilterCriteria", {}).get("Filters", ())
    if [json.loads(each["Pattern"]) for each in filters] != [design.stream_filter]:
        text = f"the filter is not that of {design.name}: its own writes come back to it"
        yield Finding("filter", template.function_name, text)


def _too_narrow(template: Template, calls: Sequence[Call]) -> Iterator[Finding]:
    policy = Policy(template.statements())
    reasons = dict.fromkeys(
        decision.reason for call in calls if not (decision := evaluate(policy, call)).allowed
    )
    for reason in reasons:
        kind = "index ARN" if "an index has an ARN" in reason else "denied"
        yield Finding(kind, template.role_name, _short(reason))


def _too_wide(
    template: Template, needed: Policy, calls: Sequence[Call], design: type[Design]
) -> Iterator[Finding]:
    """Probes that the role allows, and the least policy does not: statement by statement."""
    for statement in template.statements():
        alone = Policy((statement,))
        kinds: dict[tuple[str, str], list[str]] = {}
        for probe in _probes(design):
            if evaluate(alone, probe).allowed and not evaluate(needed, probe).allowed:
                kind = _kind_of(probe, calls)
                actions = kinds.setdefault((kind, _short(probe.resource)), [])
                name = probe.action.removeprefix("dynamodb:")
                if name not in actions:
                    actions.append(name)
        for (kind, place), actions in kinds.items():
            keys = " of any partition key" if kind == "LeadingKeys" else ""
            needs = "" if kind == "LeadingKeys" else ", which no call needs"
            shown = f"{len(actions)} actions" if len(actions) > 4 else ", ".join(actions)
            yield Finding(
                kind, template.role_name, f"{shown} on {place}{keys} {_allowed(actions)}{needs}"
            )


def _allowed(actions: Sequence[str]) -> str:
    return "is allowed" if len(actions) == 1 else "are allowed"


def _probes(design: type[Design]) -> Iterator[Call]:
    """Calls that a role may allow by mistake: each action, in each place, on another key."""
    indexes = design.table_definition.get("GlobalSecondaryIndexes", ())
    tables = (TABLE, OTHER_TABLE)
    for resource in (*tables, *(f"{TABLE}/index/{each['IndexName']}" for each in indexes)):
        for action in ACTIONS:
            yield Call(f"dynamodb:{action}", resource, () if action == "Scan" else (OTHER_KEY,))
    for table in tables:
        yield from (Call(f"dynamodb:{action}", f"{table}/stream/label") for action in ON_STREAM)


def _kind_of(probe: Call, calls: Sequence[Call]) -> str:
    if any((probe.action, probe.resource) == (call.action, call.resource) for call in calls):
        return "LeadingKeys"
    return "too wide"


def _short(text: str) -> str:
    """ARNs without what all have in common."""
    return text.replace(TABLE.partition("table/")[0], "")
