"""A table of text as typed columns: numbers, moments, texts. Decided from each whole column; asks when it fits two
readings.

A cell is missing when it is empty or declared so. A column is one of numbers when all its other cells are
numbers or common words for "not known"; codes with leading zeros stay texts. What one column says about
decimal mark and order of days holds for the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm import amounts, moments
from salescoach.crm.amounts import Undecided
from salescoach.crm.dialect import Choices
from salescoach.crm.text import TextColumn, TextTable
from salescoach.errors import InputError
from salescoach.leadlab.days import in_figures
from salescoach.scoring.declaration import Declaration
from salescoach.scoring.names import Names, value_key

_LOOK = 500
_PLAIN = frozenset("0123456789.-+eE")  # as programs write numbers, exponents too
_CODE = re.compile(r"0[0-9]+")
_EXPONENT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_UNIT = re.compile(r"(?P<number>-?[0-9][0-9.,]*) *(?P<unit>[^\W\d_]+\.?)")
_FEWEST_NUMBERS = 0.5


@dataclass(frozen=True)
class _Cells:
    """The different filled texts of a column, and for each row its place among them (-1 = missing)."""

    texts: npt.NDArray[np.object_]
    codes: npt.NDArray[np.intp]

    def spread(self, values: npt.NDArray[np.generic], missing: object) -> npt.NDArray[np.generic]:
        """One value per text as one per row."""
        padded = np.append(values, np.array([missing], dtype=values.dtype))
        return padded[self.codes]


def typed(table: TextTable, declaration: Declaration, names: Names, choices: Choices) -> pd.DataFrame:
    """Every column of *table* but the outcome, typed: float64, datetime64[us] or ``category``.

    InputError naming the column when it fits two readings, or is not what was declared.
    """
    cells = {
        name: _cells(column, (*declaration.missing, *declaration.rule(name).missing))
        for name, column in zip(table.header, table.columns, strict=True)
        if name != declaration.outcome
    }
    dated = {declaration.time, declaration.known_when}
    usual: dict[str, str | None] = {"decimal": choices.decimal, "date_order": choices.date_order}
    if table.dialect.separator == "," and not usual["decimal"]:
        usual["decimal"] = _decimal_of(cells) or "."  # where commas part cells, they are in no number
    made: dict[str, pd.Series] = {}
    open_columns: dict[str, Undecided] = {}
    for again in (False, True):
        for name in list(open_columns) if again else list(cells):
            try:
                made[name] = _column(
                    cells[name], declaration.rule(name).kind, names, usual, name, short_years=name in dated
                )
            except Undecided as undecided:
                open_columns[name] = undecided
                if again:
                    raise _ask(table.file, name, undecided) from None
            else:
                open_columns.pop(name, None)
        if not usual["decimal"]:
            usual["decimal"] = _decimal_of(cells)
    for name in dated & set(cells):
        if isinstance(made[name].dtype, pd.CategoricalDtype) and len(cells[name].texts):
            raise _no_moments(table.file, name, cells[name], names)
    return pd.DataFrame({name: made[name] for name in cells}, index=pd.RangeIndex(len(table.columns[0])))


def _no_moments(file: str, name: str, cells: _Cells, names: Names) -> InputError:
    written = [moments.taken_apart(in_figures(text, names.months, short_years=True)) for text in cells.texts]
    odd = [
        text
        for text, when in zip(cells.texts, written, strict=True)
        if when is None or not (when.day("dmy") or when.day("mdy"))
    ] or list(cells.texts)
    shown = ", ".join(f"'{text[:40]}'" for text in odd[:3])
    return InputError(
        f"holds {len(odd)} texts that are no moments, such as {shown}. Empty those cells or declare them missing, "
        "write days as 2025-01-31, or name another column.",
        file=file,
        column=name,
    )


def _ask(file: str, name: str, undecided: Undecided) -> InputError:
    what = "--date-order" if "first" in " ".join(undecided.readings) else "--decimal"
    return InputError(
        f"{' and '.join(undecided.examples)} can be read as {' or '.join(undecided.readings)}. Say which with {what}.",
        file=file,
        column=name,
    )


def _cells(column: TextColumn, missing: Sequence[str]) -> _Cells:
    codes, uniques = pd.factorize(column)
    texts = np.array([unicodedata.normalize("NFC", text).strip() for text in uniques], dtype=object)
    filled = texts.copy()
    filled[np.isin(texts, ["", *missing])] = None
    again, distinct = pd.factorize(filled)
    return _Cells(np.asarray(distinct, dtype=object), again[codes])


def _column(
    cells: _Cells, kind: str, names: Names, usual: Mapping[str, str | None], name: str, *, short_years: bool
) -> pd.Series:
    makers: dict[str, Callable[[], pd.Series | None]] = {
        "number": lambda: _numbers(cells, names, usual["decimal"], strict=kind != "number", name=name),
        "moment": lambda: _moments(cells, names, usual["date_order"], short_years or kind == "moment"),
        "text": lambda: _texts(cells),
    }
    for each in [kind] if kind else ["number", "moment", "text"]:
        made = makers[each]()
        if made is not None:
            return made
    raise InputError(f"is declared as {kind}, but '{cells.texts[0]}' is none.", column=name)


def _texts(cells: _Cells) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes(cells.codes, categories=pd.Index(cells.texts, dtype=object)))


def _numbers(cells: _Cells, names: Names, usual: str | None, *, strict: bool, name: str) -> pd.Series | None:
    """The column as numbers; None when it is none."""
    if not len(cells.texts):
        return pd.Series(np.full(len(cells.codes), np.nan))
    values = _plain_numbers(cells.texts)
    if values is None:
        values = _written_numbers(cells.texts, names, usual, strict=strict, name=name)
    return None if values is None else pd.Series(cells.spread(values, np.nan))


def _plain_numbers(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.float64] | None:
    """Numbers written with figures, minus and a point that can only be a decimal point; None when in doubt."""
    if not set("".join(texts[:_LOOK])) <= _PLAIN or not set("".join(texts)) <= _PLAIN:
        return None
    points = [text for text in texts if "." in text]
    decided = not points or any(_certain(text) for text in points)
    if not decided or any(_CODE.fullmatch(text) for text in texts):
        return None
    try:
        return _finite(texts.astype("U32").astype(float)) if max(map(len, texts)) <= 32 else None
    except ValueError:
        return None


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """*values*, missing where a program overflowed: an infinity says that a figure was lost, not how large it was."""
    return np.where(np.isfinite(values), values, np.nan)


def _certain(text: str) -> bool:
    """True for a point that cannot part thousands."""
    whole, _, rest = text.lstrip("-").partition(".")
    return len(rest) != 3 or len(whole) > 3 or whole.startswith("0")


def _written_numbers(
    texts: npt.NDArray[np.object_], names: Names, usual: str | None, *, strict: bool, name: str
) -> npt.NDArray[np.float64] | None:
    texts = _without_unit(texts, names)
    written = [_number(text) for text in texts]
    numbers = [number for number in written if number]
    others = [text for text, number in zip(texts, written, strict=True) if not number]
    if len(numbers) < _FEWEST_NUMBERS * len(texts):
        return _exponents(texts, names) if strict else None
    if strict and any(value_key(text) not in names.missing for text in others):
        return _exponents(texts, names)
    units = {number.unit for number in numbers} - {""}
    if strict and (len(units) > 1 or any(_CODE.fullmatch(number.text) for number in numbers)):
        return None
    if len(units) > 1:
        raise InputError(
            f"is declared as number, but stands in several units: {', '.join(sorted(units))}. Convert them to one.",
            column=name,
        )
    mark = amounts.decimal_mark(numbers, stated=None, usual=usual)
    values = [number.value(mark) if number else None for number in written]
    return np.array([np.nan if value is None else float(value) for value in values])


def _without_unit(texts: npt.NDArray[np.object_], names: Names) -> npt.NDArray[np.object_]:
    """12 yrs as 12, where every cell ends in one unit, which then says nothing about a lead. So do 1 day, 2 days."""
    found = [_UNIT.fullmatch(text) for text in texts]
    words = {match["unit"].casefold().rstrip(".") for match in found if match}
    ends = {names.units.get(word, (word,)) for word in words}
    if None in found or len(ends) != 1:
        return texts
    return np.array([match["number"] for match in found if match], dtype=object)


def _number(text: str) -> amounts.Written | None:
    """A text taken apart; None when it is a number in neither reading, such as 31.01.2025."""
    number = amounts.taken_apart(text)
    return number if number and (number.value(".") is not None or number.value(",") is not None) else None


def _exponents(texts: npt.NDArray[np.object_], names: Names) -> npt.NDArray[np.float64] | None:
    """Numbers as programs write them, with a point and some with an exponent; None when any is not."""
    plain = [_EXPONENT.fullmatch(text) is not None for text in texts]
    if sum(plain) < _FEWEST_NUMBERS * len(texts):
        return None
    if not all(fits or value_key(text) in names.missing for text, fits in zip(texts, plain, strict=True)):
        return None
    return _finite(np.array([float(text) if fits else np.nan for text, fits in zip(texts, plain, strict=True)]))


def _moments(cells: _Cells, names: Names, usual: str | None, short_years: bool) -> pd.Series | None:
    """The column as moments; None when it is none."""

    def written_as(texts: npt.NDArray[np.object_]) -> list[moments.Written | None]:
        return [moments.taken_apart(in_figures(text, names.months, short_years=short_years)) for text in texts]

    if not len(cells.texts) or not all(written_as(cells.texts[:_LOOK])):
        return None
    written = written_as(cells.texts)
    if any(when is None for when in written):
        return None
    known = [when for when in written if when]
    order = moments.day_order(known, stated=None, usual=usual)
    stamps = [_stamp(when, order) for when in known]
    if any(stamp is None for stamp in stamps):
        return None
    values = np.array(stamps, dtype="datetime64[us]")
    return pd.Series(cells.spread(values, np.datetime64("NaT")))


def _stamp(when: moments.Written, order: str) -> datetime | None:
    """A moment without zone: that of UTC when one is written, else the clock's."""
    day = when.day(order)
    if day is None:
        return None
    stamp = datetime.combine(day, when.clock or datetime.min.time())
    offset = when.zone.utcoffset(None) if when.zone and when.clock else timedelta()
    return stamp - offset


def _decimal_of(cells: Mapping[str, _Cells]) -> str | None:
    """The decimal mark that some column of the file shows beyond doubt, when they agree."""
    marks = set()
    for column in cells.values():
        sample = [number for text in column.texts[:_LOOK] if (number := _number(text))]
        if len(sample) < len(column.texts[:_LOOK]) or not sample:
            continue
        for mark, other in ((".", ","), (",", ".")):
            if any(n.value(mark) is not None and n.value(other) is None for n in sample):
                marks.add(mark)
    return marks.pop() if len(marks) == 1 else None
