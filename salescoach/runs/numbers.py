"""The numbers that the reports of a run rest on, kept with its bill of materials, so that runs can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from salescoach.calendar import Period
from salescoach.coaching.four_quarters import LINES, Yearly, yearly
from salescoach.diagnosis.findings import Answer, answer_of
from salescoach.known import data_at, keep_standing, standing_of
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace

STRETCHES = ("period", "year")
Numbers = dict[str, dict[str, dict[str, tuple[float | None, int]]]]
"""By rep, metric id and stretch: the value, None where there is no answer, and n."""


def numbers(data: SalesData, period: Period, beside: Mapping[str, Mapping[str, Yearly]] | None = None) -> Numbers:
    """Every seller's numbers in *period* and over the four quarters that end with it (*beside*, when known already)."""
    ask, year = Question.about(data, period), beside or yearly(data, period)
    rows = {metric_id: METRICS[metric_id].answer(ask) for metric_id in LINES}
    return {
        rep: {
            metric_id: {
                "period": _told(answer_of(rows[metric_id].loc[[rep]])),
                "year": _told(year[rep][metric_id].answer),
            }
            for metric_id in LINES
        }
        for rep in data.sellers
    }


def numbers_said(workspace: Workspace, period: Period, as_of: date) -> Numbers:
    """The numbers of the reports of a run; leaves what is true of everybody for the processes that make them."""
    keep_standing(workspace, period, as_of)
    return numbers(data_at(workspace, as_of), period, standing_of(workspace, period, as_of).yearly)


def _told(answer: Answer) -> tuple[float | None, int]:
    return (answer.value if answer.known else None, answer.n)
