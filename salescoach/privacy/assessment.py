"""Balancing test and impact assessment, filled in from the settings as far as they say it, for counsel to finish."""

from __future__ import annotations

from datetime import date

from salescoach.store.models import KINDS
from salescoach.words import Words
from salescoach.workspace import Workspace

FORMS = ("balancing", "impact")
_ASKED = {
    "balancing": ("interest", "necessity", "milder", "expectation", "effect", "outcome"),
    "impact": ("description", "proportion", "risks", "measures", "consulted", "residual", "outcome"),
}
_KNOWN = ("purpose", "people", "data", "never", "readers", "human", "objection", "small", "optional", "erasure")


def assessment(home: Workspace, form: str, owner: str, day: date, words: Words) -> str:
    """The text of *form*, one of :data:`FORMS`, with its date and the *owner* who answers for it.

    What only the organisation can say is left as a line to fill in, never guessed.
    """
    language = words.language
    facts: dict[str, str | int] = {
        "organisation": home.organisation.name,
        "kinds": ", ".join(words(f"record.kind.{name}") for name in KINDS),
        "longest": max(kind.months or 0 for kind in KINDS.values()),
    }
    lines = [
        words(f"assessment.title.{form}"), "", words("assessment.of", organisation=home.organisation.name),
        words("assessment.date", day=language.date(day)), words("assessment.owner", owner=owner), "",
        words("assessment.draft"), "", words("assessment.known"),
    ]  # fmt: skip
    for name in _KNOWN:
        key = f"assessment.fact.{name}"
        lines.append("- " + words(key, **{slot: facts[slot] for slot in words.slots(key)}))
    lines += ["", words("assessment.open")]
    for number, name in enumerate(_ASKED[form], 1):
        lines += [f"{number}. {words(f'assessment.question.{name}')}", "   ______"]
    return "\n".join(lines)
