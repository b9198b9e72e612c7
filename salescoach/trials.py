"""Trials of an improvement cycle: a card that was written before, beside the counts that the newest import gives it.

Nobody types a result in: the numbers come from the same metric before and after. The rules are those of
:mod:`salescoach.coaching.improvement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from salescoach.calendar import Period
from salescoach.coaching import improvement as rules
from salescoach.coaching.remarks import Remark
from salescoach.improvement import Board
from salescoach.known import data_at
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.store.models import ORGANISATION, ExperimentCard, ImprovementCycle

MEASURES = ("win_rate_count", "no_decision_rate", "lead_sla", "show_rate", "reply_rate", "csat")
"""Metrics that a trial can rest on: each observation either is one or is not, so that its n can be planned."""
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Trial:
    """A card of the record with what the rules make of it: its missing parts, its counts, its verdict so far.

    ``usual``: (events, observations) of the last year that is known before the first day; ``tried``: from the first
    to the last.
    """

    card: ExperimentCard
    rule: rules.Experiment
    usual: tuple[int, int]
    tried: tuple[int, int]
    lacks: tuple[Remark, ...]
    result: rules.Result


def trials(board: Board, cycle: ImprovementCycle) -> tuple[Trial, ...]:
    """The cards of a cycle with the counts that the newest import gives them, as they were written."""
    cards = board.record.readable(ExperimentCard, ORGANISATION, cycle_id=cycle.id)
    return tuple(trial(board, card, cycle.team_id or "") for card in cards)


def trial(board: Board, card: ExperimentCard, team_id: str = "") -> Trial:
    """A card, stored or not yet, beside its numbers."""
    known = min(card.start, board.as_of + timedelta(days=1))  # an import lags behind the day on which a card is written
    before = Period("", known - _YEAR, known)
    since = Period("", card.start, card.look_on + timedelta(days=1))
    usual, tried = (_count(board, card.metric_id, period, team_id) for period in (before, since))
    base = usual[0] / usual[1] if usual[1] else 0.0
    recorded = board.day_of(card.created_at)
    rule = rules.Experiment(
        card.hypothesis, card.metric_id, base, card.expected_effect, card.start, card.look_on, recorded
    )
    lacks = rules.card_lacks(rule, usual[1] * (card.look_on - card.start).days / _YEAR.days)
    plannable = 0 < base < 1 and 0 < base * (1 + card.expected_effect) < 1 and card.expected_effect != 0
    result = rules.experiment_result(rule, tried, usual, board.as_of) if plannable else _no_result(lacks)
    return Trial(card, rule, usual, tried, lacks, result)


def add_card(board: Board, card: ExperimentCard, team_id: str) -> ExperimentCard | tuple[Remark, ...]:
    """Keep a card that is whole; the remarks when something stops it. A warning does not."""
    lacks = tuple(one for one in trial(board, card, team_id).lacks if one.weight == "block")
    return lacks or board.record.add(card)


def finish(board: Board, card: ExperimentCard, verdict: str, result: str) -> ExperimentCard:
    """What people make of a trial: keep, change or stop; ConflictError when somebody was faster."""
    return board.record.save(replace(card, verdict=verdict, result=result), why=verdict)


def _count(board: Board, metric_id: str, period: Period, team_id: str) -> tuple[int, int]:
    """(events, observations) of *period*, of a team or of everybody."""
    metric = METRICS.get(metric_id)
    if metric_id not in MEASURES or metric is None or period.end <= period.start:
        return 0, 0
    data = data_at(board.home)
    ask = Question.about(data, period, "team", [team_id]) if team_id else Question.about(data, period, "all")
    row = metric.answer(ask).iloc[0]
    if pd.isna(row["numerator"]) or pd.isna(row["denominator"]):
        return 0, 0
    return round(float(row["numerator"])), round(float(row["denominator"]))


def _no_result(lacks: Sequence[Remark]) -> rules.Result:
    """A card that cannot be planned has no verdict; what it lacks says why."""
    missing = float("nan")
    said = next(iter(lacks), Remark("voice.result.nothing", "note"))
    return rules.Result("too_early", missing, missing, missing, (0, 0), said)
