"""Requests to other departments and the decision log on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_parts import Form, Taken, forms_of, shown
from salescoach.app.one_on_one_fields import SavedText
from salescoach.app.parts import Screen, Widgets, html_widget
from salescoach.coaching.content.voice import DEPARTMENTS
from salescoach.coaching.improvement import due_reviews
from salescoach.coaching.remarks import Remark, block
from salescoach.improvement import Board
from salescoach.improvement_documents import FORMS, memo_document
from salescoach.language import shortened
from salescoach.metrics import METRICS
from salescoach.report.improvement import decisions_section, department_name, ledger_section
from salescoach.store.models import Decision, Request
from salescoach.store.policy import COACH, MANAGER, SELF

_SOON, _LATER = timedelta(days=7), timedelta(days=28)
_TITLE = 60  # characters of a request in a list
_OUTCOMES = 6  # decisions whose outcome is asked for at a time


def requests_screen(board: Board, redraw: Callable[[], None]) -> Screen:
    """The ledger; beside it asking, writing down an answer, and the memo that goes back."""
    read = shown(board, [ledger_section(board.standings(), board.ledger(), board.words)])
    written: Widgets = []
    if board.standing & {COACH, MANAGER, SELF}:
        written.append(Ask(board, redraw))
        waiting = [one for one in board.requests() if one.status == "open"]
        if waiting:
            written.append(Answered(board, waiting, redraw))
    if board.reads:
        written.append(memo(board))
    return read, written


def departments_of(board: Board) -> list[tuple[str, str]]:
    """The departments by name."""
    return [(department_name(one, board.words), one) for one in DEPARTMENTS if one != "sales"]


class Ask(Form):
    """One thing that a department can answer, by when, and for which deal."""

    def __init__(self, board: Board, redraw: Callable[[], None]) -> None:
        words = board.words
        self._department = widgets.Dropdown(options=departments_of(board))
        self._ask = widgets.Textarea(rows=3, continuous_update=False)
        self._due = widgets.DatePicker(value=board.today + _SOON)
        self._deal = widgets.Text()
        super().__init__(board, "ask", [
            (words("improvement.requests.department"), self._department),
            (words("improvement.requests.what"), self._ask), (words("label.due"), self._due),
            (words("improvement.voice.deal"), self._deal),
        ], redraw)  # fmt: skip

    def keep(self) -> tuple[Remark, ...] | None:
        """Put the request; what the rules miss otherwise."""
        deal = self._deal.value.strip()
        if deal and not self.desk.deal_known(deal):
            return (block("improvement.voice.no_deal", deal=deal),)
        found = self.desk.ask(self._department.value, self._ask.value.strip(), self._due.value, deal, self.key)
        return found if isinstance(found, tuple) else None


class Answered(Form):
    """What a department said to a request: answered or declined, always with words."""

    def __init__(self, board: Board, waiting: list[Request], redraw: Callable[[], None]) -> None:
        words = board.words
        self._known = {one.id: one for one in waiting}
        self._which = widgets.Dropdown(options=[(shortened(one.ask, _TITLE), one.id) for one in waiting])
        self._how = widgets.Dropdown(options=[(words(f"voice.request.{how}"), how) for how in ("answered", "declined")])
        self._text = widgets.Textarea(rows=3, continuous_update=False)
        super().__init__(board, "answered", [
            (words("improvement.requests.which"), self._which), (words("label.status"), self._how),
            (words("improvement.requests.said"), self._text),
        ], redraw, about=lambda: self._which.value)  # fmt: skip
        self._which.observe(self.recall, names="value")

    def keep(self) -> tuple[Remark, ...] | None:
        """Write the answer down."""
        text = self._text.value.strip()
        if not text:
            return (block("voice.ask.no_answer"),)
        self.desk.answer(self._known[self._which.value], self._how.value, text)
        return None

    def read_again(self) -> None:
        """The next save is based on what is stored now."""
        number = self._which.value
        self._known[number] = self.desk.record.get(Request, number)


def memo(board: Board) -> Taken:
    """The memo to a department: what customers say, what waits, what is asked."""
    department, kind = widgets.Dropdown(options=departments_of(board)), forms_of(board, FORMS)
    return Taken(board, "take", [
        (board.words("improvement.requests.department"), department), (board.words("one_on_one.app.form"), kind),
    ], lambda: memo_document(board, department.value, kind.value))  # fmt: skip


def decisions_screen(board: Board, redraw: Callable[[], None]) -> Screen:
    """The log; beside it a new decision, and what came of those that have no outcome yet."""
    entries = board.decisions()
    decided = [board.decided(one) for one in entries]
    read = shown(board, [decisions_section(decided, due_reviews(decided, board.today), board.words)])
    if not board.leads:
        return read, []
    waiting = sorted((one for one in entries if not one.outcome.strip()), key=lambda one: one.review_on)
    fields: Widgets = []
    if waiting:
        words = board.words
        fields = [
            html_widget(words("improvement.decisions.outcomes"), words("improvement.decisions.outcomes_lead"),
                        language=words.language.code),
            *(outcome(board, one) for one in waiting[:_OUTCOMES]),
        ]  # fmt: skip
    return read, [*fields, Decide(board, redraw)]


def outcome(board: Board, entry: Decision) -> SavedText:
    """A box for what came of a decision; saved when it is left."""

    def save(text: str, version: int) -> int:
        return board.write_outcome(entry.id, text, version).version

    title = board.words(
        "improvement.decisions.outcome_of", what=shortened(entry.adjustment, _TITLE),
        day=board.words.language.date(entry.review_on),
    )  # fmt: skip
    return SavedText(board, title, entry.outcome, entry.version, save, theirs=lambda found: found.their_version, rows=2)


class Decide(Form):
    """A new entry of the log: what, why, what is expected, and when to look again."""

    def __init__(self, board: Board, redraw: Callable[[], None]) -> None:
        words = board.words
        self._what, self._why, self._expected = (
            widgets.Textarea(rows=2, continuous_update=False) for _ in range(3)
        )  # fmt: skip
        names = sorted(((words(f"metric.{name}.name"), name) for name in METRICS), key=_sorted_by(board))
        self._metric = widgets.Dropdown(options=[(words("label.none"), ""), *names])
        self._review = widgets.DatePicker(value=board.today + _LATER)
        super().__init__(board, "decide", [
            (words("improvement.decisions.what"), self._what), (words("label.reason"), self._why),
            (words("improvement.decisions.expected"), self._expected), (words("label.metric"), self._metric),
            (words("improvement.decisions.review"), self._review),
        ], redraw)  # fmt: skip

    def keep(self) -> tuple[Remark, ...] | None:
        """Put it into the log; what the rules miss otherwise."""
        what, why, expected = (box.value.strip() for box in (self._what, self._why, self._expected))
        found = self.desk.decide(what, why, expected, self._review.value, self._metric.value, self.key)
        return found if isinstance(found, tuple) else None


def _sorted_by(board: Board) -> Callable[[tuple[str, str]], Any]:
    key = board.words.language.sort_key
    return lambda pair: key(pair[0])
