"""The language in which a CRM's form is written: what a TOML file in ``templates/crm/`` may say.

Every key is explained, with an example, in ``docs/add-a-crm.md``. A form holds data only, so a CRM is
added without Python. A file is read and checked in :mod:`salescoach.crm.form_file`, which form fits an export is
decided in :mod:`salescoach.crm.preset`, and what a form says is carried out in :mod:`salescoach.crm.shape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from salescoach.crm.headings import find

REASONS = (
    "score",
    "setting",
    "recomputed",
    "automatic",
    "after_outcome",
    "private",
    "base_currency",
    "technical",
    "not_asked",
)
"""Why a known column is left out on purpose; a sentence for each stands in ``templates/words/*/forms.toml``."""

STAGE_MODES = ("ask", "status", "open")
"""Where stages come from when no file lists them. ask: the user says. status: from the deals, won and lost as
their status says. open: from the deals, all open, because this CRM keeps a closed deal in its last stage."""

Wanted = tuple[str | bool, ...]


@dataclass(frozen=True)
class Emptied:
    """A value that the exporter writes when it means nothing: *value* in *field* where the row says *when*."""

    field: str
    value: str
    when: Mapping[str, str]


@dataclass(frozen=True)
class Lookup:
    """A value from another file: there, *take* in the row whose *key* is this row's *by*.

    Several rows that differ: none of them, or with ``last`` the last one.
    """

    by: tuple[str, ...]
    file: str
    key: tuple[str, ...]
    take: str
    last: bool = False


@dataclass(frozen=True)
class Rule:
    """How a field is made of columns: where *when* holds, the text *then*, a column, columns joined, or a lookup."""

    field: str
    when: Mapping[str, Wanted]
    then: str = ""
    take: str = ""
    join: tuple[str, ...] = ()
    lookup: Lookup | None = None


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: each heading like one of *headings* gives a row, its cell is *value*.

    ``period``: the word in the heading is a period such as 2026Q2; it becomes period_start and period_end.
    """

    headings: tuple[str, ...]
    value: str
    period: bool = False


@dataclass(frozen=True)
class Steps:
    """What is done to the text of a file before its columns are fields; carried out in this order."""

    where: Mapping[str, Wanted] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    nothing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    serial: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    short_ids: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    absorbed: str = ""
    collapse: tuple[str, str, str] | None = None
    until: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Source:
    """How the rows of one file become rows of one table.

    ``columns`` field: headings, the first found counts. ``constants`` field: text. ``values`` field:
    {raw: canonical}. ``units`` field: "percent". ``scale`` field: factor of its figures. ``last_day``: days that the
    file includes where the field is the first day after. ``distinct``:
    one row for each different combination, such as the managers named in a list of sellers.
    ``named_when_empty``: fields whose empty cells the report counts. ``by_name``: the file must have its
    name, its headings are not enough. ``names``: other names of the file. ``parts``: columns that are no field
    themselves. ``ignored`` heading: why it is left out. ``fallback``: used only when no other file gives the table.
    """

    file: str
    table: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]
    scale: Mapping[str, float]
    distinct: bool
    emptied: tuple[Emptied, ...]
    named_when_empty: tuple[str, ...]
    by_name: bool = False
    names: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    fallback: bool = False
    last_day: tuple[str, ...] = ()
    steps: Steps = field(default_factory=Steps)

    def heading(self, name: str, header: Sequence[str]) -> str | None:
        """The heading that *name*, a field, a part or a heading itself, has in a file; None when it has none."""
        place = find(self.parts.get(name) or self.columns.get(name) or (name,), header)
        return None if place is None else header[place]

    def found(self, header: Sequence[str]) -> tuple[str, ...]:
        """The key headings that a file has."""
        headings = (self.heading(name, header) for name in self.key)
        return tuple(heading for heading in headings if heading is not None)


@dataclass(frozen=True)
class Reference:
    """A file whose rows are no table, only looked up; it must have its name, or one of *names*."""

    file: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Preset:
    """One CRM. ``rows`` are table rows that no file holds, such as its stages, as text by field."""

    name: str
    title: str
    decimal: str | None
    date_order: str | None
    timezone: str | None
    ignored_files: tuple[str, ...]
    sources: tuple[Source, ...]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    sha256: str
    stages: str = ""  # one of STAGE_MODES; empty: a file must list them
    references: tuple[Reference, ...] = ()
