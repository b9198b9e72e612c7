"""What each rep was asked to sell per quarter, and when that was said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.parameters import CURRENCY, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.quota_change import QUOTA_CHANGE, next_quarter, quarters, quota_change
from salescoach.synthetic.view import View, numbered, table

METRIC = "bookings"
_SAID_BEFORE_DAYS = 12
_LEAST_RAMP = 0.25


def quota(people: People, view: View, p: Parameters, scale: float) -> pd.DataFrame:
    """Table ``quota``: rep × quarter, in the expected value of the rep's own mix of customers, ramped.

    3 months × deals a month × share won × expected value × stretch, rounded to thousands. A rep who is below a
    quarter of the ramp in the middle of the quarter, or joins during it, has no quota.
    """
    amounts = np.array(p.amount_median) * scale * np.exp(p.amount_sd**2 / 2) * p.quota_net_of_list
    asked_of = 3 * p.deals_per_month * p.quota_win_share * (people.segments @ amounts) * p.quota_stretch
    reasons = phrases.QUOTA_REASONS[view.language]
    change = quota_change(p)
    approver = dict(zip(people.ids, numbered("M", people.team, 2), strict=True))  # the team's manager
    rows: list[tuple[object, ...]] = []
    for first in quarters(p):
        after = next_quarter(first)
        day = view.days.number(first)
        said = day - _SAID_BEFORE_DAYS + 0.1
        if not view.seen(np.array([said]))[0]:
            continue
        middle = np.full(len(people), (day + view.days.number(after)) / 2)
        prices = np.exp(p.inflation * max(day, 0) / 365)
        ramp = np.round(people.productivity(np.arange(len(people)), middle), 2)
        asked = (people.starts <= day) & (people.leaves > day) & (ramp >= _LEAST_RAMP)
        for rep in np.flatnonzero(asked).tolist():
            rep_id, value = people.ids[rep], round(float(asked_of[rep] * ramp[rep] * prices), -3)
            reason = reasons["plan"] if ramp[rep] >= 0.95 else reasons["ramp"]
            rows.append((rep_id, first, after, value, said, reason, ramp[rep]))
            if change and (rep_id, first) == (change.rep_id, change.period_start):
                later, changed = view.days.number(change.recorded) + 0.2, round(value * QUOTA_CHANGE, -3)
                rows.append((rep_id, first, after, changed, later, reasons["change"], ramp[rep]))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return table("quota", {
        "rep_or_team": list(columns[0]),
        "metric_id": [METRIC] * len(rows),
        "period_start": np.array(columns[1], dtype="datetime64[s]"),
        "period_end": np.array(columns[2], dtype="datetime64[s]"),
        "value": np.array(columns[3], dtype=np.float64),
        "currency": [CURRENCY[view.language]] * len(rows),
        "recorded_at": view.moments(np.array(columns[4], dtype=np.float64)),
        "reason": list(columns[5]),
        "ramp_pct": np.array(columns[6], dtype=np.float64),
        "approved_by": [approver[rep] for rep in columns[0]],
    })  # fmt: skip
