"""The frame of an app in steps: choices on top, a button for each step, what is read beside what is written.

Knows no step by itself. Who is before the screen comes from the server, never from the address or a control; every step
reads and writes through the coaching record, which authorises it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import ipywidgets as widgets

from salescoach.app.frame import Frame
from salescoach.app.parts import Notice, Screen, Widgets, close, html_widget, labelled
from salescoach.errors import AccessDenied, NotNoticedError, SalesCoachError
from salescoach.meetings import Desk, open_record, people
from salescoach.report.page import Section, Text
from salescoach.resources import load_words
from salescoach.review import RepReview, requested_language, requested_rep
from salescoach.store import Principal
from salescoach.words import Words
from salescoach.workspace import Workspace

Name = Callable[[Words, str], str]
"""What a step is called in a language."""

Made = TypeVar("Made", bound="SteppedApp")


def opened(
    app: Callable[[Workspace, str, Principal | None], Made],
    workspace: str | Path,
    language: str,
    principal: Principal | None,
) -> Made | Notice:
    """*app* on *workspace* (default: ``SALESCOACH_WORKSPACE``) in the language of the address, or why there is none."""
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return app(home, requested_language(language, home), principal)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class SteppedApp(Frame):
    """An app in steps.

    Parameters
    ----------
    principal : who is there; None asks the server
    steps : names of all steps, the first of them shown at the beginning
    name : what a step is called
    refused : key of the sentence for somebody who may see nothing of it
    """

    def __init__(
        self,
        home: Workspace,
        language: str,
        principal: Principal | None,
        steps: Sequence[str],
        name: Name,
        refused: str,
    ) -> None:  # fmt: skip
        super().__init__(language)
        self.home = home
        self._record = open_record(home, principal)
        self._name, self._why, self._step = name, refused, steps[0]
        self._drawing = True
        self._steps, self._side = widgets.HBox(), widgets.VBox()
        self._steps.add_class("sc-app-steps")
        self._buttons = {step: widgets.Button() for step in steps}
        for step, button in self._buttons.items():
            button.on_click(lambda _button, step=step: self._go(step))
        self._put_beside(self._side, self._steps)
        self.add_class("sc-app-session")

    def _begin(self, *controls: widgets.Widget) -> None:
        """Show the first step, and all of it anew whenever one of *controls*, or the language, is changed."""
        for control in (self._tongue, *controls):
            control.observe(self._changed, names="value")
        self._drawing = False
        self._show()

    # --- what an app says of itself --------------------------------------------------------------

    @property
    def steps(self) -> Sequence[str]:
        """Steps of which the person may see something."""
        return tuple(self._buttons)

    def _offer(self, words: Words) -> Widgets:
        """The controls of this step in the chosen language; what was chosen stays chosen."""
        return []

    def _screens(self, words: Words) -> Mapping[str, Callable[[], Screen]]:
        """How each step is drawn."""
        return {}

    # --- showing -----------------------------------------------------------------------------------

    def _changed(self, _change: Any) -> None:
        if not self._drawing:
            self._show()

    def _go(self, step: str) -> None:
        self._step = step
        self._show()

    def _show(self) -> None:
        """Draw everything in the chosen language, as the record has it now."""
        words = self._words
        self._drawing = True
        try:
            self._choose_from(words, self._offer(words))
            read, written = self._screen(words)
        except NotNoticedError:
            read, written = self._nothing(words, "one_on_one.access.no_notice")
        except AccessDenied:
            read, written = self._nothing(words)
        except SalesCoachError as error:
            read, written = [widgets.Label(value=str(error))], []
        finally:
            self._drawing = False
        old = (*self._page.children, *self._side.children)
        self._side.children = written  # first: who sees the page anew must not write into forms that are about to go
        self._page.children = read
        self._steps.children = [self._button(step, words) for step in self.steps]
        self._side.layout.display = None if written else "none"
        close(old)

    def _screen(self, words: Words) -> Screen:
        return self._screens(words)[self._step]() if self._step in self.steps else self._nothing(words)

    def _nothing(self, words: Words, why: str = "") -> Screen:
        """An empty page with the reason: what may not be seen is not even begun."""
        text = words(why) if why else words(self._why, person=self._record.principal.person)
        section = Section("access", words("one_on_one.access.title"), (Text(text),))
        return [html_widget(section, language=words.language.code)], []

    def _button(self, step: str, words: Words) -> widgets.Button:
        """The button of a step; always the same one, so that a click during a redraw is not lost."""
        here, button = step == self._step, self._buttons[step]
        button.description = self._name(words, step)
        button.tooltip = words("one_on_one.app.here" if here else "one_on_one.app.go", step=button.description)
        (button.add_class if here else button.remove_class)("sc-app-here")
        return button


class RepApp(SteppedApp):
    """An app in steps about one rep; on a laptop, its owner lends the chair to the rep, to sign or to reply."""

    def __init__(
        self, home: Workspace, language: str, principal: Principal | None, steps: Sequence[str], name: Name
    ) -> None:
        super().__init__(home, language, principal, steps, name, "one_on_one.access.none")
        self._reviews: dict[tuple[str, str], RepReview] = {}
        self._people = people(home, self._record, load_words(language))
        asked, seen = requested_rep(), [rep for _, rep in self._people]
        self._refused = bool(asked) and asked not in seen
        first = asked if asked in seen else next(iter(seen), None)
        self._rep = widgets.Dropdown(options=self._people, value=first)
        self._seat = widgets.Dropdown(options=[("coach", "coach"), ("rep", "rep")], value="coach")

    @property
    def desk(self) -> Desk:
        """The chosen rep, as whoever sits before the screen may see them."""
        record = self._record
        if record.principal.is_owner and self._seat.value == "rep":
            record = record.of(Principal.owner(record.principal.person, beside=self._rep.value))
        return Desk(self.home, record, self._rep.value, self._words, self._reviews)

    def _changed(self, change: Any) -> None:
        if change["owner"] is self._rep and not self._drawing:
            self._refused = False
        super()._changed(change)

    def _offer(self, words: Words) -> Widgets:
        chosen, seat = self._rep.value, self._seat.value
        self._rep.options = sorted(self._people, key=lambda pair: words.language.sort_key(pair[0]))
        self._rep.value = chosen
        self._seat.options = [(words(f"one_on_one.app.seat_{name}"), name) for name in ("coach", "rep")]
        self._seat.value = seat
        fields = [labelled(words("label.rep"), self._rep), *self._beside_rep(words)] if self._people else []
        if self._record.principal.is_owner:
            fields.append(labelled(words("one_on_one.app.seat"), self._seat))
        return fields

    def _beside_rep(self, words: Words) -> Widgets:
        """What else is chosen of the rep."""
        return []
