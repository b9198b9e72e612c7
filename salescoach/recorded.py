"""What the coaching record lets be counted: meetings, promises, goals, scorecards, training, beside what was imported.

No words: what people wrote stays in the record, and who asks makes no difference to a count. Entries later than
the day that is looked at are left out, so what is written today changes no report about the past.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import pandas as pd

from salescoach.calendar import Calendar, day_number
from salescoach.crm.snapshot import PANDAS_TYPES
from salescoach.store import Principal, Record
from salescoach.store.canonical import canonical_tables, corrections
from salescoach.store.database import Database
from salescoach.tables.frames import known, numbered
from salescoach.tables.schema import TABLES

COUNTER = Principal.owner("salescoach", batch=True)
"""Who counts: everybody's entries, for a count that misses some would pass for a small one."""

_OWNED = {"opportunity": "owner_id", "owner_history": "owner_id", "split": "rep_id"}
OURS = "record-"
"""Begins the ids of the record's rows: no import has such ids."""

_IDS = ("one_on_one_id", "action_id", "feedback_id", "goal_id", "intervention_id", "obs_id")


@dataclass(frozen=True)
class Recorded:
    """Canonical tables of the record on a day. Two are equal when they count the same.

    ``fingerprint`` is a SHA-256 (hex) over their rows, empty when there are none.
    """

    fingerprint: str = ""
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    owners: Mapping[str, tuple[str, str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        day: date,
        calendar: Calendar,
        owners: Mapping[str, tuple[str, str]] | None = None,
    ) -> Recorded:
        """What of *tables*, as :func:`canonical_tables` gives them, was known at the end of *day*.

        *owners*: deals that an upheld objection moved, as :func:`corrections` gives them. That corrects what was
        imported, whenever it was found out, so it counts for every day.
        """
        seen = {name: _typed(name, _known(name, frame, day, calendar)) for name, frame in tables.items()}
        if "answer" in seen and "observation" in seen:
            seen["answer"] = seen["answer"][seen["answer"]["obs_id"].isin(seen["observation"]["obs_id"])]
        filled = {name: frame for name, frame in sorted(seen.items()) if len(frame)}
        content = "".join(f"{name}\n{frame.to_csv(index=False)}" for name, frame in filled.items())
        found = dict(sorted((owners or {}).items()))
        content += json.dumps(found) if found else ""
        return cls(hashlib.sha256(content.encode()).hexdigest() if content else "", filled, found)

    def joined(self, fingerprint: str) -> str:
        """The hash of something else of the record, and of this: the same as before when there is nothing to count."""
        if not self.fingerprint:
            return fingerprint
        return hashlib.sha256(f"{fingerprint} {self.fingerprint}".encode()).hexdigest()

    def beside(self, name: str, imported: pd.DataFrame) -> pd.DataFrame:
        """Table *name*: the *imported* rows, then those of the record."""
        own = self.tables[name]
        return pd.concat([imported, own], ignore_index=True) if len(imported) else own

    def corrected(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """*rows* of table *name* with the owners that upheld objections found; the same rows when there are none.

        What was the objector's of a deal, from its beginning, is the other's; what a third has in it stays.
        """
        if not self.owners or name not in _OWNED:
            return rows
        column = _OWNED[name]
        moved = rows["deal_id"].map({deal: before for deal, (before, _) in self.owners.items()}) == rows[column]
        right = rows["deal_id"].map({deal: owner for deal, (_, owner) in self.owners.items()})
        changed = rows.assign(**{column: rows[column].where(~moved, right)})
        if name != "split" or not moved.any():
            return changed
        key = ["deal_id", "rep_id", "credit_type"]
        changed["pct"] = changed.groupby(key)["pct"].transform("sum")  # the owner may have had a part already
        return changed.drop_duplicates(key, ignore_index=True)


NOTHING = Recorded()


def recorded(url: str, day: date, calendar: Calendar) -> Recorded:
    """What the record at *url* has to count at the end of *day*; nothing when it was never opened.

    Read again only after a change. WorkspaceError when the record cannot be read.
    """
    if not Database.is_there(url):
        return NOTHING
    with Record.open(url, COUNTER) as record:
        return _recorded(url, record.head(), day, calendar)


@lru_cache(maxsize=8)
def _recorded(url: str, head: str, day: date, calendar: Calendar) -> Recorded:
    """The record at *url*, whose last audit line is *head*."""
    with Record.open(url, COUNTER) as record:
        return Recorded.of(canonical_tables(record), day, calendar, corrections(record))


def _known(name: str, frame: pd.DataFrame, day: date, calendar: Calendar) -> pd.DataFrame:
    dated = numbered(name, frame, calendar)
    return known(name, dated, day_number(day))[list(TABLES[name].names)]


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """With the types of an imported table, and ids that no import has."""
    typed = frame.astype({column.name: PANDAS_TYPES[column.type] for column in TABLES[name].fields})
    return typed.assign(**{own: OURS + typed[own] for own in _IDS if own in typed})
