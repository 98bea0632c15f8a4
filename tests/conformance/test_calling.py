"""What a call of a design may answer, and what breaks a promise."""

from collections.abc import Callable
from typing import Any

import pytest

from workbench.conformance.calling import Calls
from workbench.conformance.grounds import Ground
from workbench.conformance.injection import Injector
from workbench.designs import Relational
from workbench.errors import IndexBehind, NotAParticipant, PromiseBroken, TextRefused


@pytest.fixture
def calls() -> Calls:
    return Calls(Ground(Relational.opened_in_memory(), Injector()), lambda step: None)


def raising(*errors: Exception | None) -> Callable[[], str]:
    """A call that raises one after the other, and answers where there is None."""
    left = iter(errors)

    def call() -> str:
        error = next(left)
        if error:
            raise error
        return "answer"

    return call


def test_answer_is_handed_back(calls: Calls) -> None:
    assert calls.ask("B", raising(None)) == "answer"
    assert calls.attempt("C", raising(None), None) == "answer"


def test_error_of_a_read_breaks_its_promise(calls: Calls) -> None:
    with pytest.raises(PromiseBroken, match="raised KeyError: 'inbox'") as caught:
        calls.ask("B", raising(KeyError("inbox")))

    assert caught.value.pattern == "B"
    assert isinstance(caught.value.__cause__, KeyError)


def test_index_that_is_behind_is_asked_again(calls: Calls) -> None:
    assert calls.ask("F", raising(IndexBehind("g"), IndexBehind("g"), None)) == "answer"


def test_index_that_stays_behind_breaks_a_promise(calls: Calls) -> None:
    with pytest.raises(PromiseBroken, match="said to be behind"):
        calls.ask("F", raising(*[IndexBehind("g")] * 3))


def test_error_without_a_fault_breaks_a_promise(calls: Calls) -> None:
    with pytest.raises(PromiseBroken, match="raised TextRefused: too long") as caught:
        calls.attempt("C", raising(TextRefused("too long")), None)

    assert caught.value.pattern == "C"


@pytest.mark.parametrize(
    ("error", "told"),
    [(None, "not refused with NotAParticipant"), (ValueError("no"), "raised ValueError: no")],
)
def test_only_the_right_refusal_is_one(calls: Calls, error: Any, told: str) -> None:
    calls.refused("A", NotAParticipant, raising(NotAParticipant("u", "g")))

    with pytest.raises(PromiseBroken, match=told):
        calls.refused("A", NotAParticipant, raising(error))
