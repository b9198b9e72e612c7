"""Put a synthetic organisation on disk: in the canonical form or a CRM's, the truth outside it. Only this writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

from salescoach.errors import UsageError
from salescoach.synthetic.build import SyntheticOrganisation
from salescoach.synthetic.dialect import dialect_of
from salescoach.synthetic.exports import View, exported
from salescoach.synthetic.exports.cells import File
from salescoach.tables.schema import TABLES


def write(
    organisation: SyntheticOrganisation,
    folder: Path | str,
    truth_path: Path | str | None = None,
    *,
    form: str = "canonical",
    language: str | None = None,
    dialect: str | None = None,
) -> None:
    """Write the organisation into *folder* in one of :data:`FORMS`, and the truth to *truth_path* when given.

    Canonical: one ``<table>.csv`` per table, UTF-8, comma, header of field names, ISO dates, moments ending in Z,
    decimal point, ``\\n``; empty = missing. The other forms hold what that CRM's export would hold, in its files,
    headings and spellings, with headings in *language* (the organisation's, when not given) where it translates
    them. *dialect* spells the canonical files otherwise (``cp1254``, ``decimal_comma``, ``mojibake``: see
    :data:`DIALECTS`); the organisation's own when not given. Same organisation, same bytes.

    Raises
    ------
    UsageError
        For an unknown form or dialect, or when *truth_path* lies inside *folder*: what is imported must not carry its
        own answers.
    """
    target = Path(folder)
    if truth_path is not None and Path(truth_path).resolve().is_relative_to(target.resolve()):
        raise UsageError(
            f"The truth file {truth_path} lies inside the import folder {folder}. Choose a place outside it."
        )
    spelling = dialect_of(dialect or organisation.dialect)
    target.mkdir(parents=True, exist_ok=True)
    if form == "canonical":
        for name, table in organisation.tables.items():
            columns = [
                spelling.spelt(_texts(table[field.name], field.type), field.type) for field in TABLES[name].fields
            ]
            cells = dict(zip(TABLES[name].names, columns, strict=True))
            _write_file(target / f"{name}.csv", cells, spelling.separator, spelling.encoding)
    else:
        settings = organisation.settings
        view = View(organisation.tables, language or str(settings["language"]), str(settings["currency"]))
        how, files = exported(form, view)
        for name, cells in files.items():
            _write_file(target / f"{name}.csv", cells, how.separator, how.encoding)
    if truth_path is not None:
        text = json.dumps(organisation.truth, ensure_ascii=False, indent=1, sort_keys=True)
        Path(truth_path).parent.mkdir(parents=True, exist_ok=True)
        Path(truth_path).write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_file(path: Path, columns: File, separator: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.writer(file, delimiter=separator, lineterminator="\n")
        rows.writerow(columns)
        rows.writerows(zip(*columns.values(), strict=True))


def _texts(column: pd.Series, kind: str) -> list[str]:
    """The cells of a column as the file holds them; missing is empty."""
    known = column.notna().to_numpy()
    if not known.any():
        return [""] * len(column)
    if kind in ("date", "ts"):
        unit, end = ("D", "") if kind == "date" else ("s", "Z")
        moments = column.to_numpy(dtype="datetime64[s]").astype(f"datetime64[{unit}]")
        texts = [text + end for text in np.datetime_as_string(moments).tolist()]
    elif kind == "text":
        texts = column.astype(object).tolist()
    elif kind == "bool":
        texts = ["true" if value is True else "false" for value in column.astype(object).tolist()]
    elif kind == "int":
        texts = [str(value) for value in column.astype(object).tolist()]
    else:
        digits = {"money": "%.2f", "share": "%.4f", "number": "%.10g"}[kind]
        texts = [digits % value for value in column.to_numpy(dtype=np.float64).tolist()]
    return texts if known.all() else [text if here else "" for text, here in zip(texts, known.tolist(), strict=True)]
