"""Feedback: composed of situation, behaviour and effect, with its evidence, one next step and a question.

In more than a third of studies feedback lowered performance, the more so the further it moved from the task to the
person (Kluger & DeNisi 1996). So a text is looked through before it is sent: most of what is found is advice; missing
evidence and what must not be said about anybody stop it. Word lists are content, and come in as arguments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.remarks import Remark, Weight, block, good, note, warning
from salescoach.language import Language
from salescoach.words import Words

Kind = Literal["strength", "development", "suggestion"]
Source = Literal["metric", "observation", "deal", "survey"]

LONGEST = {"en": 150, "tr": 120}
"""Words; Turkish says the same in fewer of them."""

SOON = 5
"""Working days from what happened to the feedback about it, unless the organisation sets its own target."""

RULES = ("protected", "person", "absolutes", "comparison", "emotion", "vague", "certainty")
"""Rules that look for phrases, by the ids of the content library; ``but`` has phrases, too, and a rule of its own."""

_ENDINGS_FROM = 6

_SURE = ("signal", "priority", "strength", "moved")


@dataclass(frozen=True)
class Evidence:
    """What a text leans on: its source and id, about whom it is, and how much the data carry (``verdict``)."""

    source: Source
    ref: str
    about: str
    verdict: str = ""


@dataclass(frozen=True)
class Feedback:
    """Feedback as far as it is written. ``points`` counts what is to be developed; ``ask`` is the question."""

    kind: Kind
    rep_id: str
    happened: date | None = None
    situation: str = ""
    behaviour: str = ""
    impact: str = ""
    suggestion: str = ""
    ask: str = ""
    evidence: tuple[Evidence, ...] = ()
    points: int = 1

    @property
    def written(self) -> str:
        """Everything in it that a person wrote."""
        return " ".join(
            part for part in (self.situation, self.behaviour, self.impact, self.suggestion, self.ask) if part
        )


def composed(feedback: Feedback, words: Words, evidence: Sequence[str]) -> str:
    """The whole text, a line for each part that is filled in; *evidence* as it is to be read.

    Plain text: whatever people wrote stays as they wrote it.
    """
    parts = {
        "date": "" if feedback.happened is None else words.language.date(feedback.happened),
        "situation": feedback.situation,
        "behaviour": feedback.behaviour,
        "impact": feedback.impact,
        "evidence": "; ".join(evidence),
        "suggestion": feedback.suggestion,
    }
    lines = [words(f"feedback.text.{part}", text=text) for part, text in parts.items() if text]
    return "\n".join([*lines, feedback.ask or words("feedback.text.ask")])


@dataclass(frozen=True)
class Rule:
    """Phrases of one language that set a rule off, and those that contain one and are fine."""

    triggers: tuple[str, ...]
    exempt: tuple[str, ...] = ()
    blocks: bool = False


@dataclass(frozen=True)
class Reading:
    """With what a text is looked through.

    Attributes
    ----------
    rules : phrases for each of :data:`RULES` and for ``but``; a rule that is not there looks for nothing
    colleagues : full names of the others, who are not held up to anybody
    given : the day on which it is given
    target : working days after which it is late
    """

    language: Language
    rules: Mapping[str, Rule]
    calendar: Calendar
    given: date
    colleagues: tuple[str, ...] = ()
    target: int = SOON


def lint(feedback: Feedback, reading: Reading) -> tuple[Remark, ...]:
    """Everything worth a second look in *feedback*; what blocks comes first.

    >>> from salescoach.language import language
    >>> reading = Reading(language("en"), {"absolutes": Rule(("always",))}, Calendar(), date(2026, 4, 8))
    >>> said = Feedback("development", "R1", date(2026, 4, 7), "the demo", "always talk", "two left", "Ask first.", "?")
    >>> [remark.key for remark in lint(said, reading)]
    ['feedback.evidence.none', 'feedback.phrase.absolutes']
    """
    found = [*_evidence(feedback), *_phrases(feedback, reading), *_form(feedback, reading)]
    if (late := timeliness(feedback.happened, reading.given, reading.calendar, reading.target)).weight != "good":
        found.append(late)
    return tuple(sorted(found, key=lambda remark: remark.weight != "block"))


def _evidence(feedback: Feedback) -> Iterator[Remark]:
    if not feedback.evidence:
        yield block("feedback.evidence.none")
    foreign = [one for one in feedback.evidence if one.about != feedback.rep_id]
    for one in foreign:
        yield block("feedback.evidence.foreign", ref=one.ref)


def _form(feedback: Feedback, reading: Reading) -> Iterator[Remark]:
    text = feedback.written
    if not feedback.situation:
        yield warning("feedback.part.situation")
    if not feedback.behaviour:
        yield warning("feedback.part.behaviour")
    if not feedback.impact:
        yield warning("feedback.part.impact")
    if not feedback.suggestion:
        yield warning("feedback.part.suggestion")
    if "?" not in text:
        yield warning("feedback.part.ask")
    if feedback.kind == "development" and feedback.points > 1:
        yield warning("feedback.form.points", n=feedback.points)
    if "!" in text:
        yield warning("feedback.form.exclamation")
    n, most = len(re.findall(r"[^\W_]+", text)), LONGEST[reading.language.code]
    if n > most:
        yield warning("feedback.form.long", n=n, most=most)


def _phrases(feedback: Feedback, reading: Reading) -> Iterator[Remark]:
    certain = any(one.verdict in _SURE for one in feedback.evidence)
    for name in RULES:
        rule = reading.rules.get(name)
        hit = _hit(rule, feedback.written, reading.language) if rule is not None else ""
        if rule is None or not hit or (name == "certainty" and certain):
            continue
        weight: Weight = "block" if rule.blocks or name == "protected" else "warning"
        yield Remark(f"feedback.phrase.{name}", weight, {"phrase": hit})
    named = [name for name in reading.colleagues if _named(name, feedback.written, reading.language)]
    if named:
        yield warning("feedback.form.named", name=named[0])
    # Praise that is taken back in the same breath: what stands before the "but" is not heard.
    but = reading.rules.get("but")
    seen = f"{feedback.behaviour} {feedback.impact}"
    if feedback.kind == "strength" and but is not None and (hit := _hit(but, seen, reading.language)):
        yield warning("feedback.form.sandwich", phrase=hit)


def _hit(rule: Rule, text: str, language: Language) -> str:
    """The words of *text* that set *rule* off, exempt phrases taken out before; empty when there are none."""
    folded = language.fold(text)
    for phrase in rule.exempt:
        folded = _pattern(phrase, language).sub(" ", folded)
    matches = (_pattern(phrase, language).search(folded) for phrase in rule.triggers)
    return next((match.group(0) for match in matches if match), "")


def _pattern(phrase: str, language: Language) -> re.Pattern[str]:
    """*phrase* as whole words; three dots stand for at most four words in between.

    A Turkish word carries endings: from six letters on, the last word of a phrase may go on (hamile, hamileyken). A
    shorter one stands for itself: hep is not hepsi.
    """
    folded = language.fold(phrase)
    pieces = [r"\s+".join(map(re.escape, piece.split())) for piece in re.split(r"\.\.\.|…", folded)]
    body = r"(?:\W+\w+){0,4}?\W+".join(piece for piece in pieces if piece)
    goes_on = language.code == "tr" and len(folded.split()[-1]) >= _ENDINGS_FROM
    return re.compile(rf"(?<!\w){body}" + (r"\w*" if goes_on else r"(?!\w)"))


def _named(name: str, text: str, language: Language) -> bool:
    """The full name in any writing, or the first name as a name: Umut is a colleague, umut is hope."""
    first = name.split()[:1]
    whole = _pattern(name, language).search(language.fold(text)) if first else None
    return bool(whole or (first and re.search(rf"(?<!\w){re.escape(first[0])}(?!\w)", text)))


def days_between(happened: date, given: date, calendar: Calendar) -> float:
    """Working days after the day it happened, up to the day it is given; half-days count one half."""
    return calendar.working_days(happened + timedelta(days=1), given + timedelta(days=1))


def timeliness(happened: date | None, given: date, calendar: Calendar, target: int = SOON) -> Remark:
    """Whether feedback comes on time: within *target* working days of what it is about.

    >>> friday, monday = date(2026, 4, 10), date(2026, 4, 13)
    >>> timeliness(friday, monday, Calendar()).slots["n"]
    1
    """
    if happened is None:
        return warning("feedback.time.no_event")
    if happened > given:
        return block("feedback.time.ahead", day=happened)
    n = round(days_between(happened, given, calendar))
    if n <= target:
        return good("feedback.time.soon", n=n, target=target)
    return warning("feedback.time.late", n=n, target=target)


def overdue(
    events: Sequence[tuple[str, date]], told: Collection[str], on: date, calendar: Calendar, target: int = SOON
) -> tuple[tuple[str, float], ...]:
    """Events without feedback after *target* working days, the oldest first: id and working days since.

    >>> overdue([("call 1", date(2026, 4, 1)), ("call 2", date(2026, 4, 13))], [], date(2026, 4, 14), Calendar())
    (('call 1', 9.0),)
    """
    waiting = [(ref, days_between(day, on, calendar)) for ref, day in events if ref not in told]
    return tuple(sorted((one for one in waiting if one[1] > target), key=lambda one: (-one[1], one[0])))


def balance(given: Sequence[Kind]) -> Remark:
    """Over what was given in a while: strengths, points to develop and suggestions all have their place.

    >>> balance(["development"] * 4).key, balance(["strength", "development"]).key
    ('feedback.balance.no_strength', 'feedback.balance.even')
    """
    strengths, points = given.count("strength"), given.count("development")
    if points and not strengths:
        return warning("feedback.balance.no_strength", n=points)
    if strengths > 2 and not points and not given.count("suggestion"):
        return note("feedback.balance.only_strengths", n=strengths)
    return good("feedback.balance.even")
