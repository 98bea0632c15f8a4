import io
import random
import statistics

import pytest

from tests.conftest import ROOT
from workbench.errors import InputFault
from workbench.messaging.description import describe_log
from workbench.messaging.generator import generate_messages, write_csv
from workbench.messaging.logs import MessageLog
from workbench.messaging.texts import make_text


def test_shipped_log_is_what_the_generator_makes() -> None:
    written = io.StringIO()

    write_csv(generate_messages(), written)

    assert written.getvalue() == (ROOT / "data" / "messages.csv").read_text(encoding="utf-8")


def test_generated_log_is_shaped_like_the_real_one() -> None:
    found = describe_log(MessageLog("log", tuple(generate_messages(seed=2))))

    assert found.messages_per_conversation.median == 2
    assert 7 <= found.messages_per_conversation.p90 <= 11
    assert found.gap_seconds is not None
    assert found.gap_seconds.p90 > 100 * found.gap_seconds.median / 10  # bursts, then pauses
    assert 0.4 < found.one_sided_share < 0.65


def test_made_texts_have_the_lengths_of_real_ones() -> None:
    rng = random.Random(5)

    sizes = sorted(len(make_text(rng).encode()) for _ in range(4_000))

    assert 55 <= statistics.median(sizes) <= 70
    assert 140 <= sizes[int(0.9 * len(sizes))] <= 175
    assert sizes[-1] <= 920


@pytest.mark.parametrize(("users", "messages"), [(2, 1), (3, 50), (60, 10)])
def test_generator_makes_as_many_messages_as_asked(users: int, messages: int) -> None:
    log = generate_messages(users=users, messages=messages)

    assert len(log) == messages
    assert all(message.sender != message.recipient for message in log)
    assert log == sorted(log, key=lambda message: message.sent_at)


@pytest.mark.parametrize(("users", "messages", "said"), [(1, 5, "users"), (5, 0, "messages")])
def test_impossible_log_is_refused(users: int, messages: int, said: str) -> None:
    with pytest.raises(InputFault, match=f"{said} must be"):
        generate_messages(users=users, messages=messages)
