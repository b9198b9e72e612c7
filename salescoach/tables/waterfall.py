"""How the open pipeline of one day became that of another: every step, deal by deal, to the last cent.

Amounts are whole hundredths of the base currency, so that the sum is exact. What the steps do not explain is an
error, never a remainder (``../shared/domain/metrics.md`` §3, pipeline_bridge).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import TableError, UsageError
from salescoach.tables.data import SalesData

LINES = ("new reopened pulled_in increased decreased pushed_out won lost cancelled owner_change currency").split()
COLUMNS = ["start", *LINES, "end"]
_Mask = npt.NDArray[np.bool_]
_Money = npt.NDArray[np.int64]
_TAKEN = "status owner_id expected closed amount amount_original currency fx_kind".split()


@dataclass(frozen=True)
class Waterfall:
    """Open pipeline from the end of ``start_day`` to the end of ``end_day``, in hundredths of ``currency``.

    Attributes
    ----------
    due : Period or None
        Only deals expected to close in it; None = every open deal, and then nothing is pulled in or pushed out.
    table : DataFrame indexed by ``rep_id``
        The columns :data:`COLUMNS`, whole numbers with their sign: ``start`` plus the lines is ``end``, exactly.
    moves : DataFrame
        What it rests on: ``deal_id``, ``rep_id``, ``line``, ``amount``, one row per step of a deal.
    """

    start_day: date
    end_day: date
    due: Period | None
    currency: str
    table: pd.DataFrame
    moves: pd.DataFrame

    def total(self, reps: Iterable[str] | None = None) -> pd.Series:
        """The lines of some *reps* together, such as a team; of all when not given."""
        chosen = self.table if reps is None else self.table[self.table.index.isin(list(reps))]
        return chosen.sum()

    def deals(self, reps: Iterable[str] | None = None) -> pd.Series:
        """How many deals are behind each line."""
        chosen = self.moves if reps is None else self.moves[self.moves["rep_id"].isin(list(reps))]
        return chosen.groupby("line")["deal_id"].nunique().reindex(LINES, fill_value=0)


def waterfall(before: SalesData, after: SalesData, due: Period | None = None) -> Waterfall:
    """The steps from the open pipeline *before* to that *after*, of deals *due* in a period.

    A deal that closes leaves with its closing amount: the difference to the amount before is a step of its own. A
    lost deal whose amount was emptied leaves with the amount it had. A deal that was deleted or merged in between
    counts as cancelled. Deals without a rate are in no line; ``SalesData.unconverted`` counts them.

    Raises
    ------
    UsageError
        When *after* is not later, in another currency, or one of the two states is not known but inferred.
    TableError
        When the steps do not add up: a defect of the program, which must not be shown as a figure.
    """
    _check(before, after)
    both = _joined(before.deals, after.deals)
    steps = _Steps(both, due)
    moves = pd.concat([steps.owner_change(), steps.entries(), steps.changes(), steps.exits()], ignore_index=True)
    start = pd.Series(steps.value_before[steps.in_before]).groupby(steps.owner_before[steps.in_before]).sum()
    end = pd.Series(steps.value_after[steps.in_after]).groupby(steps.owner_after[steps.in_after]).sum()
    lines = moves.groupby(["rep_id", "line"])["amount"].sum()
    reps = pd.Index(sorted({*moves["rep_id"], *start.index, *end.index}), name="rep_id", dtype=object)
    table = pd.DataFrame(0, index=reps, columns=COLUMNS, dtype=np.int64)
    for line in LINES:
        if line in lines.index.get_level_values("line"):
            table[line] = lines.xs(line, level="line").reindex(reps, fill_value=0)
    table = table.assign(start=start.reindex(reps, fill_value=0), end=end.reindex(reps, fill_value=0))
    balanced(table)
    return Waterfall(before.as_of, after.as_of, due, after.currency, table, moves)


def balanced(table: pd.DataFrame) -> None:
    """TableError unless ``start`` and the lines of every row of *table* sum to ``end``, exactly.

    >>> row = dict.fromkeys(COLUMNS, 0) | {"start": 500, "won": -200, "end": 301}
    >>> balanced(pd.DataFrame([row], index=["elif"]))
    Traceback (most recent call last):
    salescoach.errors.TableError: The waterfall of 'elif' does not balance: start and lines give 300, the end is 301.
    """
    explained = table[["start", *LINES]].sum(axis=1)
    for rep, given, end in zip(table.index, explained, table["end"], strict=True):
        if given != end:
            raise TableError(
                f"The waterfall of '{rep}' does not balance: start and lines give {given}, the end is {end}."
            )


def _check(before: SalesData, after: SalesData) -> None:
    if after.as_of <= before.as_of:
        raise UsageError(f"A waterfall runs from a day to a later one; {after.as_of} is not after {before.as_of}.")
    if before.currency != after.currency:
        raise UsageError(f"A waterfall has one currency; here are {before.currency} and {after.currency}.")
    for data in (before, after):
        if not data.state_known:
            raise UsageError(
                f"How the deals stood on {data.as_of} is not known: there is no stage history, and no snapshot of that "
                "day or before. Import the stage history, or an export of each of the two days."
            )


def _joined(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Every deal once, with its state before (``_b``) and after (``_a``); a status that is missing = not there."""
    left, right = (frame.set_index("deal_id")[_TAKEN].add_suffix(end) for frame, end in ((before, "_b"), (after, "_a")))
    return left.merge(right, how="outer", left_index=True, right_index=True).sort_index()


