"""Parameters on their way into a notebook: what may pass, and the Python text it becomes.

papermill writes parameter names as they are and turns what it does not know into text, so that
``np.bool_(False)`` arrives as the true string ``'False'`` and a path with a quote in it arrives as
code. Here only JSON types and dates pass, by ``repr``, under names that the notebook declares.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import TypeAlias

from nbformat import NotebookNode

from salescoach.errors import UsageError
from salescoach.runs.notebooks import node

KERNEL = "salescoach"  # the kernel name under which papermill finds this translator, and nobody else's

Plain: TypeAlias = "bool | int | float | str | date | datetime | list[Plain] | dict[str, Plain] | None"


class ParameterError(UsageError, TypeError):
    """A parameter that must not reach a notebook, by its name or by its type."""


def plain(value: object, name: str) -> Plain:
    """*value* as a JSON type or a date; numpy scalars are unwrapped, everything else is refused.

    Raises
    ------
    ParameterError
        For any other type: its text would stand in the notebook as code.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"active": np.bool_(False), "since": date(2025, 10, 1)}, "options")
    {'active': False, 'since': datetime.date(2025, 10, 1)}
    >>> plain((1, 2), "weights")
    Traceback (most recent call last):
    salescoach.runs.parameters.ParameterError: Parameter 'weights' is a tuple; ...
    """
    import numpy as np

    if isinstance(value, np.bool_ | np.integer | np.floating | np.str_):
        value = value.item()
    # Exact types: a subclass brings its own repr, and that would be the code that runs.
    if value is None or type(value) in (bool, int, float, str, date):
        return value  # type: ignore[return-value]
    if type(value) is datetime and value.tzinfo in (None, UTC):
        return value
    if type(value) is list:
        return [plain(item, name) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: plain(item, name) for key, item in value.items()}
    kind = f"a {type(value).__name__}" + (" whose keys are not all text" if type(value) is dict else "")
    raise ParameterError(
        f"Parameter '{name}' is {kind}; a notebook takes text, numbers, true and false, nothing, dates "
        "(moments: without a zone or in UTC), lists, and dictionaries with text keys. Convert it first."
    )


def literal(value: Plain) -> str:
    """Python text that gives *value* back, letters left readable.

    >>> literal(["Ayşe Öztürk", float("inf"), date(2025, 12, 31)])
    "['Ayşe Öztürk', float('inf'), datetime.date(2025, 12, 31)]"
    """
    if isinstance(value, float):
        return repr(value) if value - value == 0 else f"float('{value!r}')"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def declared(notebook: NotebookNode) -> tuple[str, ...]:
    """Names assigned in the cell tagged ``parameters``, in their order; none without such a cell.

    Read from the syntax tree: papermill's own reading, a regular expression, loses annotated names
    and every line with a second ``=``, even in a comment.
    """
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])), None)
    if cell is None:
        return ()
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise ParameterError(f"Line {error.lineno} of the notebook's parameters cell is not Python.") from None
    targets: list[ast.expr] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets += statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
    names = (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return tuple(dict.fromkeys(names))


def check(notebook: NotebookNode, parameters: Mapping[str, object]) -> dict[str, Plain]:
    """*parameters*, unwrapped, when each has a name that *notebook* declares.

    Raises
    ------
    ParameterError
        For a name that is no identifier, a keyword or not declared, and for a type that cannot pass.
    """
    known = declared(notebook)
    for name in parameters:
        if not _is_name(name) or name not in known:
            raise ParameterError(
                f"The notebook declares no parameter {name!r}; its cell tagged 'parameters' declares: "
                f"{', '.join(known) or 'nothing'}."
            )
    return {name: plain(value, name) for name, value in parameters.items()}


class Translator:
    """What papermill calls to write the injected cell. Refuses again what :func:`check` refuses."""

    @classmethod
    def codify(cls, parameters: Mapping[str, object], comment: str = "Parameters") -> str:
        """Source of the injected cell; *comment* is papermill's own and is not repeated."""
        lines = ["# Parameters"]
        for name, value in parameters.items():
            if not _is_name(name):
                raise ParameterError(f"{name!r} is not a name that a parameter can have.")
            text = literal(plain(value, name))
            if "datetime." in text and "import datetime" not in lines:
                lines.insert(1, "import datetime")
            lines.append(f"{name} = {text}")
        return "\n".join(lines) + "\n"

    @classmethod
    def inspect(cls, parameters_cell: NotebookNode) -> list[object]:
        """Parameters as papermill describes them."""
        from papermill.models import Parameter

        cells = node(cells=[parameters_cell])
        return [Parameter(name, "None", "", "") for name in declared(cells)]


@cache
def register() -> None:
    """Make papermill use :class:`Translator` for our kernel name; other notebooks keep papermill's own."""
    from papermill.translators import papermill_translators

    papermill_translators.register(KERNEL, Translator)


def _is_name(name: object) -> bool:
    return type(name) is str and name.isidentifier() and not keyword.iskeyword(name)
