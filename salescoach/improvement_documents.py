"""The memo to a department, a survey's form, and the page of a cycle, ready for a file, a terminal or a browser."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from salescoach.coaching.content import Card, LossReason, SurveyForm, Theme
from salescoach.coaching.content.voice import DEPARTMENTS
from salescoach.coaching.improvement import PHASES, next_phase
from salescoach.coaching.voice import memo
from salescoach.errors import UsageError
from salescoach.improvement import Board
from salescoach.meeting_documents import Made, written
from salescoach.report.improvement import ORDER, CyclePage, MemoPage, trial_section
from salescoach.report.page import Section
from salescoach.report.voice import form_page
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.review import content
from salescoach.store.models import ImprovementCycle
from salescoach.team_review import open_team
from salescoach.trials import Trial
from salescoach.voice import departments

FORMS = ("html", "md", "docx", "pdf")
_FURTHER = {"marketing": "marketing", "product": "product"}
"""Sections of the team's page that belong into the memo of a department."""


def theme_titles(code: str) -> Mapping[str, str]:
    """Names of the library's themes and reasons of losses in the language *code*, by id."""
    library = content()
    reasons = {one.id: one.title(code) for one in library.all(LossReason)}
    return reasons | {one.id: one.title(code) for one in library.all(Theme)}


def memo_page(board: Board, department: str) -> MemoPage:
    """What customers say that concerns *department*, and what waits for its answer, as the board's person sees it."""
    if department not in DEPARTMENTS:
        raise UsageError.unknown("department", department, DEPARTMENTS)
    voice, code = board.voice(), board.words.language.code
    requests = next((one for one in board.ledger() if one.department == department), None)
    facts = memo(department, voice.heard, departments(), requests, board.as_of)
    quotes: dict[str, list[str]] = defaultdict(list)
    for (_, theme), said in voice.quotes.items():
        quotes[theme] += said
    further: Sequence[Section] = ()
    if department in _FURTHER:
        further = (getattr(open_team(board.home, language=code), _FURTHER[department]),)
    wording = Wording(board.words, board.currency)
    return MemoPage(facts, board.home.organisation.name, theme_titles(code), quotes, further, wording)


def memo_document(board: Board, department: str, form: str) -> Made:
    """The memo as a file; UsageError for a department or a form that there is not, AccessDenied for who reads none."""
    _check(form)
    if not board.reads:
        with board.record.read() as unit:
            raise unit.access.denied("read", "memo")
    page = memo_page(board, department).page()
    return written(page, f"memo-{department}-{board.as_of:%Y-%m-%d}.{form}", form)


def form_document(board: Board, form_id: str, form: str, language: str) -> Made:
    """A survey's form as the customer gets it, in *language*."""
    _check(form)
    wanted = content().one(SurveyForm, form_id)
    words = load_words(language)
    page = form_page(wanted, words, board.home.organisation.name, words.language.date(board.today))
    return written(page, f"form-{form_id}-{language}.{form}", form)


def _check(form: str) -> None:
    if form not in FORMS:
        raise UsageError.unknown("format", form, FORMS)


def cycle_page(board: Board, cycle: ImprovementCycle) -> Section:
    """The page of a cycle, and what the next phase still needs."""
    turned = board.turned(cycle)
    following = PHASES[min(PHASES.index(turned.phase) + 1, len(PHASES) - 1)]
    lacks = [one for one in next_phase(turned, following) if one.key != "voice.cycle.no_review"]
    card = next(one for one in content().all(Card) if one.kind == "pdca")
    written = {name: getattr(cycle, name) for name in ORDER}
    return CyclePage(turned, written, lacks, card, Wording(board.words, board.currency)).section()


def trial_page(board: Board, number: int, one: Trial) -> Section:
    """A trial with its numbers and verdict."""
    concluded = one.card.verdict, one.card.result
    return trial_section(
        number, one.rule, (one.usual, one.tried), one.lacks, one.result, concluded, Wording(board.words, board.currency)
    )
