"""Recognition on the desk: facts behind the gate of a signal, thanks in words of the library, certificate and wall.

Rules stand in :mod:`salescoach.coaching.recognition` and :mod:`salescoach.coaching.bonus`. Nothing here gives anything
by itself: a named person does. Nobody is ranked, and what is public is so by the person's own hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

import pandas as pd

from salescoach.charts import Figure as Drawn
from salescoach.charts import payout_figure
from salescoach.coaching import bonus
from salescoach.coaching import content as library
from salescoach.coaching import recognition as rules
from salescoach.coaching.from_library import behaviour_rule
from salescoach.coaching.remarks import good
from salescoach.diagnosis.findings import answer_of
from salescoach.errors import UsageError
from salescoach.known import data_at
from salescoach.meeting_documents import FORMS, Made
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.pdf import pdf_bytes
from salescoach.report.documents import html_text
from salescoach.report.page import Figure, Page, Pairs, Section, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.resources import page_style
from salescoach.review import content
from salescoach.store.models import ActionItem, Observation, Recognition
from salescoach.store.records import CLOSED
from salescoach.tables.data import SalesData
from salescoach.words import Words

BEST_IN = ("win_rate_count", "ads")
"""Metrics in which a personal best is looked for; both are compared with the rep's own quarters only."""
PROMISES = "promises_kept"
_QUARTERS = 8
CERTIFICATE_FORMS = ("html", "pdf")


@dataclass(frozen=True)
class Fact:
    """Something that may be recognised now; ``item`` is the reason in the library, ``refs`` the evidence."""

    item: library.Recognition
    found: rules.Recognition
    refs: tuple[str, ...]


def reasons() -> tuple[library.Recognition, ...]:
    """All reasons to recognise somebody, with their rules, as everybody knows them beforehand."""
    return content().all(library.Recognition)


def facts(desk: Desk) -> tuple[Fact, ...]:
    """What the record and the numbers give reason for: promises kept in a row, and a personal best.

    A best that chance could give too is a ``process``: thanks for the way it was done, and no certificate.
    """
    return tuple(one for one in (_promises(desk), *(_best(desk, metric) for metric in BEST_IN)) if one is not None)


def _promises(desk: Desk) -> Fact | None:
    item = content().one(library.Recognition, PROMISES)
    ended = sorted(
        (one.closed_at, one.id, one.due)
        for one in desk.record.readable(ActionItem, desk.rep_id)
        if one.status in CLOSED and one.closed_at is not None
    )
    kept = [due is None or desk.local(closed).date() <= due for closed, _, due in ended]
    found = rules.behaviour(desk.rep_id, kept, behaviour_rule(item, desk.words.language.code))
    refs = tuple(f"action:{number}" for _, number, _ in ended[-rules.streak(kept) :]) if found else ()
    return Fact(item, found, refs) if found else None


def _best(desk: Desk, metric_id: str) -> Fact | None:
    data, period = data_at(desk.home), desk.review.facts.period
    quarters = (*data.calendar.quarters_before(period, _QUARTERS), period)
    answers = []
    for quarter in quarters:
        rows = METRICS[metric_id].answer(Question.about(data, quarter))
        if desk.rep_id in rows.index:
            answers.append(answer_of(rows.loc[[desk.rep_id]]))
    if len(answers) < 2:
        return None
    found = rules.personal_best(desk.rep_id, metric_id, answers[:-1], answers[-1])
    item = content().one(library.Recognition, "personal_best")
    return Fact(item, found, (f"metric:{metric_id}:{period.label}",)) if found else None


def filled(text: str, slots: Mapping[str, str]) -> str:
    """A text of the library with its slots filled, in one pass: a name that looks like a slot stays a name."""
    return re.sub(r"\{(\w+)\}", lambda match: slots.get(match[1], match[0]), text)


def said(desk: Desk, fact: Fact) -> str:
    """The fact as a sentence."""
    return remark_text(fact.found.said, Wording(desk.words, desk.review.facts.currency))