def hundredths(amount: pd.Series) -> _Money:
    """Amounts as whole hundredths; a missing one is 0 of a sum."""
    whole: _Money = np.rint(amount.fillna(0.0).to_numpy(dtype=np.float64) * 100).astype(np.int64)
    return whole


class _Steps:
    """What happened to each deal: masks and values of equal length, and the moves that follow from them."""

    def __init__(self, deals: pd.DataFrame, due: Period | None) -> None:
        self.ids = deals.index.to_numpy(dtype=object)
        before, after = deals["status_b"], deals["status_a"]
        self.owner_before, self.owner_after = (deals[f"owner_id_{end}"].to_numpy(dtype=object) for end in "ba")

        def in_due(days: pd.Series) -> _Mask:
            return np.ones(len(days), bool) if due is None else days.between(due.first, due.after - 1).to_numpy()

        due_before, due_after = in_due(deals["expected_b"]), in_due(deals["expected_a"])
        self.absent_before, self.absent_after = before.isna().to_numpy(), after.isna().to_numpy()
        self.in_before = (before == "open").to_numpy() & due_before
        self.in_after = (after == "open").to_numpy() & due_after
        ended = (after.notna() & (after != "open")).to_numpy()
        won_in = (after == "won").to_numpy() & in_due(deals["closed_a"])
        was_open = (before == "open").to_numpy()
        passed = self.absent_before & ended & (won_in | (due_after & (after != "won").to_numpy()))
        self.new = self.absent_before & (self.in_after | passed)
        self.reopened = ~self.absent_before & ~was_open & self.in_after
        self.pulled_in = was_open & ~self.in_before & (self.in_after | won_in)
        self.leaves = (self.in_before | self.new | self.pulled_in) & ended
        self.status_after = after.to_numpy(dtype=object)
        self.value_before = hundredths(deals["amount_b"])
        self.value_after = np.where(
            ended & deals["amount_a"].isna().to_numpy(), self.value_before, hundredths(deals["amount_a"])
        )
        self._deals = deals

    def _moves(self, line: str, mask: _Mask, owner: npt.NDArray[np.object_], amount: _Money) -> pd.DataFrame:
        return pd.DataFrame({"deal_id": self.ids[mask], "rep_id": owner[mask], "line": line, "amount": amount[mask]})

    def owner_change(self) -> pd.DataFrame:
        """Deals that went to another owner: off the old one's pipeline, onto the new one's."""
        moved = self.in_before & ~self.absent_after & (self.owner_before != self.owner_after)
        return pd.concat(
            [
                self._moves("owner_change", moved, self.owner_before, -self.value_before),
                self._moves("owner_change", moved, self.owner_after, self.value_before),
            ]
        )

    def entries(self) -> pd.DataFrame:
        """Deals that were not in the pipeline before."""
        return pd.concat(
            [
                self._moves("new", self.new, self.owner_after, self.value_after),
                self._moves("reopened", self.reopened, self.owner_after, self.value_after),
                self._moves("pulled_in", self.pulled_in, self.owner_after, self.value_before),
            ]
        )

    def changes(self) -> pd.DataFrame:
        """Another amount, and another rate, of deals that stay, come from elsewhere in time, or close."""
        stays = (self.in_before & (self.in_after | self.leaves)) | self.pulled_in
        difference = self.value_after - self.value_before
        amount = self._amount_change(difference)
        parts = (
            ("increased", stays & (amount > 0), amount),
            ("decreased", stays & (amount < 0), amount),
            ("currency", stays & (difference != amount), difference - amount),
        )
        return pd.concat([self._moves(line, mask, self.owner_after, value) for line, mask, value in parts])

    def _amount_change(self, difference: _Money) -> _Money:
        """The part of *difference* that the amount itself brings: at the rate of before. The rest is currency."""
        deals = self._deals
        old, new = deals["amount_original_b"], deals["amount_original_a"]
        rate = (deals["amount_b"] / old.where(old != 0)).fillna(deals["amount_a"] / new.where(new != 0))
        at_old_rate = hundredths((new - old) * rate)
        same = (deals["currency_b"].fillna("") == deals["currency_a"].fillna("")).to_numpy()
        one_rate = (deals["fx_kind_b"].isin(["base"]) & deals["fx_kind_a"].isin(["base"])).to_numpy()
        unknown = (old.isna() | new.isna()).to_numpy()
        foreign = np.where(same, np.where(unknown, difference, at_old_rate), 0)
        return np.where(one_rate, difference, foreign)

    def exits(self) -> pd.DataFrame:
        """Deals that are in the pipeline no longer."""
        elsewhere = self.in_before & (self.status_after == "open") & ~self.in_after
        gone = self.in_before & self.absent_after
        return pd.concat(
            [
                self._moves("pushed_out", elsewhere, self.owner_after, -self.value_before),
                self._moves("cancelled", gone, self.owner_before, -self.value_before),
                *(
                    self._moves(line, self.leaves & (self.status_after == line), self.owner_after, -self.value_after)
                    for line in ("won", "lost", "cancelled")
                ),
            ]
        )
