"""Where deals of a team come from, where they are lost, and why: facts for the team's page and two memos.

About deals, never about single people. A loss is a loss of the team: who lost it is not in these tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.coaching.allocation import Place
from salescoach.diagnosis.findings import Answer, answer_of
from salescoach.metrics import METRICS
from salescoach.metrics.past import difference_verdict
from salescoach.metrics.question import Question
from salescoach.statistics import wilson
from salescoach.tables.data import SalesData
from salescoach.tables.money import recorded_sum

MOST_QUOTES = 3
_MOST_REASONS = 3
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class StageStep:
    """One open stage over four quarters, beside the four before; ``lost_value`` is what ended here, base currency.

    It is missing when deals were lost here and none of them has an amount.
    """

    stage: str
    now: Answer
    before: Answer
    verdict: str
    days: Answer
    lost: int
    lost_value: float


@dataclass(frozen=True)
class LossReason:
    """Deals lost for one reason, with their value and what customers said, in their own words.

    ``value`` is missing when none of them has an amount.
    """

    reason: str
    n: int
    value: float
    share: Answer
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What became of the deals of one source, and of its leads where there are any.

    ``n`` deals were decided; ``won`` is missing when some were won and none of these has an amount; ``spent``, when no
    cost is known; ``rejected`` are the three reasons for which most leads were handed back, with their number;
    ``handed_back`` of ``leads`` that arrived.
    """

    source: str
    n: int
    wins: int
    share: float
    low: float
    high: float
    won: float
    spent: float
    leads: int
    handed_back: int
    rejected: tuple[tuple[str, int], ...]

    @property
    def cost_per_win(self) -> float:
        """Money spent per deal won; missing without a cost or a win."""
        return self.spent / self.wins if self.wins else math.nan


def stage_steps(ask: Question, before: Period) -> tuple[StageStep, ...]:
    """Every open stage in order; empty without a stage history."""
    data, metric = ask.data, METRICS["stage_conv_flow"]
    if not data.history:
        return ()
    now, then = metric.answer(ask), metric.answer(_same(ask, before))
    days = METRICS["time_in_stage"].answer(ask)
    lost = _lost_in(ask)
    found = []
    for stage in now["part"]:
        rows = [table[table["part"] == stage] for table in (now, then, days)]
        share, earlier, dwell = (answer_of(table) for table in rows)
        said = difference_verdict(metric, rows[0].iloc[0].to_dict(), rows[1].iloc[0].to_dict())
        count, value = lost.get(str(stage), (0, 0.0))
        found.append(StageStep(str(stage), share, earlier, said, dwell, count, value))
    return tuple(found)


def _same(ask: Question, period: Period) -> Question:
    return Question.about(ask.data, period, ask.by, list(ask.groups))


def _lost_in(ask: Question) -> Mapping[str, tuple[int, float]]:
    """Number and value of the deals that were lost in each stage."""
    rows = METRICS["stage_conv_flow"].cases(ask.data, ask.period)
    rows = rows[~rows["event"].astype(bool) & _members(ask, rows["owner_id"])]
    amounts = ask.data.deals.set_index("deal_id")["amount"]
    values = rows["deal_id"].map(amounts)
    return {str(stage): (len(mine), recorded_sum(mine)) for stage, mine in values.groupby(rows["stage"])}


def _members(ask: Question, owners: pd.Series) -> pd.Series:
    return owners.isin(ask.members.index) if ask.by == "team" else pd.Series(data=True, index=owners.index)


def loss_reasons(ask: Question) -> tuple[LossReason, ...]:
    """Reasons by the value lost, the largest first; ``unknown`` where none was given, empty if nobody gives one.

    Those of which no amount is recorded come last.
    """
    data, metric = ask.data, METRICS["loss_reason_share"]
    if not data.filled("loss_reason"):
        return ()
    shares = metric.answer(ask)
    rows = metric.cases(data, ask.period)
    rows = rows[_members(ask, rows["owner_id"])]
    said = data.table("theme_code")
    said = said[said["kind"].isin(("loss_reason", "interview")) & said["quote"].notna()]
    found = []
    for reason, deals in rows.groupby("part"):
        quotes = said.loc[said["deal_id"].isin(deals["deal_id"]), "quote"].astype(str)
        share = answer_of(shares[shares["part"] == reason])
        value = recorded_sum(deals["amount"])
        found.append(LossReason(str(reason), len(deals), value, share, tuple(sorted(set(quotes)))[:MOST_QUOTES]))
    return tuple(sorted(found, key=_by_value))


def _by_value(one: LossReason) -> tuple[bool, float, str]:
    unrecorded = math.isnan(one.value)
    return unrecorded, 0.0 if unrecorded else -one.value, one.reason


