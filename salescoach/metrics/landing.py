"""What the open deals will bring by the end of the period, by the organisation's own history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import deals_of, open_now, remembered, visits_of
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import gamma_limits
from salescoach.metrics.size import won_amounts
from salescoach.metrics.tally import Cells, Rows, tally
from salescoach.metrics.told import Told
from salescoach.statistics import cumulative_incidence_counts
from salescoach.tables.data import SalesData

LANDMARKS = (0, 14, 45, 90)
"""Days in a stage from which a deal's chances are looked at anew."""

LANDING_LEVEL = 0.80
_ENOUGH = 50  # decided deals from which the own history speaks
_CELL = 20  # decided deals that a stage, segment and time in stage need for a chance of their own


@dataclass(frozen=True)
class Chances:
    """Chance that an open deal is won by the end of the period, by ``stage``, ``segment`` and ``landmark``.

    ``from_crm`` when the history is too short and the chances are those that the CRM states for the stage.
    """

    table: pd.DataFrame
    from_crm: bool

    @property
    def known(self) -> bool:
        """True when there is a chance for any deal."""
        return bool(self.table["chance"].notna().any())


@remembered
def _stays(data: SalesData, period: Period) -> Rows:
    """Where each deal has been: ``stage``, ``since``, ``until`` (still there: missing), and how it ended.

    *period* does not matter.
    """
    deals = deals_of(data).select(
        "deal_id", "owner_id", "status", "started", "closed", "amount", "is_mega", "born_closed",
        segment=_text("segment"),
    )  # fmt: skip
    deals = deals.filter(col("status") != "cancelled", ~col("born_closed"))
    if not data.history:
        known = deals.filter(~col("started").is_null())
        return known.select(
            "deal_id", "owner_id", "segment", "status", "closed", "amount", "is_mega", stage=lit(""),
            since=col("started"), until=col("closed"),
        )  # fmt: skip
    visits = visits_of(data).select("deal_id", "stage", "kind", since=col("entered"), until=col("left"))
    visits = visits.filter(col("kind") == "open")
    joined = deals.join(visits, on="deal_id", how="inner")
    until = when(col("until").is_null()).then(col("closed")).otherwise(col("until"))
    return joined.select(
        "deal_id", "owner_id", "segment", "status", "closed", "amount", "is_mega", "stage", "since", until=until
    )


def _text(name: str) -> Expr:
    return when(col(name).is_null()).then(lit("")).otherwise(col(name))


def chances(data: SalesData, period: Period) -> Chances:
    """Chance of being won within the days that are left of *period*, from all deals seen so far.

    A deal that has been in a stage for d days is likened to those that were still in it after the last landmark
    up to d: of them, the cumulative incidence of "won" over the days left, lost competing, still open censored. A
    cell with fewer decided deals than needed takes its stage at that landmark, then its stage, then all.
    """
    stays, horizon = _stays(data, period), period.after - day_number(data.as_of) - 1
    decided = tally(deals_of(data).select("status").filter(col("status").is_in(["won", "lost"])), ["status"])["n"].sum()
    if decided < _ENOUGH:
        return Chances(_stated(data), from_crm=True)
    lasted = _lasted(stays, day_number(data.as_of))
    bars = pd.concat([_after(lasted, mark) for mark in LANDMARKS], ignore_index=True)
    stage, segment, mark = (bars[name].to_numpy() for name in ("stage", "segment", "landmark"))
    ended, counts = bars["mine"].to_numpy() + bars["other"].to_numpy(), bars[["exit", "n", "mine", "other"]].to_numpy()
    found: dict[tuple[str, str, int], float] = {}
    known: dict[bytes, float] = {}
    for cell in bars[["stage", "segment"]].drop_duplicates().itertuples(index=False):
        here, mine = stage == cell.stage, (stage == cell.stage) & (segment == cell.segment)
        for landmark in LANDMARKS:
            ladder = (mine & (mark == landmark), here & (mark == landmark), here & (mark == 0), mark == 0)
            chosen = next((mask for mask in ladder if ended[mask].sum() >= _CELL), ladder[-1])
            if (key := chosen.tobytes()) not in known:
                known[key] = _won_by(counts[chosen], horizon)
            found[(str(cell.stage), str(cell.segment), landmark)] = known[key]
    table = pd.Series(found, dtype=float).rename_axis(["stage", "segment", "landmark"]).rename("chance").reset_index()
    return Chances(table, from_crm=False)


def _lasted(stays: Rows, today: int) -> Rows:
    """Days of each stay so far (``here``), and from its beginning until the deal was decided (``exit``)."""
    end = when(col("closed").is_null()).then(lit(float(today))).otherwise(col("closed"))
    left = when(col("until").is_null()).then(lit(float(today))).otherwise(col("until"))
    since = col("since")
    return stays.select("stage", "segment", "status", here=left - since, exit=end - since)


def _after(lasted: Rows, landmark: int) -> pd.DataFrame:
    """Days from the landmark on of the deals that were still in the stage then, as a histogram."""
    there = lasted.filter(col("here") >= landmark).with_columns(exit=col("exit") - landmark)
    counts = tally(there, ["stage", "segment", "exit"], mine=col("status") == "won", other=col("status") == "lost")
    return counts.reset_index().assign(landmark=landmark)


def _won_by(counts: npt.NDArray[np.float64], horizon: int) -> float:
    """Share won within *horizon* days, from rows of age, cases, won, lost."""
    ages, place = np.unique(counts[:, 0], return_inverse=True)
    n, mine, other = (np.bincount(place, counts[:, column]) for column in (1, 2, 3))
    share = cumulative_incidence_counts(ages, mine, other, n - mine - other).at(horizon)[0]
    return share if np.isfinite(share) else 0.0


