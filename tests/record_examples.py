"""One entry of each kind about a person, for tests that must hold for every table."""

from __future__ import annotations

import itertools
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any

from salescoach.store.models import KINDS, ORGANISATION, Entry, Kind
from salescoach.store.models.entry import KEPT_BY_US, OneOf, Refers
from salescoach.store.service import Unit

NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)
ABOUT_NOBODY = {"improvement_cycle", "experiment_card"}
SPECIAL: dict[str, dict[str, Any]] = {
    "access_scope": {"subject_kind": "rep", "subject_id": "somebody"},
    "answer": {"value": 3.0},
    "theme_code": {"survey_answer_id": 0},
    "action_item": {"one_on_one_id": None, "carried_from": None},
}
_NUMBERS = itertools.count()
PLAIN: dict[type, Any] = {
    int: 1, float: 1.0, bool: False, date: date(2025, 12, 1), datetime: NOW, tuple: ("metric:x",),
}  # fmt: skip


def example(kind: Kind, rep_id: str, unit: Unit, text: str = "words") -> Entry:
    """An entry of *kind* about *rep_id* with every required field filled; what it refers to is added."""
    values: dict[str, Any] = {}
    for each in fields(kind.entry):
        if each.name in KEPT_BY_US:
            continue
        type_, marks, _ = kind.rules[each.name]
        target = next((mark.table for mark in marks if isinstance(mark, Refers)), "")
        given = SPECIAL.get(kind.name, {})
        if target and (each.default is MISSING or given.get(each.name) == 0):
            values[each.name] = unit.add(example(KINDS[target], rep_id, unit, text)).id
        elif each.name in given:
            values[each.name] = given[each.name]
        elif each.name in kind.texts and type_ is str:
            values[each.name] = text if each.default in (MISSING, "") else each.default
        elif each.default is MISSING:
            choice = next((mark.values[0] for mark in marks if isinstance(mark, OneOf)), None)
            values[each.name] = choice or (f"name {next(_NUMBERS)}" if type_ is str else PLAIN[type_])
    subject = ORGANISATION if kind.name in ABOUT_NOBODY else rep_id
    if kind.name == "one_on_one":
        values["number"] = 1 + len(unit.readable(kind.entry, rep_id))
    return kind.entry(rep_id=subject, **values)
