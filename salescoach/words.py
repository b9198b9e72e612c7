"""The sentences of one language: keys in, text out.

A key such as ``review.numbers.title`` finds a whole sentence of the catalogue in ``templates/words/``;
the slots in it are filled with values that :mod:`salescoach.language` has already written. It never
builds a sentence out of pieces, never guesses a missing key or slot, and evaluates nothing: a slot is
a plain name in braces.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from typing import SupportsIndex

from salescoach.language import Language

_SLOT = re.compile(r"\{([a-z_]+)\}")


class Words:
    """All texts of one language, by dotted key.

    Parameters
    ----------
    language : Language
        Writes whole numbers that are given as slots.
    texts : mapping of dotted key to text
        As :func:`flatten` makes it. A text with a brace that is not part of a ``{slot}`` is refused
        with ValueError: it is a typing error in the catalogue.

    Examples
    --------
    >>> from salescoach.language import language
    >>> words = Words(language("en"), {"deals.one": "{n} deal", "deals.other": "{n} deals", "hi": "Rep: {rep}"})
    >>> words("hi", rep="Elif"), words.plural("deals", 1), words.plural("deals", 1200)
    ('Rep: Elif', '1 deal', '1,200 deals')
    """

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = dict(texts)
        self._slots = {key: slots(text, where=key) for key, text in self._texts.items()}

    def __call__(self, key: str, /, **values: str | SupportsIndex) -> str:
        """The text of *key*, each slot filled.

        A value is text, or a whole number, which is written in the language's way (so give a year as
        text). KeyError for an unknown key, a slot left out and a slot that the text does not have;
        TypeError for a fraction, because only the caller knows its unit and digits.
        """
        return fill(self._text(key), {name: self._written(key, name, value) for name, value in values.items()}, key)

    def plural(self, key: str, n: int, /, **values: str | SupportsIndex) -> str:
        """The text for *n* things: ``key.one`` for one, else ``key.other``. A slot ``{n}`` is filled with *n*."""
        form = f"{key}.one" if n == 1 else f"{key}.other"
        return self(form, **values, **({"n": n} if "n" in self.slots(form) else {}))

    def has(self, key: str) -> bool:
        """True when there is a text with this key (for a plural, ask for its ``.other``)."""
        return key in self._texts

    def keys(self) -> tuple[str, ...]:
        """All keys, sorted."""
        return tuple(sorted(self._texts))

    def without(self, area: str) -> Words:
        """The same words but for those of *area*, a part of the dotted key."""
        less = Words(self.language, {})
        less._texts = {key: text for key, text in self._texts.items() if not key.startswith(f"{area}.")}
        less._slots = self._slots
        return less

    def slots(self, key: str) -> frozenset[str]:
        """Names of the slots in the text of *key*."""
        self._text(key)
        return self._slots[key]

    def _text(self, key: str) -> str:
        if key not in self._texts:
            raise KeyError(f"There is no text '{key}' in the words of language '{self.language.code}'.")
        return self._texts[key]

    def _written(self, key: str, name: str, value: str | SupportsIndex) -> str:
        if isinstance(value, str):
            return value
        try:
            return self.language.number(operator.index(value))
        except TypeError:
            raise TypeError(
                f"{key}: the slot '{name}' is filled with text or a whole number, not with {value!r}."
            ) from None


def slots(text: str, where: str = "text") -> frozenset[str]:
    """Names in braces; ValueError naming *where* when a brace is left over.

    >>> sorted(slots("{metric}: {value}"))
    ['metric', 'value']
    """
    if re.search(r"[{}]", _SLOT.sub("", text)):
        raise ValueError(f"{where}: a slot is a name in small letters between braces, such as {{rep}}; found: {text}")
    return frozenset(_SLOT.findall(text))


def fill(text: str, values: Mapping[str, str], where: str = "text") -> str:
    """Put the values into the slots, once: braces inside a value stay what they are.

    KeyError, naming *where*, unless the values are exactly the slots of the text.

    >>> fill("{rep}: {note}", {"rep": "Elif", "note": "{rep}"})
    'Elif: {rep}'
    """
    wanted = slots(text, where)
    for fault, names in (("left empty", wanted - values.keys()), ("unknown", values.keys() - wanted)):
        if names:
            known = ", ".join(sorted(wanted)) or "none"
            raise KeyError(f"{where}: {fault}: {', '.join(sorted(names))}. The slots of this text: {known}.")
    return _SLOT.sub(lambda match: values[match.group(1)], text)


def flatten(tables: Mapping[str, object]) -> dict[str, str]:
    """Nested tables of a catalogue file to dotted keys; ValueError naming the key of what is not text.

    >>> flatten({"review": {"numbers": {"title": "Numbers"}}})
    {'review.numbers.title': 'Numbers'}
    """
    return dict(_pairs(tables, ""))


def _pairs(tables: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in tables.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _pairs(value, f"{key}.")
        elif isinstance(value, str) and value.strip():
            yield key, value
        else:
            raise ValueError(f"{key}: a catalogue holds only texts, and no empty ones; found {value!r}.")
