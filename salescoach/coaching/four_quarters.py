"""What everybody's numbers say over four quarters, beside the peers: one quarter of one person is mostly chance."""

from __future__ import annotations

from dataclasses import dataclass

from salescoach.calendar import Period
from salescoach.diagnosis.findings import Answer, answer_of
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import Comparison, compare_all
from salescoach.metrics.question import Question
from salescoach.tables.data import SalesData

LINES = tuple(
    "bookings effective_quota quota_attainment attainment_pace open_pipeline coverage win_rate_count ads "
    "cycle_resolution".split()
)
"""The metrics that a one-on-one looks at, shown or said in its sentences."""


@dataclass(frozen=True)
class Yearly:
    """One metric of one rep over four quarters, and beside the peers where it is compared."""

    answer: Answer
    comparison: Comparison | None


def yearly(data: SalesData, period: Period) -> dict[str, dict[str, Yearly]]:
    """Every seller's metrics over the four quarters that end with *period*, by rep and metric id.

    Each question is asked once for all metrics: what one of them had to find, the next one has.
    """
    everybody = Question.about(data, four_quarters(data, period))
    rows = {metric_id: METRICS[metric_id].answer(everybody) for metric_id in LINES}
    compared = compare_all(everybody, rows, only=LINES)
    return {
        rep: {
            metric_id: Yearly(answer_of(rows[metric_id].loc[[rep]]), compared.get((metric_id, ""), {}).get(rep))
            for metric_id in LINES
        }
        for rep in data.sellers
    }


def four_quarters(data: SalesData, period: Period) -> Period:
    """The four quarters that end with *period*; a longer period is its own."""
    start = data.calendar.quarters_before(period, 3)[0].start
    longer = (period.end - period.start).days > 100
    return period if longer else Period("", start, period.end)
