"""Alarms for columns that may have been written after the outcome, or mean no one thing. An alarm asks; the
declaration decides.

No rule here catches every leak: a smooth one looks like a good column, and a good column may ring falsely.
Until an alarm is answered no model is trained; in an evaluation, a column with one strong alarm or with two
that agree is kept out meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.scoring.declaration import Declaration
from salescoach.scoring.encoding import Binned, is_text, shrunken_means
from salescoach.scoring.leads import Leads, Prepared
from salescoach.scoring.measures import Ranked
from salescoach.scoring.models import logistic
from salescoach.scoring.names import Names
from salescoach.scoring.splits import grouped
from salescoach.scoring.units import mixed_units

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

RULES = (
    "single_column", "pure_level", "missingness", "filled_when_closed", "dated_later", "name", "drop_strongest",
    "mixed_units", "whole_model",
)  # fmt: skip
STRONG = frozenset({"single_column", "filled_when_closed", "dated_later"})
MIXED_UNITS = "mixed_units"
WHOLE_MODEL_AUC = 0.95

_SINGLE_AUC = 0.90
_PURE, _PURE_ROWS, _SURPRISE = 0.98, 50, 1e-6
_COMMON = 0.90
_GAP, _GAP_MISSING = 0.25, 0.05
_FILLED, _UNFILLED, _OPEN_ROWS = 0.9, 0.1, 30
_STRONGEST_DROP = 0.08
_SAMPLE, _STRONGEST, _DROP_SAMPLE = 200_000, 3, 20_000
_FEWEST, _FEWEST_WITHOUT, _FEWEST_EACH = 20, 60, 5
_FEWEST_COLUMNS = 4
"""With fewer, the strongest column is most of the model, honest or not."""


@dataclass(frozen=True)
class Alarm:
    """One rule that rang for one column; ``figure`` is what it measured."""

    column: str
    rule: str
    figure: float


def alarms(prepared: Prepared, table: pd.DataFrame, declaration: Declaration, names: Names) -> tuple[Alarm, ...]:
    """Every alarm on the columns that could be features, strongest rules first.

    Parameters
    ----------
    prepared : Prepared
        The leads; columns that the declaration keeps out are not looked at.
    table : DataFrame
        The typed table, for columns that are no feature but may tell of one.
    declaration, names
        As for :func:`prepare`.
    """
    leads = prepared.leads
    rung = [
        Alarm(name, rule, figure)
        for name in _in_question(prepared, table)
        for rule, figure in _of_column(table[name], leads, name, names)
    ]
    rung += [
        Alarm(name, MIXED_UNITS, share)
        for name in _in_question(prepared, table, "identifier")
        if (share := mixed_units(table[name], names)) is not None
    ]
    rung += [Alarm(d.column, "dated_later", 1.0) for d in prepared.dropped if d.reason == "dated_later"]
    closed = leads.at(_sample(np.flatnonzero(leads.closed), _SAMPLE))
    if len(closed) >= _FEWEST:
        singles = single_column_aucs(closed)
        rung += [Alarm(name, "single_column", auc) for name, auc in singles.items() if auc > _SINGLE_AUC]
    won = float(closed.won.sum())
    if len(closed) >= _FEWEST_WITHOUT and min(won, len(closed) - won) >= _FEWEST_EACH:
        kept = closed.without(*kept_out(rung, declaration))
        rung += [Alarm(name, "drop_strongest", fall) for name, fall in falls(kept, singles).items()]
    return tuple(sorted(rung, key=lambda alarm: (RULES.index(alarm.rule), alarm.column)))


def given_away(prepared: Prepared, table: pd.DataFrame, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of *columns* whose values give the outcome away: filled, pure or nearly enough by themselves where leads
    were won. Their names do not count."""
    leads = prepared.leads
    asked = [name for name in columns if name in leads.features]
    closed = leads.at(_sample(np.flatnonzero(leads.closed), _SAMPLE))
    if not asked or len(closed) < _FEWEST:
        return ()
    singles = single_column_aucs(closed.without(*(set(map(str, leads.features)) - set(asked))))
    rung = {name for name, auc in singles.items() if auc > _SINGLE_AUC}
    rung |= {name for name in asked if any(_shown_by(table[name], leads, name))}
    return tuple(name for name in columns if name in rung)


def unanswered(rung: Iterable[Alarm], declaration: Declaration) -> tuple[Alarm, ...]:
    """Alarms on columns that nobody has accepted or dropped."""
    return tuple(alarm for alarm in rung if not declaration.rule(alarm.column).answer)


def kept_out(rung: Iterable[Alarm], declaration: Declaration) -> tuple[str, ...]:
    """Columns to keep out until their alarms are answered: one strong rule, or two that agree."""
    rules: dict[str, set[str]] = {}
    for alarm in unanswered(rung, declaration):
        if alarm.rule != MIXED_UNITS:  # it tells of no leak
            rules.setdefault(alarm.column, set()).add(alarm.rule)
    return tuple(sorted(name for name, found in rules.items() if found & STRONG or len(found) > 1))


