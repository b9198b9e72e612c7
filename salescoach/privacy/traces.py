"""What a person is known by, and where it stands in a text, a JSON document or the bytes of a file."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from salescoach.report_files import file_stem

_BEFORE = r"(?:(?<!\w)|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4}))"  # a word begins there, also after an escape of JSON
_ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")  # numpy keeps text in 32 bits
_PEOPLE = frozenset("rep rep_id reps owner owner_id by person numbers".split())
_DEPTH = 4
_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Traces:
    """One person: their id, the *names* and e-mail addresses they go by, and the *pseudonym* that stands for them."""

    rep_id: str
    pseudonym: str
    names: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        forms = sorted({form for name in self.names for form in _forms(name)}, key=len, reverse=True)
        parts = [r"(?:\s|&nbsp;|\u00a0)+".join(map(re.escape, form.split())) for form in forms if form.strip()]
        if self.id_tells:
            parts += [rf"(?<!-){re.escape(form)}(?!-)" for form in {self.rep_id, html.escape(self.rep_id)}]
        return re.compile(rf"{_BEFORE}(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None

    @property
    def id_tells(self) -> bool:
        """Whether the id can be told apart inside a text: "7" is also a number, "CON" also a word."""
        return len(self.rep_id) >= 3 and not self.rep_id.isdigit() and not self.rep_id.isalpha()

    def replaced(self, text: str) -> str:
        """*text* with the pseudonym in the place of each name.

        >>> Traces("R07", "P-1", ("Ada Yılmaz",)).replaced("Ask ADA YILMAZ (R07), not Ada Yılmazer.")
        'Ask P-1 (P-1), not Ada Yılmazer.'
        """
        if text and text == self.rep_id:
            return self.pseudonym
        return self._pattern.sub(self.pseudonym, text) if self._pattern and self._maybe(text) else text

    def replaced_in(self, value: Any, key: str = "") -> Any:
        """The same in a JSON document, in its texts and keys; a bare id like "7" only where a person stands."""
        if isinstance(value, str):
            is_other = value == self.rep_id and not self.id_tells and key not in _PEOPLE
            return value if is_other else self.replaced(value)
        if isinstance(value, list):
            return [self.replaced_in(each, key) for each in value]
        if isinstance(value, dict):
            return {self.replaced_in(name, key): self.replaced_in(each, name) for name, each in value.items()}
        return value

    def are_in(self, text: str) -> bool:
        """Whether a name, or an id that can be told apart, stands in *text*."""
        return bool(self._pattern and self._maybe(text) and self._pattern.search(text))

    def _maybe(self, text: str) -> bool:
        """A quick look before the pattern."""
        small = text.lower()
        return any(all(piece in small for piece in pieces) for pieces in self._pieces)

    @cached_property
    def _pieces(self) -> tuple[tuple[str, ...], ...]:
        """Of each name what stays the same however it is written: no accents, no capitals, and no i, which has two."""
        known = (*self.names, *((self.rep_id,) if self.id_tells else ()))
        return tuple(tuple(re.findall("[a-hj-z0-9]+", name.lower())) for name in known)

    def are_in_name(self, file: str) -> bool:
        """Whether the name of a file tells that it is about the person."""
        stem = file_stem(self.rep_id)
        return stem in file or self.are_in(file) or (self.id_tells and f"-{self.rep_id}." in file)

    def are_in_bytes(self, data: bytes) -> bool:
        """Whether a name stands in what a file holds, unpacked, in any encoding that we write."""
        return any(
            self.are_in(part.decode(code, "ignore"))
            for part in unpacked(data)
            for code in (_ENCODINGS if b"\0" in part else ("utf-8",))
        )


def _forms(name: str) -> Iterator[str]:
    """A name as people and programs write it."""
    spelled = {name, name.upper(), name.lower(), _turkish(name, upper=True), _turkish(name, upper=False)}
    for each in spelled:
        for form in ("NFC", "NFD"):
            text = unicodedata.normalize(form, each)
            yield text
            yield html.escape(text)
            yield json.dumps(text)[1:-1]
            yield quote(text)


def _turkish(name: str, *, upper: bool) -> str:
    if upper:
        return name.replace("i", "İ").replace("ı", "I").upper()
    return name.replace("İ", "i").replace("I", "ı").lower()


def unpacked(data: bytes, depth: int = _DEPTH) -> Iterable[bytes]:
    """*data*, and what is packed in it: the members of a ZIP (docx, xlsx, skops), gzip, the streams of a PDF."""
    yield data
    if depth == 0:
        return
    if data[:4] == b"PK\3\4":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    yield member.filename.encode()
                    if member.file_size <= _MOST_BYTES:
                        yield from unpacked(archive.read(member), depth - 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
            return
    elif data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as inside:
                yield from unpacked(inside.read(_MOST_BYTES), depth - 1)
        except (OSError, EOFError, zlib.error):
            return
    elif data[:5] == b"%PDF-":
        for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
            try:
                yield zlib.decompressobj().decompress(found[1], _MOST_BYTES)
            except zlib.error:
                continue
