"""Executing a notebook with parameters, strictly, and turning it into a page.

papermill itself takes a misspelt parameter, runs with the default and reports success.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from workbench.errors import NotebookFailed, OutputNotWritable, UnknownParameter
from workbench.storage import store

KERNEL = "python3"
NO_ALT = "No description has been provided for this image"


def execute_notebook(source: Path, target: Path, parameters: Mapping[str, Any]) -> None:
    """Run a notebook in a fresh kernel, in the target's folder, and store it there.

    Raises
    ------
    UnknownParameter
        If its parameters cell does not declare a parameter.
    NotebookFailed
        If a cell raises; the notebook is stored up to there.
    OutputNotWritable
        If it cannot be stored.
    """
    import papermill
    from traitlets.config import Config

    logging.getLogger("papermill").setLevel(logging.ERROR)
    known = set(papermill.inspect_notebook(str(source)))
    unknown = sorted(parameters.keys() - known)
    if unknown:
        raise UnknownParameter(
            f"{source.name} has no parameter {', '.join(map(repr, unknown))}. "
            f"Its parameters are: {', '.join(sorted(known)) or 'none'}."
        )
    try:
        papermill.execute_notebook(
            str(source),
            str(target),
            parameters=dict(parameters),
            kernel_name=KERNEL,
            cwd=str(target.parent),
            progress_bar=False,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )
    except papermill.PapermillExecutionError as error:
        raise NotebookFailed(
            f"{target}: cell {error.cell_index} raised {error.ename}: {error.evalue}"
        ) from error
    except OSError as error:
        raise OutputNotWritable(f"{target} cannot be written: {error.strerror}") from error


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
    for alt in _picture_texts(notebook):  # which nbconvert leaves out
        html = html.replace(f'alt="{NO_ALT}"', f'alt="{escape(alt)}"', 1)
    store(page, html)


def _picture_texts(notebook: Path) -> Iterator[str]:
    """The texts of a notebook's pictures, in order."""
    for cell in json.loads(notebook.read_text())["cells"]:
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                yield output["metadata"].get("image/png", {}).get("alt", NO_ALT)
