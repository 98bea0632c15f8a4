"""`workbench policy`: least privilege from what a design calls."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.cli.options import (
    EXISTING_FILE,
    design_option,
    of_form,
    table_option,
    target_options,
)

if TYPE_CHECKING:
    from workbench.iam.calls import Call
    from workbench.iam.policies import Policy


def partition_of(region: str) -> str:
    """The part of AWS that has a region: `aws`, `aws-cn`, `aws-us-gov`, ..."""
    from botocore.exceptions import UnknownRegionError

    from workbench.dynamodb.targets import sealed_session

    try:
        return sealed_session().get_partition_for_region(region)
    except UnknownRegionError as error:
        raise click.BadParameter(f"no part of AWS has {region!r}", param_hint="--region") from error


@click.command()
@design_option
@click.option(
    "--role",
    type=click.Choice(["api", "stream", "admin"]),
    help="api: what users ask for, patterns A to D, F, G, I and starting groups; stream: the "
    "function on the stream, E; admin: H, and adding to groups and leaving them.",
)
@table_option("cruddur-messages", "Table that the policy is for.")
@click.option(
    "--account",
    callback=of_form(r"\d{12}", "12 digits"),
    default="123456789012",
    help="Account that has the table.",
)
@click.option(
    "--region",
    callback=of_form(r"[a-z]+(-[a-z]+)+-\d", "a region such as us-east-1"),
    default="us-east-1",
    help="Region that has the table.",
)
@click.option(
    "--check",
    "checked",
    type=EXISTING_FILE,
    metavar="POLICY.json",
    help="Say which calls this policy allows and denies, and why.",
)
@click.option(
    "--template",
    "template_file",
    type=EXISTING_FILE,
    metavar="TEMPLATE.yaml",
    help="Hold a CloudFormation template to the design; no --role, it is about the stream's.",
)
@target_options
def policy(
    *,
    design_name: str,
    role: str | None,
    table_name: str,
    account: str,
    region: str,
    checked: Path | None,
    template_file: Path | None,
    endpoint: str | None,
    aws_region: str | None,
) -> None:
    """Print the least IAM policy with which a design works, or check one against its calls.

    The design is put to work on a new table, by several users in groups of two to four. What it
    calls is the evidence: no action, resource or key is allowed that no call needed, so what the
    code can do but did not do here (handling an error, say) is not allowed either.

    \b
    What to see in it:
      index    it has an ARN of its own; a right on the table is none on its index
      Put in a transaction   needs dynamodb:PutItem; no right is called TransactWriteItems
      keys     dynamodb:LeadingKeys are the partition keys a call names. Where they hold the
               caller's UUID, IAM guards them: nobody can read another's inbox. It takes
               credentials for each user, with the session tag user_uuid. Other UUIDs are `*`.
      admin    a rename and a change of who takes part write items of others, which no key of the
               caller's guards: a service does that for all of them
      Null     ForAllValues is true of a call without keys, as a Scan: the policy asks for keys
      ListStreams   is on `*`, for it is about no resource; Lambda asks for it

    With --check, exit code 1 if a call is denied. Write stream/* in such a policy, because a new
    table's stream has a new name. Element, operator or key that are not known are refused.

    With --template, exit code 1 if anything is found: keys, indexes, stream view or filter that
    are not the design's; an index without its ARN; rights wider than the calls, such as a missing
    dynamodb:LeadingKeys. What any scanner can know is `make scan`'s.

    \b
    Examples:
      workbench policy --role api
      workbench policy --design single --role stream --table messages --region eu-west-1
      workbench policy --role stream --check data/policies/bootcamp_first.json
      workbench policy --design dual --template deploy/poor.yaml
    """
    from workbench.designs import find_design
    from workbench.dynamodb.targets import open_targets
    from workbench.iam.evidence import record_calls
    from workbench.iam.policies import minimal_policy, read_policy

    if template_file is not None:
        _check_template(design_name, template_file, endpoint, aws_region)
        return
    if role is None:
        raise click.MissingParameter(param_hint="'--role'", param_type="option")
    design = find_design(design_name)
    given = read_policy(checked.read_bytes()) if checked else None
    arn = f"arn:{partition_of(region)}:dynamodb:{region}:{account}:table/{table_name}"
    with open_targets(endpoint=endpoint, aws_region=aws_region, is_brief=True) as [target]:
        calls = record_calls(design, target, arn)[role]
    if given is None:
        click.echo(minimal_policy(calls).to_json())
        return
    verdicts = _verdicts(given, calls)
    click.echo("\n".join(sorted(verdicts)))
    if not all(verdicts.values()):
        sys.exit(1)


def _check_template(
    design_name: str, path: Path, endpoint: str | None, aws_region: str | None
) -> None:
    """A line for each finding, and exit code 1 if there are any."""
    from workbench.designs import find_design
    from workbench.dynamodb.targets import open_targets
    from workbench.iam.evidence import record_calls
    from workbench.iam.matrix import TABLE
    from workbench.iam.template import Template, check_template

    design, template = find_design(design_name), Template(path.read_text())
    with open_targets(endpoint=endpoint, aws_region=aws_region, is_brief=True) as [target]:
        findings = check_template(template, design, record_calls(design, target, TABLE)["stream"])
    for each in findings:
        click.echo(f"{each.kind:11} {each.resource}: {each.text}")
    if findings:
        sys.exit(1)
    click.echo(f"{path.name} is what {design.name} declares, and allows what it calls, no more")


def _verdicts(given: "Policy", calls: "list[Call]") -> dict[str, bool]:
    """A line for each kind of call, and whether it is allowed."""
    from workbench.iam.policies import evaluate, key_patterns

    kinds: dict[tuple[object, ...], tuple[str, bool]] = {}
    for call in calls:
        decision = evaluate(given, call)
        kind = (decision.allowed, call.action, call.resource, *key_patterns(call))
        place = call.resource.split(":", 5)[-1]
        keys = f" keys {' '.join(key_patterns(call))}" if call.leading_keys else ""
        verdict = "allowed" if decision.allowed else "DENIED "
        line = f"{verdict} {call.action} on {place}{keys}: {decision.reason}"
        kinds.setdefault(kind, (line, decision.allowed))
    return dict(kinds.values())
