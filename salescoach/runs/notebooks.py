"""Notebooks as data: read, written out, and which of their cells are executed. Runs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from salescoach.errors import UsageError


def read_notebook(path: Path) -> NotebookNode:
    """The notebook at *path*; UsageError when there is none or the file is something else."""
    try:
        content: NotebookNode = nbformat.reads(  # type: ignore[no-untyped-call]
            path.read_text(encoding="utf-8"), as_version=4
        )
    except FileNotFoundError:
        raise UsageError(f"There is no notebook {path}.") from None
    except (nbformat.reader.NotJSONError, UnicodeDecodeError, IsADirectoryError):
        raise UsageError(f"{path} is not a notebook.") from None
    return content


def notebook_text(notebook: NotebookNode) -> str:
    """What a notebook's file holds."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text + "\n"


def node(**content: Any) -> NotebookNode:
    """A part of a notebook, such as an output's data."""
    return NotebookNode(content)  # type: ignore[no-untyped-call]


def markdown_cell(source: str, *tags: str) -> NotebookNode:
    """A new cell of text."""
    cell: NotebookNode = nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})  # type: ignore[no-untyped-call]
    return cell


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Cells that are executed: an empty code cell never is, and has no execution count."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
