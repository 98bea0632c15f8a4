"""Executing a notebook with parameters, strictly, and turning it into a page.

papermill itself takes a misspelt parameter, runs with the default and reports success.
"""

import ast
import json
import logging
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from workbench.errors import BadParameter, NotebookFailed, OutputNotWritable, UnknownParameter
from workbench.storage import store

KERNEL = "python3"
# nbconvert's own style is light. Where dark is preferred all is turned round, and pictures back.
DARK_AND_PRINT = """
@media screen and (prefers-color-scheme: dark) {
  html { background: #111; } body { filter: invert(0.9) hue-rotate(180deg); }
  img { filter: invert(1) hue-rotate(180deg); }
}
@media print {
  .jp-Cell, table, img { break-inside: avoid; } h1, h2 { break-after: avoid; }
  input[type=range] { display: none; }
}
"""
NO_ALT = "No description has been provided for this image"


def execute_notebook(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path | None = None,
    without: str = "",
) -> None:
    """Run a notebook in a fresh kernel, in a folder or the target's, and store it there.

    Cells with the tag `without` are left out: a lesson's questions are no part of a report.

    Raises
    ------
    UnknownParameter, BadParameter
        If its parameters cell does not declare a parameter, or declares another type.
    NotebookFailed
        If a cell raises; the notebook is stored up to there.
    OutputNotWritable
        If it cannot be stored.
    """
    import papermill
    from traitlets.config import Config

    logging.getLogger("papermill").setLevel(logging.ERROR)
    _check_parameters(source, parameters)
    try:
        store(target, _without(source, without))
        papermill.execute_notebook(
            str(target),
            str(target),
            parameters=dict(parameters),
            kernel_name=KERNEL,
            cwd=str(folder or target.parent),
            progress_bar=False,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )
    except papermill.PapermillExecutionError as error:
        raise NotebookFailed(
            f"{target}: cell {error.cell_index} raised {error.ename}: {error.evalue}"
        ) from error
    except OSError as error:
        raise OutputNotWritable(f"{target} cannot be written: {error.strerror}") from error


def declared_parameters(notebook: Path) -> dict[str, type]:
    """Name and type of each parameter: the literals of its parameters cell are the schema.

    Raises
    ------
    UnknownParameter
        If one is no literal: papermill would put another value in, and what came from it stays.
    """
    found: dict[str, type] = {}
    for cell in json.loads(notebook.read_text())["cells"]:
        if "parameters" not in cell["metadata"].get("tags", ()):
            continue
        for node in ast.parse("".join(cell["source"])).body:
            try:
                assert isinstance(node, ast.Assign)
                value = ast.literal_eval(node.value)
            except (AssertionError, ValueError) as error:
                told = f"{notebook.name}: {ast.unparse(node)} is no literal"
                raise UnknownParameter(told) from error
            found |= {ast.unparse(target): type(value) for target in node.targets}
    return found


def _check_parameters(source: Path, parameters: Mapping[str, Any]) -> None:
    known = declared_parameters(source)
    if unknown := sorted(parameters.keys() - known.keys()):
        raise UnknownParameter(
            f"{source.name} has no parameter {', '.join(map(repr, unknown))}. "
            f"Its parameters are: {', '.join(sorted(known)) or 'none'}."
        )
    for name, value in parameters.items():
        if not isinstance(value, known[name]):
            raise BadParameter(f"{name} of {source.name}", value, f"of type {known[name].__name__}")


def _without(source: Path, tag: str) -> str:
    notebook = json.loads(source.read_text())
    cells = notebook["cells"]
    notebook["cells"] = [each for each in cells if tag not in each["metadata"].get("tags", ())]
    return json.dumps(notebook)


def write_page(notebook: Path, page: Path, *, title: str) -> None:
    """Write an executed notebook as one HTML page, without its code.

    Raises
    ------
    OutputNotWritable
        If it cannot be stored.
    """
    from nbconvert.exporters.html import HTMLExporter

    exporter = HTMLExporter(exclude_input=True, exclude_input_prompt=True)  # type: ignore[no-untyped-call]
    exporter.exclude_output_prompt = True
    exporter.embed_images = True
    for name in ("require_js_url", "mathjax_url", "mermaid_js_url", "mermaid_layout_elk_js_url"):
        setattr(exporter, name, "")  # the page needs no network
    exporter.log.setLevel(logging.ERROR)
    html, _ = exporter.from_filename(str(notebook), resources={"metadata": {"name": title}})
    html = html.replace("</head>", f"<style>{DARK_AND_PRINT}</style></head>", 1)
    for alt in _picture_texts(notebook):  # which nbconvert leaves out
        html = html.replace(f'alt="{NO_ALT}"', f'alt="{escape(alt)}"', 1)
    store(page, html)


def _picture_texts(notebook: Path) -> Iterator[str]:
    """The texts of a notebook's pictures, in order."""
    for cell in json.loads(notebook.read_text())["cells"]:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                yield output["metadata"].get("image/png", {}).get("alt", NO_ALT)
