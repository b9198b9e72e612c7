"""How CRMs write things: moments, days, amounts, yes and no. Columns in, texts out; missing is empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from salescoach.synthetic.days import TIMEZONE

Cells = list[str]
File = dict[str, Cells]
"""One file of an export: its cells by heading."""

_FIRST_SERIAL = pd.Timestamp("1899-12-30")
_SECONDS = 86_400


def text(column: pd.Series[Any], words: Mapping[str, str] | None = None) -> Cells:
    """Texts as they are, or as *words* spells them; a text without a word of its own stays."""
    known = words or {}
    return [known.get(str(value), str(value)) if pd.notna(value) else "" for value in column]


def utc(column: pd.Series[Any], form: str) -> Cells:
    """Moments in UTC, in a form of strftime."""
    return [value.strftime(form) if pd.notna(value) else "" for value in column]


def local(column: pd.Series[Any], form: str) -> Cells:
    """Moments as the organisation's clock showed them."""
    return utc(_local(column), form)


def serial(column: pd.Series[Any]) -> Cells:
    """Local moments, or days, as a spreadsheet counts them: whole days, and the time as their fraction."""
    moments = (
        _local(column) if len(column.dropna()) and (column.dropna().dt.normalize() != column.dropna()).any() else column
    )
    seconds = [(value - _FIRST_SERIAL).total_seconds() if pd.notna(value) else None for value in moments]
    return ["" if each is None else f"{each / _SECONDS:.10f}".rstrip("0").rstrip(".") for each in seconds]


def amount(column: pd.Series[Any], form: str = "{:.2f}", *, comma: bool = False) -> Cells:
    """Amounts with a decimal point, or with points between thousands and a decimal comma."""
    written = [form.format(float(value)) if pd.notna(value) else "" for value in column]
    return [each.translate(str.maketrans(",.", ".,")) for each in written] if comma else written


def whole(column: pd.Series[Any]) -> Cells:
    """Whole numbers."""
    return [str(round(float(value))) if pd.notna(value) else "" for value in column]


def percent(column: pd.Series[Any], sign: str = "") -> Cells:
    """Shares as per cent."""
    return [f"{100 * float(value):.10g}{sign}" if pd.notna(value) else "" for value in column]


def flag(rows: Any, yes: str = "true", no: str = "false") -> Cells:
    """Yes and no, from a column or a mask."""
    return [yes if value else no for value in np.asarray(pd.Series(rows).astype("boolean").fillna(False), dtype=bool)]


def made(column: pd.Series[Any], make: Callable[[str], str]) -> Cells:
    """Texts made of texts, such as ids of another form."""
    return [make(str(value)) if pd.notna(value) else "" for value in column]


def chosen(rows: Any, these: Cells, those: Cells) -> Cells:
    """*these* where *rows* holds, *those* elsewhere."""
    return [one if here else other for here, one, other in zip(rows, these, those, strict=True)]


def _local(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(column).dt.tz_localize("UTC").dt.tz_convert(TIMEZONE).dt.tz_localize(None)


def numbered(column: pd.Series[Any], prefix: str = "") -> Cells:
    """Ids as numbers, as databases give them: D000007 becomes 68000007."""
    return made(column, lambda own: f"{prefix}{ord(own[0])}{own[1:]}")