def kudos(desk: Desk, item: library.Recognition, reason: str, evidence: str = "") -> str:
    """Thanks in the words of the library, to be changed by whoever gives them."""
    day = desk.words.language.date(datetime.now(desk.home.organisation.zone).date())
    slots = {"rep": desk.name, "reason": reason, "date": day, "evidence": evidence}
    return filled(item.kudos(desk.words.language.code), slots)


def give(desk: Desk, badge: str, reason: str, refs: tuple[str, ...], *, key: str) -> Recognition:
    """Give recognition for *reason*; it rests on named evidence.

    A reason behind the gate needs the fact that passed it. What could still be chance is kept as thanks without a
    badge, so that no certificate is ever made of it.
    """
    item = content().one(library.Recognition, badge)
    if not reason.strip() or not refs:
        raise UsageError(desk.words("growth.recognition.needs"))
    for ref in refs:
        if not _is_there(desk, ref):
            raise UsageError(desk.words("growth.recognition.no_evidence", ref=ref))
    kept: str | None = badge
    if item.gate == "signal":
        found = [fact for fact in facts(desk) if fact.item.id == badge and set(refs) <= set(fact.refs)]
        if not found:
            raise UsageError(desk.words("growth.recognition.gate"))
        kept = badge if found[0].found.kind == "outcome" else None
    return desk.record.add(Recognition(rep_id=desk.rep_id, key=key, reason=reason, evidence_refs=refs, badge_id=kept))


def _is_there(desk: Desk, ref: str) -> bool:
    """Whether what a reference names exists and is about this person; what names nothing known stands as written."""
    source, _, name = ref.partition(":")
    match source:
        case "observation":
            return name in {str(one.id) for one in desk.record.readable(Observation, desk.rep_id)}
        case "action":
            return name in {str(one.id) for one in desk.record.readable(ActionItem, desk.rep_id)}
        case "deal":
            deals = data_at(desk.home).deals
            return bool((deals["deal_id"].eq(name) & deals["owner_id"].eq(desk.rep_id)).any())
        case "metric":
            return name.partition(":")[0] in METRICS
    return True


def certificate(desk: Desk, entry: Recognition, form: str = "html") -> Made:
    """The certificate of a recognition as ``html`` or ``pdf``; UsageError for what could still be chance."""
    if form not in CERTIFICATE_FORMS:
        raise UsageError.unknown("format", form, CERTIFICATE_FORMS)
    words, code = desk.words, desk.words.language.code
    given = desk.local(entry.created_at).date() if entry.created_at else date.min
    kind: rules.Kind = "behaviour" if entry.badge_id else "process"
    one = rules.Recognition(entry.rep_id, entry.badge_id or "", kind, good("growth.recognition.given"))
    made, lacks = rules.certificate(one, desk.name, given, entry.author)
    if made is None:
        wording = Wording(words, desk.review.facts.currency)
        raise UsageError(" ".join(remark_text(remark, wording) for remark in lacks))
    item = content().one(library.Recognition, entry.badge_id or "")
    slots = {
        "rep": made.display_name, "date": words.language.date(given), "reason": entry.reason.rstrip("."),
        "evidence": ", ".join(evidence_text(words, ref) for ref in entry.evidence_refs),
    }  # fmt: skip
    page = Page(
        title=item.title(code), subtitle=words("growth.certificate.title"),
        header=Pairs([
            (words("label.rep"), made.display_name), (words("label.date"), words.language.date(given)),
            (words("growth.certificate.by"), made.signed_by),
        ]),
        sections=[Section("certificate", made.display_name, (
            Text(filled(item.certificate(code), slots), tone="strong"), Text(item.rule(code), tone="muted"),
        ))],
        footer=words("growth.certificate.footer", organisation=desk.home.organisation.name), language=code,
    )  # fmt: skip
    html = html_text(page, page_style())
    person = re.sub(r"[^A-Za-z0-9-]+", "_", desk.rep_id)
    data = pdf_bytes(html) if form == "pdf" else html.encode()
    return Made(f"certificate-{person}-{entry.id}.{form}", FORMS[form], data)


