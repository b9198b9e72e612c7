"""What a goal is judged with: where the person stands, how likely a target is, and the road to it, from the data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from salescoach.calendar import Period
from salescoach.coaching.four_quarters import four_quarters
from salescoach.coaching.goal_outlook import Outlook, outlook
from salescoach.coaching.goal_set import Road
from salescoach.coaching.goals import Goal, Setting
from salescoach.diagnosis.diagnose import Diagnosis, diagnose, meetings_held
from salescoach.known import calendar_of, data_at
from salescoach.meetings import Desk
from salescoach.metrics import METRICS, measure
from salescoach.tables.data import SalesData

RESULT = "bookings"
"""The metric whose goals are counted back to deals, opportunities and meetings."""


class Standpoint:
    """Where the rep of *desk* stands on the day of the review; each question is worked out once.

    Parameters
    ----------
    desk : whose data are asked
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._outlooks: dict[tuple[str, float | None, date, str], Outlook] = {}
        self._answers: dict[str, pd.DataFrame] = {}

    @cached_property
    def data(self) -> SalesData:
        """All that was known on that day."""
        return data_at(self.desk.home, self.desk.review.facts.as_of)

    @cached_property
    def year(self) -> Period:
        """The four quarters up to the review's."""
        return four_quarters(self.data, self.desk.review.facts.period)

    def parts(self, metric_id: str) -> tuple[str, ...]:
        """Parts of a metric in which the rep has any observation, such as stages; empty for a metric without parts.

        The bottleneck of the diagnosis comes first, where there is one.
        """
        rows = self._rows(metric_id)
        names = [str(part) for part in rows.loc[rows["n"] > 0, "part"] if part]
        found = self.desk.review.facts.diagnosis.bottleneck
        worst = next((stage.stage for stage in found.stages if stage.driver == found.driver), "") if found else ""
        return tuple(sorted(names, key=lambda name: name != worst))

    def outlook(self, metric_id: str, target: float | None, due: date | None, part: str = "") -> Outlook:
        """Baseline, chance and exposures; without a day *due* the baseline is that of a quarter of a year."""
        day = due or self.desk.review.facts.as_of + timedelta(days=91)
        key = (metric_id, target, day, part)
        if key not in self._outlooks:
            self._outlooks[key] = outlook(self.data, self.desk.rep_id, metric_id, target, day, part=part)
        return self._outlooks[key]

    def setting(self, goal: Goal, part: str = "") -> Setting:
        """Priority of the diagnosis, the peers' level, and the chance to reach the target, where there is one."""
        findings = self.desk.review.facts.diagnosis.findings
        priority = findings[0].driver if findings else ""
        calendar = calendar_of(self.desk.home.organisation)
        if goal.metric_id not in METRICS or goal.due is None:
            return Setting(calendar, priority)
        found = self.outlook(goal.metric_id, goal.target, goal.due, part)
        judged = found.na_reason == "not_applicable"
        return Setting(calendar, priority, found.reference, found.chance, found.exposures, judged)

    def road(self, goal: Goal, on_the_way: Sequence[str]) -> Road:
        """The road to *goal*: counted back where it is one of bookings, and the metrics *on_the_way*."""
        needed, days, wanted = None, 0.0, False
        if goal.metric_id == RESULT and goal.target and goal.due and goal.start:
            wanted = True
            meetings = meetings_held(self.data, self._diagnosis.span, self.desk.rep_id)
            needed = self._diagnosis.road_map(self.desk.rep_id, goal.target, meetings)
            days = self.data.calendar.working_days(goal.start + timedelta(days=1), goal.due + timedelta(days=1))
        rows = [self._now(metric_id) for metric_id in on_the_way]
        return Road(wanted, needed, days, pd.concat(rows, ignore_index=True) if rows else pd.DataFrame())

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        return diagnose(self.data, self.desk.review.facts.period, reps=[self.desk.rep_id])

    def _now(self, metric_id: str) -> pd.DataFrame:
        """The rep's answer to one metric over the four quarters; of a metric with parts, that of the first part."""
        rows, first = self._rows(metric_id), self.parts(metric_id)[:1]
        return rows[rows["part"].isin(first)] if first else rows.head(1)

    def _rows(self, metric_id: str) -> pd.DataFrame:
        """The rep's answers to one metric over the four quarters, part by part."""
        if metric_id not in self._answers:
            self._answers[metric_id] = measure(self.data, self.year, [metric_id], [self.desk.rep_id])
        return self._answers[metric_id]
