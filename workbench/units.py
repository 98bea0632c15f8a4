"""How figures are printed: request units, bytes, milliseconds. A KB here is 1,024 bytes."""

NOT_MEASURED = "not measured"


def format_mean(value: float | None) -> str:
    """A mean with at most two decimals, and none where it is whole: 9, 0.5, 1,023.25."""
    if value is None:
        return NOT_MEASURED
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def format_bytes(value: float | None) -> str:
    """A count of bytes, whole: 1,940 B."""
    return NOT_MEASURED if value is None else f"{value:,.0f} B"


def format_ms(value: float | None) -> str:
    """Milliseconds with two decimals: 1.75 ms."""
    return NOT_MEASURED if value is None else f"{value:,.2f} ms"
