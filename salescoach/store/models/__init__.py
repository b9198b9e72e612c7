"""What the coaching record keeps, by theme: one frozen class per table.

What stands here and what the migrations build is the same schema; a test compares the two.
"""

from salescoach.store.models.control import CONTROL_TABLES
from salescoach.store.models.development import (
    DevelopmentPlan,
    ExperimentCard,
    ImprovementCycle,
    MentorPair,
    PlanStep,
    Recognition,
    TrainingCompletion,
)
from salescoach.store.models.entry import KINDS, METADATA, ORGANISATION, Entry, Kind, kind_of
from salescoach.store.models.goals import Feedback, Goal, KeyStep
from salescoach.store.models.meetings import (
    ActionItem,
    AgendaItem,
    Draft,
    OneOnOne,
    PeriodNote,
    PrivateNote,
    SharedNote,
    ShownNumber,
)
from salescoach.store.models.observations import Answer, Observation
from salescoach.store.models.rights import AccessScope, Consent, Notice, Objection
from salescoach.store.models.voice import Decision, Intervention, InterviewNote, Request, SurveyAnswer, ThemeCode

__all__ = [
    "CONTROL_TABLES",
    "KINDS",
    "METADATA",
    "ORGANISATION",
    "AccessScope",
    "ActionItem",
    "AgendaItem",
    "Answer",
    "Consent",
    "Decision",
    "DevelopmentPlan",
    "Draft",
    "Entry",
    "ExperimentCard",
    "Feedback",
    "Goal",
    "ImprovementCycle",
    "Intervention",
    "InterviewNote",
    "KeyStep",
    "Kind",
    "MentorPair",
    "Notice",
    "Objection",
    "Observation",
    "OneOnOne",
    "PeriodNote",
    "PlanStep",
    "PrivateNote",
    "Recognition",
    "Request",
    "SharedNote",
    "ShownNumber",
    "SurveyAnswer",
    "ThemeCode",
    "TrainingCompletion",
    "kind_of",
]  # fmt: skip
