"""Everything a coach needs before a one-on-one, as facts. No sentence is written here.

The order is the order of the meeting: what was promised, where the period stands, what the numbers
allow us to say, which deals to touch. :mod:`salescoach.report.one_on_one` turns it into a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salescoach.calendar import Elapsed, Period
from salescoach.coaching.deals_to_touch import Asleep, Deal, asleep, deals_to_touch
from salescoach.coaching.disputes import Dispute
from salescoach.coaching.four_quarters import LINES, Yearly, four_quarters, yearly
from salescoach.coaching.said import Since, agreed, said_of, since_last_time
from salescoach.coaching.worked import Worked
from salescoach.diagnosis.alerts import Alert
from salescoach.diagnosis.deal_risk import Lift
from salescoach.diagnosis.diagnose import RepDiagnosis, diagnose
from salescoach.diagnosis.findings import Finding, Line, answer_of
from salescoach.metrics import METRICS
from salescoach.metrics.cases import booked_by_credit
from salescoach.metrics.comparison import OwnChange, own_change
from salescoach.metrics.question import Question
from salescoach.metrics.quota import effective_quota
from salescoach.metrics.tally import in_memory
from salescoach.tables.data import SalesData

_TREND_QUARTERS = 8


@dataclass(frozen=True)
class Promise:
    """Something agreed in an earlier one-on-one. ``status``: open, in_progress, done or dropped."""

    text: str
    status: str
    due: date | None
    period: str
    reason: str = ""

    def overdue(self, as_of: date) -> bool:
        """Still to do although its day has passed."""
        return self.due is not None and self.due < as_of and self.status in ("open", "in_progress")


@dataclass(frozen=True)
class SharedNote:
    """The note that coach and rep left for one period."""

    period: str
    text: str
    author: str


@dataclass(frozen=True)
class Trend:
    """Win rate per quarter, oldest first; missing where fewer than five deals were decided."""

    periods: tuple[str, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: tuple[int, ...]
    peers: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """Bookings day by day. ``target``: part of the quota due by each day, missing without a quota."""

    days: tuple[date, ...]
    bookings: tuple[float, ...]
    target: tuple[float, ...]
    peers: tuple[float, ...]


@dataclass(frozen=True)
class OneOnOne:
    """The facts of one one-on-one."""

    rep_id: str
    full_name: str
    role: str
    team: str
    manager: str
    period: Period
    as_of: date
    elapsed: Elapsed
    currency: str
    lines: Mapping[str, Line]
    findings: tuple[Finding, ...]
    diagnosis: RepDiagnosis
    own_change: OwnChange
    since: Since
    alerts: tuple[Alert, ...]
    worked: tuple[Worked, ...]
    deals: tuple[Deal, ...]
    asleep: Asleep
    lifts: Mapping[str, Lift]
    trend: Trend
    curve: Curve
    promises: tuple[Promise, ...]
    disputes: tuple[Dispute, ...]
    note: SharedNote | None
    flags: Mapping[str, int]
    unconverted: Mapping[str, tuple[int, float]]
    unsplit: tuple[str, ...]
    missing: tuple[str, ...]
    ramping: bool
    adjusted: bool


def prepare(
    data: SalesData,
    rep_id: str,
    period: Period,
    *,
    teams: Mapping[str, str] | None = None,
    promises: Sequence[Promise] = (),
    disputes: Sequence[Dispute] = (),
    note: SharedNote | None = None,
    flags: Mapping[str, int] | None = None,
    diagnosis: RepDiagnosis | None = None,
    lifts: Mapping[str, Lift] | None = None,
    signs: Mapping[str, tuple[str, ...]] | None = None,
    beside: Mapping[str, Yearly] | None = None,
    alerts: Sequence[Alert] = (),
    worked: Sequence[Worked] = (),
    met_on: date | None = None,
) -> OneOnOne:
    """Facts of the one-on-one with *rep_id* about *period*, as known at ``data.as_of``.

    Parameters
    ----------
    teams : names of teams by ``team_id``
    promises, disputes, note : from the coaching record, up to this period
    flags : data-quality findings about this rep's rows, rule id -> count
    signs : rules that fire on each open deal, see :mod:`salescoach.diagnosis.deal_risk`
    lifts : how much more often deals were lost where a sign was there, in the organisation's own closed deals
    diagnosis, beside : what the data allow to say about this rep, and the rep's part of :func:`yearly`, where they were
        worked out for everybody already
    alerts, worked : changes of this rep that are worth a word, and what came of coaching
    met_on : day of the last meeting that the coaching record knows of
    """
    person = data.rep(rep_id)
    team, manager = person.get("team_id"), person.get("manager_id")
    year = four_quarters(data, period)
    found = diagnosis or diagnose(data, period, reps=[rep_id]).reps[rep_id]
    lines = _lines(data, rep_id, period, beside or yearly(data, period)[rep_id], found)
    elapsed = data.calendar.elapsed(period, data.as_of)
    return OneOnOne(
        rep_id=rep_id,
        full_name=str(person["full_name"]),
        role=str(person["role"]) if pd.notna(person["role"]) else "",
        team=(teams or {}).get(str(team), str(team)) if pd.notna(team) else "",
        manager=str(data.reps.at[manager, "full_name"]) if pd.notna(manager) and manager in data.reps.index else "",
        period=period,
        as_of=data.as_of,
        elapsed=elapsed,
        currency=data.currency,
        lines=lines,
        findings=said_of(found, lines, elapsed, _evidence(data, rep_id, period, year)),
        diagnosis=found,
        own_change=own_change(data, period, data.calendar.quarters_before(period, 4), rep_id),
        since=since_last_time(data, rep_id, period.start, met_on),
        alerts=tuple(alerts),
        worked=tuple(worked),
        deals=deals_to_touch(data, rep_id, signs or {}, lifts or {}),
        asleep=asleep(data, rep_id),
        lifts=dict(lifts or {}),
        trend=_trend(data, rep_id, period),
        curve=_curve(data, rep_id, period),
        promises=tuple(promises),
        disputes=tuple(disputes),
        note=note,
        flags=dict(flags or {}),
        unconverted={
            str(currency): (int(row["n"]), float(row["total"])) for currency, row in data.unconverted.iterrows()
        },
        unsplit=tuple(
            data.deals.loc[(data.deals["owner_id"] == rep_id) & data.deals["deal_id"].isin(data.unsplit), "deal_id"]
        ),
        missing=_missing(data),
        ramping=rep_id in data.ramping(period),
        adjusted=bool(data.deals[["segment", "source", "type"]].notna().any().any()),
    )


def _missing(data: SalesData) -> tuple[str, ...]:
    """What the import does not hold, although a page would need it; keys below ``review.caveat``."""
    is_open = data.open()
    gaps = {
        "no_quota": "quota" not in data.present,
        "no_stage_history": not data.history,
        "no_owner_history": "owner_history" not in data.present,
        "no_expected_close": is_open["expected"].isna().all(),
        "no_activities": is_open["last_activity"].isna().all(),
        "no_next_steps": is_open["next_step"].isna().all(),
    }
    return tuple(gap for gap, there in gaps.items() if there)


def _lines(
    data: SalesData, rep_id: str, period: Period, beside: Mapping[str, Yearly], found: RepDiagnosis
) -> dict[str, Line]:
    now = Question.about(data, period, only=(rep_id,))
    lines = {}
    for metric_id in LINES:
        metric = METRICS[metric_id]
        lines[metric_id] = Line(
            metric_id=metric_id,
            unit=metric.unit,
            better=metric.better,
            estimate=metric.estimate,
            now=answer_of(metric.answer(now)),
            year=beside[metric_id].answer,
            comparison=agreed(beside[metric_id].comparison, metric_id, found),
        )
    return lines


def _evidence(data: SalesData, rep_id: str, period: Period, year: Period) -> dict[str, tuple[str, ...]]:
    """Ids of the deals that what is said of each metric rests on."""
    closed = data.closed_in(year)
    deals = {
        "win_rate_count": closed, "cycle_resolution": closed, "ads": data.won_in(year), "bookings": data.won_in(period),
    }  # fmt: skip
    return {name: tuple(sorted(rows.loc[rows["owner_id"] == rep_id, "deal_id"])) for name, rows in deals.items()}


def _trend(data: SalesData, rep_id: str, period: Period) -> Trend:
    metric = METRICS["win_rate_count"]
    quarters = (*data.calendar.quarters_before(period, _TREND_QUARTERS - 1), period)
    found, peers = [], []
    for quarter in quarters:
        rows = metric.rows(data, quarter)
        found.append(answer_of(rows.loc[[rep_id]]))
        others = rows.drop(rep_id)
        won, closed = float(others["numerator"].sum()), float(others["denominator"].sum())
        peers.append(won / closed if closed >= metric.min_n else np.nan)
    seen = next((i for i, answer in enumerate(found) if answer.n), len(found) - 1)
    found = found[seen:]
    return Trend(
        periods=tuple(quarter.label for quarter in quarters[seen:]),
        value=tuple(answer.value for answer in found),
        low=tuple(answer.low for answer in found),
        high=tuple(answer.high for answer in found),
        n=tuple(answer.n for answer in found),
        peers=tuple(peers[seen:]),
    )


def _curve(data: SalesData, rep_id: str, period: Period) -> Curve:
    last = min(data.as_of, period.last_day)
    length = max((last - period.start).days + 1, 0)
    days = tuple(period.start + timedelta(days=i) for i in range(length))
    won = in_memory(Question.about(data, period).once(booked_by_credit))  # the number on the page, day by day
    undone = data.adjustments(period).drop_duplicates("deal_id", keep="last").set_index("deal_id")["undone_on"]
    won = won.assign(day=won["closed"].where(won["amount"] > 0, won["deal_id"].map(undone)))
    daily = won.pivot_table(index="day", columns="owner_id", values="amount", aggfunc="sum", fill_value=0.0)
    daily = daily.reindex(index=range(period.first, period.first + length), columns=list(data.sellers), fill_value=0.0)
    total = daily.cumsum()
    quota = float(effective_quota(data, period, pd.Index([rep_id])).iloc[0])
    whole = data.calendar.working_days(period.start, period.end)
    if not np.isfinite(quota) and not (rep_id in total and total[rep_id].any()):
        return Curve((), (), (), ())  # nothing booked and nothing due: the peers' line alone is not about this rep
    passed = np.cumsum([data.calendar.working_days(day, day + timedelta(days=1)) for day in days])
    peers = total[list(data.peers(rep_id))]
    return Curve(
        days=days,
        bookings=tuple(total[rep_id] if rep_id in total else [0.0] * length),
        target=tuple(quota * passed / whole) if np.isfinite(quota) and whole else (),
        peers=tuple(peers.median(axis=1)) if peers.shape[1] >= 5 else (),
    )
