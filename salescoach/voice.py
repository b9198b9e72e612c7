"""What customers said in the last four quarters: scores of surveys, themes of what they wrote, agreement of coders.

Imported answers and what was written down in the coaching record meet here. Nothing is about a rep: a theme belongs
to the organisation. The rules are those of :mod:`salescoach.coaching.voice`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import cast

import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.coaching.content import LossReason, Theme
from salescoach.coaching.four_quarters import four_quarters
from salescoach.coaching.voice import Coded, Source, coding_agreement, themes
from salescoach.diagnosis.findings import answer_of
from salescoach.known import data_at
from salescoach.metrics import METRICS
from salescoach.metrics.past import difference_verdict, same_season
from salescoach.metrics.question import Question
from salescoach.report.voice import Agreement, Spoken, Voice
from salescoach.review import content
from salescoach.store import Record
from salescoach.store.models import ORGANISATION, InterviewNote, SurveyAnswer, ThemeCode
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace

SCORES = ("csat", "nps", "ces", "survey_response_rate")
SOURCES: tuple[Source, ...] = ("survey", "interview", "mention", "loss_reason")
MENTION = "mention"
"""The ``survey_id`` of what somebody said in public; nobody was asked."""
NO_THEME = "none"
"""The code for a text that was read and has no theme: without it, agreement would look worse than it is."""
_IMPORTED = {"survey_response": "survey", "interview": "interview", "mention": "mention", "loss_reason": "loss_reason"}


def last_year(data: SalesData) -> Period:
    """The four quarters up to now."""
    return four_quarters(data, data.calendar.period_of(data.as_of))


def voice_of(home: Workspace, record: Record, most_quotes: int = 3) -> Voice:
    """What customers said, as the newest import and the record have it, for whoever *record* is opened for."""
    data = data_at(home)
    period = last_year(data)
    imported = _imported(data, period)
    written = _written(data, record, period)
    coded = [*imported.coded, *written.coded]
    read = {source: imported.texts[source] | written.texts[source] for source in SOURCES}
    said = [one for one in coded if one.theme != NO_THEME]
    heard = tuple(themes(said, source, len(read[source])) for source in SOURCES)
    quotes: dict[tuple[str, str], tuple[str, ...]] = {}
    for part in heard:
        for theme in part.themes:
            found = {
                imported.quotes.get(key) or written.quotes.get(key, "")
                for one in said
                if (one.source, one.theme) == (part.source, theme.theme)
                for key in [(one.text_id, one.theme)]
            }
            quotes[part.source, theme.theme] = tuple(sorted(found - {""}))[:most_quotes]
    return Voice(period, scores(data, period), heard, tuple(_agreements(coded)), quotes)


def scores(data: SalesData, period: Period) -> tuple[Spoken, ...]:
    """CSAT, NPS, effort and response rate of everybody together, with what the year before makes of them."""
    now, then = (Question.about(data, when, "all") for when in (period, same_season(period, data.as_of)))
    found = []
    for metric_id in SCORES:
        metric = METRICS[metric_id]
        rows, earlier = metric.answer(now), metric.answer(then)
        one, other = ({str(name): value for name, value in side.iloc[0].items()} for side in (rows, earlier))
        verdict = difference_verdict(metric, one, other)
        found.append(Spoken(metric_id, answer_of(rows), answer_of(earlier), verdict))
    return tuple(found)


def departments() -> Mapping[str, str]:
    """Who can do something about each theme and each reason of a loss."""
    library = content()
    reasons = {one.id: one.department for one in library.all(LossReason)}
    return reasons | {one.id: one.department for one in library.all(Theme)}


@dataclass(frozen=True)
class _Texts:
    """Codes, the ids of all texts looked through, and the words that show a theme, by text and theme."""

    coded: Sequence[Coded]
    texts: Mapping[Source, set[str]]
    quotes: Mapping[tuple[str, str], str]


def _imported(data: SalesData, period: Period) -> _Texts:
    """The imported codes of *period*, with the customer and, for a loss, the amount of the deal behind each."""
    stop = min(period.after, day_number(data.as_of) + 1)
    rows = data.table("theme_code")
    rows = rows[rows["occurred_at_day"].between(period.first, stop - 1)] if len(rows) else rows
    texts: dict[Source, set[str]] = {source: set() for source in SOURCES}
    texts["survey"] |= _comments(data, period.first, stop)
    lost = data.closed_in(period)
    lost = lost[lost["status"] == "lost"]
    texts["loss_reason"] |= {f"loss_reason {deal}" for deal in lost["deal_id"]}
    customers, amounts = _customers(data), dict(zip(lost["deal_id"], lost["amount"].fillna(0.0), strict=True))
    coded, quotes = [], {}
    columns = ("note_id", "kind", "theme", "coder_id", "deal_id", "quote")
    for note, kind, theme, coder, deal, quote in rows[list(columns)].itertuples(index=False):
        source = cast(Source, _IMPORTED[kind])
        text_id = f"{source} {note}"
        texts[source].add(text_id)
        customer = customers.get(str(note)) or (customers.get(str(deal), str(deal)) if pd.notna(deal) else "")
        amount = float(amounts.get(deal, 0.0)) if source == "loss_reason" else 0.0
        coded.append(Coded(text_id, source, customer, str(theme), str(coder), amount))
        if pd.notna(quote):
            quotes[text_id, str(theme)] = str(quote)
    return _Texts(coded, texts, quotes)


def _comments(data: SalesData, first: int, stop: int) -> set[str]:
    """Ids of the answers with words, those without a code included: they were looked through too."""
    said = data.table("survey_response")
    if said.empty:
        return set()
    said = said[said["comment"].notna() & said["answered_at_day"].between(first, stop - 1)]
    return {f"survey {one}" for one in said["response_id"]}


def _customers(data: SalesData) -> Mapping[str, str]:
    """The company behind a deal or an answer, by its id."""
    answers = data.table("survey_response")
    pairs = [(data.deals["deal_id"], data.deals["account_id"]), (answers["response_id"], answers["account_id"])]
    return {
        str(what): str(account)
        for names, accounts in pairs
        for what, account in zip(names, accounts, strict=True)
        if pd.notna(account)
    }


def _written(data: SalesData, record: Record, period: Period) -> _Texts:
    """The same of interviews and mentions that were written down in the record."""
    texts: dict[Source, set[str]] = {source: set() for source in SOURCES}
    customers = _customers(data)
    known: dict[str, tuple[Source, str]] = {}
    with record.read() as unit:
        for note in unit.readable(InterviewNote, ORGANISATION):
            if _in(period, note.occurred_at):
                known[f"interview #{note.id}"] = "interview", customers.get(note.deal_id or "", note.deal_id or "")
        for answer in unit.readable(SurveyAnswer, ORGANISATION):
            if _in(period, answer.answered_at):
                source: Source = "mention" if answer.survey_id == MENTION else "survey"
                customer = answer.account_id or customers.get(answer.deal_id or "", answer.deal_id or "")
                known[f"{source} #{answer.id}"] = source, customer
        codes = unit.readable(ThemeCode, ORGANISATION)
    for text_id, (source, _) in known.items():
        texts[source].add(text_id)
    coded, quotes = [], {}
    for code in codes:
        text_id = text_of(code, known)
        if text_id:
            source, customer = known[text_id]
            coded.append(Coded(text_id, source, customer, code.theme, code.author))
            if code.quote:
                quotes[text_id, code.theme] = code.quote
    return _Texts(coded, texts, quotes)


def text_of(code: ThemeCode, known: Iterable[str]) -> str:
    """Which of the *known* texts a code is about; empty when it is none of them."""
    number = code.interview_note_id or code.survey_answer_id
    kinds = ("interview",) if code.interview_note_id else ("mention", "survey")
    names = [f"{kind} #{number}" for kind in kinds]
    return next((one for one in known if one in names), "")


def _in(period: Period, moment: datetime) -> bool:
    """An interview of today counts, although the newest import is older."""
    return moment.date() >= period.start


def _agreements(coded: Sequence[Coded]) -> Iterable[Agreement]:
    """The two coders of each source who read most texts both; none where nobody coded after somebody else."""
    for source in SOURCES:
        read: dict[str, set[str]] = defaultdict(set)
        for one in coded:
            if one.source == source:
                read[one.coder].add(one.text_id)
        pairs = [(len(read[a] & read[b]), a, b) for a, b in combinations(sorted(read), 2)]
        if not pairs or not max(pairs)[0]:
            continue
        _, one_coder, other = max(pairs, key=lambda pair: (pair[0], pair[1], pair[2]))
        mine = [code for code in coded if code.source == source and code.theme != NO_THEME]
        found = coding_agreement(mine, read[one_coder] & read[other], one_coder, other)
        yield Agreement(source, (one_coder, other), found)
