"""The data-quality rules that need more than one cell, in the order in which they are applied.

Each rule is a condition on the tables on the desk, an expression of Polars; what it does to a row is a level that
an organisation may set (:mod:`salescoach.crm.quality`). Nothing is repaired here except what a reader can check: an
owner found by the owner map, by e-mail or by full name, a stage written in other letters, the organisation's currency
where only one is used. What each rule says to people stands in ``templates/words/*/import.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from salescoach.crm import deal_checks, identity_checks, money_checks, people_checks
from salescoach.crm.desk import among
from salescoach.crm.export import Export
from salescoach.crm.organisation import Organisation
from salescoach.crm.quality import Quality, Setting
from salescoach.crm.rows import Places, Rows

# What happened, as opposed to what is planned. Activities last: an old export holds appointments of later days.
_EVENTS = (
    ("opportunity", "created_at"),
    ("opportunity", "engaged_at"),
    ("opportunity", "closed_at"),
    ("stage_history", "entered_at"),
    ("lead", "created_at"),
    ("survey_response", "answered_at"),
)


def judge(
    export: Export,
    organisation: Organisation,
    as_of: date,
    *,
    levels: Mapping[str, Setting] | None = None,
    owners: Mapping[str, str] | None = None,
) -> None:
    """Apply every rule to the export, in an order in which none sees rows that an earlier one took out.

    Parameters
    ----------
    levels : rule or threshold to what it is set to, as in ``[quality]`` of the settings
    owners : owner as the files write it to the rep_id that it means; applied before e-mail and full name.
        An owner whose rep_id is nobody's stays unmatched (D8).

    Raises
    ------
    WorkspaceError
        A setting that makes no sense.
    InputError
        A rule of level B found something; nothing can be imported then.
    """
    quality = Quality.of(levels or {})
    for rows in export.tables.values():
        _read_faults(rows, quality)
        identity_checks.merged_and_deleted(rows)
        identity_checks.duplicates(rows, quality)
    identity_checks.owners(export, organisation, quality, owners or {})
    identity_checks.references(export, quality)
    identity_checks.stages(export, quality)
    money_checks.currencies(export, organisation.currency, quality)
    money_checks.negative(export, quality)
    deal_checks.deals(export, as_of, quality)
    deal_checks.history(export, quality)
    money_checks.splits(export, quality)
    money_checks.lines(export, quality)
    money_checks.rates(export, organisation.currency, as_of, quality)
    people_checks.activities(export, as_of, quality)
    people_checks.surveys(export, quality)
    people_checks.intervals(export, quality)
    people_checks.trees(export, quality)
    deal_checks.stale(export, as_of, quality)
    _shares(export, quality)


def newest_event(export: Export, zone: str, today: date) -> tuple[date, str, str] | None:
    """The last day on which something happened, with its table and column; None when nothing is dated.

    Days after *today* (when the files were taken) are planned or mistyped, and do not count; nor do rows in which
    reading found a fault. *zone* is that of the export's desk.
    """
    found: list[tuple[date, str, str]] = []
    for table, column in (*_EVENTS, ("activity", "occurred_at")):
        rows = export.tables.get(table)
        if rows is None or (table == "activity" and found):
            continue
        day = export.desk.local_day(pl.col(column))
        happened = pl.all_horizontal(pl.col(name).is_not_null() for name in rows.table.required)
        if column == "closed_at":
            happened &= among(pl.col("status"), deal_checks.CLOSED)
        faulty = [pending.places for pending in rows.pending if pending.level in ("R", "Q")]
        newest = rows.frame.select(day.filter(happened & (day <= today) & ~rows.at(_all_of(faulty))).max()).item()
        if newest is not None:
            found.append((newest, table, column))
    return max(found, key=lambda event: event[0], default=None)


def _read_faults(rows: Rows, quality: Quality) -> None:
    """Mark what reading found, then the cells that must not be empty and were not named already."""
    for pending in rows.pending:
        rows.mark_places(pending, quality.level(pending.rule, pending.level))
    for column in rows.table.required:
        if not rows.frame[column].null_count():
            continue
        named = [
            each.places
            for each in rows.pending
            if each.column == column and quality.level(each.rule, each.level) == "R"
        ]
        where = pl.col(column).is_null() & ~rows.at(_all_of(named))
        rows.mark("D3", quality.level("D3"), where, column, alive=False)


def _all_of(places: Sequence[Places]) -> Places:
    return np.concatenate([np.empty(0, dtype=np.int64), *places])


def _shares(export: Export, quality: Quality) -> None:
    """D30: say so when much of a table was left out. A note, because it is about the import as a whole."""
    if not quality.level("D30"):
        return
    for name, rows in export.tables.items():
        count = rows.count()
        aside, total = count["quarantined"], count["rows_in"]
        rejected = count["rejected"] - aside
        if (
            rejected > quality.thresholds["rejected_share"] * total
            or aside > quality.thresholds["quarantined_share"] * total
        ):
            export.note("much_left_out", table=name, rejected=rejected, quarantined=aside, of=total)
