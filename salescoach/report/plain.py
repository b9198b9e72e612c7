"""A part of a page as plain text, for a terminal, a log or an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from salescoach.report.page import Block, Bullets, Cell, Fold, Header, Item, Pairs, Quote, Section, Table, Text
from salescoach.safe_html import printable


def written(part: Header | Section) -> str:
    """*part* as lines of text."""
    if isinstance(part, Header):
        page = part.page
        pieces = [_line(page.title), _line(page.subtitle), _pairs(page.header)]
    else:
        title = _line(part.title)
        heading = f"{title}\n{'-' * len(title)}"
        pieces = [heading, _line(part.lead), *(_block(block) for block in part.blocks)]
    return "\n\n".join(piece for piece in pieces if piece)


def _line(text: str) -> str:
    return " ".join(printable(text).split())


def _block(block: Block) -> str:
    match block:
        case Text():
            return _line(block.text)
        case Bullets():
            return _bullets(block)
        case Table():
            return _table(block)
        case Pairs():
            return _pairs(block)
        case Quote():
            lines = [f"    {_line(paragraph)}" for paragraph in block.paragraphs if paragraph.strip()]
            return "\n".join([_line(block.title), *lines])
        case Fold():
            return "\n\n".join([_line(block.title), *map(_block, block.blocks)])
        case _:
            assert_never(block)


def _bullets(bullets: Bullets) -> str:
    if not bullets.items:
        return _line(bullets.empty)
    signs = [f"{n}." if bullets.ordered else "-" for n in range(1, len(bullets.items) + 1)]
    return "\n".join(f"{sign} {_item(item)}" for sign, item in zip(signs, bullets.items, strict=True))


def _item(item: Item) -> str:
    mark = f"[{_line(item.mark)}]" if item.mark else ""
    return " ".join(part for part in (mark, _with_detail(item.text, item.detail)) if part)


def _with_detail(text: str, detail: str) -> str:
    return f"{_line(text)} ({_line(detail)})" if detail else _line(text)


def _table(table: Table) -> str:
    """Columns as wide as their widest cell; numbers to the right."""
    heads = [_with_detail(column.title, column.note) for column in table.columns]
    rows = [heads, *([_cell(cell) for cell in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = "\n".join(_padded(row, widths, table) for row in rows)
    return "\n\n".join(piece for piece in (_line(table.caption), lines, *map(_line, table.notes)) if piece)


def _cell(cell: Cell) -> str:
    return _with_detail(cell.text, cell.detail)


def _padded(row: Sequence[str], widths: Sequence[int], table: Table) -> str:
    cells = [
        text.rjust(width) if column.align == "right" else text.ljust(width)
        for text, width, column in zip(row, widths, table.columns, strict=True)
    ]
    return "  ".join(cells).rstrip()


def _pairs(pairs: Pairs) -> str:
    return "\n".join(f"{_line(name)}: {_line(fact)}" for name, fact in pairs.pairs)
