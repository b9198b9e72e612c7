"""How the files of an export are spelt: the encodings, separators and decimal marks that imports meet."""

from __future__ import annotations

from dataclasses import dataclass

from salescoach.errors import UsageError

Cells = list[str]


@dataclass(frozen=True)
class Dialect:
    """Separator, encoding and decimal mark; ``garbled`` is UTF-8 that some program took for cp1252 and saved again."""

    separator: str = ","
    encoding: str = "utf-8"
    comma: bool = False
    garbled: bool = False

    def spelt(self, cells: Cells, kind: str) -> Cells:
        """The *cells* of a column of type *kind* as this dialect writes them.

        >>> DIALECTS["decimal_comma"].spelt(["1.50"], "money"), DIALECTS["mojibake"].spelt(["ş"], "text")
        (['1,50'], ['ÅŸ'])
        """
        if self.comma and kind in ("money", "share", "number"):
            return [cell.replace(".", ",") for cell in cells]
        if self.garbled and kind == "text":
            return [cell.encode().decode("cp1252") for cell in cells]
        return cells


DIALECTS = {
    "plain": Dialect(),
    "cp1254": Dialect(separator=";", encoding="cp1254", comma=True),
    "decimal_comma": Dialect(separator=";", comma=True),
    "mojibake": Dialect(garbled=True),
}


def dialect_of(name: str) -> Dialect:
    """The dialect of that name; UsageError for one that is none."""
    if name not in DIALECTS:
        raise UsageError.unknown("dialect", name, DIALECTS)
    return DIALECTS[name]
