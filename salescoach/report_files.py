"""How prepared reports are called below ``reviews/PERIOD/LANGUAGE/``, for all who write, find or erase them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_SLUG_LENGTH = 40
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "đ": "d"})


@dataclass(frozen=True)
class Pair:
    """A report in one language that an upheld objection had made again, and the one it took the place of, if any."""

    language: str
    before: Path | None
    now: Path


def file_stem(rep_id: str) -> str:
    """File name, without ending, for the reports about *rep_id*: readable, and another for every id.

    Small ASCII letters, digits and hyphens, at most 53 of them, so that no id can leave its folder,
    meet a reserved name or, on a disk that ignores case, another's file. The hash is of the id as it is.

    >>> file_stem("Şükrü İnan"), file_stem("../x")
    ('sukru-inan-cb7c4a8c9079', 'x-d6b96a97d147')
    """
    plain = unicodedata.normalize("NFKD", rep_id.lower().translate(_PLAIN)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG_LENGTH].strip("-")
    digest = hashlib.sha256(rep_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{slug}-{digest}" if slug else f"rep-{digest}"


def before_stem(stem: str, run_id: str) -> str:
    """File name, without ending, of the report that the one of *run_id* took the place of.

    >>> before_stem("r1-c0ffee", "20260105T090000Z-5ca1ab")
    'r1-c0ffee.before-20260105T090000Z-5ca1ab'
    """
    return f"{stem}.before-{run_id}"


def reports_around(period: Path, rep_id: str, run_id: str) -> tuple[Pair, ...]:
    """The pages about *rep_id* in the folder *period*, each beside the one that *run_id* took the place of."""
    stem = file_stem(rep_id)
    found = []
    for now in sorted(period.glob(f"[!.]*/{stem}.html")):
        before = now.with_name(f"{before_stem(stem, run_id)}.html")
        found.append(Pair(now.parent.name, before if before.is_file() else None, now))
    return tuple(found)
