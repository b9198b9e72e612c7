"""What customers say about us, how many of them answer, and how many stay."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import NOBODY, beside_deals, has_renewals, lost, rows_of
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.costs import stop_of
from salescoach.metrics.curves import everyone_by, shares_by_age
from salescoach.metrics.events import during, each, looked_up
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.spread import means
from salescoach.metrics.tally import Rows
from salescoach.statistics import net_share
from salescoach.tables.data import SalesData

RETENTION_DAYS = 365
_FEW_ANSWERED = 0.5
_POINTS = 100.0
_DEFAULT_CUTOFF = 30  # days, for a survey that states none
_MANY = 10
_FOLLOWED = (*CLOSERS, "CSM")


def _surveys(data: SalesData) -> pd.DataFrame:
    kept = ["survey_id", "kind", "scale_min", "scale_max", "cutoff_days", "denominator_rule"]
    surveys = each(data, "survey")[kept]
    return surveys.assign(cutoff_days=surveys["cutoff_days"].astype(float).fillna(_DEFAULT_CUTOFF))


def _answers_of(data: SalesData, period: Period) -> pd.DataFrame:
    """Answers that count in *period* by the rule of their survey, once each, with the day on which was asked.

    ``cohort``: asked in the period, answered before the cut-off; ``window``: asked and answered in the period;
    ``answer_day``: answered in the period.
    """
    stop = stop_of(data, period)
    found = each(data, "survey_response").merge(_surveys(data), on="survey_id")
    asked = looked_up(each(data, "survey_invitation").set_index("invitation_id")["sent_at_day"], found["invitation_id"])
    sent = found["sent_at_day"].fillna(asked)
    in_period = found["answered_at_day"].between(period.first, stop - 1)
    cohort = sent.between(period.first, stop - 1)
    in_time = found["answered_at_day"] - sent <= found["cutoff_days"]
    rule = found["denominator_rule"]
    counted = np.select(
        [(rule == "answer_day").to_numpy(), (rule == "window").to_numpy()],
        [in_period.to_numpy(), (cohort & in_period).to_numpy()], (cohort & in_time).to_numpy(),
    )  # fmt: skip
    kept = found[counted & found["score"].notna().to_numpy()]
    return kept.assign(owner_id=kept["rep_id"].fillna(NOBODY)).reset_index(drop=True)


def _scored(data: SalesData, period: Period, kind: str) -> pd.DataFrame:
    found = _answers_of(data, period)
    return found[found["kind"] == kind].reset_index(drop=True)


def satisfaction(data: SalesData, period: Period) -> Rows:
    """Answers to questions about satisfaction; ``event`` marks the two best answers of the scale."""
    rows = _scored(data, period, "csat")
    return rows_of(rows.assign(event=rows["score"] >= rows["scale_max"] - 1))


def recommendation(data: SalesData, period: Period) -> Rows:
    """Answers to "would you recommend us?"; ``promoter`` 9 or 10 of 10, ``detractor`` 6 or less."""
    rows = _scored(data, period, "nps")
    return rows_of(
        rows.assign(promoter=rows["score"] >= rows["scale_max"] - 1, detractor=rows["score"] <= rows["scale_max"] - 4)
    )


def effort(data: SalesData, period: Period) -> Rows:
    """Answers to "how much effort did it take?"."""
    return rows_of(_scored(data, period, "ces"))


def invited(data: SalesData, period: Period) -> Rows:
    """Invitations that arrived, sent in *period*, whose time to answer is over; ``event`` = answered in time."""
    asked = during(data, "survey_invitation", "sent_at", period).to_native().merge(_surveys(data), on="survey_id")
    arrived = asked["delivered"].astype("boolean").fillna(True).astype(bool)
    over = asked["sent_at_day"] + asked["cutoff_days"] <= day_number(data.as_of)
    asked = asked[arrived & over]
    first = each(data, "survey_response").groupby("invitation_id")["answered_at_day"].min()
    answered = looked_up(first, asked["invitation_id"])
    window = (asked["denominator_rule"] == "window") & ~(answered < period.after)
    in_time = (answered - asked["sent_at_day"] <= asked["cutoff_days"]) & ~window
    return rows_of(asked.assign(event=in_time, owner_id=asked["rep_id"].fillna(NOBODY)).reset_index(drop=True))


def _renewals_lost(data: SalesData) -> Rows:
    return rows_of(data.deals).filter(nw.col("type") == "renewal", nw.col("status") == "lost")


def kept(data: SalesData, period: Period) -> Rows:
    """Companies won in the 12 months that ended a year before the end of *period*: ``exit``, ``mine`` = lost since.

    Lost is the first renewal lost after the win.
    """
    stop, today = stop_of(data, period), float(day_number(data.as_of))
    year = (nw.col("closed") >= stop - 2 * RETENTION_DAYS) & (nw.col("closed") < stop - RETENTION_DAYS)
    won = rows_of(data.deals).filter(nw.col("status") == "won", ~nw.col("account_id").is_null(), year)
    won = won.unique("account_id", keep="first", order_by=["closed", "deal_id"])
    gone = _renewals_lost(data).select("account_id", gone=nw.col("closed"))
    after = won.select("account_id", "closed").join(gone, on="account_id", how="inner")
    first = after.filter(nw.col("gone") > nw.col("closed")).group_by("account_id").agg(gone=nw.col("gone").min())
    since = won.join(first, on="account_id", how="left")
    left = nw.when(nw.col("gone").is_null()).then(nw.lit(today)).otherwise(nw.col("gone"))
    return since.with_columns(
        exit=left - nw.col("closed"), mine=~nw.col("gone").is_null(), other=nw.lit(value=False),
        possible=nw.lit(today) - nw.col("closed"),
    ).drop("gone")  # fmt: skip


def kept_and_lost(data: SalesData, period: Period) -> Rows:
    """The wins of :func:`kept`, and the lost renewals of the same companies, with the seller of the win as owner."""
    names = rows_of(data.deals).collect_schema().names()
    won = kept(data, period)
    sellers = won.select("account_id", seller=nw.col("owner_id"), since=nw.col("closed"))
    lost = _renewals_lost(data).join(sellers, on="account_id", how="inner").filter(nw.col("closed") > nw.col("since"))
    others = [name for name in names if name != "owner_id"]
    return nw.concat(
        [won.select("owner_id", *others), lost.select(*others, owner_id=nw.col("seller")).select("owner_id", *others)],
        how="vertical",
    )


def themes(data: SalesData, period: Period) -> Rows:
    """Themes that were heard in *period*, one row per source and theme, whoever coded it; ``part`` is the theme.

    They belong to the organisation: what a customer said is never held against a person.
    """
    rows = during(data, "theme_code", "occurred_at", period).to_native().drop_duplicates(["note_id", "theme"])
    return rows_of(rows.assign(owner_id=NOBODY, part=rows["theme"]).reset_index(drop=True))


def lost_with_theme(data: SalesData, period: Period) -> Rows:
    """Deals lost in *period* once for each theme (``part``) that was heard about them up to ``as_of``; nobody's."""
    said = data.table("theme_code").dropna(subset=["deal_id"]).drop_duplicates(["deal_id", "theme"])
    heard = beside_deals(data, said[["deal_id", "theme"]].rename(columns={"theme": "part"}).reset_index(drop=True))
    deals = lost(data, period).drop("part").filter(nw.col("amount") > 0)
    return deals.join(heard, on="deal_id", how="inner").with_columns(owner_id=nw.lit(NOBODY))


