"""Estimates for the service, from published percentiles."""

import numpy as np
import pytest

from tests.conftest import ROOT
from workbench.capacity.service_latency import Published, estimate, read_published

PUBLISHED = read_published(ROOT / "data" / "published_latency.csv")


def test_one_request_has_its_published_percentiles() -> None:
    found = estimate({"PutItem": 1}, PUBLISHED)

    assert found.p50_ms == pytest.approx(7.55, rel=0.02)
    assert found.p99_ms == pytest.approx(16.2, rel=0.03)
    assert (found.writes, found.reads) == (1, 0)


def test_requests_in_sequence_add_up_but_their_percentiles_do_not() -> None:
    one, five = estimate({"PutItem": 1}, PUBLISHED), estimate({"PutItem": 5}, PUBLISHED)

    assert five.p50_ms is not None
    assert one.p50_ms is not None
    assert five.p99_ms is not None
    assert one.p99_ms is not None
    assert 5 * one.p50_ms < five.p50_ms < 5.6 * one.p50_ms  # the mean is above the median
    assert five.p99_ms < 4 * one.p99_ms


def test_other_single_writes_are_taken_for_puts() -> None:
    assert estimate({"UpdateItem": 2}, PUBLISHED) == estimate({"PutItem": 2}, PUBLISHED)


def test_transaction_is_slower_by_what_is_published() -> None:
    found = estimate({"TransactWriteItems": 1}, PUBLISHED)

    assert found.p50_ms == pytest.approx(25.3, rel=0.02)
    assert found.p99_ms == pytest.approx(92.5, rel=0.05)


def test_reads_are_told_and_not_guessed() -> None:
    found = estimate({"Query": 1, "GetItem": 0.5, "PutItem": 1}, PUBLISHED)

    assert (found.writes, found.reads) == (1, 1.5)
    assert found.p50_ms == pytest.approx(7.55, rel=0.02)
    assert estimate({"Query": 2}, PUBLISHED).p50_ms is None


def test_part_of_a_request_is_made_in_that_part_of_the_calls() -> None:
    sure = [Published("PutItem", 1, {50: 10.0, 99: 10.0}, "made up")]

    assert estimate({"PutItem": 0.3}, sure).p50_ms == 0
    assert estimate({"PutItem": 1.7}, sure).p50_ms == pytest.approx(20)
    assert np.isclose(estimate({"PutItem": 1.3}, sure).p50_ms or 0, 10)
