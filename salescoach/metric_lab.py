"""Open the metric lab: one metric of everybody, compared, with its rows, and two definitions held against each other.

For an analyst at a notebook. Reads only; the same workspace and parameters give the same lab.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metric_data import metric_data
from salescoach.metrics import METRICS, Metric
from salescoach.metrics.beside import beside
from salescoach.metrics.comparison import Comparison, compare_all
from salescoach.metrics.question import Question
from salescoach.metrics.ranking import ranking
from salescoach.metrics.reconcile import reconcile
from salescoach.metrics.sheet import COLUMNS
from salescoach.report.metric_compared import compared_section, ranking_blocks
from salescoach.report.metric_page import metric_sections
from salescoach.report.metric_parts import part_name
from salescoach.report.metric_values import evidence_section, value_cells, written_value
from salescoach.report.page import END, Cell, Column, End, Header, Page, Pairs, Section, Table
from salescoach.report.reconciliation import reconciliation_section
from salescoach.report.wording import Wording
from salescoach.resources import load_words, page_style
from salescoach.review import opened, requested_day, requested_language, requested_parameter
from salescoach.tables.data import SalesData
from salescoach.words import Words
from salescoach.workspace import Workspace


@dataclass(frozen=True)
class MetricLab:
    """One metric in one period, part by part as a notebook shows it. Get one from :func:`open_metric_lab`."""

    data: SalesData
    period: Period
    metric: Metric
    rep: str
    definitions: tuple[str, str]
    words: Words
    organisation: str

    @property
    def header(self) -> Header:
        """Which metric, of whom, when."""
        words = self.words
        facts = Pairs(
            (
                (words("label.period"), words.language.period(self.period.label)),
                (words("label.as_of"), words.language.date(self.data.as_of)),
                (words("quality.header.organisation"), self.organisation),
            )
        )
        title = words(f"metric.{self.metric.metric_id}.name")
        page = Page(title, words("metric_lab.subtitle"), facts, (), "", words.language.code)
        return Header(page, page_style())

    @property
    def definition(self) -> Section:
        """What the metric says, in words."""
        return metric_sections(self.metric, self.words)[0]

    @cached_property
    def _ask(self) -> Question:
        return Question.about(self.data, self.period)

    @cached_property
    def answers(self) -> pd.DataFrame:
        """Everybody's answers, one row for each rep and part, with the verdict of the comparison."""
        rows = self.metric.answer(self._ask).reset_index()
        compared = [self._compared(rep, part) for rep, part in zip(rows["rep_id"], rows["part"], strict=True)]
        verdicts = pd.Series([found.verdict if found else None for found in compared], index=rows.index, dtype=object)
        return rows.assign(verdict=verdicts)[["rep_id", *COLUMNS]]

    @cached_property
    def _comparisons(self) -> dict[tuple[str, str], dict[str, Comparison]]:
        return compare_all(self._ask, only=(self.metric.metric_id,))

    def _compared(self, rep: str, part: str) -> Comparison | None:
        return self._comparisons.get((self.metric.metric_id, part), {}).get(rep)

    @property
    def comparison(self) -> Section:
        """Everybody's value beside what peers would have had, in alphabetical order; then whether a ranking holds."""
        words, wording = self.words, Wording(self.words, self.data.currency)
        names = self.data.reps["full_name"]
        rows = self.answers.assign(name=self.answers["rep_id"].map(names).fillna(self.answers["rep_id"]))
        order = sorted(rows.index, key=lambda row: words.language.sort_key(str(rows.at[row, "name"])))
        lines = []
        for _, row in rows.loc[order].iterrows():
            found = self._compared(row["rep_id"], row["part"])
            expected = Cell("–", tone="na")
            if found is not None and math.isfinite(found.expected) and not isinstance(row["na_reason"], str):
                expected = Cell(written_value(found.expected, self.metric.unit, wording))
            verdict = words(f"verdict.{row['verdict']}") if isinstance(row["verdict"], str) else "–"
            named = Cell(str(row["name"]), detail=part_name(self.metric.metric_id, str(row["part"]), words))
            lines.append((named, *value_cells(row, wording), expected, Cell(verdict)))
        columns = (
            Column(words("label.rep")), Column(words("metrics.value"), "right"),
            Column(words("metrics.interval", level=wording.level), "right"), Column(words("label.n"), "right"),
            Column(words("metric_lab.expected"), "right"), Column(words("label.verdict")),
        )  # fmt: skip
        table = Table(words("metric_lab.caption"), columns, lines, notes=(words("metric_lab.order"),))
        ranks = ranking_blocks(ranking(self.data, self.period, self.metric.metric_id), names, wording)
        return Section("comparison", words("metric_lab.comparison"), (table, *ranks))

    @property
    def against(self) -> Section:
        """The number of the chosen rep beside the peers, the same season last year and the target."""
        found = beside(self.data, self.period, self.metric.metric_id, self.rep)
        return compared_section(found, Wording(self.words, self.data.currency))

    @property
    def evidence(self) -> Section:
        """The rows behind the number of the chosen rep."""
        rows = self.metric.rows_behind(self.data, self.period, self.rep)
        return evidence_section(rows, self.words)

    @property
    def reconciliation(self) -> Section:
        """Which rule makes which part of the difference between the two definitions."""
        a, b = self.definitions
        return reconciliation_section(reconcile(self.data, a, b, period=self.period.label), self.words)

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END


def open_metric_lab(
    workspace: str | Path | Workspace = "",
    *,
    metric: str = "win_rate_count",
    rep: str = "",
    period: str = "",
    a: str = "bookings",
    b: str = "bookings owner=current",
    as_of: str = "",
    language: str = "",
) -> MetricLab:
    """The lab on *workspace* (default: ``SALESCOACH_WORKSPACE``).

    Parameters
    ----------
    metric : id of the metric; ``salescoach metrics list`` shows them
    rep : whose rows are shown; the first seller when not given
    period, as_of : the quarter of the data and their last day when not given
    a, b : two definitions whose numbers are held against each other, as in ``salescoach reconcile``

    Raises
    ------
    UsageError
        For an unknown metric, rep, period, definition or language.
    """
    home = opened(workspace)
    if metric not in METRICS:
        raise UsageError.unknown("metric", metric, METRICS)
    data = metric_data(home, requested_day(as_of))
    asked = requested_parameter("period", period) or data.calendar.quarter_of(data.as_of).label
    chosen = requested_parameter("rep", rep) or next(iter(data.sellers), "")
    data.rep(chosen)
    words = load_words(requested_language(language, home))
    span = data.calendar.period(asked, data.as_of)
    return MetricLab(data, span, METRICS[metric], chosen, (a, b), words, home.organisation.name)