def sources(ask: Question) -> tuple[Source, ...]:
    """Deals decided in the period by source, in alphabetical order; empty when no source is known."""
    data = ask.data
    closed = data.closed_in(ask.period)
    closed = closed[_members(ask, closed["owner_id"])]
    if closed["source"].isna().all():
        return ()
    leads, spent = _handed_back(ask), _spent(ask)
    found = []
    for source, deals in closed.groupby(closed["source"].fillna(_UNKNOWN).astype(str)):
        won = deals[deals["status"] == "won"]
        low, high = (float(limit) for limit in wilson(len(won), len(deals)))
        arrived, back, reasons = leads.get(str(source), (0, 0, ()))
        found.append(
            Source(
                str(source),
                len(deals),
                len(won),
                len(won) / len(deals),
                low,
                high,
                recorded_sum(won["amount"]),
                spent.get(str(source), math.nan),
                arrived,
                back,
                reasons,
            )
        )
    return tuple(found)


def _handed_back(ask: Question) -> Mapping[str, tuple[int, int, tuple[tuple[str, int], ...]]]:
    """Leads that arrived from each source, how many of them were handed back, and the most frequent reasons."""
    if "lead" not in ask.data.present:
        return {}
    leads = METRICS["lead_to_opp"].cases(ask.data, ask.period)
    leads = leads[_members(ask, leads["owner_id"])]
    why = leads["lead_id"].map(ask.data.table("lead").set_index("lead_id")["disqualify_reason"])
    leads = leads.assign(source=leads["source"].fillna(_UNKNOWN).astype(str), why=why)
    found = {}
    for source, rows in leads.groupby("source"):
        back = rows[rows["given_up"].notna()]
        counts = sorted(back["why"].dropna().astype(str).value_counts().items(), key=_most_first)
        top = tuple((str(reason), int(count)) for reason, count in counts[:_MOST_REASONS])
        found[str(source)] = (len(rows), len(back), top)
    return found


def _most_first(pair: tuple[object, int]) -> tuple[int, str]:
    return -pair[1], str(pair[0])


def _spent(ask: Question) -> Mapping[str, float]:
    """Money spent on each source in the period, base currency; only for the whole organisation."""
    costs = ask.data.table("cost")
    costs = costs[(costs["scope"] == "source") & costs["period_start_day"].between(ask.period.first, ask.stop - 1)]
    if ask.by != "all" or costs.empty:
        return {}
    amounts = ask.data.in_base(costs, "amount", "period_start_day")
    return {str(name): float(total) for name, total in amounts.groupby(costs["scope_id"]).sum().items()}


def lead_places(found: tuple[Source, ...], data: SalesData) -> tuple[Place, ...]:
    """Sources as places for opportunities, where it is known what was won."""
    spread = _spread(data, "source")
    return tuple(
        Place(one.source, one.n, one.wins, one.won, spread.get(one.source, math.nan))
        for one in found
        if math.isfinite(one.won)
    )


def money_places(found: tuple[Source, ...], data: SalesData) -> tuple[Place, ...]:
    """Sources as places for money, where it is known what was spent."""
    spread = _spread(data, "source")
    return tuple(
        Place(one.source, one.spent, one.wins, one.won, spread.get(one.source, math.nan))
        for one in found
        if one.spent > 0 and math.isfinite(one.won)
    )


def hour_places(ask: Question) -> tuple[Place, ...]:
    """Segments as places for working time: the days on which their deals were open stand for it."""
    data = ask.data
    deals = data.deals[data.deals["segment"].notna() & ~data.deals["born_closed"] & data.deals["started"].notna()]
    deals = deals[_members(ask, deals["owner_id"])]
    begin = deals["started"].clip(lower=ask.period.first)
    end = deals["closed"].fillna(float(ask.stop)).clip(upper=float(ask.stop))
    days = (end - begin).clip(lower=0.0).groupby(deals["segment"]).sum()
    won = deals[(deals["status"] == "won") & deals["closed"].between(ask.period.first, ask.stop - 1)]
    won = won[won["amount"] > 0]
    spread = _spread(data, "segment")
    return tuple(
        Place(str(segment), float(units), int((won["segment"] == segment).sum()),
              float(won.loc[won["segment"] == segment, "amount"].sum()), spread.get(str(segment), math.nan))
        for segment, units in days.items()
    )  # fmt: skip


def _spread(data: SalesData, by: str) -> Mapping[str, float]:
    """Variance of the log amounts of won deals in each level of *by*."""
    won = data.deals[(data.deals["status"] == "won") & (data.deals["amount"] > 0)]
    logs = pd.Series(np.log(won["amount"].to_numpy(float)), index=won.index)
    spread = logs.groupby(won[by].fillna(_UNKNOWN)).var()
    return {str(level): float(value) for level, value in spread.items() if np.isfinite(value)}
