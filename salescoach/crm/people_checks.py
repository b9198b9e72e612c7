"""Rules about people and what they did: activities, surveys, assignments, teams (D18, D19, D28, D29, D32, D33, D37)."""

from __future__ import annotations

from datetime import date

from salescoach.crm.desk import quoted
from salescoach.crm.export import Export
from salescoach.crm.issues import Issue
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows
from salescoach.errors import InputError

_HELD = "outcome IN ('connected', 'no_answer', 'held', 'no_show', 'replied')"
_DATED = (("assignment", "rep_id"), ("owner_history", "deal_id"))
_TREES = (("team", "team_id", "parent_team_id"), ("territory", "territory_id", "parent_id"))


def activities(export: Export, as_of: date, quality: Quality) -> None:
    """D18: what lies ahead has no outcome yet. D19: people act while they are here. D37: who acts."""
    rows = export.tables.get("activity")
    if rows is None:
        return
    day = "local_day(occurred_at)"
    rows.mark("D18", quality.level("D18"), f"{day} > DATE '{as_of}' AND {_HELD}", "occurred_at")
    reps = export.tables["rep"]
    if reps.has("hire_date") | reps.has("end_date"):
        away = (
            f"rowid IN (SELECT a.rowid FROM {rows.name} a JOIN rep r ON r.rep_id = a.owner_id AND r._fate = 0 "
            "WHERE local_day(a.occurred_at) < r.hire_date OR local_day(a.occurred_at) >= r.end_date)"
        )
        rows.mark("D19", quality.level("D19"), away, "occurred_at")
    if quality.level("D37"):
        _automatic(rows, quality.thresholds["system_share"])


def _automatic(rows: Rows, limit: float) -> None:
    file, heading = rows.parts[0].file, rows.parts[0].headings.get("is_system", "is_system")
    for owner, automatic, of in rows.desk.rows(
        f"SELECT owner_id, count(*) FILTER (is_system), count(*) FROM {rows.name} WHERE _fate = 0 "
        f"GROUP BY owner_id HAVING count(*) FILTER (is_system) > {limit!r} * count(*) ORDER BY owner_id"
    ):
        rows.issues.append(Issue("activity", file, None, heading, owner, "D37", "F", owner, str(of), automatic))


def surveys(export: Export, quality: Quality) -> None:
    """D28: an answer lies on the scale of its survey. D29: it comes after the question."""
    rows = export.tables.get("survey_response")
    if rows is None:
        return
    if "survey" in export.tables:
        outside = (
            f"rowid IN (SELECT a.rowid FROM {rows.name} a JOIN survey s ON s.survey_id = a.survey_id AND s._fate = 0 "
            "WHERE a.score < s.scale_min OR a.score > s.scale_max)"
        )
        rows.mark("D28", quality.level("D28"), outside, "score")
    asked = "sent_at"
    if "survey_invitation" in export.tables:
        mine = f"i.invitation_id = {rows.name}.invitation_id AND i._fate = 0"
        invited = f"SELECT i.sent_at FROM survey_invitation i WHERE {mine}"
        asked = f"coalesce(sent_at, ({invited} LIMIT 1))"
    rows.mark("D29", quality.level("D29"), f"answered_at < {asked}", "answered_at")


def intervals(export: Export, quality: Quality) -> None:
    """D32: for one person, or one deal, what holds from when until when does not overlap."""
    for table, key in _DATED:
        rows = export.tables.get(table)
        if rows is None:
            continue
        order = f"PARTITION BY {key} ORDER BY valid_from, rowid"
        before = f"max(coalesce(valid_to, 'infinity')) OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        overlapping = (
            f"rowid IN (SELECT place FROM (SELECT rowid AS place FROM {rows.name} WHERE _fate = 0 "
            f"QUALIFY coalesce({before} > valid_from, false)))"
        )
        _mark_or_block(rows, "D32", quality, overlapping, "valid_from")


def trees(export: Export, quality: Quality) -> None:
    """D33: nobody stands above themselves."""
    for table, key, above in _TREES:
        rows = export.tables.get(table)
        if rows is None:
            continue
        parents: dict[str, str] = dict(
            rows.desk.rows(f"SELECT {key}, {above} FROM {rows.name} WHERE _fate = 0 AND {above} IS NOT NULL")
        )
        turning = sorted(node for node in parents if _returns(node, parents))
        if turning:
            names = ", ".join("'" + node.replace("'", "''") + "'" for node in turning)
            _mark_or_block(rows, "D33", quality, f"{quoted(key)} IN ({names})", above)


def _returns(start: str, parents: dict[str, str]) -> bool:
    node, steps = parents.get(start), 0
    while node is not None and node != start and steps <= len(parents):
        node, steps = parents.get(node), steps + 1
    return node == start


def _mark_or_block(rows: Rows, rule: str, quality: Quality, where: str, column: str) -> None:
    level = quality.level(rule)
    if level != "B":
        rows.mark(rule, level, where, column)
        return
    text = rows.text_of(column)
    found = rows.desk.rows(
        f"SELECT rowid, CAST({text} AS VARCHAR) FROM {rows.name} WHERE _fate = 0 AND {where} ORDER BY rowid LIMIT 1"
    )
    if found:
        file, line, heading = rows.place(found[0][0], column)
        raise InputError(_BLOCKED[rule].format(value=found[0][1]), file=file, row=line, column=heading)


_BLOCKED = {
    "D32": '"{value}" lies inside an earlier interval of the same key, so two things would hold at once. Nothing was '
    'imported. End the earlier interval on that day, or set D32 = "quarantine" under [quality] in salescoach.toml.',
    "D33": '"{value}" stands, over others, below itself, so this is no tree. Nothing was imported. Correct it, or set '
    'D33 = "quarantine" under [quality] in salescoach.toml.',
}
