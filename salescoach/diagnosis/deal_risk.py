"""Open deals worth a review: which rules fire, and what each rule has meant in this organisation.

No model: each rule is one sentence, and shows how much more often deals were lost where it fired. History is looked at
the way an open deal is looked at today: every closed deal at one age that open deals have, too, with nothing that
became known later. Where a rule's past cannot be rebuilt, its lift is missing, not invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.calendar import date_numbers, day_number
from salescoach.metrics.contract import LEVEL
from salescoach.tables.data import SalesData

Array = npt.NDArray[np.float64]

SILENT_DAYS = 14
PUSHES = 2
CUT = 0.20
_OLD = 0.80  # quantile of the ages of won deals
_FEWEST = 20  # deals where a rule fired, and where it did not, before a lift is shown
_LAST_DAYS = 7
_HALF = 0.5
DECIDE = ("decision_maker", "economic_buyer")
"""Roles of contacts who can say yes."""


@dataclass(frozen=True)
class Lift:
    """How many times as often deals were lost where a rule fired, with its 90 % interval, on ``n`` closed deals.

    ``fired`` of them had fired. ``grey``: the interval is not all above 1, or nothing is known (``na_reason``).
    """

    value: float
    low: float
    high: float
    n: int
    fired: int
    na_reason: str | None = None

    @property
    def grey(self) -> bool:
        """No clear sign of risk: chance could give it, or such deals were lost less often."""
        return self.na_reason is not None or self.low <= 1.0

    @property
    def harmless(self) -> bool:
        """Deals with this sign were lost clearly less often: here it is no sign of risk at all."""
        return self.na_reason is None and self.high < 1.0


@dataclass(frozen=True)
class RiskyDeal:
    """One open deal and the rules that fire on it, the ones with a clear lift first."""

    deal_id: str
    owner_id: str
    name: str
    stage: str
    amount: float
    age: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class DealReview:
    """Open deals with at least one rule, and the lift of each; ``age`` is that at which history was looked at."""

    deals: tuple[RiskyDeal, ...]
    lifts: Mapping[str, Lift]
    age: int


@dataclass(frozen=True)
class _Known:
    """What was known of some deals on a day of their own: ``day`` and ``begun`` indexed by ``deal_id``."""

    data: SalesData
    deals: pd.DataFrame
    day: pd.Series
    usual_age: Mapping[str, float]
    now: bool

    def history(self) -> pd.DataFrame:
        """Stage changes up to the day of each deal, in time."""
        rows = self.data.table("stage_history")
        rows = rows[rows["deal_id"].isin(self.day.index)].sort_values(["deal_id", "entered_at"], kind="stable")
        return rows[rows["entered_at_day"] <= rows["deal_id"].map(self.day)]

    def work(self) -> pd.DataFrame:
        """Human activities up to the day of each deal."""
        rows = self.data.table("activity")
        rows = rows[rows["deal_id"].isin(self.day.index) & ~rows["is_system"].astype(bool)]
        return rows[rows["occurred_at_day"] <= rows["deal_id"].map(self.day)]

    def expected(self) -> pd.Series:
        """Expected close as it stood on that day."""
        if self.now:
            return self.deals["expected"]
        rows = self.history().dropna(subset=["close_date_at_day"])
        return rows.groupby("deal_id")["close_date_at_day"].last().reindex(self.day.index)

    def amount(self) -> pd.Series:
        """Amount as it stood on that day."""
        if self.now:
            return self.deals["amount"].astype(float)
        rows = self.history().dropna(subset=["amount_at"])
        return rows.groupby("deal_id")["amount_at"].last().reindex(self.day.index).astype(float)

    def order(self) -> pd.Series:
        """Position of the stage on that day."""
        rows = self.placed()
        return rows.groupby("deal_id")["order"].last().reindex(self.day.index)

    def placed(self) -> pd.DataFrame:
        """The stage changes with the position of the stage entered."""
        place = self.data.stages.drop_duplicates("stage").set_index("stage")["order"].astype(float)
        rows = self.history()
        return rows.assign(order=rows["stage_to"].map(place))

    @property
    def early(self) -> float:
        """Position up to which a stage is an early one."""
        return float(self.data.stages.loc[self.data.stages["kind"] == "open", "order"].astype(float).median())


def deal_review(data: SalesData, rep_id: str | None = None) -> DealReview:
    """Open deals of *rep_id* (everybody when not given) with the rules that fire on them, worst first."""
    today = float(day_number(data.as_of))
    usual = usual_age(data)
    open_deals = data.open().set_index("deal_id")
    now = _Known(data, open_deals, pd.Series(today, index=open_deals.index), usual, True)
    firing = {rule: _held(check(now), open_deals.index) for rule, check in RULES.items()}
    age = _comparable_age(data, today)
    lifts = _lifts(data, usual, age)
    clear = [rule for rule in RULES if not lifts[rule].grey]
    order = [*sorted(clear, key=lambda rule: -lifts[rule].value), *(rule for rule in RULES if rule not in clear)]
    found = []
    mine = open_deals if rep_id is None else open_deals[open_deals["owner_id"] == rep_id]
    for deal_id, row in zip(mine.index.astype(str), mine.to_dict("records"), strict=True):
        rules = tuple(rule for rule in order if firing[rule].get(deal_id) == 1.0)
        if rules:
            name = str(row["name"]) if pd.notna(row["name"]) else deal_id
            old = int(today - row["started"]) if pd.notna(row["started"]) else 0
            found.append(
                RiskyDeal(deal_id, str(row["owner_id"]), name, str(row["stage"]), float(row["amount"]), old, rules)
            )
    found.sort(key=lambda deal: (-sum(rule in clear for rule in deal.rules), -len(deal.rules),
                                 -np.nan_to_num(deal.amount), deal.deal_id))  # fmt: skip
    return DealReview(tuple(found), lifts, int(age) if np.isfinite(age) else 0)


def _comparable_age(data: SalesData, today: float) -> float:
    """Age that half of the open deals have, but no more than half of the decided ones ever reached."""
    ended = data.deals[data.deals["status"].isin(("won", "lost")) & ~data.deals["born_closed"]]
    middles = (today - data.open()["started"]).median(), (ended["closed"] - ended["started"]).median()
    return float(np.nanmin(middles)) if np.isfinite(middles).any() else np.nan


def _lifts(data: SalesData, usual: Mapping[str, float], age: float) -> dict[str, Lift]:
    """Lift of every rule among the deals that were still open at *age* and were won or lost later."""
    ended = data.deals[data.deals["status"].isin(("won", "lost")) & ~data.deals["born_closed"]].set_index("deal_id")
    ended = ended[ended["started"] + age < ended["closed"]] if np.isfinite(age) else ended.iloc[:0]
    lost = (ended["status"] == "lost").astype(float)
    then = _Known(data, ended, ended["started"] + age, usual, False)
    return {rule: lift(_held(check(then), ended.index), lost) for rule, check in RULES.items()}


def lift(fired: pd.Series, lost: pd.Series) -> Lift:
    """Ratio of the shares lost, where a rule *fired* (1, 0, missing = not known) and where it did not."""
    known = fired.notna()
    n, hits = int(known.sum()), int((fired == 1.0).sum())
    if not n:
        return Lift(np.nan, np.nan, np.nan, 0, 0, "no_history")
    if min(hits, n - hits) < _FEWEST:
        return Lift(np.nan, np.nan, np.nan, n, hits, "below_min_n")
    with_it, without = lost[fired == 1.0], lost[fired == 0.0]
    k1, n1, k0, n0 = (part + _HALF for part in (with_it.sum(), len(with_it), without.sum(), len(without)))
    centre = np.log(k1 / n1) - np.log(k0 / n0)
    half = float(special.ndtri(0.5 + LEVEL / 2)) * np.sqrt(max(1 / k1 - 1 / n1 + 1 / k0 - 1 / n0, 0.0))
    return Lift(float(np.exp(centre)), float(np.exp(centre - half)), float(np.exp(centre + half)), n, hits)


def _held(answer: pd.Series | None, index: pd.Index) -> pd.Series:
    """A rule's answer as 1, 0 or missing for each deal."""
    if answer is None:
        return pd.Series(np.nan, index=index)
    return answer.reindex(index).astype(float)


