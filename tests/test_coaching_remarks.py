"""Whatever a coaching rule has to say can be said in both languages, with the values it has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date

import pytest
from coaching_support import read
from conftest import ROOT

from salescoach.coaching.remarks import in_unit, note
from salescoach.diagnosis.findings import Shown
from salescoach.language import CODES
from salescoach.resources import load_words

WEIGHTS = ("good", "note", "warning", "block")
SPREAD = None  # a call that hands on a mapping of slots


def said() -> Iterator[tuple[str, frozenset[str | None]]]:
    """Every remark that the code can make: its key and the names of the slots it fills."""
    for path in sorted((ROOT / "salescoach" / "coaching").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WEIGHTS and node.args:
                keys = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                for key in (key for key in keys if isinstance(key, str) and key.count(".") >= 2):
                    if not isinstance(node.args[0], ast.JoinedStr):
                        yield key, frozenset(keyword.arg for keyword in node.keywords)


def unsaid(code: str) -> list[tuple[str, list[str]]]:
    words = load_words(code)
    return [
        (key, sorted(map(str, names)))
        for key, names in said()
        if not words.has(key)
        or (words.slots(key) != names if SPREAD not in names else not names - {SPREAD} <= words.slots(key))
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_remark_has_its_sentence_with_exactly_its_slots(code: str):
    assert len(list(said())) > 30
    assert unsaid(code) == []


def test_a_slot_without_a_place_would_be_seen():
    """Negative control."""
    with pytest.raises(KeyError, match="unknown: more"):
        read([note("goals.pair.whole", more="text")])


def test_days_numbers_and_units_are_written_as_people_write_them():
    remark = note("goals.timely.far_apart", days=1200, most=14)
    assert "1,200 days" in read([remark])[0]
    assert "1.200 gün" in read([remark], "tr")[0]
    assert "31.12.2026" in read([note("goals.timely.day_off", day=date(2026, 12, 31))], "tr")[0]
    assert "%25" in read([note("goals.relevant.share", share=Shown(0.25, "share"))], "tr")[0]
    assert in_unit(30.0, "minutes") == Shown(30.0, "count")
