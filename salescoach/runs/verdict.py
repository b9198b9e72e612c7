"""Whether an executed notebook is a whole report, and if not, why. Looks only at what it is given.

papermill's metadata has no say: after a dead kernel or a time-out it calls every cell completed,
those that never ran too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from nbformat import NotebookNode

from salescoach.runs.notebooks import code_cells, markdown_cell
from salescoach.words import Words

SENTINEL = "salescoach-end"
"""The last code cell of a report shows this, in a ``text/html`` output or in an output's metadata."""

_BANNER_TAG = "papermill-error-cell-tag"  # papermill takes cells with this tag out before it runs a notebook again


@dataclass(frozen=True)
class Failure:
    """Why a report is not good. ``cell`` is the number that the notebook shows: In [cell].

    ``cause`` is a key below ``run.cause`` in the words; each takes the slots it needs.
    """

    cause: str
    cell: int = 0
    seconds: float = 0
    code: int = 0
    detail: str = ""

    SLOTS: ClassVar[dict[str, tuple[str, ...]]] = {
        "raised": ("detail", "cell"),
        "signal": ("cell", "code"),
        "exit": ("cell", "code"),
        "timeout": ("cell", "seconds"),
        "deadline": ("seconds",),
        "not_started": ("detail",),
        "incomplete": ("cell",),
        "no_end": (),
        "stopped": (),
        "unwritten": ("detail",),
        "broken": ("detail",),
        "not_run": (),
    }

    def sentence(self, words: Words) -> str:
        """One line that says what happened, in the reader's language; the error's own message stays as it is."""
        values = {"detail": self.detail, "cell": str(self.cell), "code": str(self.code), "seconds": f"{self.seconds:g}"}
        return words(f"run.cause.{self.cause}", **{slot: values[slot] for slot in self.SLOTS[self.cause]})

    @classmethod
    def of(cls, cause: str, error: Exception) -> Failure:
        """*cause* with the name and the first line of *error*."""
        return cls(cause, detail=one_line(type(error).__name__, str(error)))


def verdict(notebook: NotebookNode) -> Failure | None:
    """What the executed *notebook* itself shows to be wrong; None when it is whole.

    Whole is: no error in an output (unless the cell is tagged ``raises-exception``), an execution
    count in every code cell, and the :data:`SENTINEL` shown by the last one.
    """
    cells = code_cells(notebook)
    for number, cell in enumerate(cells, 1):
        if "raises-exception" not in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if output.output_type == "error":
                    return Failure("raised", number, detail=one_line(output.ename, output.evalue))
        if cell.execution_count is None:
            return Failure("incomplete", number)
    return None if cells and _shows_end(cells[-1]) else Failure("no_end")


def make_honest(notebook: NotebookNode, failure: Failure | None) -> None:
    """Put right what papermill wrote about cells that did not end, and say at the top what happened."""
    notebook.metadata.papermill["exception"] = failure is not None
    if failure is None:
        return
    for number, cell in enumerate(code_cells(notebook), 1):
        if failure.cell and number >= failure.cell:
            cell.metadata.papermill["status"] = "failed" if number == failure.cell else "pending"
    if failure.cause != "raised":  # papermill has its own banner for an exception
        place = f"{failure.cause}, cell {failure.cell}" if failure.cell else failure.cause
        notebook.cells.insert(0, markdown_cell(f"**This report is not complete** ({place}).", _BANNER_TAG))


def one_line(name: str, message: str = "", limit: int = 200) -> str:
    r"""Error *name* and the first line of its *message*, without colours and control characters.

    >>> one_line("KeyError", "'rep'\nTraceback ...")
    "KeyError: 'rep'"
    """
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", message).strip().split("\n")[0]
    text = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"{name}: {text}" if text else name


def _shows_end(cell: NotebookNode) -> bool:
    outputs = [output for output in cell.outputs if output.output_type in ("display_data", "execute_result")]
    return any(
        SENTINEL in "".join(output.data.get("text/html", "")) or SENTINEL in repr(output.metadata) for output in outputs
    )
