"""Parsed TOML to items: the types of a dataclass say what its fields hold, this module checks and names what does not.

In a file the two languages of a text stand under each other as ``title_en`` and ``title_tr``; every other field has its
own name. An item of several parts has them as tables (``[[blocks]]``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Annotated, Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

from salescoach.coaching.content.text import Count, MayBeEmpty, OneOf, Phrases, Slots, Text, Within
from salescoach.errors import InputError
from salescoach.language import CODES
from salescoach.words import slots

_T = TypeVar("_T")


@dataclass(frozen=True)
class Place:
    """Where a value stands, for whoever has to mend it: file, item, and the part of the item."""

    file: str
    item: str
    part: str = ""

    def fail(self, field: str, message: str) -> NoReturn:
        """Raise InputError naming the file, the item, its part, the field, and what is wrong with it."""
        raise InputError(message, file=self.file, column=", ".join(filter(None, (self.item, self.part, field))))


def read(form: type[_T], values: Mapping[str, object], place: Place) -> _T:
    """An item of the dataclass *form*; InputError for a field that is missing, unknown or of another kind.

    A field with a default may be left out.
    """
    taken: set[str] = set()
    found: dict[str, Any] = {}
    hints = _hints(form)  # type: ignore[arg-type]
    for field in fields(form):  # type: ignore[arg-type]
        keys = _keys(field.name, hints[field.name])
        taken.update(keys)
        if _has_default(field) and not any(key in values for key in keys):
            continue
        for key in keys:
            if key not in values:
                place.fail(key, f"is missing; there are: {', '.join(values) or 'none'}.")
        found[field.name] = _value(hints[field.name], field.name, values, place)
    for key in values:
        if key not in taken:
            place.fail(key, f"is not a field; the fields are: {', '.join(sorted(taken))}.")
    return form(**found)


@cache
def _hints(form: type) -> dict[str, Any]:
    return get_type_hints(form, include_extras=True)


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _bare(hint: Any) -> tuple[Any, tuple[object, ...]]:
    """The type without its rules, and the rules."""
    if get_origin(hint) is Annotated:
        return get_args(hint)[0], hint.__metadata__
    return hint, ()


def _entries(kind: Any) -> Any:
    """Type of the entries of a tuple type; None for any other type."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _keys(name: str, hint: Any) -> tuple[str, ...]:
    kind, _ = _bare(hint)
    two_languages = kind in (Text, Phrases) or _entries(kind) is Text
    return tuple(f"{name}_{code}" for code in CODES) if two_languages else (name,)


def _value(hint: Any, name: str, values: Mapping[str, object], place: Place) -> object:
    kind, rules = _bare(hint)
    entries = _entries(kind)
    if kind is Text:
        return _text(name, [values[f"{name}_{code}"] for code in CODES], rules, place)
    if kind is Phrases:
        return Phrases(*(_phrases(f"{name}_{code}", values[f"{name}_{code}"], rules, place) for code in CODES))
    if entries is Text:
        columns = [_list(f"{name}_{code}", values[f"{name}_{code}"], rules, place, "texts") for code in CODES]
        if len(columns[0]) != len(columns[1]):
            place.fail(f"{name}_tr", f"{len(columns[0])} texts as in {name}_en are needed; found {len(columns[1])}.")
        return tuple(_text(name, pair, rules, place) for pair in zip(*columns, strict=True))
    value = values[name]
    if is_dataclass(entries):
        return _parts(entries, name, value, rules, place)  # type: ignore[arg-type]
    if entries is not None:
        found = tuple(_single(entries, name, one, rules, place) for one in _list(name, value, rules, place, "entries"))
        if len(set(found)) < len(found):
            place.fail(name, "names something twice.")
        return found
    if get_origin(kind) is not None:  # a table of names and whole numbers
        if not isinstance(value, Mapping):
            place.fail(name, f"{value!r} is not a table of names and whole numbers.")
        return {key: _single(int, f"{name}.{key}", one, rules, place) for key, one in value.items()}
    return _single(kind, name, value, rules, place)


def _single(kind: Any, name: str, value: object, rules: tuple[object, ...], place: Place) -> object:
    if kind is bool:
        if not isinstance(value, bool):
            place.fail(name, f"{value!r} is neither true nor false.")
    elif kind is int:
        if not isinstance(value, int) or isinstance(value, bool):
            place.fail(name, f"{value!r} is not a whole number.")
        for rule in rules:
            if isinstance(rule, Within) and not rule.low <= value <= rule.high:
                place.fail(name, f"{value} is not between {rule.low} and {rule.high}.")
    else:
        if not isinstance(value, str) or not value or value.strip() != value:
            place.fail(name, f"{value!r} is not a name without spaces around it.")
        for rule in rules:
            if isinstance(rule, OneOf) and value not in rule.values:
                place.fail(name, f"'{value}' is unknown; known: {', '.join(rule.values)}.")
    return value


def _list(name: str, value: object, rules: tuple[object, ...], place: Place, what: str) -> list[object]:
    counts = [rule for rule in rules if isinstance(rule, Count)]
    wanted = [f"{rule.low}" if rule.low == rule.high else f"{rule.low} to {rule.high}" for rule in counts]
    if not isinstance(value, list):
        place.fail(name, f"{' '.join([*wanted, what])} are needed; found {value!r}.")
    if any(not rule.low <= len(value) <= rule.high for rule in counts):
        place.fail(name, f"{wanted[0]} {what} are needed; found {len(value)}.")
    return value


def _parts(form: type, name: str, value: object, rules: tuple[object, ...], place: Place) -> tuple[object, ...]:
    found: list[Any] = []
    for position, row in enumerate(_list(name, value, rules, place, "tables"), start=1):
        if not isinstance(row, Mapping):
            place.fail(name, f"{row!r} is not a table.")
        part = row.get("id", f"number {position}")
        found.append(read(form, row, replace(place, part=f"{name} '{part}'" if "id" in row else f"{name} {part}")))
    ids = [one.id for one in found if hasattr(one, "id")]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        place.fail(name, f"these ids stand twice: {', '.join(twice)}.")
    return tuple(found)


def _phrases(name: str, value: object, rules: tuple[object, ...], place: Place) -> tuple[str, ...]:
    found = [_written(name, one, place) for one in _list(name, value, rules, place, "phrases")]
    if not found and not any(isinstance(rule, MayBeEmpty) for rule in rules):
        place.fail(name, "at least one phrase is needed.")
    return tuple(found)


def _written(name: str, value: object, place: Place) -> str:
    if not isinstance(value, str) or not value.strip():
        place.fail(name, f"{value!r} is not a text.")
    return value.strip("\n")


def _text(name: str, pair: Any, rules: tuple[object, ...], place: Place) -> Text:
    allowed = next((rule.names for rule in rules if isinstance(rule, Slots)), frozenset[str]())
    written = Text(*(_written(f"{name}_{code}", one, place) for code, one in zip(CODES, pair, strict=True)))
    in_text = {}
    for code in CODES:
        try:
            in_text[code] = slots(written(code))
        except ValueError as problem:
            place.fail(f"{name}_{code}", str(problem))
        if unknown := in_text[code] - allowed:
            known = ", ".join(sorted(allowed)) or "none"
            place.fail(f"{name}_{code}", f"unknown slots: {', '.join(sorted(unknown))}; known: {known}.")
    if in_text["en"] != in_text["tr"]:
        only = ", ".join(sorted(in_text["en"] ^ in_text["tr"]))
        place.fail(f"{name}_tr", f"both languages have the same slots; in one of them only: {only}.")
    return written
