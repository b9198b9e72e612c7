"""Which texts are values beyond doubt, said in SQL, so that a million of them need not pass through Python.

For each type one strict form: the canonical one. What does not have it is not wrong, only uncertain, and is read
by :mod:`salescoach.crm.parse`, which knows all forms. Both must agree wherever this module is certain; a contract
test holds them together.
"""

from __future__ import annotations

from salescoach.crm.desk import literal
from salescoach.crm.parse import Reading
from salescoach.tables.schema import Field

_DAY = r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_MONEY = r"-?[0-9]{1,14}(\.[0-9]{1,4})?"
_NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,10})?"
_SHARE = r"0(\.[0-9]{1,15})?|1(\.0{1,15})?"
_WHOLE = r"-?[0-9]{1,15}"
# Letters of ASCII and of the Latin alphabets, each of which is one character in every normal form.
_LETTERS = r"[!-~À-ɏ–—‘-”€₺]([ -~À-ɏ–—‘-”€₺]*[!-~À-ɏ–—‘-”€₺])?"

SQL_TYPES = {
    "text": "VARCHAR",
    "date": "DATE",
    "ts": "TIMESTAMP",
    "money": "DECIMAL(18, 4)",
    "share": "DOUBLE",
    "number": "DOUBLE",
    "int": "BIGINT",
    "bool": "BOOLEAN",
}
"""Type of each field on the desk and on disk."""

_FORMS = {"date": _DAY, "ts": _MOMENT, "money": _MONEY, "number": _NUMBER, "share": _SHARE, "int": _WHOLE}


def plain_text(column: str, *, tidy: bool) -> str:
    """Condition: the text needs neither trimming nor composing.

    *tidy*: no cell holds a tab or another blank of ASCII but the space. Then most texts need no pattern.
    """
    pattern = f"regexp_full_match({column}, {literal(_LETTERS)})"
    if not tidy:
        return pattern
    return f"((strlen({column}) = length({column}) AND {column} >= '!' AND NOT suffix({column}, ' ')) OR {pattern})"


def value(column: str, target: Field, reading: Reading) -> str:
    """Expression: the value of a text beyond doubt, else NULL. *target* is of any type but text."""
    kind = SQL_TYPES[target.type]
    if reading.value_map or reading.scale != 1 or reading.unit == "%" or reading.last_day:
        return f"CAST(NULL AS {kind})"
    if target.type == "bool":
        return f"CASE {column} WHEN 'true' THEN true WHEN 'false' THEN false END"
    if target.type in ("money", "number", "share", "int") and "," in (reading.stated.decimal, reading.usual_decimal):
        return f"CAST(NULL AS {kind})"
    form = literal(_FORMS[target.type])
    return f"CASE WHEN regexp_full_match({column}, {form}) THEN TRY_CAST({column} AS {kind}) END"


_WRITTEN = {
    "date": "strftime({}, '%Y-%m-%d')",
    "ts": "strftime({}, '%Y-%m-%dT%H:%M:%SZ')",
    "bool": "CASE {} WHEN true THEN 'true' WHEN false THEN 'false' END",
}


def rewritable(target: Field) -> bool:
    """True when a value beyond doubt is written in one way only, so that its text need not be kept beside it."""
    return target.type in _WRITTEN


def text(column: str, kept: str, target: Field) -> str:
    """Expression: the text as it stands in the file, from the value in *column* and the texts that were *kept*."""
    return f"coalesce({kept}, {_WRITTEN[target.type].format(column)})" if rewritable(target) else kept


def tells_the_point(column: str) -> str:
    """Condition on a certain number: its point can only be a decimal mark."""
    return f"regexp_matches({column}, '[.]') AND NOT {could_be_thousands(column)}"


def could_be_thousands(column: str) -> str:
    """Condition on a certain number: its point could also part thousands."""
    return rf"regexp_full_match({column}, '-?[1-9][0-9]{{0,2}}\.[0-9]{{3}}')"
