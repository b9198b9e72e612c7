"""An evaluation as plain facts for JSON: numbers, names and None, nothing formatted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from salescoach.scoring.evaluation import Evaluation, Figures
from salescoach.scoring.guard import Alarm
from salescoach.scoring.leads import Dropped
from salescoach.scoring.movement import Movement


def number(value: float, digits: int = 4) -> float | None:
    """*value* rounded; None when there is no answer, because JSON has no NaN.

    >>> number(0.123456), number(float("nan"))
    (0.1235, None)
    """
    return round(float(value), digits) if math.isfinite(value) else None


def figures_facts(figures: Figures) -> dict[str, Any]:
    """One rung of the ladder."""
    return {
        "model": figures.model,
        "n": figures.n,
        "auc": number(figures.auc.value),
        "auc_low": number(figures.auc.low),
        "auc_high": number(figures.auc.high),
        "pr_auc": number(figures.pr_auc.value),
        "brier": number(figures.brier.value, 5),
        "brier_low": number(figures.brier.low, 5),
        "brier_high": number(figures.brier.high, 5),
        "skill": number(figures.skill.value),
        "skill_low": number(figures.skill.low),
        "log_loss": number(figures.log_loss, 5),
        "ece": number(figures.ece, 5),
        "ece_by_chance": number(figures.ece_by_chance, 5),
        "lift_10": number(figures.lift_10.value, 3),
        "lift_10_low": number(figures.lift_10.low, 3),
        "lift_10_high": number(figures.lift_10.high, 3),
        "precision_20": number(figures.precision_20),
        "fit_s": number(figures.fit_s),
        "score_rows_per_s": number(figures.score_rows_per_s, 0),
    }


def alarm_facts(alarms: Sequence[Alarm]) -> list[dict[str, Any]]:
    """Every alarm."""
    return [{"column": a.column, "rule": a.rule, "figure": number(a.figure)} for a in alarms]


def dropped_facts(dropped: Sequence[Dropped]) -> list[dict[str, str]]:
    """Every column that is no feature, and why."""
    return [{"column": d.column, "reason": d.reason} for d in dropped]


def evaluation_facts(evaluation: Evaluation, moment: Callable[[float], Any]) -> dict[str, Any]:
    """Verdict, champion, ladder and split; *moment* writes a point in time."""
    split = evaluation.split
    return {
        "verdict": evaluation.verdict,
        "champion": evaluation.champion,
        "ladder": [figures_facts(figures) for figures in evaluation.ladder],
        "split": {
            "kind": split.kind,
            "folds": len(split.folds),
            "repeats": split.repeats,
            "groups": split.groups,
            "learned_from": [min(len(f.train) for f in split.folds), max(len(f.train) for f in split.folds)],
            "judged": evaluation.judged,
            "won": evaluation.won,
        },
        "random_split": figures_facts(evaluation.contrast) if evaluation.contrast else None,
        "blocks": [
            {
                "from": moment(block.start), "to": moment(block.end), "n": block.n, "won": block.won,
                "base_rate_known": number(block.base_rate), "auc": number(block.auc), "brier": number(block.brier, 5),
            }
            for block in evaluation.blocks
        ],
        "reliability": [
            {"n": r.n, "said": number(r.said), "came": number(r.came)} for r in evaluation.reliability
        ],
        "gains": [[number(share), number(found)] for share, found in evaluation.gains],
    }  # fmt: skip


def movement_facts(moved: Movement, most: int = 50) -> dict[str, Any]:
    """What orders the leads (None: nothing does), how many columns moved, and the *most* moved of them."""
    return {
        "by": moved.by or None,
        "columns": len(moved.columns),
        "acting": len(moved.acting),
        "base_rate_first": number(moved.first),
        "base_rate_last": number(moved.last),
        "moved": [
            {"column": each.column, "psi": number(each.psi), "verdict": each.verdict}
            for each in moved.columns[:most]
            if each.verdict != "steady"
        ],
    }


def outcome_facts(values: Mapping[str, Mapping[str, int]], most: int = 20) -> dict[str, dict[str, int]]:
    """How the outcome was read: per side its values with their rows, the most frequent first."""
    return {side: dict(list(found.items())[:most]) for side, found in values.items()}
