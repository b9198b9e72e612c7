"""What a feedback text is looked through with: word lists of the library, names of colleagues, the calendar, today."""

from __future__ import annotations

from datetime import datetime

from salescoach.coaching.content import LintRule
from salescoach.coaching.feedback import Reading, Rule
from salescoach.known import calendar_of, data_at
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.review import content
from salescoach.store.models import Observation


def reading_of(desk: Desk) -> Reading:
    """With what a text about the desk's rep is read, in the desk's language."""
    code = desk.words.language.code
    rules = {rule.id: Rule(rule.triggers(code), rule.exempt(code), rule.blocks) for rule in content().all(LintRule)}
    reps = data_at(desk.home).reps["full_name"]
    colleagues = tuple(str(name) for rep, name in reps.items() if rep != desk.rep_id)
    today = datetime.now(desk.home.organisation.zone).date()
    return Reading(desk.words.language, rules, calendar_of(desk.home.organisation), today, colleagues)


def evidence_text(desk: Desk, ref: str) -> str:
    """A reference such as ``metric:win_rate_count`` as people read it; a number comes with n and interval."""
    kind, _, name = ref.partition(":")
    words = desk.words
    if kind == "metric" and name in METRICS:
        return desk.number_text(name)
    if kind == "deal":
        return words("one_on_one.app.of_deal", name=desk.deal_name(name))
    if kind == "observation" and name.isdigit():
        seen = desk.record.get(Observation, int(name))
        return words("one_on_one.app.of_observation", day=words.language.date(desk.local(seen.occurred_at).date()))
    return ref
