"""One column of text as values of its field's type, decided from the whole column.

Each distinct text is parsed once. A text that cannot be a value becomes a fault of its row, never an
empty cell without a word; a column that fits two readings is an InputError with an example. Text is
trimmed and composed (NFC: two spellings of one name in bytes are one name); nothing else is changed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Context, Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm import amounts, moments
from salescoach.crm.dialect import Choices
from salescoach.crm.headings import fold
from salescoach.crm.text import TextColumn
from salescoach.errors import InputError
from salescoach.tables.schema import Field

Mask = npt.NDArray[np.bool_]

DTYPES = {
    "date": "datetime64[us]",
    "ts": "datetime64[us]",
    "share": "float64",
    "number": "float64",
    "int": "Int64",
    "bool": "boolean",
    "text": "object",
    "money": "object",
}
"""Type of a parsed column. Text is ``str`` or None, money ``Decimal`` or None, ts is UTC without zone."""

_TRUE = {fold(word) for word in ("true", "t", "yes", "y", "1", "evet", "e", "doğru", "d")}
_FALSE = {fold(word) for word in ("false", "f", "no", "n", "0", "hayır", "h", "yanlış")}
_EXACT = Context(prec=400)  # the default 28 digits would round a very long number
_FIGURES = 14  # before the point of an amount; four more after it fill DECIMAL(18, 4)


@dataclass(frozen=True)
class Reading:
    """What is known about how one column is written."""

    local: ZoneInfo
    stated: Choices = field(default_factory=Choices)
    usual_decimal: str | None = None
    usual_date_order: str | None = None
    unstated_zone: tzinfo | None = None  # of moments that name none; None = the organisation's
    unit: str = ""  # "%" or a currency, from the heading or the preset
    scale: float = 1
    value_map: Mapping[str, str] = field(default_factory=dict)
    last_day: bool = False  # the day written is the last one; the field is the first day after


@dataclass(frozen=True)
class Fault:
    """Rows of a column that break *rule*. Level R, Q or F of the row; V = the value was set aside, the row used."""

    rule: str
    level: str
    rows: Mask


@dataclass(frozen=True)
class Parsed:
    """A typed column, what was wrong with it, and what was repaired by the value map (raw, canonical, rows)."""

    values: pd.Series[Any]
    faults: tuple[Fault, ...] = ()
    currency: TextColumn | None = None
    repairs: tuple[tuple[str, str, int], ...] = ()
    recomposed: int = 0  # rows whose letters were written decomposed
    unzoned: int = 0  # rows with a clock time that names no zone


@dataclass(frozen=True)
class _Distinct:
    """The different texts of a column, trimmed and composed, which row has which, and for how many rows it stands."""

    texts: list[str]
    codes: npt.NDArray[np.intp]
    weights: npt.NDArray[np.int64]

    def count(self, these: Mask) -> int:
        """Rows of the file behind *these* rows."""
        return int(self.weights[these].sum())

    def spread(self, values: Sequence[object], dtype: str) -> pd.Series[Any]:
        cells = np.empty(len(values), dtype=object)
        cells[:] = values
        return typed(cells, dtype).take(self.codes).reset_index(drop=True)

    def rows(self, wrong: Sequence[bool]) -> Mask:
        return np.array(wrong, dtype=bool)[self.codes]

    def line(self, text: str, lines: npt.NDArray[np.int64]) -> int:
        """Line of the first row that holds *text*."""
        return int(lines[np.flatnonzero(self.codes == self.texts.index(text))[0]])


def parsed(
    raw: TextColumn,
    target: Field,
    reading: Reading,
    *,
    file: str,
    heading: str,
    lines: npt.NDArray[np.int64],
    weights: npt.NDArray[np.int64] | None = None,
) -> Parsed:
    """Parse the text under *heading* as *target*. InputError when the column fits two readings.

    *weights*: for how many rows of the file each of *raw* stands; one when not given.
    """
    codes, uniques = pd.factorize(raw)
    texts = [unicodedata.normalize("NFC", text).strip() for text in uniques]
    distinct = _Distinct(texts, codes, np.ones(len(codes), dtype=np.int64) if weights is None else weights)
    recomposed = distinct.count(distinct.rows([text != old.strip() for text, old in zip(texts, uniques, strict=True)]))
    try:
        result = _PARSERS[target.type](distinct, target, reading)
    except amounts.Undecided as question:
        example, *others = question.examples
        asks = "decimal" if target.type not in ("date", "ts") else "date_order"
        if others:
            found = f'"{example}" and "{others[0]}" contradict each other ({", ".join(question.readings)})'
        else:
            found = f'"{example}" can be {" or ".join(question.readings)}, and no other value of the column decides'
        raise InputError(
            f"{found}. Say which with --{asks.replace('_', '-')}.",
            file=file,
            row=distinct.line(example, lines),
            column=heading,
            asks=asks,
            example=example,
        ) from None
    return replace(result, recomposed=recomposed)


def typed(cells: Sequence[object] | npt.NDArray[np.object_], dtype: str) -> pd.Series[Any]:
    """Cells as a column of *dtype*, one of :data:`DTYPES`; None is missing."""
    column: Any = pd.Series(cells, dtype="object")
    return cast("pd.Series[Any]", column.astype(dtype))


def _text(distinct: _Distinct, target: Field, reading: Reading) -> Parsed:
    if target.values:
        return _category(distinct, target, reading)
    values: list[str | None] = [reading.value_map.get(text, text) or None for text in distinct.texts]
    if target.name == "email":
        values = [text and text.lower() for text in values]
    if target.name == "currency":
        values = [text and amounts.CURRENCY_SIGNS.get(text, text.upper()) for text in values]
    return Parsed(distinct.spread(values, "object"), repairs=_repairs(distinct, reading))


def _repairs(distinct: _Distinct, reading: Reading) -> tuple[tuple[str, str, int], ...]:
    changed = [(code, text) for code, text in enumerate(distinct.texts) if reading.value_map.get(text, text) != text]
    return tuple((text, reading.value_map[text], distinct.count(distinct.codes == code)) for code, text in changed)


def _category(distinct: _Distinct, target: Field, reading: Reading) -> Parsed:
    known = {fold(value): value for value in target.values}
    known |= {fold(raw): canonical for raw, canonical in reading.value_map.items()}
    values = [known.get(fold(text)) if text else None for text in distinct.texts]
    unknown = distinct.rows([bool(text) and value is None for text, value in zip(distinct.texts, values, strict=True)])
    if (target.name, "open" in target.values) == ("status", True):  # a deal is never closed by guess
        values = [value or "open" for value in values]
        unknown |= distinct.rows([not text for text in distinct.texts])
        return Parsed(distinct.spread(values, "object"), _fault("D21", "F", unknown))
    return Parsed(distinct.spread(values, "object"), _fault("P3", "R" if target.required else "V", unknown))


def _bool(distinct: _Distinct, target: Field, reading: Reading) -> Parsed:
    known = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    return _each(distinct, target, "P4", lambda text: known[fold(text)])


def _each(distinct: _Distinct, target: Field, rule: str, read: Callable[[str], object]) -> Parsed:
    """Read each text alone; KeyError or ValueError from *read* = no such value."""
    values: list[object] = []
    wrong = []
    for text in distinct.texts:
        try:
            values.append(read(text) if text else None)
            wrong.append(False)
        except (KeyError, ValueError):
            values.append(None)
            wrong.append(True)
    faults = _fault(rule, "R" if target.required else "Q", distinct.rows(wrong))
    return Parsed(distinct.spread(values, DTYPES[target.type]), faults)


def _number(distinct: _Distinct, target: Field, reading: Reading) -> Parsed:
    written = {text: number for text in distinct.texts if (number := amounts.taken_apart(text))}
    mark = amounts.decimal_mark(list(written.values()), stated=reading.stated.decimal, usual=reading.usual_decimal)

    def read(text: str) -> object:
        number = written[text]
        value = number.value(mark)
        if value is None or not _unit_fits(number.unit, target):
            raise ValueError(text)
        if target.type == "share" and "%" in (number.unit, reading.unit):
            value /= 100
        return _as_type(value if reading.scale == 1 else _EXACT.multiply(value, Decimal(str(reading.scale))), target)

    result = _each(distinct, target, "P2", read)
    if target.type == "share":
        outside = ((result.values < 0) | (result.values > 1)).to_numpy(dtype=bool)
        rule = {"probability": "D26", "discount_pct": "D27"}.get(target.name, "P6")
        return Parsed(result.values.mask(outside), (*result.faults, *_fault(rule, "V", outside)))
    if target.type == "money":
        units = [written[text].unit if text in written else "" for text in distinct.texts]
        codes = [amounts.CURRENCY_SIGNS.get(unit, unit) or reading.unit or None for unit in units]
        currency = distinct.spread(codes, "object").where(result.values.notna(), None)
        return Parsed(result.values, result.faults, currency.to_numpy(dtype=object))
    return result


def _unit_fits(unit: str, target: Field) -> bool:
    if target.type == "money":
        return unit in amounts.CURRENCY_SIGNS or len(unit) in (0, 3)
    return unit == "" or (target.type == "share" and unit == "%")


def _as_type(value: Decimal, target: Field) -> object:
    if target.type == "money":
        if abs(value) >= 10**_FIGURES or value != round(value, 4):
            raise ValueError(value)
        return value
    if target.type == "int":
        if value != value.to_integral_value() or abs(value) >= 2**63:
            raise ValueError(value)
        return int(value)
    if not math.isfinite(float(value)):
        raise ValueError(value)
    return float(value)


def _moment(distinct: _Distinct, target: Field, reading: Reading) -> Parsed:
    written = {text: when for text in distinct.texts if (when := moments.taken_apart(text))}
    order = moments.day_order(list(written.values()), stated=reading.stated.date_order, usual=reading.usual_date_order)
    odd: set[str] = set()

    def read(text: str) -> datetime:
        when = written[text]
        day = when.day(order)
        if day is None:
            raise ValueError(text)
        if target.type == "date":
            first = datetime.combine(moments.day_in(day, when, local=reading.local), datetime.min.time())
            return first + timedelta(days=reading.last_day)
        utc, strange = moments.moment(day, when, local=reading.local, unstated=reading.unstated_zone or reading.local)
        if strange:
            odd.add(text)
        return utc

    result = _each(distinct, target, "D10", read)
    clock = _fault("P5", "F", distinct.rows([text in odd for text in distinct.texts]))
    unzoned = distinct.rows(
        [bool((when := written.get(text)) and when.clock and not when.zone) for text in distinct.texts]
    )
    return Parsed(result.values, (*result.faults, *clock), unzoned=distinct.count(unzoned))


def _fault(rule: str, level: str, rows: Mask) -> tuple[Fault, ...]:
    return (Fault(rule, level, rows),) if rows.any() else ()


_PARSERS: dict[str, Callable[[_Distinct, Field, Reading], Parsed]] = {
    "text": _text,
    "bool": _bool,
    "money": _number,
    "number": _number,
    "int": _number,
    "share": _number,
    "date": _moment,
    "ts": _moment,
}
