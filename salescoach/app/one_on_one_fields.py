"""Boxes for texts of the coaching record: kept when they are left, and never over somebody else's words.

A text that both read is saved as it is left, or, where it is long, kept as its author's draft until it is saved.
Whoever saves second sees both texts and decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

import ipywidgets as widgets

from salescoach.app.parts import labelled
from salescoach.coaching.draft_merge import merged
from salescoach.errors import AccessDenied, ConflictError, SalesCoachError
from salescoach.meetings import Desk
from salescoach.store.models import Draft
from salescoach.store.service import one_on_ones
from salescoach.words import Words

Save = Callable[[str, Any], Any]
"""Saves a text that was based on a mark (a version, or the text before) and gives the mark of what is stored now."""


class Speaks(Protocol):
    """What a box needs of the desk it belongs to: its words, and a moment in the organisation's time zone."""

    @property
    def words(self) -> Words:
        """The reader's language."""

    def local(self, moment: datetime) -> datetime:
        """*moment* in the organisation's time zone."""


class Status(widgets.Label):
    """A line below a control that says what became of it, or what was wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("sc-app-status")
        self.layout.display = "none"  # an empty line would stretch every form

    def say(self, text: str, *, problem: bool = False) -> None:
        """Show *text*."""
        self.value = text
        self.layout.display = None if text else "none"
        (self.add_class if problem else self.remove_class)("sc-app-problem")


def told(action: Callable[..., None]) -> Callable[..., None]:
    """Say an error that a person can put right in ``self.status`` instead of losing it in a log."""

    @wraps(action)
    def run(self: Any, *args: Any) -> None:
        try:
            action(self, *args)
        except AccessDenied:
            self.status.say(self.desk.words("one_on_one.access.denied"), problem=True)
        except SalesCoachError as error:
            self.status.say(str(error), problem=True)

    return run


def saved_at(desk: Speaks, moment: datetime | None, key: str = "one_on_one.app.saved") -> str:
    """When something was saved, in the organisation's time zone."""
    return desk.words(key, time=desk.words.language.moment(desk.local(moment))) if moment else ""


class Theirs(widgets.VBox):
    """What somebody else saved meanwhile, and a way to put both texts together.

    Parameters
    ----------
    take : puts a text into the reader's own box, where it can be changed before it is saved
    """

    def __init__(self, desk: Speaks, rows: int, take: Callable[[str, str], None]) -> None:
        self._desk, self._take = desk, take
        self._base = ""
        self._own: Callable[[], str] = str
        self._text = widgets.Textarea(disabled=True, rows=max(rows, 2))
        self._merge = widgets.Button(description=desk.words("one_on_one.app.merge"))
        self._merge.on_click(self._together)
        self._field = labelled(desk.words("one_on_one.app.theirs"), self._text)
        super().__init__([self._field])
        self.add_class("sc-app-theirs")

    def show(self, base: str, mine: Callable[[], str], theirs: str, *, lines: bool) -> None:
        """Show *theirs*; both texts began as *base*. One line cannot hold what two wrote: it is chosen, not merged."""
        self._base, self._own, self._text.value = base, mine, theirs
        self.children = [self._field, *([self._merge] if lines else [])]

    def _together(self, _button: Any) -> None:
        found = merged(self._base, self._own(), self._text.value)
        key = "one_on_one.app.merged_clash" if found.clashes else "one_on_one.app.merged"
        self._take(found.text, self._desk.words(key))


