"""An executed notebook as a page for the person it is about: no code, figures drawn without a network.

The same notebook gives the same bytes. A figure stays in the notebook as data (JupyterLab draws it)
and becomes here a box that plotly.js, one copy per folder, draws. Text from people is made safe where
it is shown, not here: a sanitiser at this place would remove the figures.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from nbformat import NotebookNode
from traitlets.config import Config

from salescoach import resources
from salescoach.report.render import figure_html
from salescoach.runs.notebooks import node

PLOTLY_JS = "plotly.min.js"
_PLOTLY_MIME = "application/vnd.plotly.v1+json"

# What a page shows, best first. No script and no widget of a notebook ends up in a page.
_SHOWN = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")

_converting = threading.Lock()  # an exporter keeps the notebook it is working on in itself


def page(notebook: NotebookNode, *, language: str, title: str, footer: str = "") -> str:
    """The whole HTML document of *notebook*, in *language* for browsers and readers, named *title*."""
    shown, figures = _shown(notebook)
    given = {"metadata": {"name": title}, "plotly_js": PLOTLY_JS if figures else "", "footer": footer}
    with _converting:
        document, _ = _exporter(language).from_notebook_node(shown, resources=given)
    return str(document)


def plotly_js() -> bytes:
    """The plotly.js that belongs to the installed plotly, to be laid beside the pages."""
    return (files("plotly") / "package_data" / PLOTLY_JS).read_bytes()


@cache
def _exporter(language: str) -> Any:
    from nbconvert.exporters import HTMLExporter

    settings = Config()
    settings.HTMLExporter.exclude_input = True
    settings.HTMLExporter.exclude_input_prompt = True
    settings.HTMLExporter.exclude_output_prompt = True
    settings.HTMLExporter.exclude_anchor_links = True
    settings.HTMLExporter.default_preprocessors = []  # each would copy and validate the whole notebook again
    settings.NbConvertBase.display_data_priority = list(_SHOWN)
    return HTMLExporter(  # type: ignore[no-untyped-call]
        config=settings,
        template_name="salescoach",
        extra_template_basedirs=[str(resources.templates("report", "nbconvert"))],
        extra_template_paths=[str(resources.templates("report"))],  # where the style sheet is
        language_code=language,
    )


def _shown(notebook: NotebookNode) -> tuple[NotebookNode, int]:
    """A copy that holds only what a page shows, and how many figures it has."""
    shown = deepcopy(notebook)
    shown.metadata.pop("widgets", None)
    figures = 0
    for number, cell in enumerate(shown.cells, 1):
        cell["id"] = f"cell-{number}"  # papermill's injected cell has a new id in every run
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            bundle = output.get("data", {}).get(_PLOTLY_MIME)
            if bundle is not None:
                figures += 1
                output.data = node(**{"text/html": _drawn(bundle, figures, output.data.get("text/plain", ""))})
            elif "data" in output:
                output.data = node(**{kind: output.data[kind] for kind in _SHOWN if kind in output.data})
        # Warnings of libraries are for the analyst, who has the notebook.
        cell.outputs = [
            output for output in cell.outputs if output.get("name") != "stderr" and output.get("data") != {}
        ]
    return shown, figures


def _drawn(bundle: Mapping[str, Any], number: int, description: str) -> str:
    """The box of a figure and the call that draws it, without plotly's own server among its settings."""
    config = {key: value for key, value in bundle.get("config", {}).items() if key != "plotlyServerURL"}
    figure = {"data": bundle["data"], "layout": bundle.get("layout", {}), "config": {"responsive": True} | config}
    return figure_html(figure, f"figure-{number}", description)