def _stated(data: SalesData) -> pd.DataFrame:
    """Chances as the CRM states them for each stage, whatever the segment and the time in the stage."""
    stages = data.stages[data.stages["kind"] == "open"]
    segments = sorted({*map(str, tally(deals_of(data), ["segment"]).index), ""})
    rows = [
        (stage, segment, landmark, chance)
        for stage, chance in zip(stages["stage"], stages["default_prob"].astype(float), strict=True)
        for segment in segments
        for landmark in LANDMARKS
    ]
    return pd.DataFrame(rows, columns=["stage", "segment", "landmark", "chance"])


def placed(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of`` with an amount, without mega deals: ``stage``, ``segment``, ``landmark`` reached."""
    today = day_number(data.as_of)
    current = _stays(data, period).filter(col("until").is_null()).select("deal_id", "since", here=col("stage"))
    is_open = open_now(data, period).filter(col("amount") > 0, ~col("is_mega")).with_columns(segment=_text("segment"))
    rows = is_open.join(current, on="deal_id", how="inner")
    landmark = lit(LANDMARKS[0])
    for days in LANDMARKS[1:]:
        landmark = when(lit(float(today)) - col("since") >= days).then(lit(days)).otherwise(landmark)
    return rows.with_columns(landmark=landmark, stage=col("here"))


def expected_from_open(ask: Question) -> Told:
    """Per group: ``mean`` and ``variance`` of the amount still to be won, ``n`` open deals, their ``total``."""
    table = ask.once(chances).table
    by_name = ask.once(chances).from_crm and not ask.data.history
    rows = ask.once(_by_stage_name if by_name else placed)
    keys = ["stage", "segment", "landmark"]
    cells = ask.cells(rows, *keys, total=col("amount"), squares=col("amount") ** 2)
    known = dict(zip(zip(*(table[key] for key in keys), strict=True), table["chance"], strict=True))
    found = [known.get(key, np.nan) for key in zip(*(cells[key] for key in keys), strict=True)]
    chance = np.nan_to_num(np.array(found, dtype=float))
    sums = {"mean": chance * cells["total"], "variance": chance * (1 - chance) * cells["squares"]}
    whole = Cells(cells.names, cells.codes, cells.values, {**cells.columns, **sums})
    return Told(ask.groups, whole.added(whole.codes[0], len(ask.groups)))


def _by_stage_name(data: SalesData, period: Period) -> Rows:
    """Open deals by the stage that the export names, for chances stated per stage."""
    is_open = open_now(data, period).filter(col("amount") > 0, ~col("is_mega"))
    return is_open.with_columns(segment=_text("segment"), landmark=lit(LANDMARKS[0]))


def _caveats(ask: Question, index: pd.Index) -> npt.NDArray[np.object_]:
    mega = ask.tally(ask.once(open_now), mega=col("is_mega"))["mega"] > 0
    return warned(
        index, crm_probabilities=ask.once(chances).from_crm, no_stage_history=not ask.data.history, mega_apart=mega
    )


def _weighted(ask: Question) -> Told:
    """Sum of amount x chance of being won by the end of the period; limits of a gamma of the same moments."""
    sums = ask.shared(expected_from_open)
    low, high = gamma_limits(sums["mean"], sums["variance"], LEVEL)
    return answers(
        value=sums["mean"], n=sums["n"], numerator=sums["mean"], denominator=sums["total"], low=low, high=high,
        na_reason=reasons(sums.index, not_applicable=ask.over, no_history=not ask.once(chances).known),
        warnings=_caveats(ask, sums.index), index=sums.index,
    )  # fmt: skip


def _landing(ask: Question) -> Told:
    """bookings to date + weighted pipeline; limits from the chances of the open deals alone."""
    sums, booked = ask.shared(expected_from_open), ask.shared(won_amounts)
    low, high = gamma_limits(sums["mean"], sums["variance"], LANDING_LEVEL)
    history = ask.once(chances)
    return answers(
        value=booked["total"] + sums["mean"], n=sums["n"] + booked["n"], numerator=booked["total"],
        denominator=sums["total"], low=booked["total"] + low, high=booked["total"] + high,
        na_reason=reasons(sums.index, not_applicable=ask.over or history.from_crm or not history.known),
        warnings=_caveats(ask, sums.index), index=sums.index,
    )  # fmt: skip


WEIGHTED_PIPELINE = Metric(
    metric_id="weighted_pipeline",
    version=1,
    unit="money",
    better="up",
    population="open deals with an amount",
    time="state at as_of, up to the end of the period",
    value="amount x chance of a win by then, from the organisation's deals by stage, segment and time in stage",
    exclusions="cancelled, deleted and merged deals; mega deals",
    null_rule="fewer than 50 decided deals: CRM stage probabilities, flagged; none stated: no_history",
    source="own; Aalen & Johansen 1978",
    min_n=0,
    calculate=_weighted,
    observe=placed,
    fields=("amount", "started"),
    roles=CLOSERS,
    pooled=True,
)
LANDING_RANGE = Metric(
    metric_id="landing_range",
    version=1,
    unit="money",
    better="up",
    population="won deals, and open deals with an amount",
    time="state at as_of, up to the end of the period",
    value="amount; amount x chance of a win by then",
    exclusions="cancelled, deleted and merged deals; open mega deals",
    null_rule="fewer than 50 decided deals, or the period is over: not_applicable",
    min_n=0,
    calculate=_landing,
    observe=placed,
    level=LANDING_LEVEL,
    fields=("amount", "started"),
    roles=CLOSERS,
    pooled=True,
)
METRICS = (WEIGHTED_PIPELINE, LANDING_RANGE)
