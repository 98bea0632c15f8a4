"""Recorded growth: what `workbench trace` stores, and bills and maps are worked out from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.capacity.growth import Growth, growth_from_json, growth_to_json
from workbench.costs.predictions import Prediction
from workbench.errors import BadParameter, OutputNotWritable, RunNotReadable, UnknownDesign
from workbench.measurement.environment import Environment
from workbench.messaging.workload import Workload

FORMAT_VERSION = 1


@dataclass(frozen=True)
class TraceRun:
    """The growth of several designs, traced with pages of one size, and how well it predicts."""

    environment: Mapping[str, Any]
    inbox_page_size: int
    message_page_size: int
    models: Mapping[str, Growth]
    predictions: Mapping[str, Sequence[Prediction]]

    def to_json(self) -> str:
        """The traces as one JSON object."""
        stored = {
            "format_version": FORMAT_VERSION,
            "environment": self.environment,
            "inbox_page_size": self.inbox_page_size,
            "message_page_size": self.message_page_size,
            "designs": {
                name: {
                    "growth": growth_to_json(growth),
                    "predictions": [asdict(each) for each in self.predictions[name]],
                }
                for name, growth in self.models.items()
            },
        }
        return (
            json.dumps(stored, separators=(",", ":")).replace('{"pattern"', '\n{"pattern"') + "\n"
        )

    def write(self, path: Path) -> None:
        """Store the traces.

        Raises
        ------
        OutputNotWritable
            If they cannot be stored.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.to_json())
        except OSError as error:
            raise OutputNotWritable(f"{path} cannot be written: {error.strerror}") from error

    def check_pages(self, workload: Workload) -> None:
        """Refuse a workload with pages of other sizes than the traced ones.

        Raises
        ------
        BadParameter
            If a size differs.
        """
        for name in ("inbox_page_size", "message_page_size"):
            if getattr(workload, name) != getattr(self, name):
                raise BadParameter(
                    name,
                    getattr(workload, name),
                    f"{getattr(self, name)}, the size that was traced, or traced anew "
                    f"(`workbench trace --{name.replace('_', '-')} ...`)",
                )

    def choose(self, names: Sequence[str]) -> dict[str, Growth]:
        """The growth of these designs, all of them if none is named.

        Raises
        ------
        UnknownDesign
            If one was not traced.
        """
        for name in names:
            if name not in self.models:
                raise UnknownDesign(
                    f"design {name!r} was not traced. Traced are: {', '.join(self.models)}. "
                    "Trace it with `workbench trace`."
                )
        return {name: self.models[name] for name in names or self.models}


def new_trace_run(
    environment: Environment,
    pages: tuple[int, int],
    models: Mapping[str, Growth],
    predictions: Mapping[str, Sequence[Prediction]],
) -> TraceRun:
    """Traces just made."""
    return TraceRun(asdict(environment), *pages, models, predictions)


def read_traces(path: Path) -> TraceRun:
    """Stored traces.

    Raises
    ------
    RunNotReadable
        If the file is missing, holds no traces, or has another format version.
    """
    try:
        stored = json.loads(path.read_text())
        if stored["format_version"] != FORMAT_VERSION:
            raise ValueError("another format version")
        designs = stored["designs"]
        return TraceRun(
            environment=stored["environment"],
            inbox_page_size=stored["inbox_page_size"],
            message_page_size=stored["message_page_size"],
            models={name: growth_from_json(each["growth"]) for name, each in designs.items()},
            predictions={
                name: [Prediction(**{**p, "place": tuple(p["place"])}) for p in each["predictions"]]
                for name, each in designs.items()
            },
        )
    except FileNotFoundError as error:
        raise RunNotReadable(f"there is no {path}, seen from {Path.cwd()}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunNotReadable(
            f"{path} holds no traces that this workbench reads: make it with `workbench trace`"
        ) from error
