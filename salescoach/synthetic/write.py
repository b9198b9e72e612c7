"""Put a synthetic organisation on disk: the canonical CSV form, and the truth outside it. The only part that writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

from salescoach.errors import UsageError
from salescoach.synthetic.build import SyntheticOrganisation
from salescoach.tables.schema import TABLES


def write(organisation: SyntheticOrganisation, folder: Path | str, truth_path: Path | str | None = None) -> None:
    """Write one ``<table>.csv`` per table into *folder*, and the truth to *truth_path* when given.

    UTF-8, comma, header of field names, ISO dates, moments ending in Z, decimal point, ``\\n``; empty = missing.
    Same organisation, same bytes.

    Raises
    ------
    UsageError
        When *truth_path* lies inside *folder*: what is imported must not carry its own answers.
    """
    target = Path(folder)
    if truth_path is not None and Path(truth_path).resolve().is_relative_to(target.resolve()):
        raise UsageError(
            f"The truth file {truth_path} lies inside the import folder {folder}. Choose a place outside it."
        )
    target.mkdir(parents=True, exist_ok=True)
    for name, table in organisation.tables.items():
        columns = [_texts(table[field.name], field.type) for field in TABLES[name].fields]
        with (target / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(TABLES[name].names)
            rows.writerows(zip(*columns, strict=True))
    if truth_path is not None:
        text = json.dumps(organisation.truth, ensure_ascii=False, indent=1, sort_keys=True)
        Path(truth_path).parent.mkdir(parents=True, exist_ok=True)
        Path(truth_path).write_text(text + "\n", encoding="utf-8", newline="\n")


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
