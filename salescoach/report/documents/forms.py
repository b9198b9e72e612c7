"""A page as HTML, Markdown or a Word document. Text from people stays text in each of them."""

from __future__ import annotations

import io
from typing import Any, assert_never

from salescoach.report import markdown
from salescoach.report.page import (
    Block,
    Bullets,
    Cell,
    Fold,
    Header,
    Page,
    Pairs,
    Quote,
    Section,
    Table,
    Text,
    page_html,
)
from salescoach.safe_html import printable


def html_text(page: Page, css: str) -> str:
    """The page as one HTML document with nothing beside it."""
    return page_html(page, css, "")


def markdown_text(page: Page) -> str:
    """The page as Markdown."""
    parts: list[Header | Section] = [Header(page), *_sections(page)]
    footer = markdown.written(Section("footer", page.footer, ())).removeprefix("## ")
    return "\n".join([*map(markdown.written, parts), footer])


def docx_bytes(page: Page) -> bytes:
    """The page as a Word document that people may finish by hand: headings, lists and tables, no field, no link."""
    from docx import Document  # loaded for Word documents only

    document = Document()
    document.core_properties.title = printable(page.title)
    document.core_properties.author = ""
    document.core_properties.language = page.language
    document.add_heading(_line(page.title), level=0)
    document.add_paragraph(_line(page.subtitle))
    _block(document, page.header)
    for section in _sections(page):
        document.add_heading(_line(section.title), level=1)
        if section.lead:
            document.add_paragraph(_line(section.lead))
        for block in section.blocks:
            _block(document, block)
    document.sections[0].footer.paragraphs[0].text = _line(page.footer)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _sections(page: Page) -> list[Section]:
    return [part for part in page.sections if isinstance(part, Section)]


def _line(text: str) -> str:
    """*text* on one line, without the characters that a Word document cannot hold."""
    return " ".join(printable(text).split())


def _block(document: Any, block: Block) -> None:
    match block:
        case Text():
            run = document.add_paragraph().add_run(_line(block.text))
            run.bold = block.tone == "strong"
        case Bullets():
            _bullets(document, block)
        case Table():
            _table(document, block)
        case Pairs():
            for name, fact in block.pairs:
                paragraph = document.add_paragraph()
                paragraph.add_run(f"{_line(name)}: ").bold = True
                paragraph.add_run(_line(fact))
        case Quote():
            if block.title:
                document.add_paragraph().add_run(_line(block.title)).bold = True
            for text in block.paragraphs:
                if text.strip():
                    document.add_paragraph(_line(text), style="Quote")
        case Fold():
            document.add_paragraph().add_run(_line(block.title)).bold = True
            for part in block.blocks:
                _block(document, part)
        case _:
            assert_never(block)


def _bullets(document: Any, bullets: Bullets) -> None:
    if not bullets.items and bullets.empty:
        document.add_paragraph(_line(bullets.empty))
    for item in bullets.items:
        paragraph = document.add_paragraph(style="List Number" if bullets.ordered else "List Bullet")
        if item.mark:
            paragraph.add_run(f"{_line(item.mark)}: ").bold = True
        paragraph.add_run(_line(item.text))
        if item.detail:
            paragraph.add_run(f" ({_line(item.detail)})")


def _table(document: Any, table: Table) -> None:
    if table.caption:
        document.add_paragraph().add_run(_line(table.caption)).bold = True
    drawn = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, column in zip(drawn.rows[0].cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(_line(column.title)).bold = True
    for row in table.rows:
        for place, cell in zip(drawn.add_row().cells, row, strict=True):
            place.text = _cell(cell)
    for note in table.notes:
        document.add_paragraph(_line(note))


def _cell(cell: Cell) -> str:
    return f"{_line(cell.text)} ({_line(cell.detail)})" if cell.detail else _line(cell.text)