def _past_due(known: _Known) -> pd.Series | None:
    expected = known.expected()
    return (expected < known.day).astype(float).where(expected.notna())


def _pushed(known: _Known) -> pd.Series | None:
    rows = known.history().dropna(subset=["close_date_at_day"])
    if rows.empty:
        return None
    later = rows.groupby("deal_id")["close_date_at_day"].diff() > 0
    return (later.groupby(rows["deal_id"]).sum() >= PUSHES).reindex(known.day.index, fill_value=False)


def _old(known: _Known) -> pd.Series | None:
    limit = (
        known.deals["segment"].astype(object).fillna("").map(known.usual_age).fillna(known.usual_age.get("", np.nan))
    )
    return (known.day - known.deals["started"] > limit).astype(float).where(limit.notna())


def _silent(known: _Known) -> pd.Series | None:
    rows = known.work()
    if rows.empty:
        return None
    two_way = rows[(rows["direction"] == "two_way") | rows["type"].isin(("meeting", "visit", "demo"))]
    last = two_way.groupby("deal_id")["occurred_at_day"].max().reindex(known.day.index)
    since = known.day - last.fillna(known.deals["started"])
    return since > SILENT_DAYS


def _one_contact(known: _Known) -> pd.Series | None:
    rows, amount = known.work().dropna(subset=["contact_id"]), known.amount()
    if rows.empty or amount.isna().all():
        return None
    people = rows.groupby("deal_id")["contact_id"].nunique().reindex(known.day.index, fill_value=0)
    return ((people <= 1) & (amount > amount.median())).astype(float).where(amount.notna())


