"""Rules about which row is which: twice, whose, of what, in which stage (D4, D5, D7-D9, D20, D34)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from salescoach.crm.desk import among, repeated
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
        rows.mark("D7", "M", pl.col("is_deleted"), "is_deleted")
    if "merged_into" in rows.table.names:
        rows.mark("D7", "M", pl.col("merged_into").is_not_null(), "merged_into")


def duplicates(rows: Rows, quality: Quality) -> None:
    """D4: a row twice counts once. D5: one key with different content waits; two quotas of one moment are D34."""
    key = list(rows.table.key)
    digests = rows.frame.select(key).hash_rows()  # rows that are equal have the same one
    twice_seen = repeated(digests)
    if not len(twice_seen):
        return
    places = digests.is_in(twice_seen.implode()).arg_true()
    keys = rows.frame.select(*key, "_fate")[places].with_columns(place=places).filter(pl.col("_fate") == 0)
    often = keys.filter(pl.len().over(key) > 1).select(*key, "place")
    twice = rows.frame.select(rows.table.names)[often["place"]]
    first = twice.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    rows.mark("D4", "M", rows.at(often.filter(~first)["place"]), rows.table.key[0])
    clash = often.filter(first).filter(pl.len().over(key) > 1)["place"]
    rule = "D34" if rows.table.name == "quota" else "D5"
    rows.mark(rule, quality.level(rule), rows.at(clash), rows.table.key[0])


def owners(export: Export, organisation: Organisation, quality: Quality, owner_map: Mapping[str, str]) -> None:
    """Find each owner among the people: by id, by the owner map, by e-mail, then by full name if one person has it."""
    same = language(organisation.language).fold
    reps = export.desk.used("rep", "rep_id", "email", "full_name").rows()
    ids = {rep for rep, _, _ in reps}
    by_email = _unique(((email, rep) for rep, email, _ in reps if email), lambda text: text)
    by_name = _unique(((name, rep) for rep, _, name in reps if name), same)
    for table, column in (*_OWNED, *_BESIDE):
        rows = export.tables.get(table)
        if rows is None or not rows.has(column):
            continue
        known = set(ids)
        if column == "rep_or_team" and "team" in export.tables:
            known |= set(export.desk.used("team", "team_id")["team_id"])
        asked: dict[str, int] = dict(rows.used(column).group_by(column).len().drop_nulls().rows())
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
            rows.mark("D8", level, among(pl.col(column), unknown), column)
        otherwise, lost = sum(asked[owner] for owner in matches), sum(asked[owner] for owner in unknown)
        export.owners[table] = OwnerMatch(sum(asked.values()) - otherwise - lost, otherwise, lost)


def _replace_owners(export: Export, rows: Rows, column: str, matches: Mapping[str, str]) -> None:
    where = (pl.col("_fate") == 0) & among(pl.col(column), matches)
    count = int(rows.frame.select(where.sum()).item())
    rows.fill(column, pl.col(column).replace(matches), where)
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
            if not rows.has(target.name):
                continue
            held, asked = export.tables[table].frame[column], rows.frame[target.name]
            if len(held) > 8 * asked.count():  # then most of what is held is asked by nobody
                held = held.filter(held.is_in(asked.drop_nulls().unique().implode()))
            # A digest is looked up three times as fast as a text. It flags nothing that is held, and misses a stranger
            # among a million held rows once in ten million million.
            there = pl.col(target.name).hash().is_in(held.drop_nulls().hash().implode())
            rows.mark("D9", quality.level("D9"), pl.col(target.name).is_not_null() & ~there, target.name)


def stages(export: Export, quality: Quality) -> None:
    """Give each deal and each history row a stage of the stage table, and its pipeline when only one has that stage."""
    stages = export.desk.used("stage", "pipeline", "stage").rows()
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
    deals = rows.table.name == "opportunity"
    if deals:
        stands = rows.frame.select("pipeline", stage=column)
    else:  # a deal that stands in the file twice: the pipeline of its last row, as everywhere
        last = export.tables["opportunity"].frame.group_by("deal_id").agg(pl.last("pipeline"))
        stands = rows.frame.select("deal_id", stage=column).join(last, on="deal_id", how="left", maintain_order="left")
    stands = stands.select("pipeline", "stage")
    pairs = stands.unique().rows()
    found = {pair: match for pair in pairs if (match := find(pair))}
    lost = [pair for pair in pairs if pair not in found]
    changed = [
        (*pair, *match) for pair, match in found.items() if match[1] != pair[1] or (deals and match[0] != pair[0])
    ]
    if lost:
        (is_lost,) = _beside(stands, [(*pair, True) for pair in lost])
        rows.mark("D20", quality.level("D20"), pl.lit(is_lost), column, known)
    if changed:
        to_pipeline, to_stage = _beside(stands, changed)
        rows.fill(column, pl.lit(to_stage), pl.lit(to_stage.is_not_null()))
        if deals:
            rows.fill("pipeline", pl.lit(to_pipeline), pl.lit(to_stage.is_not_null()))


def _beside(stands: pl.DataFrame, known: Sequence[tuple[object, ...]]) -> list[pl.Series]:
    """What *known*, rows that begin with a pipeline and a stage, says of each row; missing where it says nothing."""
    facts = pl.DataFrame(known, orient="row", infer_schema_length=None)
    pair = {"column_0": pl.String, "column_1": pl.String}
    facts = facts.cast(pair)  # type: ignore[arg-type]
    found = stands.join(
        facts, left_on=["pipeline", "stage"], right_on=list(pair), how="left", nulls_equal=True, maintain_order="left"
    )
    return found.get_columns()[2:]


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
