"""Predict, then run: a guess and how sure one is are recorded before the measurement is shown.

    predict("message_wru", 6, "WRU", confidence=60)     recorded
    reveal("message_wru", usage.estimated_wru)          what was measured, beside the guess
    calibration_frame()                                 how sure, and how often right

The guess that stands in a notebook is an example, and is not counted as the learner's.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.course.progress import Progress, change_progress, read_progress
from workbench.errors import BadParameter
from workbench.reports.figures import Picture, panels, picture_of
from workbench.reports.tables import rows_frame
from workbench.units import format_mean

if TYPE_CHECKING:
    from pandas import DataFrame

TOLERANCE = 0.02  # of a measured number: a guess so near is right
BANDS = ((0, 59), (60, 74), (75, 89), (90, 100))  # confidence in percent, from and to


@dataclass(frozen=True)
class Told:
    """A sentence, shown as Markdown in a notebook."""

    text: str

    def __repr__(self) -> str:
        return re.sub(r"\*\*(.+?)\*\*", r"\1", self.text)  # bold, and no unpacking in code

    def _repr_markdown_(self) -> str:
        return self.text


def predict(
    name: str, guess: Any, unit: str = "", *, confidence: int, example: bool = False
) -> Told:
    """Record a guess and the confidence in it, in percent, before `reveal` shows what is so.

    The first guess that was revealed stays, so that the calibration is of guesses, not of memory.
    An example is a notebook's own guess, which a learner's replaces.

    Raises
    ------
    BadParameter
        If the confidence is no percentage.
    """
    if not 0 <= confidence <= 100:
        raise BadParameter("confidence", confidence, "a percentage, 0 to 100")
    new = {"guess": guess, "unit": unit, "confidence": confidence, "example": example}

    def change(progress: Progress) -> Progress:
        there = progress.predictions.get(name, {})
        if "measured" in there and not there["example"]:
            return progress
        return replace(progress, predictions={**progress.predictions, name: new})

    kept = change_progress(change).predictions[name]
    if kept["guess"] != guess or (kept["example"] is False and example):
        return Told(
            f"You predicted {shown(kept['guess'], kept['unit'])} before, and have seen what is so: "
            "that stays. `workbench progress --reset` begins anew."
        )
    sure = f"**{shown(guess, unit)}**, {confidence}% sure"
    if example:
        return Told(
            f"An example's guess: {sure}. Put your own in its place, and take `example=True` out."
        )
    return Told(f"Recorded: {sure}.")


def reveal(name: str, measured: Any) -> Told:
    """What was measured, beside what was predicted; kept for the calibration.

    Raises
    ------
    BadParameter
        If nothing was predicted by that name.
    """
    if name not in read_progress().predictions:
        raise BadParameter("prediction", name, "predicted before: run the cell with `predict`")

    def change(progress: Progress) -> Progress:
        kept = dict(progress.predictions[name])
        if "measured" not in kept or kept["example"]:
            kept |= {"measured": measured, "is_right": is_right(kept["guess"], measured)}
        return replace(progress, predictions={**progress.predictions, name: kept})

    kept = change_progress(change).predictions[name]
    whose = "The example's guess" if kept["example"] else "Your prediction"
    unit = kept["unit"]
    return Told(
        f"{whose}: {shown(kept['guess'], unit)}, {kept['confidence']}% sure. "
        f"It is **{shown(measured, unit)}**: {_gap(kept['guess'], measured)}."
    )


def is_right(guess: Any, measured: Any) -> bool:
    """Whether a guess is what was measured; for numbers, within 2% of it."""
    if _is_number(guess) and _is_number(measured):
        return bool(abs(guess - measured) <= TOLERANCE * abs(measured))
    return bool(_plain(guess) == _plain(measured))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().casefold()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _gap(guess: Any, measured: Any) -> str:
    if is_right(guess, measured):
        return "right"
    if not (_is_number(guess) and _is_number(measured)) or min(guess, measured) <= 0:
        return "not what was predicted"
    more, ratio = ("more", measured / guess) if measured > guess else ("less", guess / measured)
    difference = format_mean(abs(measured - guess))
    return f"{difference} {more}, a factor of {ratio:.3g}"


def shown(value: Any, unit: str = "") -> str:
    """A value of a prediction as it is printed."""
    if isinstance(value, list | tuple):
        text = ", ".join(map(str, value))
    else:
        text = format_mean(value) if _is_number(value) else str(value)
        if value == 1:
            first, blank, rest = unit.partition(" ")
            unit = (first.removesuffix("s") if first.islower() else first) + blank + rest
    return f"{text} {unit}".strip()


# --- Calibration -----------------------------------------------------------------------------


def calibration_frame() -> "DataFrame":
    """How sure, and how often right, of all predictions of one's own that were revealed.

    A row per band of confidence; percentages. Nobody is calibrated by three guesses: the number of
    predictions stands beside.
    """
    rows = []
    for low, high in BANDS:
        band = [each for each in _own() if low <= each["confidence"] <= high]
        right = sum(each["is_right"] for each in band)
        rows.append(
            {
                "how sure": f"{low} to {high}%",
                "predictions": len(band),
                "right": right,
                "right (%)": f"{100 * right / len(band):.0f}" if band else "none yet",
            }
        )
    return rows_frame(rows, "how sure")


def calibration_figure() -> Picture:
    """How often one was right, over how sure: on the diagonal one knows what one knows."""
    figure, [axis] = panels(4.5, 4)
    axis.plot([0, 100], [0, 100], color="#767676", linestyle="--", label="calibrated")
    points = []
    for low, high in BANDS:
        band = [each for each in _own() if low <= each["confidence"] <= high]
        if band:
            sure = sum(each["confidence"] for each in band) / len(band)
            right = 100 * sum(each["is_right"] for each in band) / len(band)
            points.append((sure, right, len(band)))
    for sure, right, count in points:
        axis.scatter(sure, right, s=40 + 25 * count, color="#0072B2")
        axis.annotate(f" {count}", (sure, right))
    axis.set(xlabel="how sure (%)", ylabel="how often right (%)", xlim=(0, 105), ylim=(-5, 105))
    axis.legend(loc="upper left", frameon=False)
    told = "; ".join(f"{sure:.0f}% sure, {right:.0f}% right of {n}" for sure, right, n in points)
    return picture_of(figure, f"Calibration of predictions: {told or 'none of your own yet'}.")


def _own() -> list[Any]:
    predictions = read_progress().predictions.values()
    return [each for each in predictions if "measured" in each and not each["example"]]