def _few_answered(ask: Question) -> pd.Series:
    """Groups of which fewer than half answered: those who did may be of another mind than the rest."""
    sums = ask.tally(ask.once(invited), event=nw.col("event"))
    return (sums["n"] > 0) & (sums["event"] < _FEW_ANSWERED * sums["n"])


def _csat(ask: Question) -> pd.DataFrame:
    """answers in the two best boxes / answers; Wilson's interval."""
    sums = ask.tally(ask.once(satisfaction), event=nw.col("event"))
    return share(sums["event"], sums["n"], warnings=warned(sums.index, few_answered=_few_answered(ask)))


def _csat_mean(ask: Question) -> pd.DataFrame:
    """Mean answer; Student's limits."""
    score = nw.col("score")
    sums = ask.tally(ask.once(satisfaction), total=score, squares=score**2)
    return means(sums, warnings=warned(sums.index, few_answered=_few_answered(ask)))


def _nps(ask: Question) -> pd.DataFrame:
    """100 x (promoters - detractors) / answers; adjusted Wald limits (Rocks 2016)."""
    sums = ask.tally(ask.once(recommendation), plus=nw.col("promoter"), minus=nw.col("detractor"))
    value, low, high = net_share(sums["plus"], sums["minus"], sums["n"], LEVEL)
    return answers(
        value=value * _POINTS, n=sums["n"], numerator=sums["plus"] - sums["minus"], denominator=sums["n"],
        low=low * _POINTS, high=high * _POINTS, warnings=warned(sums.index, few_answered=_few_answered(ask)),
        index=sums.index,
    )  # fmt: skip


def _ces(ask: Question) -> pd.DataFrame:
    """Mean answer; Student's limits."""
    score = nw.col("score")
    return means(ask.tally(ask.once(effort), total=score, squares=score**2))


def _response_rate(ask: Question) -> pd.DataFrame:
    """answered before the cut-off / delivered invitations whose cut-off has passed; Wilson's interval."""
    sums = ask.tally(ask.once(invited), event=nw.col("event"))
    return share(sums["event"], sums["n"])


