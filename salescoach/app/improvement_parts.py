"""What the screens of the improvement app share: a form that keeps something, and sections as widgets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Status, saved_at, told
from salescoach.app.parts import Widgets, html_widget, labelled
from salescoach.coaching.remarks import Remark
from salescoach.errors import ConflictError
from salescoach.improvement import Board
from salescoach.meeting_documents import Made
from salescoach.report.page import Section
from salescoach.report.remarks import remarks_text
from salescoach.report.wording import Wording
from salescoach.safe_html import download, tag
from salescoach.store.models import Draft
from salescoach.store.service import one_on_ones

Named = Sequence[tuple[str, widgets.Widget]]
_SHORT = 3  # rows of a box for a sentence or two


def shown(board: Board, sections: Sequence[Section]) -> Widgets:
    """Sections as widgets, in the board's language."""
    return [html_widget(one, language=board.words.language.code) for one in sections]


def wording_of(board: Board) -> Wording:
    """Values in the board's language and the organisation's currency."""
    return Wording(board.words, board.currency)


def field(title: str, control: widgets.Widget) -> widgets.VBox:
    """A control under its name; a group of controls, which has no tooltip of its own, under a name alone."""
    if not isinstance(control, widgets.Box):
        return labelled(title, control)
    name = widgets.Label(value=title)
    name.add_class("sc-app-label")
    group = widgets.VBox([name, control])
    group.add_class("sc-app-group")
    return group


@contextmanager
def _silent(control: widgets.Widget, handler: Callable[[Any], None]) -> Iterator[None]:
    """While the program writes into *control*, which is nothing that a person wrote."""
    control.unobserve(handler, names="value")
    try:
        yield
    finally:
        control.observe(handler, names="value")


class Form(widgets.VBox):
    """Named controls and a button under a heading. What is kept is kept once, however often the button is pressed.

    Whoever saves second sees the other text beside the own one, and decides. A text that is left unsaved is kept as its
    author's draft.

    Parameters
    ----------
    about : which of several entries the form is about now; each has its own drafts
    """

    def __init__(
        self, board: Board, name: str, controls: Named, redraw: Callable[[], None], *, lead: str = "", do: str = "",
        about: Callable[[], object] = str,
    ) -> None:  # fmt: skip
        self.desk, self.status, self._redraw, self.key = board, Status(), redraw, uuid.uuid4().hex
        self._name, self._about = f"improvement {name}", about
        self._texts = {title: control for title, control in controls if isinstance(control, widgets.Textarea)}
        self._drafts: dict[widgets.Textarea, Draft | None] = {}
        words = board.words
        lead = lead or words(f"improvement.{name}.lead")
        self._other = widgets.Textarea(disabled=True, rows=2)
        for control in self._texts.values():
            control.observe(self._left, names="value")
            if control.rows <= _SHORT:
                control.add_class("sc-app-short")
        button = widgets.Button(description=do or words(f"improvement.{name}.do"), button_style="primary")
        button.on_click(self._press)
        self._parts: Widgets = [
            html_widget(words(f"improvement.{name}.title"), lead, language=words.language.code),
            *(field(title, control) for title, control in controls), button, self.status,
        ]  # fmt: skip
        super().__init__(self._parts)
        self.add_class("sc-app-form")
        self.recall()

    def recall(self, _change: Any = None) -> None:
        """Show what was being written about the entry that is chosen now."""
        board = self.desk
        for number, control in enumerate(self._texts.values()):
            found = one_on_ones.draft(board.record, board.subject, self._name, self._place(number))
            self._drafts[control] = found
            if found is not None or control.value:
                with _silent(control, self._left):
                    control.value = found.text if found else ""
            if found is not None:
                self.status.say(saved_at(board, found.changed_at, "one_on_one.app.draft_shown"))

    def _place(self, number: int) -> str:
        return f"{number} {self._about()}"

    @told
    def _left(self, change: Any) -> None:
        """Keep what is written so far; of two windows of one author, the second sees the text of the first."""
        board, control = self.desk, change["owner"]
        place = self._place(list(self._texts.values()).index(control))
        known = self._drafts[control]
        try:
            kept = one_on_ones.autosave(
                board.record, board.subject, self._name, place, control.value, version=known.version if known else 0
            )
        except ConflictError as conflict:
            self._drafts[control] = one_on_ones.draft(board.record, board.subject, self._name, place)
            self._show(conflict.theirs)
            return
        self._drafts[control] = kept
        self.status.say(saved_at(board, kept.changed_at, "one_on_one.app.draft_kept"))

    def _show(self, theirs: str) -> None:
        """The other text above the own one."""
        self._other.value = theirs
        other = labelled(self.desk.words("one_on_one.app.theirs"), self._other)
        other.add_class("sc-app-theirs")
        self.children = [self._parts[0], other, *self._parts[1:]]
        self.status.say(self.desk.words("one_on_one.app.conflict"), problem=True)

    def keep(self) -> tuple[Remark, ...] | None:
        """Store what the controls hold; the remarks when something stops it."""
        raise NotImplementedError

    @told
    def _press(self, _button: Any) -> None:
        try:
            lacks = self.keep()
        except ConflictError as conflict:
            self._show(conflict.theirs)
            self.read_again()
            return
        if lacks:
            self.status.say(remarks_text(lacks, wording_of(self.desk)), problem=True)
        elif lacks is None:
            for number in range(len(self._texts)):
                one_on_ones.discard_draft(self.desk.record, self.desk.subject, self._name, self._place(number))
            self._redraw()

    def read_again(self) -> None:
        """Base the next save on what is stored now; for a form that changes something."""


class Taken(widgets.VBox):
    """A document to take away, made when it is asked for."""

    def __init__(self, board: Board, name: str, controls: Named, make: Callable[[], Made]) -> None:
        self.desk, self.status, self._make = board, Status(), make
        words = board.words
        button = widgets.Button(description=words("one_on_one.app.make"))
        button.on_click(self._press)
        self._link = widgets.HTML()
        super().__init__([
            html_widget(
                words(f"improvement.{name}.title"), words(f"improvement.{name}.lead"), language=words.language.code
            ),
            *(labelled(title, control) for title, control in controls), button, self._link, self.status,
        ])  # fmt: skip
        self.add_class("sc-app-form")

    @told
    def _press(self, _button: Any) -> None:
        self._link.value = ""
        self.status.say(self.desk.words("one_on_one.app.making"))
        made = self._make()
        text = self.desk.words("one_on_one.app.take", name=made.name)
        self._link.value = str(tag("p", download(text, made.name, made.media_type, made.data), class_="sc-sheet"))
        self.status.say("")


def forms_of(board: Board, forms: Sequence[str]) -> widgets.Dropdown:
    """A choice of the forms of a document."""
    return widgets.Dropdown(options=[(board.words(f"one_on_one.app.form_of.{form}"), form) for form in forms])
