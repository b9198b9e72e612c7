"""A declaration as TOML text: what an app was told, in the form that the command line reads."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from salescoach.scoring.declaration import ColumnRule, Declaration

_HEAD = "# What is known about the columns; salescoach leads evaluate LEADS --declare THIS reads it.\n"


def declaration_toml(declaration: Declaration) -> str:
    """*declaration* as TOML; what was not said is not written.

    >>> print(declaration_toml(Declaration("won", row_order=True, columns={"a b": ColumnRule("created")})))
    # What is known about the columns; salescoach leads evaluate LEADS --declare THIS reads it.
    <BLANKLINE>
    [leads]
    outcome = "won"
    row_order = true
    <BLANKLINE>
    [columns."a b"]
    known_at = "created"
    <BLANKLINE>
    """
    lines = [_HEAD, "[leads]", *_said(declaration, Declaration(""), ("columns", "points"))]
    for name, rule in declaration.columns.items():
        lines += ["", f"[columns.{_text(name)}]", *_said(rule, ColumnRule(), ())]
    for name, points in declaration.points.items():
        lines += ["", f"[points.{_text(name)}]", *(f"{_text(answer)} = {value!r}" for answer, value in points.items())]
    return "\n".join(lines) + "\n"


def _said(given: Any, unsaid: Any, apart: tuple[str, ...]) -> list[str]:
    names = [each.name for each in fields(given) if each.name not in apart]
    return [
        f"{name} = {_value(getattr(given, name))}" for name in names if getattr(given, name) != getattr(unsaid, name)
    ]


def _value(value: bool | str | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else f"[{', '.join(map(_text, value))}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