def _retention(ask: Question) -> pd.DataFrame:
    """Kaplan-Meier share of companies without a lost renewal 12 months after the win."""
    lost = shares_by_age(ask, ask.once(kept), (RETENTION_DAYS,)).droplevel(1)
    known = has_renewals(ask.data)
    return answers(
        value=1 - lost["value"], n=lost["n"], numerator=lost["denominator"] - lost["numerator"],
        denominator=lost["denominator"], low=1 - lost["high"], high=1 - lost["low"],
        na_reason=lost["na_reason"] if known else "missing_field", index=lost.index,
    )  # fmt: skip


def _themes(ask: Question) -> pd.DataFrame:
    """How often each theme was heard."""
    counted = ask.tally(ask.once(themes), "part")["n"]
    index = everyone_by(ask, sorted(set(counted.index.get_level_values(1))) or ["none"])
    n = counted.reindex(index).fillna(0).astype(int)
    whole = n.groupby(level=0).transform("sum")
    return answers(
        value=n.astype(float), n=n, numerator=n, denominator=whole, na_reason=reasons(index, no_exposure=n == 0),
        index=index,
    )  # fmt: skip


def _lost_with_theme(ask: Question) -> pd.DataFrame:
    """Sum of amounts of lost deals about which the theme was heard."""
    sums = ask.tally(ask.once(lost_with_theme), "part", total=nw.col("amount"))
    index = everyone_by(ask, sorted(set(sums.index.get_level_values(1))) or ["none"])
    sums = sums.reindex(index).fillna(0.0)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        na_reason=reasons(index, no_exposure=sums["n"] == 0), index=index,
    )  # fmt: skip


_LATE = "answers after the cut-off; answers without a score"
_RULE = "by the rule of the survey: invited in the period (cohort), invited and answered in it, or answered in it"
CSAT = Metric(
    metric_id="csat",
    version=1,
    unit="share",
    better="up",
    population="answers to surveys about satisfaction",
    time=_RULE,
    value="1 for the two best answers of the scale",
    exclusions=_LATE,
    null_rule="fewer than 10 answers: below_min_n",
    source="Front (4 and 5 of 5)",
    min_n=_MANY,
    calculate=_csat,
    observe=satisfaction,
    family="share",
    tables=("survey", "survey_response"),
    roles=_FOLLOWED,
)
CSAT_MEAN = Metric(
    metric_id="csat_mean",
    version=1,
    unit="score",
    better="up",
    population="answers to surveys about satisfaction",
    time=_RULE,
    value="answer on the survey's scale",
    exclusions=_LATE,
    null_rule="fewer than 10 answers: below_min_n",
    min_n=_MANY,
    calculate=_csat_mean,
    observe=satisfaction,
    tables=("survey", "survey_response"),
    roles=_FOLLOWED,
)
NPS = Metric(
    metric_id="nps",
    version=1,
    unit="score",
    better="up",
    population='answers to "would you recommend us?"',
    time=_RULE,
    value="100 for a promoter (9, 10), -100 for a detractor (0 to 6)",
    exclusions=_LATE,
    null_rule="fewer than 10 answers: below_min_n",
    source="MeasuringU; Rocks 2016",
    min_n=_MANY,
    calculate=_nps,
    observe=recommendation,
    family="score",
    tables=("survey", "survey_response"),
    roles=_FOLLOWED,
)
CES = Metric(
    metric_id="ces",
    version=1,
    unit="score",
    better="context",
    population="answers to surveys about effort; the scale says which end is good",
    time=_RULE,
    value="answer on the survey's scale",
    exclusions=_LATE,
    null_rule="fewer than 10 answers: below_min_n",
    min_n=_MANY,
    calculate=_ces,
    observe=effort,
    tables=("survey", "survey_response"),
    roles=_FOLLOWED,
)
RESPONSE_RATE = Metric(
    metric_id="survey_response_rate",
    version=1,
    unit="share",
    better="up",
    population="invitations that arrived and whose time to answer is over",
    time="sent in the period; with the rule window, answered in it too",
    value="1 if answered before the cut-off",
    exclusions="invitations that did not arrive; those that can still be answered",
    null_rule="no invitations imported: missing_field; none in the period: no_exposure",
    min_n=1,
    calculate=_response_rate,
    observe=invited,
    family="share",
    tables=("survey", "survey_invitation"),
    roles=_FOLLOWED,
)
RETENTION = Metric(
    metric_id="customer_retention",
    version=1,
    unit="share",
    better="up",
    population="companies; lost = a renewal was lost, still here = right-censored",
    time="won in the 12 months that ended a year before the end of the period; a lagging number",
    value="1 if not lost within 12 months of the win",
    null_rule="no renewals, or deals name no company: missing_field; fewer than 5 companies: below_min_n",
    source="own; Kaplan & Meier 1958",
    min_n=5,
    calculate=_retention,
    observe=kept_and_lost,
    fields=("account_id",),
    roles=_FOLLOWED,
)
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
METRICS = (CSAT, CSAT_MEAN, NPS, CES, RESPONSE_RATE, RETENTION, THEMES, LOST_WITH_THEME)
