"""What customers say about us when they are asked, and how many of them answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import NOBODY, remembered
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, warned
from salescoach.metrics.costs import stop_of
from salescoach.metrics.events import during, each, looked_up
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.spread import means
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told
from salescoach.statistics import net_share
from salescoach.tables.data import SalesData

_FEW_ANSWERED = 0.5
_POINTS = 100.0
_DEFAULT_CUTOFF = 30  # days, for a survey that states none
_MANY = 10
FOLLOWED = (*CLOSERS, "CSM")
"""Whose customers go on being theirs after the win."""


def _surveys(data: SalesData) -> pd.DataFrame:
    kept = ["survey_id", "kind", "scale_min", "scale_max", "cutoff_days", "denominator_rule"]
    surveys = each(data, "survey")[kept]
    return surveys.assign(cutoff_days=surveys["cutoff_days"].astype(float).fillna(_DEFAULT_CUTOFF))


@remembered
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
    asked = during(data, "survey_invitation", "sent_at", period).table().merge(_surveys(data), on="survey_id")
    arrived = asked["delivered"].astype("boolean").fillna(True).astype(bool)
    over = asked["sent_at_day"] + asked["cutoff_days"] <= day_number(data.as_of)
    asked = asked[arrived & over]
    first = each(data, "survey_response").groupby("invitation_id")["answered_at_day"].min()
    answered = looked_up(first, asked["invitation_id"])
    window = (asked["denominator_rule"] == "window") & ~(answered < period.after)
    in_time = (answered - asked["sent_at_day"] <= asked["cutoff_days"]) & ~window
    return rows_of(asked.assign(event=in_time, owner_id=asked["rep_id"].fillna(NOBODY)).reset_index(drop=True))


def _few_answered(ask: Question) -> npt.NDArray[np.bool_]:
    """Groups of which fewer than half answered: those who did may be of another mind than the rest."""
    sums = ask.tally(ask.once(invited), event=col("event"))
    return (sums["n"] > 0) & (sums["event"] < _FEW_ANSWERED * sums["n"])


def _csat(ask: Question) -> Told:
    """answers in the two best boxes / answers; Wilson's interval."""
    sums = ask.tally(ask.once(satisfaction), event=col("event"))
    return share(sums.index, sums["event"], sums["n"], warnings=warned(sums.index, few_answered=_few_answered(ask)))


def _csat_mean(ask: Question) -> Told:
    """Mean answer; Student's limits."""
    score = col("score")
    sums = ask.tally(ask.once(satisfaction), total=score, squares=score**2)
    return means(sums, warnings=warned(sums.index, few_answered=_few_answered(ask)))


def _nps(ask: Question) -> Told:
    """100 x (promoters - detractors) / answers; adjusted Wald limits (Rocks 2016)."""
    sums = ask.tally(ask.once(recommendation), plus=col("promoter"), minus=col("detractor"))
    value, low, high = net_share(sums["plus"], sums["minus"], sums["n"], LEVEL)
    return answers(
        value=value * _POINTS, n=sums["n"], numerator=sums["plus"] - sums["minus"], denominator=sums["n"],
        low=low * _POINTS, high=high * _POINTS, warnings=warned(sums.index, few_answered=_few_answered(ask)),
        index=sums.index,
    )  # fmt: skip


def _ces(ask: Question) -> Told:
    """Mean answer; Student's limits."""
    score = col("score")
    return means(ask.tally(ask.once(effort), total=score, squares=score**2))


def _response_rate(ask: Question) -> Told:
    """answered before the cut-off / delivered invitations whose cut-off has passed; Wilson's interval."""
    sums = ask.tally(ask.once(invited), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


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
    roles=FOLLOWED,
)
CSAT_MEAN = replace(
    CSAT,
    metric_id="csat_mean",
    unit="score",
    value="answer on the survey's scale",
    source="own",
    calculate=_csat_mean,
    family="none",
)
NPS = replace(
    CSAT,
    metric_id="nps",
    unit="score",
    population='answers to "would you recommend us?"',
    value="100 for a promoter (9, 10), -100 for a detractor (0 to 6)",
    source="MeasuringU; Rocks 2016",
    calculate=_nps,
    observe=recommendation,
    family="score",
)
CES = replace(
    CSAT_MEAN,
    metric_id="ces",
    better="context",
    population="answers to surveys about effort; the scale says which end is good",
    calculate=_ces,
    observe=effort,
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
    roles=FOLLOWED,
)
METRICS = (CSAT, CSAT_MEAN, NPS, CES, RESPONSE_RATE)
