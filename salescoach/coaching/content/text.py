"""Texts in both languages, and what a field of an item may hold.

The rules are written beside the types of the fields (``Annotated[str, OneOf(GRADES)]``), so that a dataclass is its own
schema. Nothing here knows a file.
"""

from __future__ import annotations

from dataclasses import dataclass

from salescoach.errors import UsageError
from salescoach.language import CODES


@dataclass(frozen=True)
class Text:
    """The same text in both languages; called with a language's code, it is the text in that one.

    >>> title = Text("Deal size", "Anlaşma büyüklüğü")
    >>> title("tr")
    'Anlaşma büyüklüğü'
    """

    en: str
    tr: str

    def __call__(self, code: str) -> str:
        """In the language with this code; UsageError when there is none."""
        return self.tr if known(code) == "tr" else self.en


@dataclass(frozen=True)
class Phrases:
    """Words or phrases of each language, in no relation to each other: a list of triggers, not a translation.

    >>> Phrases(("always",), ("her zaman", "daima"))("tr")
    ('her zaman', 'daima')
    """

    en: tuple[str, ...]
    tr: tuple[str, ...]

    def __call__(self, code: str) -> tuple[str, ...]:
        """Those of the language with this code; UsageError when there is none."""
        return self.tr if known(code) == "tr" else self.en


NO_TEXT = Text("", "")
"""Of a field that is left out."""
NO_PHRASES = Phrases((), ())


def known(code: str) -> str:
    """*code* itself; UsageError when no language has it."""
    if code not in CODES:
        raise UsageError.unknown("language", code, CODES)
    return code


@dataclass(frozen=True)
class OneOf:
    """A name, or every name of a list, is one of these."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Within:
    """A whole number lies between ``low`` and ``high``, both included; so does every number of a list."""

    low: int
    high: int


@dataclass(frozen=True)
class Count:
    """A list has from ``low`` to ``high`` entries."""

    low: int
    high: int


@dataclass(frozen=True)
class Slots:
    """A text may have these slots; every other text has none."""

    names: frozenset[str]


@dataclass(frozen=True)
class MayBeEmpty:
    """The phrases of a language may be none at all."""
