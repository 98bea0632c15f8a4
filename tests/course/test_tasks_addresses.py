"""Exercises of lesson 11: what is right, and which mistake is told from which."""

import pytest

from workbench.course.tasks import EXERCISES

REASONS = [
    ("11.stream_host", "streams-dynamodb.eu-central-1.api.aws", "right"),
    ("11.stream_host", "https://streams-dynamodb.eu-central-1.api.aws", "right"),
    ("11.stream_host", "dynamodb.eu-central-1.api.aws", "the table's"),
    ("11.stream_host", "streams.dynamodb.eu-central-1.amazonaws.com", "not dual-stack"),
    ("11.stream_host", "streams.dynamodb.eu-central-1.api.aws", "made by hand"),
    ("11.stream_host", "localhost", "another address"),
    ("11.china", 24, "right"),
    ("11.china", 7, "forgot those in one Region"),
    ("11.china", 30, "another partition"),
    ("11.ignore", "aws_ignore_configured_endpoint_urls", "right"),
    ("11.ignore", "AWS_ENDPOINT_URL", "another word"),
    ("11.ignore", "ignore_configured_endpoint_urls", "the profile's"),
]


@pytest.mark.parametrize(("name", "answer", "reason"), REASONS)
def test_answer_is_judged_with_its_reason(name: str, answer: object, reason: str) -> None:
    assert EXERCISES[name].judge(answer).reason == reason