def _no_decision_maker(known: _Known) -> pd.Series | None:
    """Nobody who was spoken to can say yes. A deal on which no contact's role is known says nothing."""
    roles = known.data.table("contact").dropna(subset=["role"]).set_index("contact_id")["role"]
    rows = known.work().dropna(subset=["contact_id"])
    rows = rows.assign(role=rows["contact_id"].map(roles)).dropna(subset=["role"])
    if rows.empty or not roles.isin(DECIDE).any():
        return None
    return 1.0 - rows["role"].isin(DECIDE).groupby(rows["deal_id"]).any().astype(float)


def _no_next_step(known: _Known) -> pd.Series | None:
    step = known.deals["next_step"]
    return step.isna() if known.now and step.notna().any() else None


def _cut(known: _Known) -> pd.Series | None:
    rows = known.history().dropna(subset=["amount_at"])
    if rows.empty:
        return None
    amounts = rows.groupby("deal_id")["amount_at"]
    return (amounts.last() < (1 - CUT) * amounts.max()).reindex(known.day.index)


def _discount_early(known: _Known) -> pd.Series | None:
    """The amount fell while the deal was in an early stage; without amounts over time, a discount is stated there.

    The second can only be seen today, so it has no lift.
    """
    rows = known.placed().dropna(subset=["amount_at"])
    if not rows.empty:
        fell = (rows.groupby("deal_id")["amount_at"].diff() < 0) & (rows["order"] <= known.early)
        return fell.groupby(rows["deal_id"]).any().astype(float)
    stated = known.deals["discount_pct"].astype(float)
    if not known.now or stated.isna().all():
        return None
    place = known.data.stages.drop_duplicates("stage").set_index("stage")["order"].astype(float)
    return ((stated > 0) & (known.deals["stage"].map(place) <= known.early)).astype(float)


def _moved_back(known: _Known) -> pd.Series | None:
    rows = known.placed()
    if rows.empty:
        return None
    back = rows.groupby("deal_id")["order"].diff() < 0
    return back.groupby(rows["deal_id"]).any().reindex(known.day.index, fill_value=False)


def _quarter_end(known: _Known) -> pd.Series | None:
    expected, order = known.expected(), known.order()
    if expected.isna().all() or order.isna().all():
        return None
    moment = pd.to_datetime(expected, unit="D")
    to_go = date_numbers((moment + pd.offsets.QuarterEnd(0)).dt.normalize()) - date_numbers(moment)
    ahead = expected >= known.day  # a day that has passed is expected by nobody; that is the rule of its own
    fires = (to_go < _LAST_DAYS) & (order <= known.early) & ahead
    return fires.astype(float).where(expected.notna() & order.notna())


RULES: Mapping[str, Callable[[_Known], pd.Series | None]] = {
    "past_due": _past_due, "pushed": _pushed, "old": _old, "silent": _silent, "one_contact": _one_contact,
    "no_decision_maker": _no_decision_maker, "no_next_step": _no_next_step, "amount_cut": _cut,
    "discount_early": _discount_early, "moved_back": _moved_back, "quarter_end": _quarter_end,
}  # fmt: skip
"""Every rule by name: on what was known of deals on a day, whether it fires; None where that cannot be known."""


def usual_age(data: SalesData) -> dict[str, float]:
    """Age at which four of five won deals of a segment had been won; the key "" holds all segments."""
    won = data.deals[(data.deals["status"] == "won") & data.deals["started"].notna() & ~data.deals["born_closed"]]
    age = won["closed"] - won["started"]
    limits = {"": float(age.quantile(_OLD))} if len(age) >= _FEWEST else {}
    for segment, ages in age.groupby(won["segment"]):
        if len(ages) >= _FEWEST:
            limits[str(segment)] = float(ages.quantile(_OLD))
    return limits
