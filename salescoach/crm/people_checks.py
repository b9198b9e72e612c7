"""Rules about people and what they did: activities, surveys, assignments, teams (D18, D19, D28, D29, D32, D33, D37)."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from salescoach.crm.desk import among, looked_up
from salescoach.crm.export import Export
from salescoach.crm.issues import Issue
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows
from salescoach.errors import InputError

_HELD = ("connected", "no_answer", "held", "no_show", "replied")
_FOREVER = 2**63 - 1
_DATED = (("assignment", "rep_id"), ("owner_history", "deal_id"))
_TREES = (("team", "team_id", "parent_team_id"), ("territory", "territory_id", "parent_id"))


def activities(export: Export, as_of: date, quality: Quality) -> None:
    """D18: what lies ahead has no outcome yet. D19: people act while they are here. D37: who acts."""
    rows = export.tables.get("activity")
    if rows is None:
        return
    day, reps = export.desk.local_day(pl.col("occurred_at")), export.tables["rep"]
    ahead = pl.col("occurred_at") >= datetime(as_of.year, as_of.month, as_of.day)  # no zone is a day from UTC
    held = among(pl.col("outcome"), _HELD)
    rows.mark("D18", quality.level("D18"), (day > as_of) & held, "occurred_at", near=ahead)
    acted = _by_owner(rows, day)
    if reps.has("hire_date") or reps.has("end_date"):
        first, end = (looked_up("owner_id", reps.used("rep_id", name)) for name in ("hire_date", "end_date"))
        early_or_late = acted.filter((pl.col("earliest") < first) | (pl.col("latest") >= end))["owner_id"].drop_nulls()
        theirs = among(pl.col("owner_id"), early_or_late)
        if rows.mark("D19", quality.level("D19"), (day < first) | (day >= end), "occurred_at", near=theirs):
            acted = _by_owner(rows, day)
    if quality.level("D37"):
        _automatic(rows, acted, quality.thresholds["system_share"])


def _by_owner(rows: Rows, day: pl.Expr) -> pl.DataFrame:
    """What is used of the activities of each: how many, how many of them automatic, the first day and the last."""
    used = rows.frame.lazy().filter(pl.col("_fate") == 0).group_by("owner_id")
    return used.agg(pl.len(), automatic=pl.sum("is_system"), earliest=day.min(), latest=day.max()).collect(
        engine="streaming"
    )


def _automatic(rows: Rows, acted: pl.DataFrame, limit: float) -> None:
    file, heading = rows.parts[0].file, rows.parts[0].headings.get("is_system", "is_system")
    most = acted.filter(pl.col("automatic") > limit * pl.col("len")).sort("owner_id", nulls_last=True)
    for owner, automatic, of in most.select("owner_id", "automatic", "len").rows():
        rows.issues.append(Issue("activity", file, None, heading, owner, "D37", "F", owner, str(of), automatic))


def surveys(export: Export, quality: Quality) -> None:
    """D28: an answer lies on the scale of its survey. D29: it comes after the question."""
    rows = export.tables.get("survey_response")
    if rows is None:
        return
    if "survey" in export.tables:
        least, most = (
            looked_up("survey_id", export.desk.used("survey", "survey_id", name)) for name in ("scale_min", "scale_max")
        )
        rows.mark("D28", quality.level("D28"), (pl.col("score") < least) | (pl.col("score") > most), "score")
    sent = pl.col("sent_at")
    if "survey_invitation" in export.tables:
        invited = export.desk.used("survey_invitation", "invitation_id", "sent_at")
        sent = pl.coalesce(sent, looked_up("invitation_id", invited))
    rows.mark("D29", quality.level("D29"), pl.col("answered_at") < sent, "answered_at")


def intervals(export: Export, quality: Quality) -> None:
    """D32: for one person, or one deal, what holds from when until when does not overlap."""
    for table, key in _DATED:
        rows = export.tables.get(table)
        if rows is None:
            continue
        spans = rows.frame.select(key, "valid_from", "valid_to", "_fate").with_row_index("place")
        spans = spans.filter(pl.col("_fate") == 0).sort(key, "valid_from", "place", nulls_last=True)
        end = pl.col("valid_to").to_physical().cast(pl.Int64).fill_null(_FOREVER)
        overlapping = end.cum_max().shift(1).over(key) > pl.col("valid_from").to_physical().cast(pl.Int64)
        _mark_or_block(rows, "D32", quality, rows.at(spans.filter(overlapping)["place"]), "valid_from")


def trees(export: Export, quality: Quality) -> None:
    """D33: nobody stands above themselves."""
    for table, key, above in _TREES:
        rows = export.tables.get(table)
        if rows is None:
            continue
        parents: dict[str, str] = dict(rows.used(key, above).drop_nulls(above).rows())
        turning = [node for node in parents if _returns(node, parents)]
        if turning:
            _mark_or_block(rows, "D33", quality, among(pl.col(key), turning), above)


def _returns(start: str, parents: dict[str, str]) -> bool:
    node, steps = parents.get(start), 0
    while node is not None and node != start and steps <= len(parents):
        node, steps = parents.get(node), steps + 1
    return node == start


def _mark_or_block(rows: Rows, rule: str, quality: Quality, where: pl.Expr, column: str) -> None:
    level = quality.level(rule)
    if level != "B":
        rows.mark(rule, level, where, column)
        return
    text = rows.text_of(column).alias("text")
    first = rows.frame.with_row_index("place").filter(where & (pl.col("_fate") == 0)).head(1).select("place", text)
    for place, value in first.rows():
        file, line, heading = rows.place(place, column)
        raise InputError(_BLOCKED[rule].format(value=value), file=file, row=line, column=heading)


_BLOCKED = {
    "D32": '"{value}" lies inside an earlier interval of the same key, so two things would hold at once. Nothing was '
    'imported. End the earlier interval on that day, or set D32 = "quarantine" under [quality] in salescoach.toml.',
    "D33": '"{value}" stands, over others, below itself, so this is no tree. Nothing was imported. Correct it, or set '
    'D33 = "quarantine" under [quality] in salescoach.toml.',
}
