"""What a heading says about its column, by words that people may edit. Names propose; they never decide alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_BY_HAND = str.maketrans({"ı": "i", "İ": "I"})


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a heading or a value, without case, accents and signs.

    >>> plain_words("SalesAgent"), plain_words("Kapanış_Tarihi"), plain_words("Closed Won")
    (('sales', 'agent'), ('kapanis', 'tarihi'), ('closed', 'won'))
    """
    letters = unicodedata.normalize("NFD", text.translate(_BY_HAND))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(part.lower() for part in _PART.findall(bare))


@dataclass(frozen=True)
class NameList:
    """Headings of one kind: those that contain a phrase, and those that are exactly one."""

    contains: frozenset[tuple[str, ...]]
    exact: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, contains: Sequence[str], exact: Sequence[str] = ()) -> NameList:
        """From phrases as people write them."""
        return cls(frozenset(map(plain_words, contains)), frozenset(map(plain_words, exact)))

    def has(self, heading: str) -> bool:
        """True when *heading* is of this kind.

        >>> NameList.of(["sales agent"]).has("Sales_Agent_Name"), NameList.of(["id"]).has("Idea")
        (True, False)
        """
        words = plain_words(heading)
        runs = {words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
        return words in self.exact or not runs.isdisjoint(self.contains)


@dataclass(frozen=True)
class Names:
    """All lists of ``templates/scoring/names.toml``."""

    won: frozenset[str]
    lost: frozenset[str]
    missing: frozenset[str]
    owner: NameList
    protected: NameList
    identifier: NameList
    outcome_like: NameList
    months: Mapping[str, int] = field(default_factory=dict)
    """Number of the month that a word names, such as jan or ocak."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The units that a word beside a number may name, each its kind and its number within the kind."""

    @classmethod
    def read(cls, tables: Mapping[str, Any]) -> Names:
        """From the parsed file."""
        lists = {
            name: NameList.of(tables[name]["contains"], tables[name]["exact"])
            for name in ("owner", "protected", "identifier", "outcome_like")
        }
        outcome = tables["outcome"]
        return cls(
            frozenset(map(value_key, outcome["won"])),
            frozenset(map(value_key, outcome["lost"])),
            frozenset(map(value_key, tables["missing"]["words"])),
            **lists,
            months=_numbered(tables["months"]["names"]),
            units=_units(tables["units"]),
        )


def _numbered(months: Sequence[Sequence[str]]) -> dict[str, int]:
    return {"".join(plain_words(name)): number for number, all_names in enumerate(months, 1) for name in all_names}


def _units(kinds: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind, units in kinds.items():
        for number, words in enumerate(units, 1):
            for word in words:
                found[word.casefold()] = (*found.get(word.casefold(), ()), f"{kind} {number}")
    return found


def value_key(text: str) -> str:
    """The form in which two spellings of one value are equal; signs stay when there is nothing else.

    >>> value_key(" Kazanıldı "), value_key("Closed-Won"), value_key("N/A"), value_key("?")
    ('kazanildi', 'closed won', 'n a', '?')
    """
    return " ".join(plain_words(text)) or text.strip()
