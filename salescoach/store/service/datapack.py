"""Everything that is held about one person, for that person: the record as JSON, and all of it as a page.

Private notes are in it, earlier versions too, and who looked when. Other people stand in it by their pseudonyms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from salescoach.report.page import Bullets, Cell, Column, Item, Page, Pairs, Section, Table, Text
from salescoach.store.models.control import AUDIT, EARLIER, PERSON, REASON, VIEW
from salescoach.store.models.entry import KINDS, ORGANISATION, Kind, Someone
from salescoach.store.policy import ADMIN
from salescoach.store.service import audit
from salescoach.store.service.erasure import NOBODY, pseudonym
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit
from salescoach.words import Words


def data_pack(record: Record, rep_id: str, *, why: str) -> dict[str, Any]:
    """What is held about *rep_id*, by table; JSON types only.

    Returns
    -------
    dict
        ``person``, ``made_at``, ``tables`` (name to rows), ``earlier_versions``, ``views`` (who looked at what on which
        day), ``audit`` (what was done, by whom, why), ``retention_months`` by table (None: as counsel sets).

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    """
    with record.write() as unit:
        if ADMIN not in unit.access.standings(ORGANISATION):
            raise unit.access.denied("export", "person")
        audit.write(
            unit.session, at=unit.now, who=unit.access.principal.person, act="exported", kind="person", rep_id=rep_id,
            why=why,
        )  # fmt: skip
        known = {row.person_id: row.token for row in unit.session.execute(select(PERSON))}
        shown = _Shown(rep_id, known)
        return {
            "person": rep_id,
            "made_at": unit.now.isoformat(),
            "tables": {kind.name: _rows(unit, kind, shown) for kind in KINDS.values()},
            "earlier_versions": _earlier(unit, shown),
            "views": [
                {"viewer": shown(row.viewer_id), "page": row.page, "day": row.day.isoformat()}
                for row in unit.session.execute(select(VIEW).where(VIEW.c.rep_id == rep_id).order_by(VIEW.c.first_at))
            ],
            "audit": _audit(unit, rep_id, known),
            "retention_months": {kind.name: kind.months for kind in KINDS.values()},
        }


def data_pack_page(pack: Mapping[str, Any], name: str, words: Words) -> Page:
    """The same as a page that a person can read, in the language of *words*."""
    tables = [
        Section(
            "t-" + table.replace("_", "-"),
            words(f"record.kind.{table}"),
            [_table(table, rows, words)],
            lead=_kept(pack["retention_months"][table], words),
        )
        for table, rows in pack["tables"].items()
        if rows
    ]
    views = [Item(f"{view['day']}: {view['viewer']}", view["page"]) for view in pack["views"]]
    return Page(
        words("record.pack.title"),
        name,
        Pairs([(words("record.pack.person"), name), (words("record.pack.made_at"), pack["made_at"])]),
        [
            Section("about", words("record.pack.about"), [Text(words("record.pack.text"))]),
            *tables,
            *_numbers(pack, words),
            *_scores(pack, words),
            *_imported(pack, words),
            *_elsewhere(pack, words),
            Section("views", words("record.pack.views"), [Bullets(views, empty=words("record.pack.no_views"))]),
        ],
        words("record.pack.footer"),
        words.language.code,
    )


def _numbers(pack: Mapping[str, Any], words: Words) -> list[Section]:
    """Every metric that has an answer, with what it was worked out from; the others stand in the JSON."""
    known = [one for one in pack.get("numbers", ()) if one["na_reason"] is None]
    if not known:
        return []
    names = ("period", "name", "formula", "version", "unit", "value", "n", "low", "high")
    rows = [[Cell(_figure(one[name])) for name in names] for one in known]
    title = words("record.pack.numbers")
    table = Table(title, [Column(words(f"record.pack.number.{name}")) for name in names], rows)
    return [Section("numbers", title, [table], lead=words("record.pack.numbers_lead"))]


def _scores(pack: Mapping[str, Any], words: Words) -> list[Section]:
    """How each kept score of their leads and deals was made; that there is none is said, too."""
    if "scores" not in pack:
        return []
    names = ("as_of", "lead", "company", "p", "grade", "model")
    columns = [Column(words(f"record.pack.score.{name}")) for name in (*names, "why")]
    rows = [
        [*(Cell(_figure(one[name])) for name in names), Cell(" · ".join(each["text"] for each in one["reasons"]))]
        for one in pack["scores"]
    ]
    title = words("record.pack.scores")
    block = Table(title, columns, rows) if rows else Text(words("record.pack.no_scores"), tone="muted")
    return [Section("scores", title, [block], lead=words("record.pack.scores_lead") if rows else "")]


def _imported(pack: Mapping[str, Any], words: Words) -> list[Section]:
    """Every imported row: its table, its file and line, and what stands in it."""
    found = []
    for snapshot, tables in pack.get("imported", {}).items():
        blocks = [_as_filled(name, rows) for name, rows in tables.items()]
        title = words("record.pack.imported", snapshot=snapshot)
        found.append(Section(f"i-{snapshot}", title, blocks, lead=words("record.pack.imported_lead")))
    return found


def _as_filled(name: str, rows: list[dict[str, Any]]) -> Table:
    """The columns of a table in which anything stands."""
    columns = [column for column in rows[0] if any(row[column] is not None for row in rows)]
    return Table(
        name, [Column(column) for column in columns], [[Cell(_written(row[c])) for c in columns] for row in rows]
    )


def _elsewhere(pack: Mapping[str, Any], words: Words) -> list[Section]:
    """Reports about the person, and other files that name them."""
    reports = [
        Item(f"{one['period']} · {one['language']} · {one['as_of']}", one["run_id"]) for one in pack.get("reports", ())
    ]
    files = [
        Item(file, " · ".join(lines) if lines else words("record.pack.packed"))
        for file, lines in pack.get("files", {}).items()
    ]
    found = []
    if reports:
        found.append(Section("reports", words("record.pack.reports"), [Bullets(reports)]))
    if files:
        found.append(Section("files", words("record.pack.files"), [Bullets(files)]))
    return found


def _figure(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else _written(value)


class _Shown:
    """How a person stands in the pack: the one it is about by name, all others by pseudonym."""

    def __init__(self, rep_id: str, tokens: Mapping[str, str]) -> None:
        self.rep_id = rep_id
        self._tokens = tokens

    def __call__(self, person: str | None) -> str | None:
        if person in (None, ORGANISATION, NOBODY, self.rep_id):
            return person
        return pseudonym(self._tokens[person]) if person in self._tokens else pseudonym("0" * 32)


def _rows(unit: Unit, kind: Kind, shown: _Shown) -> list[dict[str, Any]]:
    query = select(kind.table).where(kind.table.c.rep_id == shown.rep_id)
    return [_row(kind, dict(row), shown) for row in unit.session.execute(query.order_by(kind.table.c.id)).mappings()]


def _row(kind: Kind, row: dict[str, Any], shown: _Shown) -> dict[str, Any]:
    people = kind.marked(Someone)
    return {name: shown(value) if name in people else _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else list(value) if isinstance(value, tuple) else value


def _earlier(unit: Unit, shown: _Shown) -> list[dict[str, Any]]:
    query = select(EARLIER).where(EARLIER.c.rep_id == shown.rep_id).order_by(EARLIER.c.kind, EARLIER.c.entry_id)
    return [
        {"table": row.kind, **_row(KINDS[row.kind], json.loads(row.content), shown)}
        for row in unit.session.execute(query.order_by(EARLIER.c.version))
    ]


def _audit(unit: Unit, rep_id: str, known: Mapping[str, str]) -> list[dict[str, Any]]:
    token = known.get(rep_id, "")
    reasons = dict(unit.session.execute(select(REASON.c.seq, REASON.c.text).where(REASON.c.rep_id == rep_id)).all())
    return [
        {
            "at": row.at.isoformat(), "who": rep_id if row.who == token else pseudonym(row.who), "act": row.act,
            "table": row.kind, "id": row.entry_id, "version": row.version, "why": reasons.get(row.seq, ""),
        }
        for row in unit.session.execute(select(AUDIT).where(AUDIT.c.subject == token).order_by(AUDIT.c.seq))
    ]  # fmt: skip


def _table(table: str, rows: list[dict[str, Any]], words: Words) -> Table:
    kind = KINDS[table]
    columns = ["created_at", "author", *kind.written]
    return Table(
        words(f"record.kind.{table}"),
        [Column(words(f"record_field.{name}")) for name in columns],
        [[Cell(_written(row[name])) for name in columns] for row in rows],
    )


def _written(value: Any) -> str:
    return "" if value is None else ", ".join(value) if isinstance(value, list) else str(value)


def _kept(months: int | None, words: Words) -> str:
    return words("record.pack.kept_law") if months is None else words("record.pack.kept", months=months)