def single_column_aucs(leads: Leads) -> dict[str, float]:
    """How well each column alone ranks leads that were not used to learn its levels; numbers in tenths."""
    fold = np.random.default_rng(0).integers(0, 5, int(leads.group.max(initial=0)) + 1)[leads.group]
    binned = Binned(values=False, least=1).fit(leads.features)
    found = {}
    for number, name in enumerate(binned.columns_):
        width = int(binned.starts_[number + 1] - binned.starts_[number])
        codes = binned.codes(leads.features[name], name)
        score = np.empty(len(leads))
        for k in range(5):
            rest = fold != k
            score[~rest] = shrunken_means(codes[rest], leads.won[rest], width)[codes[~rest]]
        auc = Ranked(leads.won, score).auc()
        if np.isfinite(auc):
            found[name] = auc
    return found


def falls(leads: Leads, singles: dict[str, float]) -> dict[str, float]:
    """By how much the ranking of all columns falls when one of the strongest is taken away, where it is a lot."""
    strongest = sorted((name for name in singles if name in leads.features), key=lambda n: -singles[n])[:_STRONGEST]
    if len(leads.features.columns) < _FEWEST_COLUMNS or not strongest or singles[strongest[0]] < 0.5 + _STRONGEST_DROP:
        return {}
    leads = leads.at(_sample(np.arange(len(leads)), _DROP_SAMPLE))
    whole = _ranking(leads)
    found = {name: whole - _ranking(leads.without(name)) for name in strongest}
    return {name: fall for name, fall in found.items() if fall > _STRONGEST_DROP}


def _ranking(leads: Leads) -> float:
    """Mean AUC of the logistic model over three folds."""
    folds = grouped(leads, folds=3).folds
    found = []
    for fold in folds:
        model = logistic(len(fold.train)).fit(leads.features.iloc[fold.train], leads.won[fold.train])
        p = model.predict_proba(leads.features.iloc[fold.test])[:, 1]
        found.append(Ranked(leads.won[fold.test], p).auc())
    return float(np.nanmean(found))


def _in_question(prepared: Prepared, table: pd.DataFrame, *further: str) -> list[str]:
    """Columns that are features or would be, but for a reason that is seen and not declared."""
    reasons = ("dated_later", "moment", "free_text", *further)
    looked_at = {d.column for d in prepared.dropped if d.reason in reasons}
    return [name for name in map(str, table.columns) if name in prepared.leads.features or name in looked_at]


def _of_column(column: pd.Series, leads: Leads, name: str, names: Names) -> Iterable[tuple[str, float]]:
    """Rules that look at one column, with what they measured."""
    if names.outcome_like.has(name):
        yield "name", 1.0
    yield from _shown_by(column, leads, name)


def _shown_by(column: pd.Series, leads: Leads, name: str) -> Iterable[tuple[str, float]]:
    """Rules that look at the values of one column beside the outcomes."""
    filled, closed = column.notna().to_numpy(), leads.closed
    won, known = leads.won[closed], filled[closed]
    if (~closed).sum() >= _OPEN_ROWS:
        gap = float(known.mean() - filled[~closed].mean())
        if known.mean() >= _FILLED and filled[~closed].mean() <= _UNFILLED:
            yield "filled_when_closed", gap
    if min(known.mean(), 1 - known.mean()) >= _GAP_MISSING:
        gap = float(won[~known].mean() - won[known].mean())
        if abs(gap) > _GAP:
            yield "missingness", gap
    if name in leads.features:
        once = closed & leads.first_of_copies
        share = _purest(leads.features[name][once], leads.won[once])
        if share is not None:
            yield "pure_level", share


def _purest(column: pd.Series, won: Array) -> float | None:
    """Conversion of the largest level or tenth in which nearly all leads ended alike, where that is a surprise."""
    if is_text(column):
        codes = column.cat.codes.to_numpy().astype(np.int64) + 1
        width = len(column.cat.categories) + 1
    else:
        frame = column.to_frame("x")
        binned = Binned(values=False).fit(frame)
        codes, width = binned.codes(frame["x"], "x"), int(binned.starts_[-1])
    n = np.bincount(codes, minlength=width).astype(float)
    k = np.bincount(codes, weights=won, minlength=width)
    base = float(won.mean())
    best: tuple[float, float] | None = None
    for side, share in ((k, base), (n - k, 1 - base)):
        if share > _COMMON:
            continue  # nearly everybody ends like that, so a level in which all do is no surprise
        pure = (n >= _PURE_ROWS) & (side >= _PURE * n)
        # Binomial tail: as many of this side or more, had the level been like all leads.
        chance = special.bdtrc(np.maximum(side - 1, 0), n.astype(int), share)
        for place in np.flatnonzero(pure & (chance < _SURPRISE)):
            if best is None or n[place] > best[0]:
                best = float(n[place]), float(k[place] / n[place])
    return None if best is None else best[1]


def _sample(places: npt.NDArray[np.integer], most: int) -> npt.NDArray[np.integer]:
    if len(places) <= most:
        return places
    return np.sort(np.random.default_rng(0).choice(places, most, replace=False))
