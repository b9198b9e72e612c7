"""What customers and other departments say, what is done about it, and what a feedback text may not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from salescoach.coaching.content.item import Item
from salescoach.coaching.content.text import NO_PHRASES, NO_TEXT, Count, MayBeEmpty, OneOf, Phrases, Text

SURVEYS = ("csat", "nps", "ces", "win_interview", "loss_interview", "customer_interview", "internal", "bank")
DEPARTMENTS = ("sales", "marketing", "product", "service", "operations", "finance", "legal")
CARDS = ("retrospective", "pdca", "experiment", "decision", "request", "hand_back", "effect", "report")
LINT_RULES = (
    "fields", "person", "absolutes", "one_point", "evidence", "comparison", "protected", "asks", "suggestion",
    "timely", "length", "certainty", "vague", "but", "emotion", "exclamation",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One question; ``low`` and ``high`` name the ends of a scale, ``topic`` sorts the bank."""

    id: str
    form: Annotated[str, OneOf(("open", "scale_5", "scale_7", "scale_11", "yes_no"))]
    text: Text
    topic: str = ""
    low: Text = NO_TEXT
    high: Text = NO_TEXT


@dataclass(frozen=True, kw_only=True)
class SurveyForm(Item):
    """A survey, a guide for an interview, or a bank of questions to choose from."""

    kind: Annotated[str, OneOf(SURVEYS)]
    title: Text
    intro: Text
    questions: Annotated[tuple[Question, ...], Count(2, 40)]
    thanks: Text


@dataclass(frozen=True, kw_only=True)
class Theme(Item):
    """A code for what customers say: what belongs to it, what does not, and who can do something about it."""

    title: Text
    includes: Text
    excludes: Text
    example: Text
    department: Annotated[str, OneOf(DEPARTMENTS)]


@dataclass(frozen=True, kw_only=True)
class LossReason(Item):
    """Why a deal was lost: when this is the reason, what to ask the customer, and whom the answer helps."""

    title: Text
    applies: Text
    ask: Text
    department: Annotated[str, OneOf(DEPARTMENTS)]


@dataclass(frozen=True)
class CardField:
    """One field of a card, with what to write there."""

    id: str
    title: Text
    text: Text


@dataclass(frozen=True, kw_only=True)
class Card(Item):
    """A page to fill in for the improvement of the work itself."""

    kind: Annotated[str, OneOf(CARDS)]
    title: Text
    when: Text
    fields: Annotated[tuple[CardField, ...], Count(3, 10)]


@dataclass(frozen=True, kw_only=True)
class LintRule(Item):
    """What a feedback text may not say or has to have; what is said to the author stands among the words.

    Attributes
    ----------
    blocks : whether the text cannot be sent; otherwise the rule warns and explains
    triggers : words or phrases that set it off, as whole words; none for a rule about form
    exempt : phrases that contain a trigger and are fine
    """

    id: Annotated[str, OneOf(LINT_RULES)]
    blocks: bool
    triggers: Annotated[Phrases, MayBeEmpty()] = NO_PHRASES
    exempt: Annotated[Phrases, MayBeEmpty()] = NO_PHRASES