def evidence_text(words: Words, ref: str) -> str:
    """What a reference points to, in words: a metric with its period, a promise, an observation, or as written."""
    source, _, rest = ref.partition(":")
    if source == "metric" and rest.partition(":")[0] in METRICS:
        metric, _, period = rest.partition(":")
        return words(
            "growth.evidence.metric", metric=words(f"metric.{metric}.name"), period=words.language.period(period)
        )
    if source in ("action", "observation", "deal"):
        return words(f"growth.evidence.{source}", id=rest)
    return ref


def unseen(desk: Desk, people: Mapping[str, str], as_of: date) -> tuple[tuple[str, int], ...] | None:
    """Who of *people* (name by rep_id) was not recognised for six months, with whole months; by name, for a manager.

    None when the record holds no recognition at all: what was said before it began is not known.
    """
    data = data_at(desk.home)
    given = [(one.rep_id, one.created_at.date()) for one in desk.record.readable(Recognition) if one.created_at]
    if not given:
        return None
    begun = min(day for _, day in given)
    since = {rep: max(day, begun) for rep in people if (day := _first_day(data, rep)) is not None}
    found = rules.not_recognised(since, given, as_of)
    return tuple(sorted(((people[rep], months) for rep, months in found), key=lambda pair: pair[0]))


def _first_day(data: SalesData, rep_id: str) -> date | None:
    """First day of employment, else of the first deal; None when neither is known."""
    hired = data.reps["hire_date"].get(rep_id) if "hire_date" in data.reps else None
    if hired is not None and not pd.isna(hired):
        return pd.Timestamp(hired).date()
    first = data.deals.loc[data.deals["owner_id"] == rep_id, "created"].min()
    return None if pd.isna(first) else date(1970, 1, 1) + timedelta(days=int(first))


# -- the bonus simulator ---------------------------------------------------------------------------


def amount(text: str, words: Words) -> Decimal:
    """A number as people of the language write it (``1.250,5`` or ``1,250.5``), exact; UsageError for another text."""
    thousands, point = (".", ",") if words.language.code == "tr" else (",", ".")
    plain = text.strip().replace(" ", "").replace(thousands, "").replace(point, ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise UsageError(words("growth.bonus.no_number", text=text)) from None
    if not value.is_finite():
        raise UsageError(words("growth.bonus.no_number", text=text))
    return value


def payout_chart(
    plan: bonus.BonusPlan, quota: Decimal, credited: Decimal, words: Words, currency: str
) -> Figure | None:
    """What *plan* pays at each share of the quota, and where *credited* lies; None when its rules contradict."""
    if bonus.faults(plan) or quota <= 0:
        return None
    language = words.language
    top = max(Decimal("1.5"), min(credited / quota + Decimal("0.25"), Decimal(4)))
    steps = {plan.threshold - Decimal("0.0001"), plan.threshold} if plan.threshold else set()  # a step, no slope
    shares = sorted({top * step / 60 for step in range(61)} | steps | {Decimal(1)})
    points = bonus.curve(plan, quota, shares)
    here = bonus.payout(plan, credited, quota)
    labels = {
        "title": words("growth.bonus.curve"), "unit": words("growth.bonus.axis"), "plan": words("growth.bonus.plan"),
        "here": words("growth.bonus.here"),
    }  # fmt: skip
    hover = [f"{language.percent(float(share))}: {language.money(float(paid), currency)}" for share, paid in points]
    spot = (float(here.attainment or 0), float(here.paid))
    drawn: Drawn = payout_figure(
        [(float(share), float(paid)) for share, paid in points], spot, labels=labels, hover=hover,
        ticks=[(share / 4, language.percent(share / 4)) for share in range(int(top * 4) + 1)], language=language.code,
    )  # fmt: skip
    description = words(
        "growth.bonus.said", share=language.percent(float(here.attainment or 0)),
        paid=language.money(float(here.paid), currency),
    )  # fmt: skip
    return Figure(drawn, labels["title"], description)
