"""What a bill takes for granted: named parameters, each with its meaning and what it may be."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadParameter

Amount: TypeAlias = float | NDArray[np.floating[Any]]

HOUR_SECONDS = 3_600


class Rule(NamedTuple):
    """A parameter's meaning, what it may be in words, and a test of it."""

    meaning: str
    allowed: str
    holds: Callable[[Any], bool]


def _one_of(choices: tuple[object, ...], meaning: str) -> Rule:
    return Rule(meaning, f"one of {', '.join(map(str, choices))}", lambda value: value in choices)


def _within(low: float, high: float, meaning: str) -> Rule:
    return Rule(meaning, f"{low:,} to {high:,}", lambda v: _is_number(v) and low <= v <= high)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


# Source: Lambda Developer Guide, "Lambda quotas" and "DynamoDB event source parameters".
PARAMETERS = {
    "gb_bytes": _one_of((10**9, 1024**3), "bytes billed as a GB; AWS's own tools disagree"),
    "month_days": _within(28, 31, "days billed as a month; sources say 30, 30.5 or 730 hours"),
    "free_tier": _one_of((False, True), "whether the account's free tier is all for this table"),
    "table_class": _one_of(("standard", "standard_ia"), "class of the table and its indexes"),
    "mode": _one_of(("on_demand", "provisioned"), "how requests are billed"),
    "utilisation": Rule(
        "share of provisioned capacity in use; on demand it has no effect",
        "above 0, at most 1",
        lambda value: _is_number(value) and 0 < value <= 1,
    ),
    "lambda_architecture": _one_of(("x86", "arm"), "processor of the function"),
    "lambda_memory_mb": _within(128, 10_240, "memory of the function; 1,024 MB are a GB"),
    "lambda_ms_per_invocation": _within(1, 900_000, "billed ms of an invocation"),
    "records_per_invocation": _within(1, 10_000, "stream records that an invocation handles"),
    "stream_filter": _one_of(
        (False, True), "whether the function is invoked for new messages only, by an event filter"
    ),
    "other_stream_readers_polls_per_second": Rule(
        "GetRecords calls a second by readers other than Lambda, whose own are free",
        "0 or more",
        lambda value: _is_number(value) and 0 <= value < math.inf,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What a bill takes for granted, to be printed with it.

    Raises
    ------
    BadParameter
        If a value is not allowed; `PARAMETERS` has the meaning and the rule of each.
    """

    gb_bytes: int = 10**9
    month_days: float = 30
    free_tier: bool = False
    table_class: Literal["standard", "standard_ia"] = "standard"
    mode: Literal["on_demand", "provisioned"] = "on_demand"
    utilisation: float = 0.7  # auto scaling's usual target
    lambda_architecture: Literal["x86", "arm"] = "x86"
    lambda_memory_mb: int = 128
    lambda_ms_per_invocation: float = 50
    records_per_invocation: float = 1
    stream_filter: bool = True
    other_stream_readers_polls_per_second: float = 0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            rule = PARAMETERS[name]
            if not rule.holds(value):
                raise BadParameter(name, value, rule.allowed)

    @property
    def month_hours(self) -> float:
        """Hours billed as a month."""
        return self.month_days * 24

    @property
    def stream_get_records(self) -> float:
        """GetRecords calls a month by readers other than Lambda."""
        return self.other_stream_readers_polls_per_second * HOUR_SECONDS * self.month_hours

    def lambda_invocations(self, stream_records: Amount) -> Amount:
        """Invocations that so many stream records make."""
        return stream_records / self.records_per_invocation

    def lambda_gb_seconds(self, invocations: Amount) -> Amount:
        """GB-seconds that so many invocations are billed."""
        gb = self.lambda_memory_mb / 1024
        return invocations * (gb * self.lambda_ms_per_invocation / 1000)

    def lines(self) -> list[str]:
        """Each parameter with its value, its meaning, and what it may be."""
        return [
            f"{name} = {value}: {PARAMETERS[name].meaning} ({PARAMETERS[name].allowed})"
            for name, value in asdict(self).items()
        ]


def read_assumptions(given: Sequence[str]) -> Assumptions:
    """The assumptions with some of them changed: texts such as `month_days=30.5`.

    Raises
    ------
    BadParameter
        If a text names no assumption, or a value that is not allowed.
    """
    changes: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in PARAMETERS:
            raise BadParameter(
                "assumption", text, f"NAME=VALUE, NAME one of {', '.join(PARAMETERS)}"
            )
        try:
            changes[name] = json.loads(value.lower())
        except ValueError:
            changes[name] = value
    return Assumptions(**changes)
