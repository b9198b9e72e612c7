"""How the scores of a person's leads and deals were made, as they were kept. Loads no model and scores nothing anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from salescoach.leadlab.daily import kept_days
from salescoach.report.lead_words import reason_text
from salescoach.scoring.day import DEALS, LEADS, OpenLead
from salescoach.words import Words
from salescoach.workspace import Workspace

_ID = {LEADS: "lead_id", DEALS: "deal_id"}
Imported = Mapping[str, Mapping[str, list[dict[str, Any]]]]
"""Rows about the person, by snapshot and table."""


def scores_about(home: Workspace, rep_id: str, imported: Imported, words: Words) -> Iterator[dict[str, Any]]:
    """Each kept score of a lead or deal that the person owned or worked, with all that spoke for and against it.

    Owned: they were its owner when it was scored. Worked: a row of theirs, such as a call, names it. A score that was
    kept without reasons has none here either.
    """
    for of in (LEADS, DEALS):
        theirs = {
            str(row[_ID[of]])
            for tables in imported.values()
            for rows in tables.values()
            for row in rows
            if row.get(_ID[of]) is not None
        }
        for day in kept_days(home, of):
            for one in day.leads:
                if one.owner == rep_id or one.lead in theirs:
                    about = {"of": of, "as_of": day.as_of.isoformat(), "model": day.version}
                    yield about | _told(one, words) | {"judged": day.judged, "won": day.won}


def _told(one: OpenLead, words: Words) -> dict[str, Any]:
    """JSON types. ``effect`` in log-odds; they add up where ``exact``, else each column was set aside in turn."""
    reasons = [
        {"column": each.column, "value": each.value, "effect": each.effect, "text": reason_text(each, words)}
        for each in (*one.why.pros, *one.why.cons)
    ]
    told = {"lead": one.lead, "company": one.company, "p": one.why.p, "grade": one.grade}
    return {**told, "reasons": reasons, "exact": one.why.exact}
