"""All metrics of everybody on one sheet, each with the verdict of its comparison."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import compare_all
from salescoach.metrics.events import COACHES
from salescoach.metrics.question import INDEX_NAMES, By, Question
from salescoach.tables.data import SalesData

COLUMNS = tuple("metric_id part version value n low high level na_reason verdict warnings".split())


def people_of(data: SalesData) -> list[str]:
    """Who has a line: the sellers, and the managers and coaches, whose metrics are those about coaching."""
    coaches = data.reps.index[data.reps["role"].isin(COACHES)]
    return [*data.sellers, *(rep for rep in coaches if rep not in data.sellers)]


def sheet(
    data: SalesData, period: Period, *, by: By = "rep", only: Sequence[str] = (), metric_ids: Sequence[str] = ()
) -> pd.DataFrame:
    """Every metric of every rep (team; the organisation): ``rep_id`` and the columns :data:`COLUMNS`.

    Parameters
    ----------
    only : reps or teams that are wanted; the comparison is with everybody all the same
    metric_ids : metrics that are wanted; all when empty

    Returns
    -------
    DataFrame, one row per group, metric and part
        ``verdict`` is that of the comparison with the peers, missing where nothing is compared or there is no value,
        and for data that stay on an engine: a comparison looks at every observation at once.
        UsageError for a rep, a team or a metric that does not exist.
    """
    for metric_id in metric_ids:
        if metric_id not in METRICS:
            raise UsageError.unknown("metric", metric_id, METRICS)
    ask = Question.about(data, period, by, people_of(data) if by == "rep" else None)
    for group in only:
        if group not in ask.groups:
            raise UsageError.unknown(by, group, ask.groups)
    rows = {name: metric.answer(ask) for name, metric in METRICS.items() if not metric_ids or name in metric_ids}
    compared = compare_all(ask, rows, only=metric_ids) if by == "rep" and data.in_memory else {}
    table = pd.concat(rows.values()).reset_index(names=INDEX_NAMES[by])
    key = zip(table["metric_id"], table["part"], table[INDEX_NAMES[by]], table["na_reason"], strict=True)
    table["verdict"] = [
        compared[name, part][group].verdict
        if reason is None and group in compared.get((name, part), {}) else None
        for name, part, group, reason in key
    ]  # fmt: skip
    wanted = table[table[INDEX_NAMES[by]].isin(list(only))] if only else table
    return wanted[[INDEX_NAMES[by], *COLUMNS]].reset_index(drop=True)
