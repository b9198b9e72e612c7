"""What is used in a conversation: agendas, models of a conversation, playbooks, feedback drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from salescoach.coaching.content.item import Item
from salescoach.coaching.content.text import Count, OneOf, Slots, Text, Within
from salescoach.words import slots

SESSIONS = (
    "weekly", "pipeline", "skill", "forecast", "career", "new_hire_30", "new_hire_60", "new_hire_90", "recovery",
    "group", "quarterly",
)  # fmt: skip
KINDS = ("strength", "development", "suggestion", "recognition", "customer", "team", "reply")
STRENGTHS = ("behaviour", "result", "progress")
LEVELS = ("signal", "tentative", "hypothesis", "none")
QUESTIONS = 5
DRAFT_SLOTS = frozenset({
    "date", "situation", "behaviour", "impact", "evidence", "suggestion", "quote", "agreement", "difference", "support",
})  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A part of a meeting, with its minutes; ``led_by`` speaks first."""

    minutes: Annotated[int, Within(1, 120)]
    led_by: Annotated[str, OneOf(("rep", "coach", "both"))]
    title: Text
    text: Text


@dataclass(frozen=True, kw_only=True)
class Agenda(Item):
    """A meeting in blocks whose minutes add up to those of the meeting. Its id is the kind of the session."""

    id: Annotated[str, OneOf(SESSIONS)]
    title: Text
    purpose: Text
    before: Text
    blocks: Annotated[tuple[Block, ...], Count(4, 6)]
    not_here: Text


@dataclass(frozen=True)
class Step:
    """A step of a conversation, with questions or sentences for it."""

    title: Text
    text: Text
    say: Annotated[tuple[Text, ...], Count(1, 12)]


@dataclass(frozen=True, kw_only=True)
class ConversationModel(Item):
    """A way to hold a conversation: when, when not, its steps, an example, and the mistake that is made most often."""

    title: Text
    when: Text
    when_not: Text
    steps: Annotated[tuple[Step, ...], Count(3, 6)]
    example: Text
    mistake: Text


@dataclass(frozen=True)
class SuggestedAction:
    """A commitment to choose from; ``due_days`` from the meeting until it is due."""

    id: str
    text: Text
    due_days: Annotated[int, Within(1, 120)]
    driver: str = ""


@dataclass(frozen=True, kw_only=True)
class Playbook(Item):
    """How to talk about one driver. The innocent explanations come before skill.

    Attributes
    ----------
    signature : what it looks like in the data
    mix, territory, chance : three explanations that have nothing to do with skill
    asked : five open questions
    listen_for : what to listen or look for
    drills : two exercises
    behaviour_goal, outcome_goal : patterns of goals
    plan : four weeks, one step each
    stop_rule : when to leave the topic
    actions : commitments to choose from
    """

    title: Text
    signature: Text
    mix: Text
    territory: Text
    chance: Text
    asked: Annotated[tuple[Text, ...], Count(QUESTIONS, QUESTIONS)]
    listen_for: Text
    drills: Annotated[tuple[Text, ...], Count(2, 2)]
    behaviour_goal: Text
    outcome_goal: Text
    plan: Annotated[tuple[Text, ...], Count(4, 4)]
    stop_rule: Text
    actions: Annotated[tuple[SuggestedAction, ...], Count(1, 4)]

    def innocent(self, code: str) -> tuple[tuple[str, str], ...]:
        """The three explanations in one language, each after its name: mix, territory, chance."""
        return ("mix", self.mix(code)), ("territory", self.territory(code)), ("chance", self.chance(code))

    def questions(self, code: str) -> tuple[str, ...]:
        """The five questions in one language."""
        return tuple(question(code) for question in self.asked)


@dataclass(frozen=True, kw_only=True)
class Draft(Item):
    """A feedback text with slots; ``kind`` is what it is for, ``level`` how much the data carry.

    ``about`` is set for strengths only: a behaviour that was seen, a result, or progress against one's own past.
    """

    kind: Annotated[str, OneOf(KINDS)]
    level: Annotated[str, OneOf(LEVELS)]
    title: Text
    text: Annotated[Text, Slots(DRAFT_SLOTS)]
    about: Annotated[str, OneOf(STRENGTHS)] = ""

    @property
    def slots(self) -> frozenset[str]:
        """Names of the slots, the same in both languages."""
        return slots(self.text.en, self.id)
