"""How figures are printed."""

import math

NOT_MEASURED = "not measured"


def format_mean(value: float | None) -> str:
    """A mean with at most two decimals, and none where it is whole: 9, 0.5, 1,023.25."""
    if value is None or math.isnan(value):
        return NOT_MEASURED
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")
