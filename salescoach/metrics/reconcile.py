"""Why two numbers differ: which rule makes which part of the difference, by which rows, adding up exactly.

Each rule in which two definitions differ is changed in turn, the others left as in the first; what the rules make only
together is the remainder. All parts are whole hundredths, counts or millionths, so nothing is lost in rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.errors import TableError, UsageError
from salescoach.metrics.definition_rows import KEY, period_of, rows, total
from salescoach.metrics.definitions import SUMS, Definition
from salescoach.tables.data import SalesData
from salescoach.tables.waterfall import hundredths

CHANGES = ("only_a", "only_b", "differs")


@dataclass(frozen=True)
class Effect:
    """What one rule makes of the difference, alone.

    ``amount`` is A less A with this rule as in B; None where nothing is left to count then, so that there is no such
    number. ``rows`` are the rows it changes: ``deal_id``, ``rep_id``, ``change`` (:data:`CHANGES`), ``a``, ``b``,
    ``weight_a``, ``weight_b``.
    """

    rule: str
    value_a: str
    value_b: str
    amount: int | None
    rows: pd.DataFrame


@dataclass(frozen=True)
class Reconciliation:
    """Two numbers and what lies between them, in whole hundredths, counts or millionths (``unit``).

    ``effects`` and ``remainder`` sum to ``total_a - total_b``: TableError if they did not.
    """

    a: Definition
    b: Definition
    rep: str | None
    currency: str
    total_a: int
    total_b: int
    effects: tuple[Effect, ...]
    remainder: int

    def __post_init__(self) -> None:
        if self.explained != self.difference:
            raise TableError(f"The parts give {self.explained}, the difference is {self.difference}.")

    @property
    def unit(self) -> str:
        """``money`` (hundredths), ``count`` or ``share`` (millionths)."""
        return self.a.unit

    @property
    def difference(self) -> int:
        """A less B."""
        return self.total_a - self.total_b

    @property
    def explained(self) -> int:
        """The effects and the remainder together."""
        return sum(effect.amount or 0 for effect in self.effects) + self.remainder


def reconcile(
    data: SalesData, a: Definition | str, b: Definition | str, *, period: str = "", rep: str | None = None,
    data_b: SalesData | None = None,
) -> Reconciliation:  # fmt: skip
    """Explain the difference between the numbers of two definitions, for one *rep* or the organisation.

    Parameters
    ----------
    a, b : definitions, or text such as ``"bookings owner=current credit=owner"``
    period : period of a definition that names none
    data_b : the data of B when they are of another day or snapshot; then ``as_of`` is one of the rules

    Raises
    ------
    UsageError
        When the two have different units, or one of them has nothing to count: then there is no number.
    """
    first, second = (Definition.parse(d, period) if isinstance(d, str) else d for d in (a, b))
    if first.unit != second.unit:
        raise UsageError(f"A is {first.unit} ({first.measure}), B is {second.unit} ({second.measure}): no difference.")
    if rep is not None:
        data.rep(rep)
    other = data if data_b is None else data_b
    first, second = _dated(first, data), _dated(second, other)
    days = {first.as_of: data, second.as_of: other}
    base = rows(first, data, rep)
    totals = [_number(first, base, "A"), _number(second, rows(second, other, rep), "B")]
    effects = []
    for rule in first.differs(second):
        changed = first.with_rule(rule, second)
        counted = rows(changed, days[changed.as_of], rep)
        alone = total(changed.measure, counted)
        amount = None if alone is None else totals[0] - alone
        effects.append(Effect(rule, getattr(first, rule), getattr(second, rule), amount, changes(base, counted)))
    remainder = totals[0] - totals[1] - sum(effect.amount or 0 for effect in effects)
    return Reconciliation(first, second, rep, data.currency, totals[0], totals[1], tuple(effects), remainder)


def _dated(definition: Definition, data: SalesData) -> Definition:
    """*definition* with the day of *data*; UsageError when it names another one."""
    day = data.as_of.isoformat()
    if definition.as_of not in ("", day):
        raise UsageError(f"The definition is of {definition.as_of}, the data are of {day}. Give the data of that day.")
    return Definition(**(vars(definition) | {"as_of": day}))


def _number(definition: Definition, counted: pd.DataFrame, name: str) -> int:
    found = total(definition.measure, counted)
    if found is None:
        raise UsageError(f"{name} ({definition.told()}) has no deal to count, so it is no number, and not 0 either.")
    return found


def changes(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Rows that two lists do not have in common; *a* and *b* as :func:`definition_rows.rows` makes them."""
    both = a.add_suffix("_a").join(b.add_suffix("_b"), how="outer")
    in_a, in_b = both["value_a"].notna(), both["value_b"].notna()
    both = both.fillna(0).astype(np.int64)
    differs = (both["value_a"] != both["value_b"]) | (both["weight_a"] != both["weight_b"])
    change = np.select([in_a & ~in_b, in_b & ~in_a], ["only_a", "only_b"], "differs")
    found = both.assign(change=change)[differs | (in_a != in_b)].reset_index()
    found = found.rename(columns={"value_a": "a", "value_b": "b"})
    return found[[*KEY, "change", "a", "b", "weight_a", "weight_b"]]


