"""The data-quality rules D4-D28 that need more than one cell: duplicates, owners, references, dates, stages.

Each rule lets a row be rejected (R), set aside until somebody decides (Q), merged (M), or flagged (F);
V sets one value aside. Nothing is repaired here except what a reader can check: an owner found by
e-mail or full name, a stage written in other letters, the organisation's currency where only one is used.
What each rule says to people stands in ``templates/words/*/import.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

import numpy as np
import pandas as pd

from salescoach.crm.headings import fold
from salescoach.crm.issues import Issue
from salescoach.crm.mapping import Export
from salescoach.crm.organisation import Organisation
from salescoach.crm.parse import Mask
from salescoach.crm.rows import Rows
from salescoach.language import language

_CLOSED = ("won", "lost", "cancelled")
_HELD = ("connected", "no_answer", "held", "no_show", "replied")
_OWNED = (
    ("opportunity", "owner_id"),
    ("owner_history", "owner_id"),
    ("lead", "owner_id"),
    ("activity", "owner_id"),
    ("quota", "rep_or_team"),
)
_MONEY = (("opportunity", "amount"), ("account", "annual_revenue"), ("product", "list_price"))
# What happened, as opposed to what is planned. Activities last: an old export holds appointments of later days.
_EVENTS = (
    ("opportunity", "created_at"),
    ("opportunity", "engaged_at"),
    ("opportunity", "closed_at"),
    ("stage_history", "entered_at"),
    ("lead", "created_at"),
    ("survey_response", "answered_at"),
)
_TWO_DAYS = np.timedelta64(2, "D")


def judge(
    export: Export, organisation: Organisation, as_of: date, *, owners: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Apply every rule to the export, in an order in which none sees rows that an earlier one took out.

    *owners* is the saved owner map: who is meant by an owner as written.
    """
    zone = organisation.timezone
    for rows in export.tables.values():
        _merged_and_deleted(rows)
        _duplicates(rows)
    _owners(export, organisation, owners)
    _references(export)
    _stages(export)
    for table, amount in _MONEY:
        if table in export.tables:
            _currency(export, export.tables[table], amount, organisation.currency)
    if "opportunity" in export.tables:
        _deals(export.tables["opportunity"], export.tables.get("stage"), pd.Timestamp(as_of), zone)
    if "activity" in export.tables:
        _future_activities(export.tables["activity"], pd.Timestamp(as_of), zone)
    if {"survey", "survey_response"} <= export.tables.keys():
        _scores(export.tables["survey_response"], export.tables["survey"])


def newest_event(export: Export, zone: str, today: date) -> tuple[date, str, str] | None:
    """The last day on which something happened, with its table and column; None when nothing is dated.

    Days after *today* (when the files were taken) are planned or mistyped, and do not count.
    """
    found: list[tuple[date, str, str]] = []
    for table, column in (*_EVENTS, ("activity", "occurred_at")):
        rows = export.tables.get(table)
        if rows is None or (table == "activity" and found):
            continue
        happened = rows.frame.loc[rows.alive, column]
        if column == "closed_at":
            happened = happened[rows.frame.loc[rows.alive, "status"].isin(_CLOSED)]
        days = local_day(happened, zone)
        days = days[days <= pd.Timestamp(today)]
        if len(days):
            found.append((days.max().date(), table, column))
    return max(found, key=lambda event: event[0], default=None)


def local_day(moments: pd.Series[pd.Timestamp], zone: str) -> pd.Series[pd.Timestamp]:
    """The day in *zone* of moments in UTC, as midnight without zone."""
    return moments.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()


def _merged_and_deleted(rows: Rows) -> None:
    if "is_deleted" in rows.frame:
        rows.mark("D7", "M", rows.alive & rows.frame["is_deleted"].fillna(False).to_numpy(dtype=np.bool_), "is_deleted")
    if "merged_into" in rows.frame:
        rows.mark("D7", "M", rows.alive & rows.frame["merged_into"].notna().to_numpy(), "merged_into")


def _duplicates(rows: Rows) -> None:
    key = list(rows.table.key)
    alive = rows.frame[rows.alive]
    repeated = alive[alive.duplicated(key, keep=False)]
    again = np.zeros(len(rows.frame), dtype=np.bool_)
    again[repeated.index[repeated.duplicated(keep="first")]] = True
    rows.mark("D4", "M", again, key[0])
    alive = rows.frame[rows.alive]
    clash = np.zeros(len(rows.frame), dtype=np.bool_)
    clash[alive.index[alive.duplicated(key, keep=False)]] = True
    rows.mark("D5", "Q", clash, key[0])


