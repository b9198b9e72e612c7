"""From a file of leads and a declaration to leads that are ready for a model."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.dialect import Choices
from salescoach.crm.text import Ragged, TextTable, read_table
from salescoach.errors import InputError
from salescoach.leadlab.columns import typed
from salescoach.resources import load_tables
from salescoach.scoring.declaration import Declaration, parse_declaration
from salescoach.scoring.leads import Prepared, prepare
from salescoach.scoring.names import Names

_ASK = Choices()


@dataclass(frozen=True)
class LeadFile:
    """A file of leads, read and typed.

    ``outcome`` is None when the file does not have that column; ``history``: its columns were made from events
    before the snapshot, and not taken from an export's current state.
    """

    file: str
    sha256: str
    table: pd.DataFrame
    outcome: npt.NDArray[np.object_] | None
    declaration: Declaration
    ragged: tuple[Ragged, ...]
    history: bool = False

    def prepared(self) -> Prepared:
        """The leads, ready."""
        try:
            return prepare(self.table, self.outcome, self.declaration, names())
        except InputError as error:
            raise InputError(str(error), file=self.file) from None


@cache
def names() -> Names:
    """The words by which columns and outcomes are recognised."""
    return Names.read(load_tables("scoring")["names.toml"])


def read_leads(
    path: Path,
    *,
    outcome: str = "",
    declare: Path | None = None,
    declaration: Declaration | None = None,
    time: str = "",
    won: tuple[str, ...] = (),
    lost: tuple[str, ...] = (),
    choices: Choices = _ASK,
) -> LeadFile:
    """Read a file of leads: delimited text with a heading row.

    Parameters
    ----------
    path : Path
        The file; separator and encoding are found, or asked for.
    outcome, time, won, lost
        As in :class:`Declaration`; they go before what the declaration says.
    declare : Path, optional
        A declaration in TOML.
    declaration : Declaration, optional
        One that was read before, such as that of a model.
    choices : Choices
        What is known about the file's form.

    Raises
    ------
    InputError
        The file or the declaration cannot be understood; the text says what to do.
    """
    said = declaration or _declared(declare, outcome, time)
    said = replace(said, won=won or said.won, lost=lost or said.lost)
    text = read_table(path, choices, number_unnamed=True)  # programs write row numbers without a heading
    if declaration is None and said.outcome not in text.header:
        raise InputError(f"there is no column '{said.outcome}'. The columns: {', '.join(text.header)}.", file=path.name)
    table = typed(text, said, names(), choices)
    return LeadFile(path.name, text.sha256, table, _outcome(text, said), said, text.ragged)


def _outcome(text: TextTable, declaration: Declaration) -> npt.NDArray[np.object_] | None:
    if declaration.outcome not in text.header:
        return None
    return text.columns[text.header.index(declaration.outcome)]


def _declared(path: Path | None, outcome: str, time: str) -> Declaration:
    if path is None:
        return Declaration(outcome=outcome, time=time)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML ({error}). Correct the line it names.", file=path.name) from None
    return parse_declaration(tables, file=path.name, outcome=outcome, time=time)
