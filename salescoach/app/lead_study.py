"""The analyst's part of the leads app: a file of leads from its columns to a verdict and a model."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from salescoach.app.lead_controls import AnswerForm
from salescoach.app.parts import html_widget
from salescoach.leadlab.desk import FileDesk
from salescoach.leadlab.lab import LeadLab
from salescoach.report.page import Figure, Header, Section
from salescoach.words import Words

Part = Section | Header | Figure


def columns_parts(desk: FileDesk, words: Words) -> list[Part]:
    """Alarms, what nobody has declared, what is left out, drift. Nothing is judged for it: that takes a while."""
    study, lab = desk.study, LeadLab(desk.study, words)
    return [lab.data, lab.guard(study.alarms if desk.judged else study.column_alarms), lab.warning]


def verdict_parts(desk: FileDesk, words: Words) -> list[Part]:
    """The whole ladder on unseen leads, with its figures, and how far the leads have moved."""
    lab = LeadLab(desk.study, words)
    return [lab.header, lab.ladder, lab.figures, lab.reliability, lab.roc, lab.gains, lab.lift, lab.warning, lab.drift]


class StudyForm:
    """What the analyst says about columns, and the button that makes a model."""

    def __init__(self, keep: Callable[[widgets.Button], None], train: Callable[[widgets.Button], None]) -> None:
        self.form = AnswerForm()
        self._keep, self._train = widgets.Button(button_style="primary"), widgets.Button()
        self._keep.on_click(keep)
        self._train.on_click(train)

    def fields(self, desk: FileDesk, words: Words) -> list[widgets.Widget]:
        """The form in this language."""
        self.form.speak(words, desk.study)
        self._keep.description = words("lead_pages.answer.save")
        self._train.description = words("lead_pages.answer.train")
        code = words.language.code
        return [
            html_widget(words("lead_pages.answer.title"), words("lead_pages.answer.lead"), language=code),
            *self.form.fields(words),
            self._keep,
            html_widget(words("lead_pages.answer.train_title"), words("lead_pages.answer.train_lead"), language=code),
            self._train,
        ]
