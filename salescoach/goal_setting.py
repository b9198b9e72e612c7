"""What a goal is judged with: where the person stands today, and how likely a target is, from the imported deals."""

from __future__ import annotations

from datetime import date

from salescoach.coaching.four_quarters import four_quarters
from salescoach.coaching.goal_chance import chance_of_share, share_draws
from salescoach.coaching.goals import Baseline, Goal, Setting
from salescoach.diagnosis.findings import answer_of
from salescoach.known import calendar_of, data_at
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question


def baseline_of(desk: Desk, metric_id: str) -> Baseline | None:
    """The rep's value over the last four quarters with its interval and n; None where there is none."""
    data, facts = data_at(desk.home), desk.review.facts
    rows = METRICS[metric_id].answer(Question.about(data, four_quarters(data, facts.period)))
    now = answer_of(rows.loc[[desk.rep_id]])
    return Baseline(now.value, now.low, now.high, now.n) if now.known else None


def setting_of(desk: Desk, goal: Goal) -> Setting:
    """Priority of the diagnosis, and for a share the chance to reach the target with the deals there will be."""
    calendar = calendar_of(desk.home.organisation)
    findings = desk.review.facts.diagnosis.findings
    priority = findings[0].driver if findings else ""
    metric = METRICS.get(goal.metric_id)
    if metric is None or metric.unit != "share" or None in (goal.target, goal.start, goal.due):
        return Setting(calendar, priority)
    assert goal.start is not None  # for the type checker: looked at above
    assert goal.due is not None
    assert goal.target is not None
    data = data_at(desk.home)
    year = four_quarters(data, desk.review.facts.period)
    rows = metric.answer(Question.about(data, year))
    rows = rows[rows["denominator"] > 0]
    if desk.rep_id not in rows.index:
        return Setting(calendar, priority)
    exposures = (
        answer_of(rows.loc[[desk.rep_id]]).denominator * _days(goal.start, goal.due) / _days(year.start, year.end)
    )
    draws = share_draws(rows["numerator"], rows["denominator"], list(rows.index).index(desk.rep_id))
    direction = "down" if metric.better == "down" else "up"
    chance = chance_of_share(draws, goal.target, exposures, direction=direction)  # type: ignore[arg-type]
    return Setting(calendar, priority, chance=chance, exposures=exposures)


def _days(start: date, end: date) -> int:
    return max((end - start).days, 1)
