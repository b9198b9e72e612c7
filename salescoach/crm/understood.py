"""How much of an export was understood by more than its letters: owners found, words that the value map knows.

Counts only, so that no n is lost; a page makes shares of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salescoach.crm.headings import fold

if TYPE_CHECKING:
    from salescoach.crm.export import Export


@dataclass(frozen=True)
class OwnerMatch:
    """Rows that name an owner: who was found ``by_id``, ``otherwise`` (owner map, e-mail, full name), or not at all."""

    by_id: int
    otherwise: int
    unmatched: int


@dataclass(frozen=True)
class ValueMatch:
    """Filled cells of a field with a list of values or a value map: ``known`` as they stand, ``mapped``, ``unknown``.

    What is unknown to a value map alone is kept as it is written; what is in no list of values has an issue.
    """

    known: int
    mapped: int
    unknown: int


def value_match(
    counts: Mapping[str, int], values: Mapping[str, str | None], canonical: tuple[str, ...], mapping: Mapping[str, str]
) -> ValueMatch:
    """What a field's texts were taken for: text to rows, text to its value, the field's list, the value map.

    >>> value_match({"Web": 3, "inbound": 1, "Fair": 2, "": 9}, {"Web": "inbound", "inbound": "inbound",
    ...             "Fair": "Fair", "": None}, (), {"Web": "inbound"})
    ValueMatch(known=1, mapped=3, unknown=2)
    """
    known = {fold(value) for value in (*canonical, *mapping.values())}
    keys = {fold(raw) for raw in mapping}
    as_is = mapped = unknown = 0
    for text, count in counts.items():
        if not text.strip():
            continue
        if fold(text) in known:
            as_is += count
        elif fold(text) in keys and values[text]:
            mapped += count
        else:
            unknown += count
    return ValueMatch(as_is, mapped, unknown)


def understood(export: Export) -> dict[str, list[dict[str, Any]]]:
    """Owners by table, and values by table, field and file, as a manifest keeps them."""
    owners = [{"table": table, **vars(match)} for table, match in export.owners.items()]
    values = [
        {"table": name, "field": field, "file": part.file, **vars(match)}
        for name, rows in export.tables.items()
        for part in rows.parts
        for field, match in part.values.items()
    ]
    return {"owners": owners, "values": values}