def _owners(export: Export, organisation: Organisation, saved: Mapping[str, str]) -> None:
    """Find each owner among the people: by id, the saved map, e-mail, then full name when only one has it."""
    reps = export.tables["rep"].accepted
    same = language(organisation.language).fold
    by_email = _unique(reps["email"].dropna(), reps["rep_id"], lambda text: text)
    by_name = _unique(reps["full_name"].dropna(), reps["rep_id"], same)
    teams = export.tables.get("team")
    for table, column in _OWNED:
        rows = export.tables.get(table)
        if rows is None:
            continue
        known = set(reps["rep_id"])
        if column == "rep_or_team" and teams is not None:
            known |= set(teams.accepted["team_id"])
        asked = rows.frame.loc[rows.alive, column].dropna()
        strange = [owner for owner in asked.unique() if owner not in known]
        matches = {
            owner: match for owner in strange if (match := by_email.get(owner.lower()) or by_name.get(same(owner)))
        } | {owner: saved[owner] for owner in strange if saved.get(owner) in known}
        matched = rows.alive & rows.frame[column].isin(list(matches)).to_numpy()
        if matched.any():
            rows.fill(column, matched, rows.frame.loc[matched, column].map(matches))
            export.note("owners_matched", table=table, n=int(matched.sum()))
        unknown = set(strange) - set(matches)
        rows.mark("D8", "Q", rows.alive & rows.frame[column].isin(list(unknown)).to_numpy(), column)


def _unique(texts: pd.Series[str], ids: pd.Series[str], form: Callable[[str], str]) -> dict[str, str]:
    forms = texts.map(form)
    once = forms[~forms.duplicated(keep=False)]
    return dict(zip(once, ids.loc[once.index], strict=True))


def _references(export: Export) -> None:
    """Flag references to rows that the export does not hold; set-aside rows count as held."""
    for name, rows in export.tables.items():
        for target in rows.table.fields:
            table, _, column = target.refers_to.partition(".")
            if not table or table == "stage" or (name, target.name) in _OWNED or table not in export.tables:
                continue
            known = set(export.tables[table].frame[column].dropna())
            cells = rows.frame[target.name]
            orphan = cells.notna() & ~cells.isin(known)
            rows.mark("D9", "F", rows.alive & orphan.to_numpy(dtype=np.bool_), target.name)


def _stages(export: Export) -> None:
    """Give each deal and each history row a stage of the stage table, and its pipeline when only one has that stage."""
    stages = export.tables["stage"].accepted
    spelling = {
        (fold(pipeline), fold(stage)): (pipeline, stage)
        for pipeline, stage in zip(stages["pipeline"], stages["stage"], strict=True)
    }
    by_stage: dict[str, list[tuple[str, str]]] = {}
    for found in spelling.values():
        by_stage.setdefault(fold(found[1]), []).append(found)
    pipeline_of: dict[str, str] = {}
    for table, column in (("opportunity", "stage"), ("stage_history", "stage_to")):
        rows = export.tables.get(table)
        if rows is None:
            continue
        pipelines = rows.frame["pipeline"] if table == "opportunity" else rows.frame["deal_id"].map(pipeline_of)
        pairs = list(zip(pipelines.where(pipelines.notna(), None), rows.frame[column], strict=True))
        found_pairs = {pair: _stage(pair, spelling, by_stage) for pair in set(pairs)}
        matches = [found_pairs[pair] for pair in pairs]
        known = np.array([match is not None for match in matches], dtype=np.bool_)
        rows.mark("D20", "Q", rows.alive & ~known, column, ", ".join(stages["stage"].unique()))
        rows.fill(column, known, [match[1] for match in matches if match])
        if table == "opportunity":
            rows.fill("pipeline", known, [match[0] for match in matches if match])
            pipeline_of = dict(zip(rows.frame["deal_id"], rows.frame["pipeline"], strict=True))


def _stage(
    pair: tuple[object, object],
    spelling: dict[tuple[str, str], tuple[str, str]],
    by_stage: dict[str, list[tuple[str, str]]],
) -> tuple[str, str] | None:
    pipeline, stage = pair
    if not isinstance(stage, str):
        return None
    if isinstance(pipeline, str):
        return spelling.get((fold(pipeline), fold(stage)))
    candidates = by_stage.get(fold(stage), [])
    return candidates[0] if len(candidates) == 1 else None


