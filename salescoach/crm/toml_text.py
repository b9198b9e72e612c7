"""A document as TOML text that a person can edit. Reading TOML is Python's own; writing is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(document: Mapping[str, Any]) -> str:
    """Tables, lists of tables, texts, numbers and truth values as TOML; plain values before tables.

    >>> print(toml_text({"crm": {"title": "Ours"}, "source": [{"file": "deals", "columns": {"deal_id": ["No"]}}]}))
    [crm]
    title = "Ours"
    <BLANKLINE>
    [[source]]
    file = "deals"
    <BLANKLINE>
    [source.columns]
    deal_id = ["No"]
    """
    lines: list[str] = []
    _table(document, "", lines)
    return "\n".join(lines).strip()


def _table(table: Mapping[str, Any], path: str, lines: list[str]) -> None:
    nested = {key: value for key, value in table.items() if isinstance(value, Mapping) or _is_tables(value)}
    lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in nested]
    for key, value in nested.items():
        place = f"{path}{_key(key)}"
        for each in (value,) if isinstance(value, Mapping) else value:
            lines += ["", f"[{place}]" if isinstance(value, Mapping) else f"[[{place}]]"]
            _table(each, f"{place}.", lines)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    raise TypeError(f"{value!r} has no place in a mapping file")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
