"""The one shape that every metric has, and the one that every answer has.

A metric is a definition (:class:`Metric`) with the rows it looks at (``observe``) and a calculation on
them (``calculate``). :meth:`Metric.answer` turns the raw calculation into answers that keep the contract:
n beside every value, an interval around every estimate, a reason instead of a number where there is
nothing to say, and warnings where something was assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.errors import TableError
from salescoach.metrics.expressions import col
from salescoach.metrics.question import By, Question
from salescoach.metrics.tally import Rows, in_memory
from salescoach.metrics.told import Told
from salescoach.tables.data import SalesData

LEVEL = 0.90
"""Coverage of the intervals on pages about a person."""

NA_REASONS = tuple(
    "no_exposure below_min_n missing_field immature_cohort not_reached no_history not_applicable met".split()
)
WARNINGS = tuple(
    "no_stage_history crm_probabilities pooled_segments one_deal_dominates working_days_only self_reported "
    "without_amount unconverted mega_apart wins_undone quota_changed past_due_apart mix_of_its_own "
    "hours_estimated cost_lagged few_answered rater_as_given".split()
)
"""What may have to be said beside a value; the sentence stands under ``warning.<code>``."""

COLUMNS = tuple("metric_id version part value n numerator denominator low high level na_reason warnings".split())
TEXTS = ("metric_id", "part")
RAW = ("value", "n", "numerator", "denominator", "low", "high", "na_reason")
CLOSERS = ("AE", "AM", "SAM")
OPENERS = ("SDR", *CLOSERS)

Unit = Literal[
    "share", "money", "days", "ratio", "times", "count", "rate", "score", "money_per_day", "minutes", "months"
]  # fmt: skip
Family = Literal["share", "money", "days", "rate", "score", "ratio", "count", "none"]


@dataclass(frozen=True)
class Metric:
    """Definition of one metric. A changed definition is a new ``version``, never an edit.

    Attributes
    ----------
    unit : share (0-1), money (base currency), money_per_day, days, ratio (to a target), times, count, rate, score,
        minutes (of opening hours), months
    better : ``up``, ``down``, ``target`` or ``context``
    family : how values of different people are compared; ``none`` = not at all
    population, time, value, exclusions, null_rule : which rows, by which date, what of each, which not, and
        when there is no answer
    source : where the definition comes from; ``own`` = defined for this product
    estimate : the value would differ if the same period happened again, so it has an interval;
        otherwise it counts what is there on a day, exactly
    min_n : below it the value is NA(below_min_n); the counts stay
    tables : without one of them every answer is NA(missing_field); without a history, NA(no_history)
    fields : deal columns without any value of which every answer is NA(missing_field)
    roles : people whose role is known and not among these get NA(not_applicable); empty = everybody
    scopes : whom it can be asked about; for others it is NA(not_applicable)
    pooled : the value also rests on other people's rows (a rate of the organisation, a usual age)
    observe : the rows it rests on, one per observation, with ``owner_id``
    """

    metric_id: str
    version: int
    unit: Unit
    better: Literal["up", "down", "target", "context"]
    population: str
    time: str
    min_n: int
    calculate: Callable[[Question], Told]
    observe: Callable[[SalesData, Period], Rows]
    family: Family = "none"
    value: str = "1 per row"
    exclusions: str = "cancelled, deleted and merged deals"
    null_rule: str = "no row: no_exposure"
    source: str = "own"
    estimate: bool = True
    level: float = LEVEL
    tables: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    scopes: tuple[By, ...] = ("rep", "team", "all")
    pooled: bool = False

    def rows(
        self, data: SalesData, period: Period, reps: Sequence[str] | None = None, *, by: By = "rep"
    ) -> pd.DataFrame:
        """Answers for *reps* (all sellers when not given) in *period*, as known at ``data.as_of``.

        Returns
        -------
        DataFrame indexed by ``rep_id`` (``team_id``, ``scope``) with the columns :data:`COLUMNS`
            ``value``, ``low`` and ``high`` are missing exactly where ``na_reason`` says why (an exact
            count has no ``low`` and ``high``); ``n`` is never missing. A metric with parts (stages, reasons)
            has one row per part, named in ``part``; ``warnings`` is a tuple of codes.
        """
        return self.answer(Question.about(data, period, by, reps))

    def answer(self, ask: Question) -> pd.DataFrame:
        """Answers to *ask*; see :meth:`rows`."""
        return self.told(ask).table(*TEXTS)

    def told(self, ask: Question) -> Told:
        """Answers to *ask*, as columns."""
        if (reason := self._refusal(ask)) is not None:
            return self._answers(_nothing(ask.groups, reason), ask.groups, None)
        raw = self.calculate(ask)
        absent = {*RAW} - set(raw.columns)
        if absent:
            raise TableError.missing(self.metric_id, sorted(absent)[0], raw.columns)
        groups = raw.index.get_level_values(0) if raw.index.nlevels > 1 else raw.index
        return self._answers(raw, groups, self._of_others_role(raw.index, ask))

    def cases(self, data: SalesData, period: Period) -> pd.DataFrame:
        """The observations of everybody, one row each: ``owner_id``, what was observed, and the mix columns."""
        return in_memory(self.observe(data, period))

    def rows_behind(self, data: SalesData, period: Period, rep_id: str) -> pd.DataFrame:
        """The rows that the answer of one rep rests on: what to open when somebody objects to a number."""
        return in_memory(self.observe(data, period).filter(col("owner_id") == rep_id))

    def _refusal(self, ask: Question) -> str | None:
        data = ask.data
        if ask.by not in self.scopes:
            return "not_applicable"
        if "stage_history" in self.tables and not data.history:
            return "no_history"
        if not set(self.tables) <= data.present or not all(map(data.filled, self.fields)):
            return "missing_field"
        return "no_exposure" if day_number(data.as_of) < ask.period.first else None

    def _of_others_role(self, rows: pd.Index, ask: Question) -> npt.NDArray[np.bool_] | None:
        if not self.roles or ask.by != "rep":
            return None
        role = ask.shared(_roles)
        other = np.fromiter((one is not None and one not in self.roles for one in role), dtype=bool, count=len(role))
        # Nobody comes last, as -1: rows of somebody who was not asked about.
        return np.append(other, False)[ask.places(rows)]

    def _answers(self, raw: Told, groups: pd.Index, others_role: npt.NDArray[np.bool_] | None) -> Told:
        length = len(raw)
        reason = raw["na_reason"].astype(object)
        reason[pd.isna(reason)] = None
        if others_role is not None:
            reason[others_role] = "not_applicable"
        n = np.nan_to_num(raw["n"].astype(np.float64)).astype(np.int64)
        unsaid = pd.isna(reason) & (n < self.min_n)
        reason[unsaid] = np.where(n[unsaid] == 0, "no_exposure", "below_min_n")
        said = pd.isna(reason)
        number = {name: raw[name].astype(np.float64) for name in RAW if name not in ("n", "na_reason")}
        parts = raw.index.get_level_values(1).to_numpy(dtype=object) if raw.index.nlevels > 1 else ""
        whole = {
            "metric_id": self.metric_id,
            "version": self.version,
            "part": parts,
            "value": np.where(said, number["value"], np.nan),
            "n": n,
            "numerator": number["numerator"],
            "denominator": number["denominator"],
            "low": np.where(said, number["low"], np.nan),
            "high": np.where(said, number["high"], np.nan),
            "level": np.where(said, self.level if self.estimate else np.nan, np.nan),
            "na_reason": reason,
            "warnings": raw["warnings"] if "warnings" in raw.columns else _no_warnings(length),
        }
        return Told.of(groups, **whole)


def answers(
    *, value: object, n: object, numerator: object, denominator: object, low: object = np.nan, high: object = np.nan,
    na_reason: object = None, warnings: object = None, index: pd.Index,
) -> Told:  # fmt: skip
    """What a calculation returns: one row per group, or per group and part. Columns are in the order of *index*."""
    columns = {
        "value": value, "n": n, "numerator": numerator, "denominator": denominator, "low": low, "high": high,
        "na_reason": na_reason,
    }  # fmt: skip
    return Told.of(index, **columns, **({} if warnings is None else {"warnings": warnings}))


def reasons(index: pd.Index, **conditions: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """For each row the first NA reason whose condition holds; None where none does.

    >>> reasons(pd.Index(["a", "b"]), met=[True, False], missing_field=[True, False]).tolist()
    ['met', None]
    """
    found = np.full(len(index), None, dtype=object)
    for reason, holds in reversed(conditions.items()):
        found[np.broadcast_to(np.asarray(holds, dtype=bool), len(index))] = reason
    return found


def warned(index: pd.Index, **conditions: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """For each row the codes of all warnings whose condition holds.

    >>> warned(pd.Index(["a", "b"]), no_stage_history=True, unconverted=[True, False]).tolist()
    [('no_stage_history', 'unconverted'), ('no_stage_history',)]
    """
    codes = _no_warnings(len(index))
    for code, mask in conditions.items():
        for row in np.flatnonzero(np.broadcast_to(np.asarray(mask, dtype=bool), len(index))):
            codes[row] = (*codes[row], code)
    return codes


def _no_warnings(length: int) -> npt.NDArray[np.object_]:
    codes = np.empty(length, dtype=object)
    codes.fill(())
    return codes


def _roles(ask: Question) -> list[str | None]:
    """The role of each person asked about; None where it is not known."""
    role = ask.data.reps["role"].reindex(ask.groups)
    return [None if missing else str(one) for one, missing in zip(role, role.isna(), strict=True)]


def _nothing(index: pd.Index, reason: str) -> Told:
    return answers(value=np.nan, n=0, numerator=np.nan, denominator=np.nan, na_reason=reason, index=index)
