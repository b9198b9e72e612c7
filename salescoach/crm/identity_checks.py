"""Rules about which row is which: twice, whose, of what, in which stage (D4, D5, D7-D9, D20, D34)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from salescoach.crm.desk import quoted
from salescoach.crm.export import Export
from salescoach.crm.headings import fold
from salescoach.crm.organisation import Organisation
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows
from salescoach.crm.understood import OwnerMatch
from salescoach.language import language

_OWNED = (
    ("opportunity", "owner_id"),
    ("owner_history", "owner_id"),
    ("lead", "owner_id"),
    ("activity", "owner_id"),
    ("quota", "rep_or_team"),
    ("split", "rep_id"),
    ("forecast_submission", "rep_id"),
)
_BESIDE = (
    ("account", "owner_id"),
    ("contact", "owner_id"),
    ("survey_invitation", "rep_id"),
    ("survey_response", "rep_id"),
)
"""What is there without an owner, too: a company, an answer. Only its owner is set aside."""


def merged_and_deleted(rows: Rows) -> None:
    """D7: deleted and merged rows count nowhere."""
    if "is_deleted" in rows.table.names:
        rows.mark("D7", "M", "is_deleted", "is_deleted")
    if "merged_into" in rows.table.names:
        rows.mark("D7", "M", "merged_into IS NOT NULL", "merged_into")


def duplicates(rows: Rows, quality: Quality) -> None:
    """D4: a row twice counts once. D5: one key with different content waits; two quotas of one moment are D34."""
    key = ", ".join(quoted(name) for name in rows.table.key)
    often, distinct = rows.desk.one(
        f"SELECT count(*), count(DISTINCT ({key})) FROM {rows.name} WHERE _fate = 0"
        if len(rows.table.key) > 1
        else f"SELECT count(*), count(DISTINCT {key}) + count(DISTINCT {key} IS NULL) FILTER ({key} IS NULL) "
        f"FROM {rows.name} WHERE _fate = 0"
    )
    if often == distinct:
        return
    rows.desk.run(
        f"CREATE TEMP TABLE _twice AS SELECT rowid AS place FROM {rows.name} WHERE _fate = 0 "
        f"QUALIFY count(*) OVER (PARTITION BY {key}) > 1"
    )
    every = ", ".join(quoted(name) for name in rows.table.names)
    again = (
        f"rowid IN (SELECT place FROM (SELECT t.rowid AS place FROM {rows.name} t JOIN _twice ON t.rowid = place "
        f"QUALIFY row_number() OVER (PARTITION BY {every} ORDER BY t.rowid) > 1))"
    )
    rows.mark("D4", "M", again, rows.table.key[0])
    clash = (
        f"rowid IN (SELECT place FROM (SELECT t.rowid AS place FROM {rows.name} t JOIN _twice ON t.rowid = place "
        f"WHERE t._fate = 0 QUALIFY count(*) OVER (PARTITION BY {key}) > 1))"
    )
    rule = "D34" if rows.table.name == "quota" else "D5"
    rows.mark(rule, quality.level(rule), clash, rows.table.key[0])
    rows.desk.run("DROP TABLE _twice")


def owners(export: Export, organisation: Organisation, quality: Quality, owner_map: Mapping[str, str]) -> None:
    """Find each owner among the people: by id, by the owner map, by e-mail, then by full name if one person has it."""
    same = language(organisation.language).fold
    reps = export.desk.rows("SELECT rep_id, email, full_name FROM rep WHERE _fate = 0 ORDER BY rowid")
    ids = {rep for rep, _, _ in reps}
    by_email = _unique(((email, rep) for rep, email, _ in reps if email), lambda text: text)
    by_name = _unique(((name, rep) for rep, _, name in reps if name), same)
    for table, column in (*_OWNED, *_BESIDE):
        rows = export.tables.get(table)
        if rows is None or not rows.has(column):
            continue
        known = set(ids)
        if column == "rep_or_team" and "team" in export.tables:
            known |= {team for (team,) in export.desk.rows("SELECT team_id FROM team WHERE _fate = 0")}
        asked: dict[str, int] = dict(
            export.desk.rows(
                f"SELECT {column}, count(*) FROM {rows.name} WHERE _fate = 0 AND {column} IS NOT NULL GROUP BY {column}"
            )
        )
        strange = sorted(owner for owner in asked if owner not in known)
        matches: dict[str, str] = {}
        for owner in strange:
            match = owner_map.get(owner)
            match = match if match in ids else by_email.get(owner.lower()) or by_name.get(same(owner))
            if match and not (owner in owner_map and owner_map[owner] not in ids):
                matches[owner] = match
        if matches:
            _replace_owners(export, rows, column, matches)
        unknown = [owner for owner in strange if owner not in matches]
        if unknown:
            level = "V" if (table, column) in _BESIDE else quality.level("D8")
            with export.desk.beside(_unknown=pd.DataFrame({"owner": pd.Series(unknown, dtype=object)})):
                rows.mark("D8", level, f"{column} IN (SELECT owner FROM _unknown)", column)
        otherwise, lost = sum(asked[owner] for owner in matches), sum(asked[owner] for owner in unknown)
        export.owners[table] = OwnerMatch(sum(asked.values()) - otherwise - lost, otherwise, lost)


def _replace_owners(export: Export, rows: Rows, column: str, matches: Mapping[str, str]) -> None:
    frame = pd.DataFrame({"owner": list(matches), "rep": list(matches.values())}, dtype=object)
    with export.desk.beside(_matches=frame):
        where = f"_fate = 0 AND {column} = _matches.owner"
        (count,) = export.desk.one(f"SELECT count(*) FROM {rows.name}, _matches WHERE {where}")
        rows.fill(column, "_matches.rep", where, frm="_matches")
    export.note("owners_matched", table=rows.table.name, n=count)


def _unique(pairs: object, form: Callable[[str], str]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for text, rep in pairs:  # type: ignore[attr-defined]
        key = form(text)
        if key in found:
            twice.add(key)
        found[key] = rep
    return {key: rep for key, rep in found.items() if key not in twice}


def references(export: Export, quality: Quality) -> None:
    """D9: flag references to rows that the export does not hold; set-aside rows count as held."""
    for name, rows in export.tables.items():
        for target in rows.table.fields:
            table, _, column = target.refers_to.partition(".")
            owner = (name, target.name) in (*_OWNED, *_BESIDE)
            if not table or table == "stage" or owner or table not in export.tables:
                continue
            mine = quoted(target.name)
            if not rows.has(target.name):
                continue
            held = f"SELECT {quoted(column)} FROM {quoted(table)} WHERE {quoted(column)} IS NOT NULL"
            rows.mark("D9", quality.level("D9"), f"{mine} IS NOT NULL AND {mine} NOT IN ({held})", target.name)


def stages(export: Export, quality: Quality) -> None:
    """Give each deal and each history row a stage of the stage table, and its pipeline when only one has that stage."""
    stages = export.desk.rows("SELECT pipeline, stage FROM stage WHERE _fate = 0 ORDER BY rowid")
    spelling = {(fold(pipeline), fold(stage)): (pipeline, stage) for pipeline, stage in stages}
    by_stage: dict[str, list[tuple[str, str]]] = {}
    for found in spelling.values():
        by_stage.setdefault(fold(found[1]), []).append(found)
    known = ", ".join(dict.fromkeys(stage for _, stage in stages))
    for table, column in (("opportunity", "stage"), ("stage_history", "stage_to")):
        rows = export.tables.get(table)
        if rows is not None:
            _stages_of(export, rows, column, quality, lambda pair: _stage(pair, spelling, by_stage), known)


def _stages_of(
    export: Export,
    rows: Rows,
    column: str,
    quality: Quality,
    find: Callable[[tuple[object, object]], tuple[str, str] | None],
    known: str,
) -> None:
    desk, deals = export.desk, rows.table.name == "opportunity"
    pipeline = "t.pipeline" if deals else "d.pipeline"
    # a deal that stands in the file twice: the pipeline of its last row, as everywhere
    joined = (
        ""
        if deals
        else "LEFT JOIN (SELECT deal_id, last(pipeline ORDER BY rowid) AS pipeline FROM opportunity "
        "GROUP BY deal_id) d USING (deal_id)"
    )
    pairs = desk.rows(f"SELECT DISTINCT {pipeline}, t.{column} FROM {rows.name} t {joined}")
    matches = {pair: find(pair) for pair in pairs}
    lost = [pair for pair, match in matches.items() if match is None]
    changed = [
        (*pair, *match)
        for pair, match in matches.items()
        if match and (match[1] != pair[1] or (deals and match[0] != pair[0]))
    ]
    if lost:
        frame = pd.DataFrame(lost, columns=["pipeline", "stage"], dtype=object)
        with desk.beside(_lost=frame):
            where = (
                f"rowid IN (SELECT t.rowid FROM {rows.name} t {joined} JOIN _lost ON {pipeline} IS NOT DISTINCT FROM "
                f"_lost.pipeline AND t.{column} IS NOT DISTINCT FROM _lost.stage)"
            )
            rows.mark("D20", quality.level("D20"), where, column, known)
    if changed:
        frame = pd.DataFrame(changed, columns=["pipeline", "stage", "to_pipeline", "to_stage"], dtype=object)
        with desk.beside(_changed=frame):
            desk.run(
                f"CREATE TEMP TABLE _moved AS SELECT t.rowid AS place, to_pipeline, to_stage FROM {rows.name} t "
                f"{joined} JOIN _changed c ON {pipeline} IS NOT DISTINCT FROM c.pipeline "
                f"AND t.{column} IS NOT DISTINCT FROM c.stage"
            )
        rows.fill(column, "to_stage", f"{rows.name}.rowid = place", frm="_moved")
        if deals:
            rows.fill("pipeline", "to_pipeline", f"{rows.name}.rowid = place", frm="_moved")
        desk.run("DROP TABLE _moved")


def _stage(
    pair: tuple[object, object],
    spelling: Mapping[tuple[str, str], tuple[str, str]],
    by_stage: Mapping[str, list[tuple[str, str]]],
) -> tuple[str, str] | None:
    pipeline, stage = pair
    if not isinstance(stage, str):
        return None
    if isinstance(pipeline, str):
        return spelling.get((fold(pipeline), fold(stage)))
    candidates = by_stage.get(fold(stage), [])
    return candidates[0] if len(candidates) == 1 else None
