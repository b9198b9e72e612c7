"""Scores for leads and deals that are honest, calibrated and explained. Never for people.

The functional core: it reads no file and no clock; :mod:`salescoach.leadlab` reads and stores for it.
The road, in the order in which it is walked::

    prepare      a typed table and a declaration   ->  Prepared: leads, columns left out and why
    alarms       columns that may be leaks         ->  Alarm
    evaluate     the ladder on unseen leads        ->  Evaluation: verdict, champion, figures, blocks
    fit          the champion                      ->  LeadModel: probabilities, grades
    explain      reasons for and against           ->  Explanation;  changes: what would change it
    work_list    the day under each owner's hours  ->  WorkList, with "why not this one"
    reference, column_drifts, calibration, group_records   what to watch afterwards: drift, fairness
    lead_snapshots, deal_snapshots                 canonical tables as snapshots, from events strictly before

Each name is loaded when it is first used: a page about kept scores does not wait for scikit-learn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salescoach.scoring.canonical import canonical_declaration, lead_snapshots
    from salescoach.scoring.deals import deal_snapshots
    from salescoach.scoring.declaration import ColumnRule, Declaration, parse_declaration
    from salescoach.scoring.drift import Calibration, ColumnDrift, Reference, calibration, column_drifts, reference
    from salescoach.scoring.encoding import Binned
    from salescoach.scoring.evaluation import Evaluation, evaluate
    from salescoach.scoring.explanation import changes, explain
    from salescoach.scoring.fairness import GroupRecord, group_records
    from salescoach.scoring.grades import GradeRecord, Grades, grades_of
    from salescoach.scoring.guard import Alarm, alarms, kept_out
    from salescoach.scoring.ladder import Rung, default_ladder
    from salescoach.scoring.leads import Leads, Prepared, prepare
    from salescoach.scoring.model import LeadModel, fit
    from salescoach.scoring.reasons import Change, Explanation, Reason
    from salescoach.scoring.worklist import Effort, Override, WorkList, profit_curve, work_list

_HOMES = {
    "canonical_declaration": "canonical",
    "lead_snapshots": "canonical",
    "deal_snapshots": "deals",
    "ColumnRule": "declaration",
    "Declaration": "declaration",
    "parse_declaration": "declaration",
    "Calibration": "drift",
    "ColumnDrift": "drift",
    "Reference": "drift",
    "calibration": "drift",
    "column_drifts": "drift",
    "reference": "drift",
    "Binned": "encoding",
    "Evaluation": "evaluation",
    "evaluate": "evaluation",
    "changes": "explanation",
    "explain": "explanation",
    "GroupRecord": "fairness",
    "group_records": "fairness",
    "GradeRecord": "grades",
    "Grades": "grades",
    "grades_of": "grades",
    "Alarm": "guard",
    "alarms": "guard",
    "kept_out": "guard",
    "Rung": "ladder",
    "default_ladder": "ladder",
    "Leads": "leads",
    "Prepared": "leads",
    "prepare": "leads",
    "LeadModel": "model",
    "fit": "model",
    "Change": "reasons",
    "Explanation": "reasons",
    "Reason": "reasons",
    "Effort": "worklist",
    "Override": "worklist",
    "WorkList": "worklist",
    "profit_curve": "worklist",
    "work_list": "worklist",
}
__all__ = [
    "Alarm",
    "Binned",
    "Calibration",
    "Change",
    "ColumnDrift",
    "ColumnRule",
    "Declaration",
    "Effort",
    "Evaluation",
    "Explanation",
    "GradeRecord",
    "Grades",
    "GroupRecord",
    "LeadModel",
    "Leads",
    "Override",
    "Prepared",
    "Reason",
    "Reference",
    "Rung",
    "WorkList",
    "alarms",
    "calibration",
    "canonical_declaration",
    "changes",
    "column_drifts",
    "deal_snapshots",
    "default_ladder",
    "evaluate",
    "explain",
    "fit",
    "grades_of",
    "group_records",
    "kept_out",
    "lead_snapshots",
    "parse_declaration",
    "prepare",
    "profit_curve",
    "reference",
    "work_list",
]


def __getattr__(name: str) -> Any:
    """Load the module in which *name* lives."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
