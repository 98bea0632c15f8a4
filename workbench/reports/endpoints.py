"""Endpoints and the survey of them: tables, a picture, and lines for terminals."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.endpoints import Endpoint, Form
from workbench.reports.figures import COLOURS, Picture, panels, picture_of
from workbench.reports.tables import rows_frame

if TYPE_CHECKING:
    from pandas import DataFrame

MEANINGS = {
    "regional": "an endpoint in each Region, named by it",
    "regional but one": "so, but for one Region",
    "in one Region": "one endpoint for all, and its name tells the Region where it is",
    "global": "one endpoint for all, without a Region in its name",
    "needs more": "a Region is not enough to make the address",
}


def endpoint_frame(addresses: Iterable[Endpoint]) -> "DataFrame":
    """A row for each address: service, Region, variant, and the address or why there is none."""
    rows = [
        {
            "service": each.service,
            "region": each.region,
            "variant": each.variant,
            "endpoint": (each.url or f"none: {each.why_not}").removeprefix("https://"),
        }
        for each in addresses
    ]
    return rows_frame(rows, "service", "region", "variant")


def survey_frame(forms: Sequence[Form]) -> "DataFrame":
    """How many services of each kind, and what that means."""
    counts = Counter(str(form.kind) for form in forms)
    rows = [
        {"kind": kind, "services": counts[kind], "meaning": meaning}
        for kind, meaning in MEANINGS.items()
        if counts[kind]
    ]
    return rows_frame(rows, "kind")


def exception_frame(forms: Sequence[Form]) -> "DataFrame":
    """Every service that has no endpoint of its own in each Region, with an example or reason."""
    rows = [
        {"kind": form.kind, "service": form.service, "example": form.example}
        for form in sorted(forms, key=lambda each: (list(MEANINGS).index(each.kind), each.service))
        if form.kind != "regional"
    ]
    return rows_frame(rows, "kind", "service")


def survey_figure(forms: Sequence[Form], partition: str = "aws") -> Picture:
    """Bars of how many services are of each kind, those that are regional by their domain."""
    counts = Counter(
        f"{form.kind}, {form.domain}" if form.kind == "regional" else form.kind for form in forms
    )
    ordered = sorted(counts, key=lambda each: -counts[each])
    figure, [axis] = panels(9, 0.9 + 0.42 * len(ordered))
    colours = [COLOURS[0] if each.startswith("regional") else COLOURS[1] for each in ordered]
    bars = axis.barh(ordered, [counts[each] for each in ordered], color=colours)
    axis.bar_label(bars, padding=3)
    axis.invert_yaxis()
    axis.set_xlabel(f"services that botocore knows, partition {partition}")
    told = ", ".join(f"{counts[each]} {each}" for each in ordered)
    return picture_of(figure, f"Services by the form of their endpoints: {told}.")


def endpoint_lines(addresses: Iterable[Endpoint]) -> Iterator[str]:
    """The same for a terminal, grouped by service and Region."""
    place: tuple[str, str] | None = None
    for each in addresses:
        if place != (each.service, each.region):
            place = (each.service, each.region)
            yield f"{each.service} in {each.region} ({each.partition})"
        yield f"  {each.variant:18} {each.url or f'none: {each.why_not}'}"


def survey_lines(forms: Sequence[Form], partition: str) -> Iterator[str]:
    """Counts for a terminal, then each exception by its name."""
    yield f"{len(forms)} services in {partition}, by botocore's rules:"
    counts = Counter(str(form.kind) for form in forms)
    for kind, meaning in MEANINGS.items():
        if counts[kind]:
            yield f"  {counts[kind]:4}  {kind}: {meaning}"
    yield "\nNot regional:"
    for form in sorted(forms, key=lambda each: (list(MEANINGS).index(each.kind), each.service)):
        if form.kind != "regional":
            yield f"  {form.kind:17} {form.service:34} {form.example}"
