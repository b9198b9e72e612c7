"""The review app: choose a rep and a period, see the review, write a note, agree on an action.

What is shown in a widget is never taken as a permission or as the truth: each save goes to the
coaching record with the version it was based on, and each view is read anew from there.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.frame import Frame
from salescoach.app.parts import ActionRow, Notice, close, html_widget, labelled, part_widgets
from salescoach.calendar import Period
from salescoach.errors import ConflictError, SalesCoachError
from salescoach.known import snapshot_at, teams_of
from salescoach.resources import load_words
from salescoach.review import RepReview, content, open_review, review_choices
from salescoach.store import CoachingStore, Note, principal_of
from salescoach.workspace import Workspace


def review_app(workspace: str | Path = "", language: str = "") -> ReviewApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``), opened at the page's address.

    ``?rep=…&period=…&language=…`` in the address chooses what is shown first; when that does not
    exist, the page says so and what does.
    """
    try:
        return ReviewApp(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""), language)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


def _told(action: Callable[..., None]) -> Callable[..., None]:
    """Show an error that a person can put right beside the form instead of losing it in a log."""

    @wraps(action)
    def run(self: ReviewApp, *args: Any) -> None:
        try:
            action(self, *args)
        except SalesCoachError as error:
            self._say(str(error), problem=True)

    return run


