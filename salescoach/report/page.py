"""What a page about a rep consists of. It holds finished text in the reader's language and nothing else.

No figure is computed or formatted here, no sentence is chosen, no file is read. Sections and figures
display themselves in a notebook; :mod:`salescoach.report.render` draws the whole document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from salescoach.safe_html import tag

TextTone = Literal["plain", "muted", "strong", "note"]
CellTone = Literal["plain", "grey", "na"]
Align = Literal["left", "right"]

PLOTLY_MIME = "application/vnd.plotly.v1+json"

# An anchor becomes an id in the document and part of others.
_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True)
class Text:
    """A paragraph. ``strong`` serves as a heading inside a section, ``note`` is set apart."""

    text: str
    tone: TextTone = "plain"


@dataclass(frozen=True)
class Item:
    """One point of a list; ``mark`` names its kind or state in a word or two."""

    text: str
    detail: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list, numbered when ``ordered``; ``empty`` is what is said when there is no item."""

    items: Sequence[Item]
    ordered: bool = False
    empty: str = ""


@dataclass(frozen=True)
class Column:
    """Heading of a table's column; numbers are aligned to the right."""

    title: str
    align: Align = "left"
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell. ``grey``: shown, but on few observations; ``na``: no answer, the text says so.

    A line break in ``detail`` is kept: a range and its n do not fit one line of a narrow column.
    """

    text: str
    detail: str = ""
    tone: CellTone = "plain"


NO_CELL = "–"
"""What stands in a cell that has nothing to say; a card on a narrow screen leaves it out."""


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first cell of a row names it. Raises ValueError when a row has another length."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"Row {number} has {len(row)} cells; the table has {len(self.columns)} columns.")


@dataclass(frozen=True)
class Pairs:
    """Names with their facts: who and when, or what a page was made of."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Quote:
    """A text to be copied and finished by a person, or one that a person wrote."""

    title: str
    paragraphs: Sequence[str]


@dataclass(frozen=True)
class Fold:
    """What stands behind a page and is not needed at first sight: closed on a screen, open on paper.

    ``title`` says what is in it; a form without folds writes it as a heading.
    """

    title: str
    blocks: Sequence[Block]


Block = Text | Bullets | Table | Pairs | Quote | Fold


@dataclass(frozen=True)
class Section:
    """A titled part of a document.

    ``anchor`` is its id; ``language`` a code, for a section that is shown among text of another language.
    """

    anchor: str
    title: str
    blocks: Sequence[Block]
    lead: str = ""
    language: str = ""

    def __post_init__(self) -> None:
        if not _ANCHOR.fullmatch(self.anchor):
            raise ValueError(f"{self.anchor!r} is not an anchor: a letter, then letters, digits and hyphens.")

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from salescoach.report import render  # the renderers know the model, not the other way round

        return render.bundle(self)


@dataclass(frozen=True)
class Figure:
    """A chart as a plotly figure in plain JSON types; ``description`` says the same in words."""

    figure: Mapping[str, Any]
    title: str
    description: str

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        return {PLOTLY_MIME: dict(self.figure), "text/plain": self.description}


@dataclass(frozen=True)
class Page:
    """A whole document, in the order in which it is read. ``language`` is a code such as ``tr``."""

    title: str
    subtitle: str
    header: Pairs
    sections: Sequence[Section | Figure]
    footer: str
    language: str


@dataclass(frozen=True)
class Header:
    """Top of *page*, displayed first. ``css`` travels with it, for places that have no style sheet of their own."""

    page: Page
    css: str = field(default="", repr=False)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from salescoach.report import render  # the renderers know the model, not the other way round

        return render.bundle(self)


@dataclass(frozen=True)
class End:
    """Last output of a notebook: a page without it was cut short."""

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        return {"text/html": tag("div", id="salescoach-end", hidden=True), "text/plain": ""}


END = End()


def page_html(page: Page, css: str, plotly_src: str) -> str:
    """The complete HTML document of *page*, with the style sheet *css*.

    *plotly_src* is the relative path of plotly.js; it is loaded only when there is a figure.
    """
    from salescoach.report import render

    return render.document(page, css, plotly_src)
