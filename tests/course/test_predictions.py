from pathlib import Path

import pytest

from workbench.course.predictions import (
    calibration_figure,
    calibration_frame,
    is_right,
    predict,
    reveal,
)
from workbench.errors import BadParameter

pytestmark = pytest.mark.usefixtures("progress_file")


def test_revealed_prediction_shows_the_gap() -> None:
    recorded = predict("one", 6, "WRU", confidence=60)

    revealed = reveal("one", 9.0)

    assert repr(recorded) == "Recorded: 6 WRU, 60% sure."
    assert repr(revealed) == (
        "Your prediction: 6 WRU, 60% sure. It is 9 WRU: 3 more, a factor of 1.5."
    )


def test_nothing_is_revealed_that_was_not_predicted() -> None:
    with pytest.raises(BadParameter, match="run the cell with `predict`"):
        reveal("one", 9)


@pytest.mark.parametrize("confidence", [-1, 101])
def test_confidence_is_a_percentage(confidence: int) -> None:
    with pytest.raises(BadParameter, match="0 to 100"):
        predict("one", 6, confidence=confidence)


def test_first_revealed_guess_stays() -> None:
    predict("one", 6, "WRU", confidence=60)
    reveal("one", 9)

    again = predict("one", 9, "WRU", confidence=100)

    assert "You predicted 6 WRU before" in repr(again)
    assert "Your prediction: 6 WRU" in repr(reveal("one", 9))
    assert calibration_frame()["right"].sum() == 0


def test_guess_may_be_changed_until_it_is_revealed() -> None:
    predict("one", 6, confidence=60)
    predict("one", 9, confidence=80)

    assert "Your prediction: 9, 80% sure. It is 9: right" in repr(reveal("one", 9))


def test_example_is_replaced_and_never_counted() -> None:
    predict("one", 6, confidence=60, example=True)
    reveal("one", 9)
    without = calibration_frame()["predictions"].sum()

    predict("one", 9, confidence=95)
    reveal("one", 9)

    assert without == 0
    assert calibration_frame().loc["90 to 100%"].tolist() == [1, 1, "100"]


def test_own_guess_outlives_an_example_run_later() -> None:
    predict("one", 9, confidence=95)
    reveal("one", 9)

    predict("one", 6, confidence=60, example=True)

    assert calibration_frame()["predictions"].sum() == 1


@pytest.mark.parametrize(
    ("guess", "measured", "expected"),
    [
        (100, 101, True),
        (100, 103, False),
        (0, 0.0, True),
        (0.5, 0.5, True),
        ("Dual ", "dual", True),
        (["A", "b"], ("a", "B"), True),
        (["b", "a"], ["a", "b"], False),
        ("9", 9, False),
        (True, 1, True),
    ],
)
def test_guess_is_right_where_it_is_what_was_measured(
    guess: object, measured: object, *, expected: bool
) -> None:
    assert is_right(guess, measured) is expected


def test_calibration_sorts_by_how_sure_one_was() -> None:
    for number, (confidence, guess) in enumerate([(50, 1), (50, 2), (70, 1), (99, 2)]):
        predict(str(number), guess, confidence=confidence)
        reveal(str(number), 1)

    assert calibration_frame()["right (%)"].tolist() == ["50", "100", "none yet", "0"]
    assert calibration_figure().alt == (
        "Calibration of predictions: 50% sure, 50% right of 2; 70% sure, 100% right of 1; "
        "99% sure, 0% right of 1."
    )


def test_calibration_without_predictions_says_so() -> None:
    assert "none of your own yet" in calibration_figure().alt


def test_numbers_are_read_back_as_they_were_stored(progress_file: Path) -> None:
    predict("one", (1, "two"), confidence=50)

    assert "right" in repr(reveal("one", [1, "two"]))
    assert '"is_right": true' in progress_file.read_text()
