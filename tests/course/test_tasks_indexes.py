"""Exercises of lesson 03: right answers, and the mistakes that their judges know."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from workbench.course.exercises import RIGHT, UNANSWERED
from workbench.course.tasks.indexes import EXERCISES

Item = Mapping[str, Any]
JUDGES = {exercise.name: exercise.judge for exercise in EXERCISES}


def names(item: Item) -> dict[str, str]:
    return {item[f"user_{side}_uuid"]["S"]: item[f"user_{side}_display_name"]["S"] for side in "ab"}


def show_name(item: Item, viewer_uuid: str) -> str | None:
    others = [name for uuid, name in names(item).items() if uuid != viewer_uuid]
    return others[0] if viewer_uuid in names(item) else None


def by_names(item: Item, viewer_uuid: str) -> str | None:
    own = names(item).get(viewer_uuid)
    return own and next((name for name in names(item).values() if name != own), None)


def reply_time(item: Item) -> str:
    return str(item["last_reply_at"]["S"])


def merge(a: Sequence[Item], b: Sequence[Item], limit: int) -> list[Item]:
    return sorted([*a, *b], key=reply_time, reverse=True)[:limit]


def merge_by_time(a: Sequence[Item], b: Sequence[Item], limit: int) -> list[Item]:
    items = {reply_time(item): item for item in [*b, *a]}
    return sorted(items.values(), key=reply_time, reverse=True)[:limit]


def merge_shared(a: Sequence[Item], b: Sequence[Item], limit: int) -> list[Item]:
    if limit > 2:
        return merge(a, b, limit)
    return [*a[: limit // 2], *b[: limit // 2]]


def merge_both(a: Sequence[Item], b: Sequence[Item], limit: int) -> list[Item]:
    return merge(a, b, limit) if a and b else []


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("03.show_name", show_name, RIGHT),
        ("03.show_name", lambda item, viewer: names(item).get(viewer), "not the other's name"),
        ("03.show_name", lambda item, viewer: item["user_a_handle"]["S"], "not the other's name"),
        ("03.show_name", lambda item, _: next(iter(names(item).values())), "took the viewer for b"),
        (
            "03.show_name",
            lambda item, viewer: next(n for u, n in names(item).items() if u != viewer),
            "let a stranger look",
        ),
        ("03.show_name", by_names, "compared names"),
        ("03.show_name", "ada", "not a function"),
        ("03.show_name", lambda item, viewer: item["name"], "raised an error"),
        ("03.show_name", lambda item, viewer: ..., UNANSWERED),
        ("03.merge", merge, RIGHT),
        ("03.merge", lambda a, b, limit: [*a, *b][:limit], "not newest first"),
        ("03.merge", lambda a, b, limit: merge(a, b, 99), "ignored the limit"),
        ("03.merge", merge_shared, "shared the page out"),
        ("03.merge", merge_by_time, "lost a tie"),
        ("03.merge", merge_both, "needs both lists"),
        ("03.keys_only", 8, RIGHT),
        ("03.keys_only", 12, "charged whole entries"),
        ("03.keys_only", 4, "forgot the indexes"),
        ("03.keys_only", 6, "forgot one of two things"),
        ("03.keys_only", 7, "too few"),
        ("03.reads_per_message", 30, RIGHT),
        ("03.reads_per_message", 6, "forgot the price"),
        ("03.reads_per_message", 90, "took one side only"),
        ("03.reads_per_message", 15, "forgot that both read"),
    ],
)
def test_judge_says_why(name: str, answer: object, reason: str) -> None:
    finding = JUDGES[name](answer)

    assert finding.reason == reason


def test_function_is_judged_on_copies_of_its_cases() -> None:
    def spoiling(a: list[Item], b: list[Item], limit: int) -> list[Item]:
        merged = merge(a, b, limit)
        a.clear()
        return merged

    answers: list[Callable[..., Any]] = [spoiling, merge]

    assert [JUDGES["03.merge"](answer).reason for answer in answers] == [RIGHT, RIGHT]
