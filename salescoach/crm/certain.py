"""Which texts are values beyond doubt, said in expressions, so that a million of them need not pass through Python.

For each type one strict form: the canonical one. What does not have it is not wrong, only uncertain, and is read
by :mod:`salescoach.crm.parse`, which knows all forms. Both must agree wherever this module is certain; a contract
test holds them together.
"""

from __future__ import annotations

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from salescoach.crm.parse import Reading
from salescoach.tables.schema import Field

_DAY = r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_MONEY = r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?"
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?"
_SHARE = r"0(?:\.[0-9]{1,15})?|1(?:\.0{1,15})?"
_WHOLE = r"-?[0-9]{1,15}"
# Letters of ASCII and of the Latin alphabets, each of which is one character in every normal form.
_LETTERS = r"[!-~À-ɏ–—‘-”€₺](?:[ -~À-ɏ–—‘-”€₺]*[!-~À-ɏ–—‘-”€₺])?"

TYPES: dict[str, DataType | DataTypeClass] = {
    "text": pl.String(),
    "date": pl.Date(),
    "ts": pl.Datetime("us"),
    "money": pl.Decimal(18, 4),
    "share": pl.Float64(),
    "number": pl.Float64(),
    "int": pl.Int64(),
    "bool": pl.Boolean(),
}
"""Type of each field on the desk and on disk."""

_FORMS = {"date": _DAY, "ts": _MOMENT, "money": _MONEY, "number": _NUMBER, "share": _SHARE, "int": _WHOLE}
_WRITTEN = {"date": "%Y-%m-%d", "ts": "%Y-%m-%dT%H:%M:%SZ"}


def _is(text: pl.Expr, form: str) -> pl.Expr:
    return text.str.contains(f"^(?:{form})$")


def plain_text(text: pl.Expr, *, tidy: bool) -> pl.Expr:
    """Condition: the text needs neither trimming nor composing.

    *tidy*: no cell holds a tab or another blank of ASCII but the space. Then most texts need no pattern.
    """
    pattern = _is(text, _LETTERS)
    if not tidy:
        return pattern
    ascii_only = text.str.len_bytes() == text.str.len_chars()
    return (ascii_only & (text >= "!") & ~text.str.ends_with(" ")) | pattern


def value(text: pl.Expr, target: Field, reading: Reading) -> pl.Expr:
    """The value of a text beyond doubt, else missing. *target* is of any type but text."""
    kind = TYPES[target.type]
    nothing = pl.lit(None, dtype=kind)
    if reading.value_map or reading.scale != 1 or reading.unit == "%" or reading.last_day:
        return nothing
    if target.type == "bool":
        return pl.when(text == "true").then(True).when(text == "false").then(False)
    if target.type in ("money", "number", "share", "int") and "," in (reading.stated.decimal, reading.usual_decimal):
        return nothing
    return pl.when(_is(text, _FORMS[target.type])).then(_cast(text, target))


def stated(text: str, target: Field) -> pl.Expr:
    """The value that a form states in the canonical spelling."""
    return pl.lit(text == "true") if target.type == "bool" else _cast(pl.lit(text), target)


def _cast(text: pl.Expr, target: Field) -> pl.Expr:
    if target.type == "date":
        return text.str.to_date(_WRITTEN["date"], strict=False)
    if target.type == "ts":
        return text.str.to_datetime(_WRITTEN["ts"], strict=False, time_unit="us", cache=False)
    return text.cast(TYPES[target.type], strict=False)


def rewritable(target: Field) -> bool:
    """True when a value beyond doubt is written in one way only, so that its text need not be kept beside it."""
    return target.type in ("date", "ts", "bool")


def text(column: str, kept: str | None, target: Field) -> pl.Expr:
    """The text as it stands in the file, from the value in *column* and the texts that were *kept*, if any were."""
    value = pl.col(column)
    if kept is not None and not rewritable(target):
        return pl.col(kept)
    written = value.dt.strftime(_WRITTEN[target.type]) if target.type in _WRITTEN else value.cast(pl.String)
    return written if kept is None else pl.coalesce(kept, written)


def tells_the_point(text: pl.Expr) -> pl.Expr:
    """Condition on a certain number: its point can only be a decimal mark."""
    return text.str.contains(".", literal=True) & ~could_be_thousands(text)


def could_be_thousands(text: pl.Expr) -> pl.Expr:
    """Condition on a certain number: its point could also part thousands."""
    return _is(text, r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
