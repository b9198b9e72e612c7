"""A part of a page as Markdown, for readers that show no HTML. Text stays text here too.

Every sign that Markdown, its HTML, its links or its formulas could take for themselves is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from salescoach.report.page import Block, Bullets, Cell, Column, Fold, Header, Item, Pairs, Quote, Section, Table, Text
from salescoach.safe_html import printable

_SIGNS = re.compile(r"([\\`*_\[\]<>|~$@&])")
_LINK = re.compile(r"(?i)\b(https?|ftp|www)([:.])")  # many readers make a link of a bare address
_LEADING = re.compile(r"^(\d+(?=[.)]\s)|)([#+\-=:.)])")


def written(part: Header | Section) -> str:
    """*part* as Markdown that ends with a line break."""
    if isinstance(part, Header):
        page = part.page
        pieces = [f"# {_line(page.title)}", _line(page.subtitle), _pairs(page.header)]
    else:
        pieces = [f"## {_line(part.title)}", _line(part.lead), *(_block(block) for block in part.blocks)]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def _line(text: str) -> str:
    """*text* on one line, with nothing in it that Markdown understands.

    >>> print(_line("1. <b>bold</b> [x](y) $5"))
    1\\. \\<b\\>bold\\</b\\> \\[x\\](y) \\$5
    """
    escaped = _LINK.sub(r"\1\\\2", _SIGNS.sub(r"\\\1", " ".join(printable(text).split())))
    return _LEADING.sub(r"\1\\\2", escaped)


def _block(block: Block) -> str:
    match block:
        case Text():
            return _strong(block.text) if block.tone == "strong" else _line(block.text)
        case Bullets():
            return _bullets(block)
        case Table():
            return _table(block)
        case Pairs():
            return _pairs(block)
        case Quote():
            return _quote(block)
        case Fold():
            return "\n\n".join([_strong(block.title), *map(_block, block.blocks)])
        case _:
            assert_never(block)


def _strong(text: str) -> str:
    return f"**{_line(text)}**" if text.strip() else ""


def _bullets(bullets: Bullets) -> str:
    if not bullets.items:
        return _line(bullets.empty)
    signs = [f"{n}." if bullets.ordered else "-" for n in range(1, len(bullets.items) + 1)]
    return "\n".join(f"{sign} {_item(item)}" for sign, item in zip(signs, bullets.items, strict=True))


def _item(item: Item) -> str:
    return " ".join(part for part in (_strong(item.mark), _line(item.text), _aside(item.detail)) if part)


def _aside(detail: str) -> str:
    return f"({_line(detail)})" if detail else ""


def _table(table: Table) -> str:
    rules = ["---:" if column.align == "right" else "---" for column in table.columns]
    rows = [
        [_heading(column) for column in table.columns],
        rules,
        *([_cell(cell) for cell in row] for row in table.rows),
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join(piece for piece in (_strong(table.caption), lines, *map(_line, table.notes)) if piece)


def _heading(column: Column) -> str:
    return " ".join(part for part in (_line(column.title), _aside(column.note)) if part)


def _cell(cell: Cell) -> str:
    return " ".join(part for part in (_line(cell.text), _aside(cell.detail)) if part)


def _pairs(pairs: Pairs) -> str:
    return "\n".join(f"- {_strong(name)}: {_line(fact)}" for name, fact in pairs.pairs)


def _quote(quote: Quote) -> str:
    paragraphs: Sequence[str] = [_strong(quote.title), *(_line(paragraph) for paragraph in quote.paragraphs)]
    return "\n>\n".join(f"> {paragraph}" for paragraph in paragraphs if paragraph)
