"""What every app has: a bar of choices, the language among them; the page below it; and the mark of its end."""

from __future__ import annotations

import ipywidgets as widgets

from salescoach.app.parts import Ended, Widgets, labelled
from salescoach.resources import load_words
from salescoach.words import Words


class Frame(Ended):
    """The outside of an app; what it shows, and when, is the app's own.

    Parameters
    ----------
    language : code of the language in which it opens
    """

    def __init__(self, language: str) -> None:
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=language)
        self._bar, self._page = widgets.HBox(), widgets.VBox()
        self._bar.add_class("sc-app-bar")
        self._page.add_class("sc-app-page")
        super().__init__([self._bar, self._page])
        self.add_class("sc-app")

    @property
    def _words(self) -> Words:
        """The chosen language."""
        return load_words(self._tongue.value)

    def _put_beside(self, side: widgets.VBox, *above: widgets.Widget) -> None:
        """Put what is written beside the page, and *above* both what leads from one screen to another."""
        side.add_class("sc-app-record")
        body = widgets.HBox([self._page, side])
        body.add_class("sc-app-body")
        self.children = [self._bar, *above, body]

    def _choose_from(self, words: Words, fields: Widgets) -> None:
        """The bar: *fields*, and the language after them."""
        self._bar.children = [*fields, labelled(words("app.language"), self._tongue)]
