"""What the coaching record keeps, by theme: one frozen class per table.

What stands here and what the migrations build is the same schema; a test compares the two.
"""

from salescoach.store.models.control import CONTROL_TABLES
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
from salescoach.store.models.rights import AccessScope

__all__ = [
    "CONTROL_TABLES", "KINDS", "METADATA", "ORGANISATION", "AccessScope", "ActionItem", "AgendaItem", "Answer", "Draft",
    "Entry", "Feedback", "Goal", "KeyStep", "Kind", "Observation", "OneOnOne", "PeriodNote", "PrivateNote",
    "SharedNote", "ShownNumber", "kind_of",
]  # fmt: skip
