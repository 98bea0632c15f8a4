from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from workbench.errors import BadParameter, InputFault
from workbench.messaging.logs import LoggedMessage, MessageLog, read_log
from workbench.messaging.workload import LIMITS, LISTS, Workload, read_workload, workload_of

START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = sorted(LIMITS.keys() - LISTS)


def field_strategy(name: str) -> Any:
    if name == "participants":
        return st.integers(2, 100)
    numbers = st.floats(*LIMITS[name])
    return st.lists(numbers, min_size=1, max_size=5).map(tuple) if name in LISTS else numbers


workloads = st.builds(Workload, **{name: field_strategy(name) for name in LIMITS})


def written(folder: Path, content: str) -> Path:
    path = folder / "workload.toml"
    path.write_text(content)
    return path


# --- Files -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(workload=workloads)
def test_file_gives_the_workload_back(
    workload: Workload, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("toml"), workload.to_toml())

    found = read_workload(path)

    for each in fields(Workload):
        assert getattr(found, each.name) == pytest.approx(getattr(workload, each.name), rel=1e-9)


def test_default_workload_is_written_exactly(tmp_path: Path) -> None:
    assert read_workload(written(tmp_path, Workload().to_toml())) == Workload()


def test_list_may_be_written_as_a_number(tmp_path: Path) -> None:
    found = read_workload(written(tmp_path, "text_bytes = 99\nconversations_per_user = [1, 2.5]\n"))

    assert found.text_bytes == (99,)
    assert found.conversations_per_user == (1, 2.5)


def test_field_left_out_has_its_default(tmp_path: Path) -> None:
    found = read_workload(written(tmp_path, "users = 5\n"))

    assert found == replace(Workload(), users=5)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    "value", ["-1", '"many"', "1e99", "nan", "inf", "true", "[]", "[1, -1]", "2026-01-01", "[[1]]"]
)
def test_bad_value_is_refused_with_the_rule(tmp_path: Path, name: str, value: str) -> None:
    path = written(tmp_path, f"{name} = {value}\n")

    with pytest.raises(BadParameter, match=f"^{name} must be a number, ") as refused:
        read_workload(path)

    low, high = LIMITS[name]
    assert f"{low:,.10g} to {high:,.10g}" in refused.value.allowed
    assert ("or a list" in refused.value.allowed) == (name in LISTS)


@pytest.mark.parametrize("name", NUMBERS)
def test_list_is_refused_for_a_number(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"{name} = [20, 20]\n")

    with pytest.raises(BadParameter, match=f"^{name} must be a number"):
        read_workload(path)


@pytest.mark.parametrize("name", LIMITS)
def test_ends_of_a_range_are_allowed(name: str) -> None:
    for end in LIMITS[name]:
        given: dict[str, Any] = {name: end}

        assert getattr(Workload(**given), name) == ((end,) if name in LISTS else end)


def test_workload_without_messages_is_refused() -> None:
    with pytest.raises(BadParameter, match=r"^messages_per_user_per_day .* \(got 0\)"):
        Workload(messages_per_user_per_day=0)


def test_unknown_field_is_refused_with_the_known(tmp_path: Path) -> None:
    path = written(tmp_path, "user = 5\ntext = 1\n")

    with pytest.raises(InputFault, match=r"unknown fields: text, user\. The fields are: users, "):
        read_workload(path)


@pytest.mark.parametrize("content", ["users = ", "users == 5", "users = 5\nusers = 6", "\x00"])
def test_broken_toml_is_refused_with_its_path(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)

    with pytest.raises(InputFault, match=r"workload\.toml cannot be read as TOML"):
        read_workload(path)


def test_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")

    for name in ("missing.toml", "bytes.toml"):
        with pytest.raises(InputFault, match=f"{name} cannot be read"):
            read_workload(tmp_path / name)


def test_other_number_of_users_keeps_the_rest() -> None:
    changed = Workload(text_bytes=(1, 2)).with_users(7)

    assert changed == Workload(users=7, text_bytes=(1, 2))


# --- Workloads of logs -----------------------------------------------------------------------


def log_of(*messages: tuple[str, str, float, str]) -> MessageLog:
    return MessageLog(
        "log",
        tuple(
            LoggedMessage(a, b, START + timedelta(days=day), text) for a, b, day, text in messages
        ),
    )


# By hand: 3 users, 2 conversations, 3 messages in 2 days; ada has an inbox of 2, the others of 1.
def test_small_log_gives_figures_by_hand() -> None:
    log = log_of(("ada", "bo", 0, "hi"), ("bo", "ada", 1, "hello"), ("ada", "cy", 2, "é"))

    assert workload_of(log) == Workload(
        users=3,
        name_bytes=2.67,  # ada, bo, ada
        messages_per_user_per_day=1 / 3 / 2,
        inbox_reads_per_user_per_day=3 / 3 / 2,
        conversation_reads_per_user_per_day=3 / 3 / 2,
        new_conversations_per_user_per_day=2 / 3 / 2,
        conversations_per_user=(1, 1, 2),
        messages_per_conversation=(1, 2, 2),
        text_bytes=(2, 2, 5),
        months_stored=1,
    )


def test_log_of_one_message_is_a_workload() -> None:
    workload = workload_of(log_of(("ada", "bo", 0, "hi")))

    assert workload.messages_per_user_per_day == 1e-9
    assert workload.new_conversations_per_user_per_day == 0.5
    assert workload.text_bytes == (2,)


def test_shipped_log_keeps_its_totals(tmp_path: Path) -> None:
    log = read_log(ROOT / "data" / "messages.csv")

    workload = workload_of(log)

    days = (log.messages[-1].sent_at - log.messages[0].sent_at).total_seconds() / 86_400
    sent = workload.messages_per_user_per_day + workload.new_conversations_per_user_per_day
    mean_text = sum(len(message.text.encode()) for message in log.messages) / 3_000
    assert sent * workload.users * days == pytest.approx(3_000)
    assert len(workload.text_bytes) == 16
    assert sum(workload.text_bytes) / 16 == pytest.approx(mean_text, rel=0.01)
    assert read_workload(written(tmp_path, workload.to_toml())).users == 60
