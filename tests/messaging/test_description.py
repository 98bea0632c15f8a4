from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import REAL_DATA
from workbench.messaging.description import Quantiles, describe_log, quantiles
from workbench.messaging.logs import LoggedMessage, MessageLog, read_log

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_description_counts_users_and_conversations() -> None:
    lines = [("a", "b", 0, "é"), ("b", "a", 5, "four"), ("a", "c", 9, "xyz")]
    messages = tuple(LoggedMessage(s, r, START + timedelta(seconds=t), x) for s, r, t, x in lines)

    found = describe_log(MessageLog("log", messages))

    assert (found.messages, found.users, found.conversations) == (3, 3, 2)
    assert found.messages_per_conversation == Quantiles(1, 1, 2, 2)
    assert found.conversations_per_user == Quantiles(1, 1, 2, 2)
    assert found.text_bytes == Quantiles(2, 3, 4, 4)
    assert found.gap_seconds == Quantiles(5, 5, 5, 5)
    assert found.one_sided_share == 0.5


def test_quantiles_are_values_that_occur() -> None:
    assert quantiles([30, 10, 20]) == Quantiles(10, 20, 30, 30)
    assert quantiles([7]) == Quantiles(7, 7, 7, 7)


def test_log_of_one_message_has_no_gaps() -> None:
    log = MessageLog("log", (LoggedMessage("a", "b", START, "hi"),))

    assert describe_log(log).gap_seconds is None
    assert "hi" not in "\n".join(describe_log(log).lines())


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the real data sets are not ours to ship")
def test_real_log_has_its_published_figures() -> None:
    found = describe_log(read_log(REAL_DATA / "CollegeMsg.txt.gz"))

    assert (found.users, found.conversations) == (1_899, 13_838)
    assert found.messages_per_conversation == Quantiles(1, 2, 9, 184)
    assert found.conversations_per_user == Quantiles(1, 5, 37, 255)