class SavedText(widgets.VBox):
    """A short text of the record; saved when it is left.

    Parameters
    ----------
    mark : version or earlier text on which a save is based
    theirs : gives the mark of the other text from a conflict
    """

    def __init__(
        self, desk: Speaks, title: str, text: str, mark: Any, save: Save, *, theirs: Callable[[ConflictError], Any],
        hint: str = "", rows: int = 0,
    ) -> None:  # fmt: skip
        self.desk, self.status = desk, Status()
        self._mark, self._save, self._mark_of_theirs = mark, save, theirs
        self._kept = self._base = text
        self._clashed = False
        kind = widgets.Textarea if rows else widgets.Text
        self._box = kind(value=text, placeholder=hint, continuous_update=False, **({"rows": rows} if rows else {}))
        self._box.observe(self._left, names="value")
        self._lines, self._theirs = rows > 0, Theirs(desk, rows, self._take)
        self._keep = widgets.Button(description=desk.words("one_on_one.app.keep_mine"))
        self._keep.on_click(self._left)
        self._field = labelled(title, self._box)
        super().__init__([self._field, self.status])
        self.add_class("sc-app-text")

    def lock(self) -> None:
        """Only to be read by this person; the record would refuse a change anyway."""
        self._box.disabled = True

    @told
    def _left(self, _change: Any) -> None:
        if self._box.value == self._kept and not self._clashed:
            return
        try:
            self._mark = self._save(self._box.value, self._mark)
        except ConflictError as conflict:
            self._mark = self._mark_of_theirs(conflict)
            self._show(conflict.theirs)
            return
        self._kept, self._base, self._clashed = self._box.value, self._box.value, False
        self.children = [self._field, self.status]
        self.status.say(saved_at(self.desk, datetime.now().astimezone()))

    def _show(self, theirs: str) -> None:
        """Both texts, one above the other; keeping one's own, or both, is a decision of its own."""
        self._theirs.show(self._base, lambda: str(self._box.value), theirs, lines=self._lines)
        self.children = [self._theirs, self._field, self._keep, self.status]
        self._kept, self._base, self._clashed = "", theirs, True
        self.status.say(self.desk.words("one_on_one.app.conflict"), problem=True)

    def _take(self, text: str, said: str) -> None:
        """Put *text* into the box without saving it: what was put together is read before it is kept."""
        self._box.unobserve(self._left, names="value")
        self._box.value = text
        self._box.observe(self._left, names="value")
        self.status.say(said)


class DraftedText(widgets.VBox):
    """A long text: what is left unsaved is kept as a draft that only its author reads, and saved by its button."""

    def __init__(
        self, desk: Desk, title: str, text: str, mark: Any, save: Save, *, form: str, place: str, button: str,
        theirs: Callable[[ConflictError], Any], hint: str = "", rows: int = 7,
    ) -> None:  # fmt: skip
        self.desk, self.status = desk, Status()
        self._mark, self._save, self._mark_of_theirs = mark, save, theirs
        self._form, self._place = form, place
        self._draft: Draft | None = one_on_ones.draft(desk.record, desk.rep_id, form, place)
        shown = self._draft.text if self._draft else text
        self._kept = shown
        self._base = one_on_ones.draft_base(desk.record, desk.rep_id, form, place) if self._draft else text
        self._box = widgets.Textarea(value=shown, placeholder=hint, rows=rows, continuous_update=False)
        self._box.observe(self._left, names="value")
        self._theirs = Theirs(desk, rows, self._take)
        self._button = widgets.Button(description=button, button_style="primary")
        self._button.on_click(self._press)
        self._field = labelled(title, self._box)
        super().__init__([self._field, self._button, self.status])
        self.add_class("sc-app-text")
        if self._draft:
            self.status.say(saved_at(desk, self._draft.changed_at, "one_on_one.app.draft_shown"))
            if self._base != text:  # somebody saved while this draft lay there
                self._show(text)

    @told
    def _left(self, _change: Any) -> None:
        if self._box.value == self._kept:
            return
        try:
            self._draft = self._autosave()
        except ConflictError as conflict:  # the same person in two windows
            self._draft = one_on_ones.draft(self.desk.record, self.desk.rep_id, self._form, self._place)
            if self._draft is not None:
                self._show(conflict.theirs)
                return
            self._draft = self._autosave()  # the other window saved its draft, so there is none any more
        self._kept = self._box.value
        self.status.say(saved_at(self.desk, self._draft.changed_at, "one_on_one.app.draft_kept"))

    def _autosave(self) -> Draft:
        version = self._draft.version if self._draft else 0
        return one_on_ones.autosave(
            self.desk.record, self.desk.rep_id, self._form, self._place, self._box.value, version=version,
            base=self._base,
        )  # fmt: skip

    @told
    def _press(self, _button: Any) -> None:
        try:
            self._mark = self._save(self._box.value, self._mark)
        except ConflictError as conflict:
            self._mark = self._mark_of_theirs(conflict)
            self._show(conflict.theirs)
            return
        one_on_ones.discard_draft(self.desk.record, self.desk.rep_id, self._form, self._place)
        self._draft = None
        self._kept = self._base = self._box.value
        self.children = [self._field, self._button, self.status]
        self.status.say(saved_at(self.desk, datetime.now().astimezone()))

    def _show(self, theirs: str) -> None:
        """Both texts, one above the other; the next save is based on what is stored now."""
        self._theirs.show(self._base, lambda: str(self._box.value), theirs, lines=True)
        self.children = [self._theirs, self._field, self._button, self.status]
        self._base = theirs
        self.status.say(self.desk.words("one_on_one.app.conflict"), problem=True)

    def _take(self, text: str, said: str) -> None:
        self._box.value = text  # kept as a draft, to be read before it is saved
        self.status.say(said)


