"""Remarks of the coaching rules as sentences of one language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from salescoach.coaching.remarks import Remark
from salescoach.diagnosis.findings import Shown
from salescoach.report.wording import Wording


def remark_text(remark: Remark, wording: Wording) -> str:
    """The sentence of *remark*, its slots written.

    >>> from salescoach.coaching.remarks import note
    >>> from salescoach.language import language
    >>> from salescoach.words import Words
    >>> wording = Wording(Words(language("tr"), {"goals.share": "Pay: {share}"}), "TRY")
    >>> remark_text(note("goals.share", share=Shown(0.25, "share")), wording)
    'Pay: %25'
    """
    written: dict[str, str | int] = {}
    for name, value in remark.slots.items():
        if isinstance(value, Shown):
            written[name] = wording.shown(value)
        elif isinstance(value, date):
            written[name] = wording.words.language.date(value)
        else:
            written[name] = value
    return wording.words(remark.key, **written)


def remarks_text(remarks: Iterable[Remark], wording: Wording) -> str:
    """Several remarks, one after the other."""
    return " ".join(remark_text(remark, wording) for remark in remarks)
