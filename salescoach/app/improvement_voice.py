"""Customers' voice on the screen: read what was heard, take a form along, write down what was said, code it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_parts import Form, Taken, forms_of, shown, wording_of
from salescoach.app.parts import Screen, Widgets, close, html_widget
from salescoach.coaching.content import SurveyForm, Theme
from salescoach.coaching.remarks import Remark, block
from salescoach.improvement import INTERVIEWS, Board, Text
from salescoach.improvement_documents import FORMS, form_document, theme_titles
from salescoach.report.page import Quote, Section
from salescoach.report.voice import VoicePage, form_section
from salescoach.resources import load_words
from salescoach.review import content
from salescoach.voice import MENTION


def voice_screen(board: Board, redraw: Callable[[], None]) -> Screen:
    """Scores, themes and agreement; beside them the forms, and for those who lead what is written down and coded."""
    page = VoicePage(board.voice(), wording_of(board), theme_titles(board.words.language.code))
    written: Widgets = []
    if board.leads:
        written += [WriteDown(board, redraw), *coding(board, redraw)]
    return shown(board, page.sections()), [*written, SurveyForms(board)]


class WriteDown(Form):
    """An interview or a public mention; about nobody in particular."""

    def __init__(self, board: Board, redraw: Callable[[], None]) -> None:
        words = board.words
        kinds = [(words(f"improvement.voice.kind.{kind}"), kind) for kind in (*INTERVIEWS, MENTION)]
        self._kind = widgets.Dropdown(options=kinds)
        self._day = widgets.DatePicker(value=board.today)
        self._text = widgets.Textarea(rows=5, continuous_update=False)
        self._deal, self._customer = widgets.Text(), widgets.Text()
        super().__init__(board, "write", [
            (words("improvement.voice.what"), self._kind), (words("label.date"), self._day),
            (words("improvement.voice.text"), self._text), (words("improvement.voice.deal"), self._deal),
            (words("improvement.voice.customer"), self._customer),
        ], redraw)  # fmt: skip

    def keep(self) -> tuple[Remark, ...] | None:
        """Store the text; a day and words are needed."""
        text, day, deal = self._text.value.strip(), self._day.value, self._deal.value.strip()
        if not text or day is None:
            return (block("improvement.voice.needs_text"),)
        if deal and not self.desk.deal_known(deal):
            return (block("improvement.voice.no_deal", deal=deal),)
        self.desk.write_down(self._kind.value, day, text, deal, self._customer.value.strip(), self.key)
        return None


def coding(board: Board, redraw: Callable[[], None]) -> Widgets:
    """The form that codes, where there is a text that this person has not coded."""
    waiting = board.to_code()
    if waiting:
        return [Code(board, waiting, redraw)]
    words = board.words
    return [html_widget(words("improvement.code.title"), words("improvement.voice.all_coded"),
                        language=words.language.code)]  # fmt: skip


class Code(Form):
    """Themes of one text; what others found in it is not shown, so that two coders stay independent."""

    def __init__(self, board: Board, waiting: tuple[Text, ...], redraw: Callable[[], None]) -> None:
        words, code = board.words, board.words.language.code
        self._waiting = dict(enumerate(waiting))
        names = [(text_title(board, text), number) for number, text in self._waiting.items()]
        self._which = widgets.Dropdown(options=names)
        self._shown = widgets.VBox()
        self._themes = {
            theme.id: widgets.Checkbox(value=False, description=theme.title(code), tooltip=theme.includes(code),
                                       indent=False)
            for theme in content().all(Theme)
        }  # fmt: skip
        boxes = widgets.VBox(list(self._themes.values()))
        boxes.add_class("sc-app-choices")
        self._quote = widgets.Text()
        super().__init__(board, "code", [
            (words("improvement.voice.which"), self._which), (words("improvement.voice.said"), self._shown),
            (words("improvement.voice.themes"), boxes), (words("improvement.voice.quote"), self._quote),
        ], redraw)  # fmt: skip
        self._which.observe(self._show, names="value")
        self._show(None)

    def _show(self, _change: Any) -> None:
        old, text = self._shown.children, self._waiting[self._which.value]
        quote = Section("said", "", (Quote("", text.words.splitlines()),))
        self._shown.children = [html_widget(quote, language=self.desk.words.language.code)]
        close(old)

    def keep(self) -> tuple[Remark, ...] | None:
        """Store the themes; none chosen means that there is none in the text."""
        chosen = [theme for theme, box in self._themes.items() if box.value]
        self.desk.code(self._waiting[self._which.value], chosen, self._quote.value.strip())
        return None


def text_title(board: Board, text: Text) -> str:
    """How a text is called in a list: its kind, day and number."""
    kind, _, number = text.name.partition(" ")
    return board.words(
        "improvement.voice.listed", kind=board.words(f"improvement.voice.kind.{kind}"),
        day=board.words.language.date(text.day), number=number,
    )  # fmt: skip


class SurveyForms(widgets.VBox):
    """A form of the library as the customer reads it, in both languages, to copy, print or save."""

    def __init__(self, board: Board) -> None:
        self.desk = board
        words, code = board.words, board.words.language.code
        names = [(form.title(code), form.id) for form in content().all(SurveyForm)]
        self._form = widgets.Dropdown(options=names, value="csat")
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=code)
        kind = forms_of(board, FORMS)
        self._text = widgets.VBox()
        taken = Taken(board, "leaflet", [
            (words("improvement.form.which"), self._form), (words("improvement.form.language"), self._tongue),
            (words("one_on_one.app.form"), kind),
        ], lambda: form_document(board, self._form.value, kind.value, self._tongue.value))  # fmt: skip
        super().__init__([taken, self._text])
        for control in (self._form, self._tongue):
            control.observe(self._show, names="value")
        self._show(None)

    def _show(self, _change: Any) -> None:
        old, tongue = self._text.children, self._tongue.value
        form = content().one(SurveyForm, self._form.value)
        self._text.children = [html_widget(form_section(form, load_words(tongue)), language=tongue)]
        close(old)
