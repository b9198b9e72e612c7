"""Promises on the screen: those carried over with their state, and the form for a new one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.parts import STATUSES, labelled
from salescoach.errors import ConflictError
from salescoach.meetings import Desk
from salescoach.review import action_text, content
from salescoach.store.models import ActionItem, OneOnOne
from salescoach.store.service import one_on_ones


class PromiseRow(widgets.VBox):
    """One promise with its state; dropping it asks for the reason. Of two who change it the second sees what it is."""

    def __init__(self, desk: Desk, action: ActionItem) -> None:
        self.desk, self.status, self._action = desk, Status(), action
        words = desk.words
        text = action_text(action, words.language.code)
        due = words("review.promised.due", date=words.language.date(action.due)) if action.due else ""
        name = widgets.Label(value=f"{text} · {due}" if due else text)
        self._state = widgets.Dropdown(
            options=[(words(f"action_status.{status}"), status) for status in STATUSES], value=action.status
        )
        self._state.tooltip = words("one_on_one.app.state_of", text=text)
        self._reason = widgets.Text(placeholder=words("app.action.reason"))
        self._reason.tooltip = words("app.action.reason")
        self._drop = widgets.Button(description=words("app.action.drop"))
        self._state.observe(self._chosen, names="value")
        self._drop.on_click(self._dropped)
        self._due = widgets.DatePicker(value=action.due)
        self._due.tooltip = words("one_on_one.app.due_of", text=text)
        self._due.observe(self._put_off, names="value")
        line = widgets.HBox([self._state, self._due])
        self._top = [name, line]
        super().__init__([*self._top, self.status])
        self.add_class("sc-app-action")

    @told
    def _chosen(self, change: Any) -> None:
        if change["new"] == self._action.status:
            return
        if change["new"] == "dropped":
            self.children = [*self._top, self._reason, self._drop, self.status]
        else:
            self._set(change["new"], None)

    @told
    def _put_off(self, change: Any) -> None:
        """Another day for it; a promise that waits past its day has to be answered before a meeting is signed."""
        if change["new"] == self._action.due:
            return
        self._keep(lambda: self.desk.record.save(replace(self._action, due=change["new"])))

    @told
    def _dropped(self, _button: Any) -> None:
        self._set("dropped", self._reason.value or None)

    def _set(self, status: str, reason: str | None) -> None:
        self._keep(lambda: one_on_ones.set_status(self.desk.record, self._action, status, reason=reason))

    def _keep(self, save: Callable[[], ActionItem]) -> None:
        try:
            self._action = save()
        except ConflictError:
            self._action = self.desk.record.get(ActionItem, self._action.id)
            self._state.value, self._due.value = self._action.status, self._action.due
            self.status.say(self.desk.words("app.action.conflict"), problem=True)
            return
        self.children = [*self._top, self.status]
        self.status.say(self.desk.words("app.action.changed"))


class NewPromise(widgets.VBox):
    """The form for a promise: from the library or in own words, with its date."""

    def __init__(self, desk: Desk, meeting: OneOnOne, added: Callable[[], None]) -> None:
        self.desk, self.status, self._meeting, self._added = desk, Status(), meeting, added
        words, code = desk.words, desk.words.language.code
        library = [(action.text(code), action.id) for action in content().actions_for(desk.review.brief.driver)]
        self._suggested = widgets.Dropdown(options=[(words("app.action.own"), ""), *library], value="")
        self._suggested.observe(self._suggest, names="value")
        self._text = widgets.Text(placeholder=words("app.action.placeholder"), continuous_update=False)
        self._due = widgets.DatePicker()
        add = widgets.Button(description=words("app.action.add"), button_style="primary")
        add.on_click(self._add)
        self._key = uuid.uuid4().hex
        super().__init__([
            labelled(words("app.action.suggested"), self._suggested), labelled(words("app.action.text"), self._text),
            labelled(words("label.due"), self._due), add, self.status,
        ])  # fmt: skip

    def _suggest(self, change: Any) -> None:
        if change["new"]:
            action = content().action(change["new"])
            self._text.value = action.text(self.desk.words.language.code)
            self._due.value = self.desk.review.facts.as_of + timedelta(days=action.due_days)

    @told
    def _add(self, _button: Any) -> None:
        template = str(self._suggested.value)
        code = self.desk.words.language.code
        if template and content().action(template).text(code) != self._text.value:
            template = ""  # their own words now
        self.desk.promise(self._meeting, self._text.value, self._due.value, template, self._key)
        self._key = uuid.uuid4().hex
        self._text.value, self._due.value, self._suggested.value = "", None, ""
        self.status.say(self.desk.words("app.action.added"))
        self._added()