def _currency(export: Export, rows: Rows, amount: str, base: str) -> None:
    from babel.numbers import list_currencies

    level = "Q" if rows.table.name == "opportunity" else "V"
    priced = rows.alive & rows.frame[amount].notna().to_numpy(dtype=np.bool_)
    stated = rows.frame["currency"].notna().to_numpy()
    known = rows.frame["currency"].isin(list_currencies()).to_numpy()
    bare = priced & ~stated
    used = set(rows.frame.loc[priced & known, "currency"]) | {base}
    if len(used) > 1:
        rows.mark("D14", level if level == "Q" else "F", bare, amount, ", ".join(sorted(used)))
    elif bare.any():
        rows.fill("currency", bare, base)
        files = {rows.place(int(row), amount)[::2] for row in np.flatnonzero(bare)}
        for file, heading in sorted(files):
            mine = int(sum(rows.place(int(row), amount)[0] == file for row in np.flatnonzero(bare)))
            export.issues.append(Issue(rows.table.name, file, None, heading, "", "D14", "F", detail=base, rows=mine))
    rows.mark("D14", level, priced & stated & ~known & rows.alive, "currency")


def _deals(deals: Rows, stages: Rows | None, as_of: pd.Timestamp, zone: str) -> None:
    frame = deals.frame
    created, closed = local_day(frame["created_at"], zone), local_day(frame["closed_at"], zone)
    is_closed, is_open = frame["status"].isin(_CLOSED), frame["status"] == "open"
    amounts = frame["amount"].map(float, na_action="ignore").astype("float64")

    def mark(rule: str, level: str, rows: pd.Series[bool], column: str) -> None:
        deals.mark(rule, level, deals.alive & rows.to_numpy(dtype=np.bool_), column)

    mark("D3", "R", is_closed & closed.isna(), "closed_at")
    mark("D11", "Q", is_closed & (closed < created), "closed_at")
    mark("D12", "Q", is_closed & (closed > as_of), "closed_at")
    mark("D13", "Q", amounts < 0, "amount")
    mark("D16", "F", is_open & (frame["expected_close"] < as_of), "expected_close")
    if stages is not None:
        known = stages.accepted
        qualified = known[known["qualified"].fillna(False)]
        pairs = set(zip(qualified["pipeline"], qualified["stage"], strict=True))
        past = pd.Series([pair in pairs for pair in zip(frame["pipeline"], frame["stage"], strict=True)], dtype=bool)
        mark("D17", "F", is_open & frame["amount"].isna() & past, "amount")
    mark("D25", "F", frame["expected_close"] < created, "expected_close")
    deals.mark("D6", "F", deals.alive & _probable_duplicates(frame, amounts, deals.alive), "deal_id")


def _probable_duplicates(frame: pd.DataFrame, amounts: pd.Series[float], alive: Mask) -> Mask:
    """Same account, amount and owner, created at most two days apart: both deals."""
    mine = frame[["account_id", "owner_id", "created_at"]].assign(amount=amounts)[alive].dropna()
    mine = mine.sort_values(["account_id", "owner_id", "amount", "created_at"], kind="stable")
    alike = (mine[["account_id", "owner_id", "amount"]] == mine[["account_id", "owner_id", "amount"]].shift()).all(
        axis=1
    )
    follows = alike & (mine["created_at"].diff() <= _TWO_DAYS)
    found = np.zeros(len(frame), dtype=np.bool_)
    found[mine.index[follows | follows.shift(-1, fill_value=False)]] = True
    return found


def _future_activities(activities: Rows, as_of: pd.Timestamp, zone: str) -> None:
    future = local_day(activities.frame["occurred_at"], zone) > as_of
    held = activities.frame["outcome"].isin(_HELD)
    activities.mark("D18", "Q", activities.alive & (future & held).to_numpy(), "occurred_at")


def _scores(responses: Rows, surveys: Rows) -> None:
    scale = surveys.accepted.set_index("survey_id")
    low = responses.frame["survey_id"].map(scale["scale_min"])
    high = responses.frame["survey_id"].map(scale["scale_max"])
    outside = (responses.frame["score"] < low) | (responses.frame["score"] > high)
    responses.mark("D28", "R", responses.alive & outside.to_numpy(dtype=np.bool_), "score")
