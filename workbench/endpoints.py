"""Endpoints as botocore's own data have them: nothing is asked of any network.

    endpoint_url("dynamodb", "eu-west-1")     https://dynamodb.eu-west-1.amazonaws.com
    endpoints("dynamodb", "eu-west-1")        the same, FIPS, dual-stack, of an account
    survey()                                  regional, global or what else, of all services

A rule says what address a client would use. It does not say that the service is there: botocore
makes an address for a Region that has none.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from workbench.errors import BadParameter

if TYPE_CHECKING:
    from botocore.endpoint_provider import EndpointProvider

EXAMPLE_ACCOUNT = "123456789012"
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "standard": {},
    "fips": {"UseFIPS": True},
    "dual-stack": {"UseDualStack": True},
    "fips + dual-stack": {"UseFIPS": True, "UseDualStack": True},
    "account": {"AccountId": EXAMPLE_ACCOUNT, "AccountIdEndpointMode": "required"},
}
NONE: Mapping[str, str] = {}
NOT_A_REGION = "global"  # aws-global and its like stand for a partition

Kind = Literal["regional", "regional but one", "in one Region", "global", "needs more"]


@dataclass(frozen=True)
class Endpoint:
    """An address of a service in a Region, or in `why_not` the reason why it has none."""

    service: str
    partition: str
    region: str
    variant: str
    url: str | None
    why_not: str = ""


@dataclass(frozen=True)
class Form:
    """How the endpoints of a service go by Region, in one partition.

    `domain` is what follows the Region in the host name, and `example` an address; of a service
    that is "regional but one" it is the exception, of one that "needs more" what is missing.
    """

    service: str
    kind: Kind
    domain: str
    example: str


# --- What there is ---------------------------------------------------------------------------


@functools.cache
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


@functools.cache
def partitions() -> Mapping[str, Sequence[str]]:
    """Partition -> its Regions: `aws` has most, `aws-cn`, `aws-us-gov` and others are apart."""
    return {
        each["id"]: sorted(region for region in each["regions"] if NOT_A_REGION not in region)
        for each in _loader().load_data("partitions")["partitions"]
    }


def services() -> Sequence[str]:
    """All services that botocore knows, in order of name."""
    return sorted(_loader().list_available_services("service-2"))


def partition_of(region: str) -> str:
    """The partition of a Region.

    Raises
    ------
    BadParameter
        If botocore knows no such Region.
    """
    for partition, regions in partitions().items():
        if region in regions:
            return partition
    alike = [
        each for regions in partitions().values() for each in regions if each[:2] == region[:2]
    ]
    raise BadParameter(
        "region", region, f"one that botocore knows, such as {', '.join(alike) or 'eu-west-1'}"
    )


@functools.cache
def _provider(service: str) -> tuple["EndpointProvider", frozenset[str]]:
    """The rules of a service, and the names of their parameters."""
    from botocore.endpoint_provider import EndpointProvider
    from botocore.exceptions import DataNotFoundError, UnknownServiceError

    try:
        rules = _loader().load_service_model(service, "endpoint-rule-set-1")
    except (DataNotFoundError, UnknownServiceError) as error:
        alike = [name for name in services() if service[:3] and service[:3] in name]
        known = f"one that botocore knows, such as {', '.join(alike[:5]) or 'dynamodb'}"
        raise BadParameter("service", service, known) from error
    provider = EndpointProvider(rules, _loader().load_data("partitions"))
    return provider, frozenset(rules["parameters"])


# --- One service -----------------------------------------------------------------------------


def endpoint_url(service: str, region: str, *, variant: str = "standard") -> str:
    """The address that botocore would use.

    Raises
    ------
    BadParameter
        If there is no such service, Region or variant, or no address for the three together.
    """
    found = find_endpoint(service, region, variant=variant)
    if found.url is None:
        raise BadParameter(f"{service} in {region}, {variant}", found.why_not, "an endpoint")
    return found.url


def find_endpoint(service: str, region: str, *, variant: str = "standard") -> Endpoint:
    """The endpoint, or the reason why there is none; errors as of `endpoint_url` otherwise."""
    from botocore.exceptions import BotoCoreError

    if variant not in VARIANTS:
        raise BadParameter("variant", variant, f"one of {', '.join(VARIANTS)}")
    partition = partition_of(region)
    provider, names = _provider(service)
    asked = VARIANTS[variant]
    if missing := [name for name in asked if name not in names]:
        why = f"its rules know no {' and '.join(missing)}"
        return Endpoint(service, partition, region, variant, None, why)
    given = {"Region": region, "UseFIPS": False, "UseDualStack": False, **asked}
    try:
        url = provider.resolve_endpoint(**{n: v for n, v in given.items() if n in names}).url
    except BotoCoreError as error:
        return Endpoint(service, partition, region, variant, None, str(error))
    return Endpoint(service, partition, region, variant, url)


def endpoints(service: str, region: str | None = None) -> Iterator[Endpoint]:
    """All variants of a service's endpoint, in a Region or in the first of each partition."""
    regions = [region] if region else [_usual(each) for each in partitions().values()]
    for each in regions:
        for variant in VARIANTS:
            yield find_endpoint(service, each, variant=variant)


def _usual(regions: Sequence[str]) -> str:
    """The Region by which a partition is best known."""
    return "us-east-1" if "us-east-1" in regions else regions[0]


# --- All services ----------------------------------------------------------------------------


def survey(partition: str = "aws") -> list[Form]:
    """The form of every service's endpoints in a partition; about a second.

    Raises
    ------
    BadParameter
        If there is no such partition.
    """
    if partition not in partitions():
        raise BadParameter("partition", partition, f"one of {', '.join(partitions())}")
    regions = partitions()[partition]
    return [_form(service, regions) for service in services()]


def _form(service: str, regions: Sequence[str]) -> Form:
    found = {region: find_endpoint(service, region) for region in regions}
    if lacking := [each.why_not for each in found.values() if each.url is None]:
        return Form(service, "needs more", "", lacking[0])
    urls = {region: str(each.url) for region, each in found.items()}
    odd = {region: url for region, url in urls.items() if region not in url}
    url = next(iter(urls.values()))
    if not odd:
        return Form(service, "regional", _domain(urls), url)
    if len(odd) == 1 and len(regions) > 2:
        return Form(service, "regional but one", _domain(urls, but=odd), next(iter(odd.values())))
    if len(set(urls.values())) == 1:
        is_placed = any(region in url for region in regions)
        return Form(service, "in one Region" if is_placed else "global", "", url)
    return Form(service, "needs more", "", f"{len(set(urls.values()))} addresses of no one form")


def _domain(urls: Mapping[str, str], but: Mapping[str, str] = NONE) -> str:
    """What follows the Region in the host names."""
    region, url = next(each for each in urls.items() if each[0] not in but)
    return str(urlsplit(url).hostname).partition(region)[2].lstrip(".")
