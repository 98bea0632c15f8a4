"""`workbench endpoints`: what addresses look like, from botocore's own data."""

import json
from dataclasses import asdict

import click

from workbench.cli.options import json_option


@click.command()
@click.option("--service", help="Such as dynamodb, dynamodbstreams or dax.")
@click.option("--region", help="Such as eu-west-1; without it the first Region of each partition.")
@click.option("--partition", default="aws", help="Of the survey: aws, aws-cn, aws-us-gov ...")
@json_option
def endpoints(*, service: str | None, region: str | None, partition: str, as_json: bool) -> None:
    """Show a service's endpoints, or how those of all services go by Region.

    With --service, its address in a Region: standard, FIPS, dual-stack, of an account. Without, a
    survey: which services have an endpoint in each Region, which one for all, and which neither.
    From the rules that botocore ships; no request is sent.
    """
    from workbench import endpoints as known
    from workbench.reports.endpoints import endpoint_lines, survey_lines

    if service is None and region is None:
        forms = known.survey(partition)
        lines = survey_lines(forms, partition)
        found = [asdict(form) for form in forms]
    else:
        names = [service] if service else ["dynamodb", "dynamodbstreams", "dax"]
        addresses = [each for name in names for each in known.endpoints(name, region)]
        lines = endpoint_lines(addresses)
        found = [asdict(each) for each in addresses]
    click.echo(json.dumps(found, indent=1) if as_json else "\n".join(lines))
