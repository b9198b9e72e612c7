"""Remarks as sentences of one language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from salescoach.coaching.remarks import Remark, Slot
from salescoach.diagnosis.findings import Shown
from salescoach.report.wording import Wording


def sentence(wording: Wording, remark: Remark) -> str:
    """The sentence of *remark*, its slots written in the reader's language."""
    return wording.words(remark.key, **{name: _written(wording, slot) for name, slot in remark.slots.items()})


def sentences(wording: Wording, remarks: Iterable[Remark]) -> tuple[str, ...]:
    """The sentences of *remarks*, in their order."""
    return tuple(sentence(wording, remark) for remark in remarks)


def _written(wording: Wording, slot: Slot) -> str:
    if isinstance(slot, Shown):
        return wording.shown(slot)
    if isinstance(slot, date):
        return wording.words.language.date(slot)
    return slot if isinstance(slot, str) else wording.words.language.number(slot)
