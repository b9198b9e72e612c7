"""What customers spoke of: themes that somebody coded. They belong to the organisation and never to a person."""

from __future__ import annotations

import numpy as np

from salescoach.calendar import Period
from salescoach.metrics.cases import NOBODY, beside_deals, lost
from salescoach.metrics.contract import Metric, answers, reasons
from salescoach.metrics.curves import everyone_by
from salescoach.metrics.events import during
from salescoach.metrics.expressions import col, lit
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told
from salescoach.tables.data import SalesData


def themes(data: SalesData, period: Period) -> Rows:
    """Themes that were heard in *period*, one row per source and theme, whoever coded it; ``part`` is the theme.

    They belong to the organisation: what a customer said is never held against a person.
    """
    rows = during(data, "theme_code", "occurred_at", period).table().drop_duplicates(["note_id", "theme"])
    return rows_of(rows.assign(owner_id=NOBODY, part=rows["theme"]).reset_index(drop=True))


def lost_with_theme(data: SalesData, period: Period) -> Rows:
    """Deals lost in *period* once for each theme (``part``) that was heard about them up to ``as_of``; nobody's."""
    said = data.table("theme_code").dropna(subset=["deal_id"]).drop_duplicates(["deal_id", "theme"])
    heard = beside_deals(data, said[["deal_id", "theme"]].rename(columns={"theme": "part"}).reset_index(drop=True))
    deals = lost(data, period).drop("part").filter(col("amount") > 0)
    return deals.join(heard, on="deal_id", how="inner").with_columns(owner_id=lit(NOBODY))


def _themes(ask: Question) -> Told:
    """How often each theme was heard."""
    cells = ask.cells(ask.once(themes), "part")
    parts = sorted(set(cells["part"])) or ["none"]
    index, n = everyone_by(ask, parts), ask.by_part(cells, parts)["n"]
    whole = np.repeat(n.reshape(-1, len(parts)).sum(axis=1), len(parts))
    return answers(
        value=n, n=n, numerator=n, denominator=whole, na_reason=reasons(index, no_exposure=n == 0),
        index=index,
    )  # fmt: skip


def _lost_with_theme(ask: Question) -> Told:
    """Sum of amounts of lost deals about which the theme was heard."""
    cells = ask.cells(ask.once(lost_with_theme), "part", total=col("amount"))
    parts = sorted(set(cells["part"])) or ["none"]
    index, sums = everyone_by(ask, parts), ask.by_part(cells, parts)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        na_reason=reasons(index, no_exposure=sums["n"] == 0), index=index,
    )  # fmt: skip


THEMES = Metric(
    metric_id="voc_themes",
    version=1,
    unit="count",
    better="context",
    population="interviews, answers, mentions and loss reasons that were coded; each theme once for each of them",
    time="said in the period",
    exclusions="who was involved: themes are never attributed to a person",
    null_rule="fewer than 5 of a theme: below_min_n",
    min_n=5,
    calculate=_themes,
    observe=themes,
    estimate=False,
    tables=("theme_code",),
    scopes=("all",),
)
LOST_WITH_THEME = Metric(
    metric_id="voc_lost_value",
    version=1,
    unit="money",
    better="context",
    population="lost deals with an amount about which a theme was coded; each deal once for each theme",
    time="lost in the period, said up to as_of",
    value="amount; themes overlap, so that their amounts are not to be added up",
    exclusions="cancelled deals and those closed on the day they were created; who was involved",
    null_rule="fewer than 5 lost deals with the theme: below_min_n",
    min_n=5,
    calculate=_lost_with_theme,
    observe=lost_with_theme,
    estimate=False,
    tables=("theme_code",),
    fields=("amount",),
    scopes=("all",),
)
METRICS = (THEMES, LOST_WITH_THEME)