class ReviewApp(Frame):
    """Controls on top, the review below them, the coaching record beside it."""

    def __init__(self, workspace: str | Path, language: str = "") -> None:
        self._opening = True
        self.workspace = Workspace.open(workspace)
        self.review: RepReview = open_review(self.workspace, language=language)
        super().__init__(self.review.page.language)
        url = self.workspace.database_url
        principal = principal_of(url)
        self._author = principal.person
        self._store = CoachingStore.open(url, principal=principal, teams=teams_of(snapshot_at(self.workspace)))
        self._note: Note | None = None
        self._drafts: dict[tuple[str, str], tuple[str, Note]] = {}
        self._build()
        self._put_beside(self._record)
        self._opening = False
        self._show()

    @property
    def _period(self) -> Period:
        return self.review.facts.period

    # --- building ------------------------------------------------------------------------------

    def _build(self) -> None:
        people, periods = review_choices(self.workspace, self.review)
        self._rep = widgets.Dropdown(options=people, value=self.review.facts.rep_id)
        self._when = widgets.Dropdown(options=periods, value=self._period.label)
        for control in (self._rep, self._when, self._tongue):
            control.observe(self._chosen, names="value")
        self._text = widgets.Textarea(rows=6)
        self._save = widgets.Button(button_style="primary")
        self._save.on_click(self._save_note)
        self._theirs = widgets.Textarea(rows=6, disabled=True)
        self._status = widgets.Label()
        self._status.add_class("sc-app-status")
        self._suggested = widgets.Dropdown()
        self._suggested.observe(self._suggestion_chosen, names="value")
        self._action = widgets.Text()
        self._due = widgets.DatePicker()
        self._add = widgets.Button(button_style="primary")
        self._add.on_click(self._add_action)
        self._actions = widgets.VBox()
        self._record = widgets.VBox()

    # --- showing -------------------------------------------------------------------------------

    @_told
    def _chosen(self, _change: Any) -> None:
        if self._opening:
            return
        self._keep_draft()
        self.review = open_review(
            self.workspace, rep=self._rep.value, period=self._when.value, language=self._tongue.value
        )
        self._show()

    def _show(self) -> None:
        """Draw review and record in the chosen language."""
        review, words = self.review, load_words(self.review.page.language)
        self._choose_from(words, [labelled(words("label.rep"), self._rep), labelled(words("label.period"), self._when)])
        code, old = words.language.code, self._page.children
        self._page.children = [html_widget(review.header, language=code), *part_widgets(review.page, code)]
        close(old)
        self._show_record()

    def _show_record(self) -> None:
        words = load_words(self.review.page.language)
        stored = self._store.note(self.review.facts.rep_id, self._period)
        self._store.viewed(stored.rep_id, self._period)
        self._text.value, self._note = self._drafts.pop((stored.rep_id, stored.period), (stored.text, stored))
        self._text.placeholder = words("app.note.placeholder")
        self._save.description = words("app.note.save")
        self._action.placeholder = words("app.action.placeholder")
        self._add.description = words("app.action.add")
        self._status.value = ""
        self._status.remove_class("sc-app-problem")
        suggestions = [
            (action.text(words.language.code), action.id) for action in content().actions_for(self.review.brief.driver)
        ]
        self._suggested.options = [(words("app.action.own"), ""), *suggestions]
        self._suggested.value = ""
        self._record.children = [
            html_widget(words("app.record.title"), words("app.record.shared"), language=words.language.code),
            labelled(words("app.note.label"), self._text),
            self._save,
            self._status,
            html_widget(words("app.action.title"), words("app.action.hint"), language=words.language.code),
            self._actions,
            labelled(words("app.action.suggested"), self._suggested),
            labelled(words("app.action.text"), self._action),
            labelled(words("label.due"), self._due),
            self._add,
        ]
        self._show_actions()

    def _keep_draft(self) -> None:
        """Keep what was written and not saved, with the note it was based on, while another page is looked at."""
        if self._note is not None and self._text.value != self._note.text:
            self._drafts[self._note.rep_id, self._note.period] = (self._text.value, self._note)

    def _show_actions(self) -> None:
        words = load_words(self.review.page.language)
        actions = self._store.actions(self.review.facts.rep_id, upto=self._period.start)
        self._actions.children = [ActionRow(action, words, self._change_status) for action in actions]

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._status.value = text
        (self._status.add_class if problem else self._status.remove_class)("sc-app-problem")

    # --- writing -------------------------------------------------------------------------------

    @_told
    def _save_note(self, _button: Any) -> None:
        words = load_words(self.review.page.language)
        assert self._note is not None
        try:
            self._note = self._store.save_note(
                self.review.facts.rep_id,
                self._period,
                self._text.value,
                version=self._note.version,
                author=self._author,
            )
        except ConflictError as conflict:
            self._show_conflict(conflict)
            return
        self._hide_conflict()
        assert self._note.updated_at is not None  # it was saved just now
        local = self._note.updated_at.astimezone(self.workspace.organisation.zone)
        self._say(words("app.note.saved", time=words.language.moment(local)))

    def _show_conflict(self, conflict: ConflictError) -> None:
        """Both texts side by side; the next save is based on what is stored now."""
        words = load_words(self.review.page.language)
        self._note = self._store.note(self.review.facts.rep_id, self._period)
        self._theirs.value = self._note.text
        parts = [part for part in self._record.children if "sc-app-theirs" not in part._dom_classes]
        theirs = labelled(words("app.note.theirs", author=self._note.author), self._theirs)
        theirs.add_class("sc-app-theirs")
        self._record.children = [*parts[:2], theirs, *parts[2:]]
        self._say(words("app.note.conflict"), problem=True)

    def _hide_conflict(self) -> None:
        self._record.children = [part for part in self._record.children if "sc-app-theirs" not in part._dom_classes]

    def _suggestion_chosen(self, change: Any) -> None:
        if not change["new"]:
            return
        action = content().action(change["new"])
        self._action.value = action.text(self.review.page.language)
        self._due.value = self.review.facts.as_of + timedelta(days=action.due_days)

    @_told
    def _add_action(self, _button: Any) -> None:
        words = load_words(self.review.page.language)
        template = self._suggested.value or None
        if template and self._action.value != content().action(template).text(words.language.code):
            template = None  # changed by hand: from now on it is the person's own text
        self._store.add_action(
            self.review.facts.rep_id, self._period, self._action.value, author=self._author, due=self._due.value,
            template_id=template, key=uuid.uuid4().hex,
        )  # fmt: skip
        self._action.value, self._suggested.value, self._due.value = "", "", None
        self._show_actions()
        self._say(words("app.action.added"))

    @_told
    def _change_status(self, row: ActionRow, status: str, reason: str) -> None:
        words = load_words(self.review.page.language)
        try:
            self._store.change_action(
                row.action.action_id,
                version=row.action.version,
                author=self._author,
                status=status,
                reason=reason or None,
            )
        except ConflictError:
            self._show_actions()
            self._say(words("app.action.conflict"), problem=True)
            return
        self._show_actions()
        self._say(words("app.action.changed"))
