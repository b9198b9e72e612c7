"""A table of leads made ready: which columns may speak, which are left out and why, who won, when, and what
belongs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.errors import InputError
from salescoach.scoring.copies import Grouping, copies
from salescoach.scoring.declaration import Declaration
from salescoach.scoring.encoding import is_text
from salescoach.scoring.names import Names
from salescoach.scoring.outcome import outcome_of

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_WORDS_OF_FREE_TEXT = 4
_MOSTLY_DISTINCT = 0.5
_FEWEST_TO_JUDGE = 30
_LATER = 0.5


@dataclass(frozen=True)
class Leads:
    """Leads ready for a model, one position per lead in all parts.

    Attributes
    ----------
    features : DataFrame
        Columns of float64 and of ``category``; missing is nan.
    won : array
        1 won, 0 lost, nan still open.
    when : array or None
        Moment of the snapshot in days since 1970, or a number in order of time.
    known_when : array or None
        When the outcome became known, in the same unit.
    group : array of int
        Leads with the same number stay together in every split.
    grouping : str
        ``declared`` (such as accounts), ``copies`` (the same in every feature), ``none`` (each on its own).
    ids : array of str
        Names of the leads.
    forecast, value, recency : array or None
        The reps' own probability; what a win is worth; days since the last sign of life.
    segments : mapping of column to texts
        Columns by which fairness is looked at, owner included; never features because of it.
    points : mapping of column to mapping of answer to points
        The rule score that was declared.
    """

    features: pd.DataFrame
    won: Array
    when: Array | None
    known_when: Array | None
    group: Codes
    grouping: Grouping
    ids: npt.NDArray[np.object_]
    forecast: Array | None = None
    value: Array | None = None
    segments: Mapping[str, pd.Series] = field(default_factory=dict)
    recency: Array | None = None
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.won)

    def at(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Leads:
        """Some of the leads, in the order of *rows* (positions or a mask)."""
        places = np.flatnonzero(rows) if rows.dtype == bool else rows

        def some(part: Array | None) -> Array | None:
            return None if part is None else part[places]

        return Leads(
            self.features.iloc[places].reset_index(drop=True), self.won[places], some(self.when),
            some(self.known_when), self.group[places], self.grouping, self.ids[places], some(self.forecast),
            some(self.value), {name: s.iloc[places].reset_index(drop=True) for name, s in self.segments.items()},
            some(self.recency), self.points,
        )  # fmt: skip

    def without(self, *columns: str) -> Leads:
        """The same leads with fewer features; what are copies is found anew."""
        features = self.features.drop(columns=[name for name in columns if name in self.features])
        group, grouping = (self.group, self.grouping) if self.grouping == "declared" else copies(features, self.won)
        return replace(self, features=features, group=group, grouping=grouping)

    @property
    def first_of_copies(self) -> npt.NDArray[np.bool_]:
        """One of each set of equal rows: a row that was copied fifty times says its thing once."""
        first = np.ones(len(self), dtype=bool)
        if self.grouping == "copies":
            first[:] = False
            first[np.unique(self.group, return_index=True)[1]] = True
        return first

    @property
    def closed(self) -> npt.NDArray[np.bool_]:
        """Leads whose outcome is known."""
        return np.isfinite(self.won)


@dataclass(frozen=True)
class Dropped:
    """A column that is no feature; ``reason`` is a key of ``leads.dropped``."""

    column: str
    reason: str


@dataclass(frozen=True)
class Prepared:
    """Leads, the columns that were left out, how the outcome was read, and columns nobody has declared."""

    leads: Leads
    dropped: tuple[Dropped, ...]
    outcome_values: Mapping[str, Mapping[str, int]]
    undeclared: tuple[str, ...]


def prepare(
    table: pd.DataFrame, outcome: npt.NDArray[np.object_] | None, declaration: Declaration, names: Names, *,
    both: bool = True,
) -> Prepared:  # fmt: skip
    """Make a typed table ready.

    Parameters
    ----------
    table : DataFrame
        Columns of float64, datetime64 and ``category``, one row per lead, without the outcome.
    outcome : array of str, or None
        The outcome column as it was written; None for leads that are only to be scored.
    declaration : Declaration
        What is known about the columns; a column that it names must be in the table.
    names : Names
        Words for outcomes, owners and protected attributes.
    both : bool
        Won and lost leads have to occur: so for training. Of leads that are scored, all that ended may have been lost.

    Raises
    ------
    InputError
        A named column is not there, the time column holds no moments, or the outcome is not clear.
    """
    present = [*table.columns, declaration.outcome]
    for column in declaration.named:
        if column not in present and (outcome is not None or column not in declaration.special):
            raise InputError(f"is named but not in the table; it has: {', '.join(map(str, present))}.", column=column)
    if declaration.outcome in (declaration.time, declaration.group, declaration.forecast, declaration.recency):
        raise InputError(
            "is the outcome and cannot be anything else, too. Name another column.", column=declaration.outcome
        )
    read = None
    if outcome is not None:
        read = outcome_of(
            outcome, names, column=declaration.outcome, won=declaration.won, lost=declaration.lost, both=both
        )
    when = _when(table, declaration)
    kept: dict[str, pd.Series] = {}
    dropped: list[Dropped] = []
    for name in map(str, table.columns):
        reason = _reason_to_drop(table[name], name, declaration, names, when)
        if reason:
            dropped.append(Dropped(name, reason))
        else:
            kept[name] = _feature(table[name], when)
    features = pd.DataFrame(kept, index=pd.RangeIndex(len(table)))
    won = read.won if read else np.full(len(table), np.nan)
    group, grouping = _groups(features, won, table, declaration)
    leads = Leads(
        features=features,
        won=won,
        when=when,
        known_when=_moments(table[declaration.known_when]) if declaration.known_when in table else None,
        group=group,
        grouping=grouping,
        ids=_ids(table, declaration.id or next((d.column for d in dropped if d.reason == "identifier"), "")),
        forecast=_share(table, declaration.forecast),
        value=table[declaration.value].to_numpy(dtype=float) if declaration.value in table else None,
        segments=_segments(table, declaration, names),
        recency=_recency(table, declaration.recency, when),
        points=declaration.points,
    )
    undeclared = tuple(name for name in kept if declaration.lateness(name) == "unknown")
    return Prepared(leads, tuple(dropped), read.values if read else {}, undeclared)


def _reason_to_drop(column: pd.Series, name: str, declaration: Declaration, names: Names, when: Array | None) -> str:
    """Why *name* is no feature; empty when it is one. What was declared goes before what is seen."""
    rule = declaration.rule(name)
    if name in declaration.special:
        return declaration.special[name]
    if declaration.lateness(name) == "after_outcome":
        return "after_outcome"
    if rule.use is False:
        return "left_out"
    if rule.answer == "drop":
        return "answered_drop"
    if not rule.use:
        if name == declaration.owner or names.owner.has(name):
            return "owner"
        if names.protected.has(name):
            return "protected"
    filled = column.dropna()
    if filled.empty:
        return "empty"
    if column.dtype.kind == "M":
        return _drop_moment(column, when)
    distinct = filled.nunique()
    if distinct == 1 and len(filled) == len(column):
        return "constant"
    if rule.use:
        return ""
    return _drop_names_of_rows(filled, distinct, name, names)


def _drop_moment(column: pd.Series, when: Array | None) -> str:
    if when is None:
        return "moment"
    moments = _moments(column)
    if (when == np.floor(when)).all():
        moments = np.floor(moments)  # the snapshot has no time of day: a call on its day is not later
    later = moments - when
    known = later[np.isfinite(later)]
    # A day that mostly lies after the snapshot was written after it.
    return "dated_later" if len(known) and (known > 0).mean() > _LATER else ""


def _drop_names_of_rows(filled: pd.Series, distinct: int, name: str, names: Names) -> str:
    """A column that has another value on (nearly) every row says which lead it is, not what kind."""
    if is_text(filled):
        if len(filled) >= _FEWEST_TO_JUDGE and distinct > _MOSTLY_DISTINCT * len(filled):
            words = float(np.mean([len(text.split()) for text in filled.cat.categories[:1000]]))
            return "free_text" if words >= _WORDS_OF_FREE_TEXT else "identifier"
        return ""
    if distinct == len(filled) and len(filled) >= _FEWEST_TO_JUDGE:
        values = filled.to_numpy()
        steps = np.diff(values)
        whole = bool((values == np.floor(values)).all())
        if whole and (names.identifier.has(name) or (steps > 0).all() or (steps < 0).all()):
            return "identifier"
    return ""


def features_of(table: pd.DataFrame, columns: Sequence[str], when: Array | None) -> pd.DataFrame:
    """Exactly *columns* of a typed table as features; a column that is not there is left out."""
    present = {name: _feature(table[name], when) for name in columns if name in table}
    usable = {name: column for name, column in present.items() if column.dtype.kind != "M"}
    return pd.DataFrame(usable, index=pd.RangeIndex(len(table)))


def _feature(column: pd.Series, when: Array | None) -> pd.Series:
    """*column* as a feature: a moment becomes the days from it to the snapshot."""
    if column.dtype.kind == "M" and when is not None:
        return pd.Series(when - _moments(column))
    return column.reset_index(drop=True)


def _moments(column: pd.Series) -> Array:
    """Days since 1970, fractions for the time of day; a number stays what it is."""
    if column.dtype.kind == "M":
        stamps = column.to_numpy().astype("datetime64[us]")
        days = stamps.astype("int64") / 86_400_000_000
        return np.where(np.isnat(stamps), np.nan, days)
    if is_text(column):
        shown = ", ".join(f"'{text}'" for text in column.cat.categories[:3])
        raise InputError(
            f"holds texts such as {shown}, not moments. Name another column, or write days as 2025-01-31.",
            column=str(column.name),
        )
    return column.to_numpy(dtype=float)


def _when(table: pd.DataFrame, declaration: Declaration) -> Array | None:
    if declaration.time in table:
        return _moments(table[declaration.time])
    return np.arange(len(table), dtype=float) if declaration.row_order else None


def _groups(
    features: pd.DataFrame, won: Array, table: pd.DataFrame, declaration: Declaration
) -> tuple[Codes, Grouping]:
    """What stays together: the declared group, else copies."""
    if declaration.group not in table:
        return copies(features, won)
    codes, _ = pd.factorize(table[declaration.group].astype(object), use_na_sentinel=True)
    alone = np.arange(len(table)) + codes.max(initial=-1) + 1  # without a group: a group of its own
    return np.where(codes < 0, alone, codes).astype(np.int64), "declared"


def _ids(table: pd.DataFrame, column_name: str) -> npt.NDArray[np.object_]:
    """Names of the leads: those of a column, else the numbers of the rows."""
    if column_name not in table:
        return np.array([str(number) for number in range(1, len(table) + 1)], dtype=object)
    column = table[column_name]
    if is_text(column):
        return column.astype(object).fillna("").to_numpy(dtype=object)
    return np.array([f"{value:.15g}" for value in column.to_numpy(dtype=float)], dtype=object)


def _share(table: pd.DataFrame, column: str) -> Array | None:
    """The reps' probability between 0 and 1; a column that goes up to 100 is one of percentages."""
    if column not in table or is_text(table[column]):
        return None
    values = table[column].to_numpy(dtype=float)
    highest = np.nanmax(values, initial=0.0)
    scaled = values / 100 if highest > 1 else values
    return np.where((scaled >= 0) & (scaled <= 1), scaled, np.nan)


def _recency(table: pd.DataFrame, column: str, when: Array | None) -> Array | None:
    """Days since the last sign of life; a moment becomes the days from it to the snapshot."""
    if column not in table:
        return None
    values = _moments(table[column])
    return when - values if table[column].dtype.kind == "M" and when is not None else values


def _segments(table: pd.DataFrame, declaration: Declaration, names: Names) -> dict[str, pd.Series]:
    """Texts of few levels, and the owner: what selection and calibration are compared by."""
    found = {}
    for name in map(str, table.columns):
        column = table[name]
        owner = name == declaration.owner or names.owner.has(name)
        if name in declaration.special or not is_text(column) or names.protected.has(name):
            continue
        if owner or len(column.cat.categories) <= 12:
            found[name] = column.reset_index(drop=True)
    return found
