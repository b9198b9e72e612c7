"""What the tests of the coaching rules share: remarks as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from salescoach.coaching.remarks import Remark
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.resources import load_words


def keys(remarks: Iterable[Remark]) -> list[str]:
    """Keys of *remarks*, in their order."""
    return [remark.key for remark in remarks]


def read(remarks: Iterable[Remark], code: str = "en") -> tuple[str, ...]:
    """The sentences in one language."""
    wording = Wording(load_words(code), "TRY")
    return tuple(remark_text(remark, wording) for remark in remarks)