@dataclass(frozen=True)
class RowsCompared:
    """Our number beside a list of deals from another tool, in hundredths or counts.

    ``rows``: ``deal_id``, ``change`` (only_a = ours alone, only_b = theirs alone, differs), ``a``, ``b``, ``reason``
    (why a deal that only they have is not in ours; else empty). The differences of the rows sum to ``difference``.
    """

    definition: Definition
    rep: str | None
    currency: str
    total_a: int
    total_b: int
    rows: pd.DataFrame

    @property
    def difference(self) -> int:
        """Ours less theirs."""
        return self.total_a - self.total_b

    def part(self, change: str) -> int:
        """What the rows of one *change* make of the difference."""
        mine = self.rows[self.rows["change"] == change]
        return int((mine["a"] - mine["b"]).sum())


def compare_rows(
    data: SalesData, definition: Definition | str, theirs: pd.DataFrame, *, period: str = "", rep: str | None = None
) -> RowsCompared:
    """Say why our number is not that of another tool, given its deals.

    *theirs* has ``deal_id`` and, for money, ``amount`` in the base currency; a deal twice counts twice. UsageError for
    a measure that is not the sum of its rows, TableError for a missing column.
    """
    ours = Definition.parse(definition, period) if isinstance(definition, str) else definition
    if ours.measure not in SUMS:
        raise UsageError(f"{ours.measure} is not the sum of its deals. Compare one of: {', '.join(SUMS)}.")
    needed = ["deal_id", *(["amount"] if ours.unit == "money" else [])]
    for column in needed:
        if column not in theirs:
            raise TableError.missing("the list of the other tool", column, theirs.columns)
    ours = _dated(ours, data)
    whole = theirs.assign(value=hundredths(theirs["amount"]) if ours.unit == "money" else 1, weight=1)
    listed = whole.astype({"deal_id": str}).groupby("deal_id")[["value", "weight"]].sum()
    mine = rows(ours, data, rep).groupby("deal_id").sum()
    both = changes(*(one.assign(rep_id="").set_index("rep_id", append=True) for one in (mine, listed)))
    both = both[(both["a"] != both["b"]) | (both["change"] != "differs")].drop(columns=["weight_a", "weight_b"])
    everybody = frozenset(rows(ours, data).index.get_level_values("deal_id")) if rep is not None else frozenset()
    deals = data.deals.set_index("deal_id", drop=False)
    reasons = [
        _reason(ours, data, deals, deal, everybody) if change == "only_b" else ""
        for deal, change in zip(both["deal_id"], both["change"], strict=True)
    ]
    table = both[["deal_id", "change", "a", "b"]].assign(reason=reasons).reset_index(drop=True)
    return RowsCompared(ours, rep, data.currency, int(mine["value"].sum()), int(listed["value"].sum()), table)


_STATUS = {"open_pipeline": ("open",), "pipeline_created": ("open", "won", "lost")}


def _reason(ours: Definition, data: SalesData, deals: pd.DataFrame, deal_id: str, everybody: frozenset[str]) -> str:
    """Why a deal is not among ours: the first of ``unknown other_rep status amount period rule`` that applies.

    *everybody* are the deals that the definition counts for the organisation.
    """
    if deal_id not in deals.index:
        return "unknown"
    if deal_id in everybody:
        return "other_rep"
    deal = deals.loc[deal_id]
    if deal["status"] not in _STATUS.get(ours.measure, ("won",)):
        return "status"
    if ours.unit == "money" and not deal["amount"] > 0:
        return "amount"
    usual = {"open_pipeline": "expected", "pipeline_created": "started", "paid_bookings": "paid"}
    day = deal[usual.get(ours.measure, "closed") if ours.date == "usual" else ours.date]
    period = period_of(ours, data)
    return "rule" if period.first <= day < period.after else "period"
