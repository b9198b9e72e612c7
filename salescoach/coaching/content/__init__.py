"""What coaches ask, say and agree on: the content library, in both languages.

Content is data in ``templates/content/``, which a coach may edit without Python. This package says what a valid item is
and names the file, the item and the field of one that is not. It opens no file, chooses no item for a person, and sends
nothing.
"""

from __future__ import annotations

from salescoach.coaching.content.growth import (
    SPACING,
    CareerPath,
    CareerStep,
    Competency,
    Course,
    GoalTemplate,
    Recognition,
    Scorecard,
    ScorecardItem,
)
from salescoach.coaching.content.item import GRADES, Item
from salescoach.coaching.content.library import FOLDERS, NAMES, Content, parse_content
from salescoach.coaching.content.talk import (
    DRAFT_SLOTS,
    Agenda,
    Block,
    ConversationModel,
    Draft,
    Playbook,
    Step,
    SuggestedAction,
)
from salescoach.coaching.content.text import Phrases, Text
from salescoach.coaching.content.voice import (
    LINT_RULES,
    Card,
    CardField,
    LintRule,
    LossReason,
    Question,
    SurveyForm,
    Theme,
)

__all__ = [
    "DRAFT_SLOTS",
    "FOLDERS",
    "GRADES",
    "LINT_RULES",
    "NAMES",
    "SPACING",
    "Agenda",
    "Block",
    "Card",
    "CardField",
    "CareerPath",
    "CareerStep",
    "Competency",
    "Content",
    "ConversationModel",
    "Course",
    "Draft",
    "GoalTemplate",
    "Item",
    "LintRule",
    "LossReason",
    "Phrases",
    "Playbook",
    "Question",
    "Recognition",
    "Scorecard",
    "ScorecardItem",
    "Step",
    "SuggestedAction",
    "SurveyForm",
    "Text",
    "Theme",
    "parse_content",
]
