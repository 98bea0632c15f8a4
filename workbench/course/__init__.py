"""What lessons are made of: a stage to act on, predictions, exercises, pictures, an X-ray."""

from workbench.course.checking import check, hint
from workbench.course.predictions import calibration_figure, calibration_frame, predict, reveal
from workbench.course.stage import Stage

__all__ = [
    "Stage",
    "calibration_figure",
    "calibration_frame",
    "check",
    "hint",
    "predict",
    "reveal",
]
