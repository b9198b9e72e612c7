"""From files as they stand to one text table per source of the form: what a form's steps ask for, carried out.

Several files may feed one table and one file several; a field may be made of other columns or looked up in
another file; stages may come from the deals. Nothing is parsed here, line numbers are kept, and everything
that was done or left out is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from salescoach.calendar import Calendar
from salescoach.crm import columns as steps
from salescoach.crm.columns import Columns
from salescoach.crm.dialect import Choices
from salescoach.crm.form import Lookup, Preset, Rule, Source, Steps
from salescoach.crm.headings import fold
from salescoach.crm.issues import Note
from salescoach.crm.preset import files_of
from salescoach.crm.stages import stated_or_found
from salescoach.crm.text import TextColumn, TextTable
from salescoach.errors import UsageError
from salescoach.tables.schema import REQUIRED_TABLES, TABLES


@dataclass(frozen=True)
class Pieces:
    """What the mapping reads: each source with its table, the rows that no file holds, and what was noted.

    ``used`` file: headings that a step has read or that are left out on purpose.
    """

    sources: tuple[tuple[Source, TextTable], ...]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    notes: tuple[Note, ...]
    used: Mapping[str, frozenset[str]]


def shaped(texts: Sequence[TextTable], preset: Preset, stated: Choices, year_starts: int = 1) -> Pieces:
    """Carry out the steps of a form. *year_starts*: month in which the fiscal year of a heading "FY26" starts.

    InputError when the form leaves it to the user which stages are won and lost, and nothing says so.
    """
    return _Shaper(preset, files_of(preset, texts), stated, Calendar(fiscal_year_start_month=year_starts)).pieces()


@dataclass
class _Shaper:
    preset: Preset
    files: Mapping[str, TextTable]
    stated: Choices
    calendar: Calendar
    notes: list[Note] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)
    done: dict[int, tuple[Source, TextTable]] = field(default_factory=dict)
    rows: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)

    def pieces(self) -> Pieces:
        for source in self.sources:
            self._note_recognised(source)
        rows = {table: given for table, given in self.preset.rows.items() if table not in self._beside}
        if self.preset.stages and "stage" not in rows and not any(each.table == "stage" for each in self.sources):
            read = self._plain if self.preset.stages == "ask" else self._piece
            asked = [read(source) for source in self.sources if source.table in ("opportunity", "stage_history")]
            rows["stage"], found = stated_or_found(asked, self.preset.stages, self.preset.title)
            self._note("stages_derived", columns=", ".join(found))
        self.rows = rows
        pieces = self._once_each([self._piece(source) for source in self.sources if self._complete(source)])
        used = {file: frozenset(headings) for file, headings in self.used.items()}
        return Pieces(pieces, rows, tuple(self.notes), used)

    @cached_property
    def sources(self) -> list[Source]:
        """The sources whose file is there; a fallback only when no other gives its table."""
        here = [source for source in self.preset.sources if source.file in self.files]
        given = {source.table for source in here if not source.fallback}
        return [source for source in here if not (source.fallback and source.table in given)]

    @cached_property
    def _beside(self) -> set[str]:
        """Tables that a file of their own name gives: it counts, not what the form states."""
        return {source.table for source in self.sources if source.by_name}

    def _note(self, code: str, **values: str | int) -> None:
        note = Note(code, values)
        if note not in self.notes:
            self.notes.append(note)

    def _note_recognised(self, source: Source) -> None:
        text = self.files[source.file]
        if source.by_name or not source.key:
            return
        found = source.found(text.header)
        self._note(
            "recognised", file=text.file, table=source.table, columns=", ".join(found), n=len(found), of=len(source.key)
        )

    def _complete(self, source: Source) -> bool:
        """Whether a table that need not be there has all it needs; if not, it is left out and that is said."""
        if source.table in REQUIRED_TABLES or source.by_name:
            return True
        own, text = self._piece(source)
        required = TABLES[source.table].required
        absent = [name for name in required if own.heading(name, text.header) is None and name not in own.constants]
        if absent:
            self._note("table_incomplete", file=text.file, table=source.table, columns=", ".join(absent))
            self.used.setdefault(text.file, set()).update(text.header)
        return not absent

    def _once_each(self, pieces: Sequence[tuple[Source, TextTable]]) -> tuple[tuple[Source, TextTable], ...]:
        """The pieces, without rows of a fallback whose key an earlier one gives: people who own deals and calls."""
        seen: dict[str, set[str]] = {}
        kept: list[tuple[Source, TextTable]] = []
        for source, text in pieces:
            if source.fallback and source.distinct:
                columns = Columns(source, text)
                keys = columns.column(TABLES[source.table].key[0])
                mine = seen.setdefault(source.table, set())
                if keys is not None:
                    columns.keep(np.array([key not in mine for key in keys], dtype=np.bool_))
                    mine.update(keys)
                    text = columns.shaped()
            if len(text.lines) or not source.fallback:
                kept.append((source, text))
        return tuple(kept)

    def _plain(self, source: Source) -> tuple[Source, TextTable]:
        """A source before any rule, for the question which stages there are."""
        columns = Columns(source, self.files[source.file])
        self._filter_and_split(columns)
        return self._finished(columns)

    def _piece(self, source: Source) -> tuple[Source, TextTable]:
        if id(source) not in self.done:
            self.done[id(source)] = self._shaped(source)
        return self.done[id(source)]

    def _shaped(self, source: Source) -> tuple[Source, TextTable]:
        text = self.files[source.file]
        self._leave_out(source, text)
        if source.steps == Steps():
            return source, self._counted_once(source, text)
        columns = Columns(source, text)
        self._filter_and_split(columns, noted=True)
        self._rewrite(columns)
        self._rules(columns)
        if source.steps.absorbed:
            steps.absorbed(columns, source.steps.absorbed, "deal_id")
        if source.steps.collapse:
            n = steps.collapse(columns, *source.steps.collapse, self.preset.date_order, self.stated)
            if n:
                self._note("collapsed", file=text.file, n=n)
        if source.steps.until:
            steps.until(columns, *source.steps.until, self.preset.date_order, self.stated)
        self.used.setdefault(text.file, set()).update(columns.used)
        return self._finished(columns)

    def _finished(self, columns: Columns) -> tuple[Source, TextTable]:
        source = columns.source
        made = {name: (heading,) for name, heading in columns.made.items()}
        return replace(source, columns={**source.columns, **made}), self._counted_once(source, columns.shaped())

    def _counted_once(self, source: Source, text: TextTable) -> TextTable:
        """A row with too many cells is counted in the first table that the file feeds, and in no other."""
        same = [each for each in self.sources if each.file == source.file and not each.distinct]
        return text if source.distinct or same[0] is source else replace(text, ragged=())

    def _leave_out(self, source: Source, text: TextTable) -> None:
        known = {fold(heading): reason for heading, reason in source.ignored.items()}
        left: dict[str, list[str]] = {}
        for heading in text.header:
            if fold(heading) in known:
                left.setdefault(known[fold(heading)], []).append(heading)
        for reason, headings in left.items():
            self.used.setdefault(text.file, set()).update(headings)
            self._note(f"left_out_{reason}", file=text.file, columns=", ".join(headings))

    def _filter_and_split(self, columns: Columns, *, noted: bool = False) -> None:
        source = columns.source
        if source.steps.where:
            kept = columns.holds(source.steps.where)
            if kept is not None:
                if noted and not kept.all():
                    self._note(
                        "rows_of_table", file=columns.text.file, table=source.table, n=int(kept.sum()), of=len(kept)
                    )
                columns.keep(kept)
        for name, pattern in source.steps.split.items():
            steps.split(columns, name, pattern)

    def _rewrite(self, columns: Columns) -> None:
        file, how = columns.text.file, columns.source.steps
        for name, nothing in how.nothing.items():
            steps.without(columns, name, nothing)
        for name in how.serial:
            if n := steps.dated(columns, name):
                self._note("serial_dates", file=file, column=columns.heading(name) or name, n=n)
        if how.unpivot and (n := steps.unpivot(columns, how.unpivot, self._period)):
            self._note("unpivoted", file=file, n=n, of=len(columns.rows))
        cut = [columns.heading(name) or name for name in how.short_ids if steps.short_ids(columns, name)]
        if cut:
            self._note("ids_cut", file=file, columns=", ".join(cut))

    def _period(self, word: str) -> tuple[str, str] | None:
        try:
            period = self.calendar.period(word)
        except UsageError:
            return None
        return period.start.isoformat(), period.end.isoformat()

    def _rules(self, columns: Columns) -> None:
        for name in dict.fromkeys(rule.field for rule in columns.source.steps.rules):
            cells = np.full(len(columns.rows), "", dtype=object)
            headings: list[str] = []
            for rule in columns.source.steps.rules:
                if rule.field == name:
                    self._apply(rule, columns, cells, headings)
            if not headings:
                continue
            own = columns.column(name)
            if own is not None:
                cells = np.where(cells == "", own, cells).astype(object)
            columns.add(name, cells, headings)

    def _apply(self, rule: Rule, columns: Columns, cells: TextColumn, headings: list[str]) -> None:
        """Fill the cells that are still empty where the rule holds; *headings* grow by those it has read."""
        rows = columns.holds(rule.when)
        values = self._values(rule, columns)
        if rows is None or values is None:
            return
        free = rows & (cells == "")
        cells[free] = values[free]
        lookup = rule.lookup.by if rule.lookup else ()
        names = (*((rule.take,) if rule.take else ()), *rule.join, *lookup) or tuple(rule.when)
        headings += [heading for name in names if (heading := columns.heading(name))] or [rule.field]

    def _values(self, rule: Rule, columns: Columns) -> TextColumn | None:
        if rule.take:
            return columns.column(rule.take)
        if rule.join:
            parts = [column for name in rule.join if (column := columns.column(name)) is not None]
            if not parts:
                return None
            joined = np.empty(len(columns.rows), dtype=object)
            joined[:] = [" ".join(text for text in row if text) for row in zip(*parts, strict=True)]
            return joined
        if rule.lookup:
            return self._looked_up(rule.lookup, columns)
        return np.full(len(columns.rows), rule.then, dtype=object)

    def _looked_up(self, lookup: Lookup, columns: Columns) -> TextColumn | None:
        known = self._known(lookup)
        asked = [column for name in lookup.by if (column := columns.column(name)) is not None]
        if known is None or len(asked) < len(lookup.by):
            return None
        found = np.empty(len(columns.rows), dtype=object)
        found[:] = [known.get(_key(texts), "") for texts in zip(*asked, strict=True)]
        return found

    def _known(self, lookup: Lookup) -> dict[tuple[str, ...], str] | None:
        """What a lookup finds, by folded key; None when there is no such file."""
        source = next((each for each in self.sources if lookup.file in (each.file, each.table)), None)
        if lookup.file in self.rows:
            return {_key([row[name] for name in lookup.key]): row[lookup.take] for row in self.rows[lookup.file]}
        if source is None and lookup.file not in self.files:
            return None
        source, text = self._piece(source) if source else (_bare(lookup.file), self.files[lookup.file])
        headings = [source.heading(name, text.header) for name in (*lookup.key, lookup.take)]
        columns = dict(zip(text.header, text.columns, strict=True))
        cells = [columns[heading] for heading in headings if heading is not None]
        if len(cells) < len(headings):
            return None
        self.used.setdefault(text.file, set()).update(heading for heading in headings if heading)
        names = source.values.get(lookup.take, {})
        found: dict[tuple[str, ...], str] = {}
        unclear: set[tuple[str, ...]] = set()
        for *texts, new in zip(*cells, strict=True):
            key, value = _key(texts), names.get(new.strip(), new.strip())
            if not lookup.last and found.get(key, value) != value:
                unclear.add(key)
            found[key] = value
        return {key: value for key, value in found.items() if key not in unclear}


def _key(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(fold(text) or text.strip() for text in texts)


def _bare(file: str) -> Source:
    return Source(file, "", (), {}, {}, {}, {}, {}, False, (), ())
