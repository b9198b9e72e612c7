"""Small parts of the screens. The only place where HTML reaches a widget, and only from safe parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from salescoach.report import render
from salescoach.report.page import END, End, Figure, Header, Page, Section
from salescoach.review import action_text
from salescoach.safe_html import SafeHtml, tag
from salescoach.store import Action
from salescoach.words import Words

Widgets = list[widgets.Widget]
Screen = tuple[Widgets, Widgets]
"""What is read, and what is written beside it."""

STATUSES = ("open", "in_progress", "done", "dropped")


def html_widget(part: Header | Section | str, lead: str = "", *, language: str) -> widgets.HTML:
    """A part of a page, or a heading with a line below it, as a widget that says its *language*.

    The page says the language in which it was opened; the person may have chosen the other one since.
    """
    if isinstance(part, str):
        markup: SafeHtml = tag(
            "header", tag("h2", part, class_="sc-title"), tag("p", lead, class_="sc-lead"), class_="sc-sheet sc-section"
        )
    else:
        markup = render.header_html(part) if isinstance(part, Header) else render.section_html(part)
    shown = widgets.HTML(value=str(tag("div", markup, lang=language)))
    shown.add_class("sc-app-part")
    return shown


def labelled(text: str, control: widgets.Widget) -> widgets.VBox:
    """A control under its name."""
    control.tooltip = text
    name = widgets.Label(value=text)
    name.add_class("sc-app-label")
    box = widgets.VBox([name, control])
    box.add_class("sc-app-field")
    return box


def figure_widgets(figures: Sequence[Figure], *, language: str) -> list[widgets.Widget]:
    """Charts that draw without a network, each with its description for those who cannot see it.

    A chart here only shows, so it is an output, drawn by the page's one copy of plotly.js. A FigureWidget would send
    five megabytes of JavaScript with every chart, anew for each rep, and give up when that takes two seconds.
    """
    shown: list[widgets.Widget] = []
    for figure in figures:
        chart = {"output_type": "display_data", "data": figure._repr_mimebundle_(), "metadata": {}}
        caption = tag("div", tag("p", figure.description, class_="sc-text sc-muted"), class_="sc-sheet", lang=language)
        box = widgets.VBox([widgets.Output(outputs=(chart,)), widgets.HTML(value=str(caption))])
        box.add_class("sc-app-figure")
        shown.append(box)
    return shown


def part_widgets(page: Page, language: str) -> list[widgets.Widget]:
    """Every section and chart of *page*, in its order."""
    shown: list[widgets.Widget] = []
    for part in page.sections:
        shown += figure_widgets([part], language=language) if isinstance(part, Figure) else [
            html_widget(part, language=language)
        ]  # fmt: skip
    return shown


def close(shown: Sequence[widgets.Widget]) -> None:
    """Forget widgets that are shown no more, with what is in them."""
    for widget in shown:
        close(getattr(widget, "children", ()))
        widget.close()


class Ended(widgets.VBox):
    """The whole of a page: an app, or what is shown instead."""

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END


class Notice(Ended):
    """What is shown instead of the app when it cannot be opened."""


class ActionRow(widgets.HBox):
    """One agreed action with its status; dropping one asks for the reason."""

    def __init__(self, action: Action, words: Words, change: Callable[[ActionRow, str, str], Any]) -> None:
        self.action = action
        self._change = change
        text = action_text(action, words.language.code)
        due = words("review.promised.due", date=words.language.date(action.due)) if action.due else ""
        name = widgets.Label(value=f"{text} · {due}" if due else text)
        self._status = widgets.Dropdown(
            options=[(words(f"action_status.{status}"), status) for status in STATUSES], value=action.status
        )
        self._reason = widgets.Text(placeholder=words("app.action.reason"))
        self._confirm = widgets.Button(description=words("app.action.drop"))
        self._status.observe(self._chosen, names="value")
        self._confirm.on_click(lambda _button: self._change(self, "dropped", self._reason.value))
        self._shown: list[widgets.Widget] = [name, self._status]
        super().__init__(self._shown)
        self.add_class("sc-app-action")

    def _chosen(self, change: Any) -> None:
        if change["new"] == "dropped":
            self.children = [*self._shown, self._reason, self._confirm]
        else:
            self._change(self, change["new"], "")