class Drafted(widgets.VBox):
    """A text that is sent by the form it stands in; until then it is its author's draft at *place* of the *form*."""

    def __init__(self, desk: Desk, title: str, form: str, place: str, *, rows: int = 3) -> None:
        self.desk, self.status, self._place = desk, Status(), place
        self.box = widgets.Textarea(rows=rows, continuous_update=False)
        self._theirs = Theirs(desk, rows, self._take)
        self._field = labelled(title, self.box)
        super().__init__()
        self.add_class("sc-app-text")
        self.begin(form)
        self.box.observe(self._left, names="value")

    def begin(self, form: str) -> None:
        """Show what was being written in another *form*: the answer to this piece of feedback and not to that."""
        self._form, self._draft = form, one_on_ones.draft(self.desk.record, self.desk.rep_id, form, self._place)
        self._kept = self._draft.text if self._draft else ""
        self.box.value = self._kept
        self.children = [self._field, self.status]
        shown = self._draft.changed_at if self._draft else None
        self.status.say(saved_at(self.desk, shown, "one_on_one.app.draft_shown"))

    def sent(self) -> None:
        """Forget the draft: its words were saved."""
        one_on_ones.discard_draft(self.desk.record, self.desk.rep_id, self._form, self._place)
        self._draft, self._kept, self.box.value = None, "", ""
        self.status.say("")

    @told
    def _left(self, _change: Any) -> None:
        text = self.box.value
        if text == self._kept:
            return
        if not text:
            self.sent()
            return
        version = self._draft.version if self._draft else 0
        try:
            self._draft = one_on_ones.autosave(
                self.desk.record, self.desk.rep_id, self._form, self._place, text, version=version
            )
        except ConflictError as conflict:  # the same person in two windows
            self._draft = one_on_ones.draft(self.desk.record, self.desk.rep_id, self._form, self._place)
            self._theirs.show("", lambda: str(self.box.value), conflict.theirs, lines=True)
            self.children = [self._theirs, self._field, self.status]
            self.status.say(self.desk.words("one_on_one.app.conflict"), problem=True)
            return
        self._kept = text
        self.status.say(saved_at(self.desk, self._draft.changed_at, "one_on_one.app.draft_kept"))

    def _take(self, text: str, said: str) -> None:
        self.box.value = text  # kept as a draft, to be read before it is sent
        self.status.say(said)
