"""A page drawn as HTML: whole, part by part, and as what a notebook displays.

Pure: style sheet and the path of plotly.js are arguments. All markup is made by
:mod:`salescoach.safe_html`; whatever a text says, it stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from salescoach.report import markdown, plain
from salescoach.report.page import (
    END,
    NO_CELL,
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Fold,
    Header,
    Item,
    Page,
    Pairs,
    Quote,
    Section,
    Table,
    Text,
)
from salescoach.safe_html import DOCTYPE, NOTHING, SafeHtml, call, join, script_file, style, tag

_MINUS = re.compile(r"−(?=[^\s\d−])")


def document(page: Page, css: str, plotly_src: str) -> str:
    """The complete document: see :func:`salescoach.report.page.page_html`."""
    figures = any(isinstance(part, Figure) for part in page.sections)
    parts = (
        figure_html(part.figure, f"figure-{n}", part.description) if isinstance(part, Figure) else section_html(part)
        for n, part in enumerate(page.sections, 1)
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", page.title),
        style(css),
        script_file(plotly_src) if figures else None,
    )
    body = tag(
        "body",
        tag("main", header_html(Header(page)), parts, class_="sc-page"),
        tag("footer", tag("p", page.footer), class_="sc-sheet sc-footer") if page.footer else None,
        END._repr_mimebundle_()["text/html"],
        class_="sc-paper",
    )
    return join([DOCTYPE, tag("html", head, body, class_="sc-document", lang=page.language)], separator="\n") + "\n"


def bundle(part: Header | Section) -> dict[str, str]:
    """What a notebook displays of *part*: the same content as HTML, Markdown and plain text."""
    drawn = header_html(part) if isinstance(part, Header) else section_html(part)
    return {"text/html": drawn, "text/markdown": markdown.written(part), "text/plain": plain.written(part)}


def header_html(header: Header) -> SafeHtml:
    """Title, subtitle and the facts of the page; the style sheet before them when the header carries one."""
    page = header.page
    drawn = tag(
        "header",
        tag("h1", page.title, class_="sc-name"),
        tag("p", page.subtitle, class_="sc-subtitle") if page.subtitle else None,
        _pairs(page.header, "sc-facts") if page.header.pairs else None,
        class_="sc-sheet sc-header",
        lang=page.language,
    )
    return join([style(header.css) if header.css else None, drawn])


def section_html(section: Section) -> SafeHtml:
    """A section named by its heading."""
    title = f"{section.anchor}-title"
    return tag(
        "section",
        tag("h2", section.title, id=title, class_="sc-title"),
        tag("p", _kept(section.lead), class_="sc-lead") if section.lead else None,
        (block_html(block) for block in section.blocks),
        class_="sc-sheet sc-section",
        id=section.anchor,
        aria_labelledby=title,
        lang=section.language or None,
    )


def figure_html(figure: Mapping[str, Any], name: str, description: str) -> SafeHtml:
    """A box with the id *name* and the call that draws the plotly *figure* in it.

    The description is the text alternative, and what remains when plotly.js is not there.
    """
    box = tag(
        "div",
        tag("p", description, class_="sc-instead"),
        class_="sc-plot",
        id=name,
        role="img",
        aria_label=description,
    )
    drawing = call("Plotly.newPlot", name, figure["data"], figure["layout"], figure.get("config", {}))
    return tag("figure", box, drawing, class_="sc-sheet sc-figure")


def block_html(block: Block) -> SafeHtml:
    """One block of a section."""
    match block:
        case Text():
            return tag("p", _kept(block.text), class_=f"sc-text sc-{block.tone}")
        case Bullets():
            return _bullets(block)
        case Table():
            return _table(block)
        case Pairs():
            return _pairs(block, "sc-pairs")
        case Quote():
            return _quote(block)
        case Fold():
            return _fold(block)
        case _:
            assert_never(block)


def _kept(text: str) -> str:
    """*text* with each minus kept on the line of its amount: a line that ends in a minus turns a loss into a gain."""
    return _MINUS.sub("−\N{WORD JOINER}", text)


def _bullets(bullets: Bullets) -> SafeHtml:
    if not bullets.items:
        return tag("p", bullets.empty, class_="sc-text sc-muted") if bullets.empty else NOTHING
    marked = " sc-marked" if any(item.mark for item in bullets.items) and not bullets.ordered else ""
    return tag("ol" if bullets.ordered else "ul", (_item(item) for item in bullets.items), class_=f"sc-list{marked}")


def _item(item: Item) -> SafeHtml:
    # The spaces are for those who hear or copy the text; the eye gets its distance from the style sheet.
    mark = join([tag("span", item.mark, class_="sc-mark"), " "]) if item.mark else None
    detail = join([" ", tag("span", _kept(item.detail), class_="sc-detail")]) if item.detail else None
    return tag("li", mark, tag("span", _kept(item.text), class_="sc-point"), detail, class_="sc-item")


def _table(table: Table) -> SafeHtml:
    head = tag("tr", (_heading(column) for column in table.columns))
    drawn = tag(
        "table",
        tag("caption", table.caption) if table.caption else None,
        tag("thead", head),
        tag("tbody", (_row(row, table) for row in table.rows)),
        class_="sc-table",
    )
    # Wide tables scroll inside their own frame, which the keyboard can reach.
    role = "region" if table.caption else None
    frame = tag("div", drawn, class_="sc-scroll", role=role, aria_label=table.caption or None, tabindex="0")
    notes = tag("div", (tag("p", note) for note in table.notes), class_="sc-notes") if table.notes else None
    return join([frame, notes])


def _heading(column: Column) -> SafeHtml:
    note = join([" ", tag("span", column.note, class_="sc-detail")]) if column.note else None
    return tag("th", column.title, note, scope="col", class_=f"sc-{column.align}")


def _row(row: Iterable[Cell], table: Table) -> SafeHtml:
    cells = zip(row, table.columns, strict=True)
    return tag("tr", (_cell(cell, column, first=n == 0) for n, (cell, column) in enumerate(cells)))


def _cell(cell: Cell, column: Column, *, first: bool) -> SafeHtml:
    detail = join([" ", tag("span", _kept(cell.detail), class_="sc-detail")]) if cell.detail else None
    kind = f"sc-{column.align} sc-cell-{cell.tone}"
    if first:
        return tag("th", cell.text, detail, scope="row", class_=kind)
    # On a narrow screen rows become cards, each value shows the heading of its column, and what is empty is left out.
    nothing = " sc-cell-none" if cell.text == NO_CELL and not cell.detail else ""
    return tag("td", tag("span", cell.text, detail, class_="sc-value"), class_=kind + nothing, data_label=column.title)


def _pairs(pairs: Pairs, kind: str) -> SafeHtml:
    return tag("dl", (tag("div", tag("dt", name), tag("dd", fact)) for name, fact in pairs.pairs), class_=kind)


def _fold(fold: Fold) -> SafeHtml:
    return tag(
        "details",
        tag("summary", fold.title, class_="sc-summary"),
        (block_html(block) for block in fold.blocks),
        class_="sc-fold",
    )


def _quote(quote: Quote) -> SafeHtml:
    paragraphs = (tag("p", paragraph) for paragraph in quote.paragraphs if paragraph.strip())
    title = tag("figcaption", quote.title) if quote.title else None
    return tag("figure", title, tag("blockquote", paragraphs), class_="sc-quote")
