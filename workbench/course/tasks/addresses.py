"""Exercises of lesson 11: which address, and where it comes from."""

from typing import Any
from urllib.parse import urlsplit

from workbench.course.exercises import Exercise, Finding, Mistake, number, right, word
from workbench.endpoints import endpoint_url, survey

REGION = "eu-central-1"


def _host(service: str, variant: str = "standard") -> str:
    return str(urlsplit(endpoint_url(service, REGION, variant=variant)).hostname)


def _judge_host(answer: Any) -> Finding:
    if not isinstance(answer, str):
        return Finding("not a word", "a host name in quotes is asked for")
    given = str(urlsplit(answer if "//" in answer else f"//{answer}").hostname).casefold()
    if given == _host("dynamodbstreams", "dual-stack"):
        return right("On this domain it is one name, with a hyphen.")
    mistakes = {
        _host("dynamodb", "dual-stack"): ("the table's", "streams are another service's."),
        _host("dynamodbstreams"): ("not dual-stack", "that one has addresses of IPv4 alone."),
        f"streams.{_host('dynamodb', 'dual-stack')}": (
            "made by hand", "the pattern of the one domain does not hold on the other."),
    }  # fmt: skip
    reason, text = mistakes.get(given, ("another address", f"{answer} is not it"))
    return Finding(reason, text)


def _count(*kinds: str, partition: str = "aws-cn") -> int:
    return sum(form.kind in kinds for form in survey(partition))


EXERCISES = (
    Exercise(
        "11.stream_host",
        _judge_host,
        (
            "Which service has the rules for streams?",
            '`endpoint_url("dynamodbstreams", ...)` with `variant="dual-stack"`.',
        ),
    ),
    Exercise(
        "11.china",
        number(
            lambda: _count("global", "in one Region"),
            "Fewer services know China, and the form is the same.",
            lambda: [
                Mistake(_count("global"), "forgot those in one Region", "they are for all, too."),
                Mistake(
                    _count("global", "in one Region", partition="aws"),
                    "another partition",
                    "that is `aws`.",
                ),
            ],
            unit="services",
        ),
        ('`survey("aws-cn")` gives the forms.', "Which two kinds have one endpoint for all?"),
    ),
    Exercise(
        "11.ignore",
        word(
            "ca8b84216a0d114f",
            "An endpoint given as an argument still counts.",
            [
                (
                    "1b43d924afd34904",
                    "the profile's",
                    "so a profile says it; a variable is asked for.",
                )
            ],
        ),
        (
            "It begins with AWS_IGNORE.",
            "What is to be ignored are CONFIGURED_ENDPOINT_URLS.",
        ),
    ),
)
