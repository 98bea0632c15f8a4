"""Recorded growth: what `workbench trace` stores, and bills and maps are worked out from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from workbench.capacity.growth import Growth, read_growth
from workbench.costs.bills import check_supported
from workbench.costs.predictions import Prediction, check_growth
from workbench.costs.tracing import Progress, trace_growth
from workbench.designs import Design
from workbench.dynamodb.targets import Target
from workbench.errors import BadParameter, InputFault, NotSupported, RunNotReadable, UnknownDesign
from workbench.measurement.environment import Environment, describe_environment
from workbench.messaging.workload import Workload
from workbench.storage import StoredRun


@dataclass(frozen=True)
class TraceRun(StoredRun):
    """The growth of several designs, traced with pages of one size, and how well it predicts."""

    command = "trace"
    format_version = 2
    environment: Environment
    inbox_page_size: int
    message_page_size: int
    models: Mapping[str, Growth]
    predictions: Mapping[str, Sequence[Prediction]]

    def to_json(self) -> str:
        """The traces as one JSON object, with a line for each slot."""
        stored = {"format_version": self.format_version, **asdict(self)}
        text = json.dumps(stored, separators=(",", ":"))
        return text.replace('{"pattern"', '\n{"pattern"') + "\n"

    def joined_with(self, other: "TraceRun") -> "TraceRun":
        """These traces and those of another run, traced with pages of the same sizes."""
        return replace(
            self,
            models={**self.models, **other.models},
            predictions={**self.predictions, **other.predictions},
        )

    def largest_errors(self, names: Iterable[str]) -> dict[str, float]:
        """The largest error of these designs' predictions, as a share of what was measured."""
        return {name: max(each.error for each in self.predictions[name]) for name in names}

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
                    f"Trace it with `workbench trace --designs {name} --out FILE`, and give "
                    "--traces FILE; or name the file of your own design, which is traced at once."
                )
        return {name: self.models[name] for name in names or self.models}

    def supporting(
        self, workload: Workload, names: Sequence[str] = ()
    ) -> tuple[dict[str, Growth], list[str]]:
        """The designs of these names; without names, all with a place, and why others have none.

        Raises
        ------
        InputFault
            If no design is left.
        NotSupported
            If a design that is named has no place for the workload.
        """
        models, left_out = self.choose(names), []
        for name, growth in list(models.items()):
            try:
                check_supported(name, growth, workload)
            except NotSupported as error:
                if names:
                    raise
                left_out.append(str(error))
                del models[name]
        if not models:
            raise InputFault(
                f"no traced design has a place for the workload: {' '.join(left_out)} "
                "Lower its participants, or trace other designs with `workbench trace`."
            )
        return models, left_out


def trace_designs(
    designs: Sequence[type[Design]],
    targets: Sequence[Target],
    *,
    pages: tuple[int, int],
    progress: Progress,
) -> TraceRun:
    """The growth of these designs, each traced and checked on its target."""
    environment = describe_environment(targets[0])
    models, predictions = {}, {}
    for design, target in zip(designs, targets, strict=True):
        growth = trace_growth(design, target, pages=pages, progress=progress)
        models[design.name] = growth
        predictions[design.name] = check_growth(
            design, growth, target, pages=pages, progress=progress
        )
    return TraceRun(environment, *pages, models, predictions)


def read_traces(path: Path) -> TraceRun:
    """Stored traces.

    Raises
    ------
    RunNotReadable
        If the file is missing, holds no traces, or has another format version.
    """
    stored = TraceRun.read(path)
    try:
        return TraceRun(
            environment=Environment(**stored["environment"]),
            inbox_page_size=stored["inbox_page_size"],
            message_page_size=stored["message_page_size"],
            models={name: read_growth(each) for name, each in stored["models"].items()},
            predictions={
                name: [Prediction(**{**each, "place": tuple(each["place"])}) for each in found]
                for name, found in stored["predictions"].items()
            },
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RunNotReadable(
            f"{path} holds no traces that this workbench reads ({error!r}): "
            "make it with `workbench trace`"
        ) from error
