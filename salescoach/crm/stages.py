"""The stages of a CRM that lists them nowhere: asked for, or taken from the deals and their history.

A deal is never closed by the name of its stage; here it is the other way round: what a stage is follows
from what its deals are. Where that cannot be told, the user is asked, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from salescoach.crm.form import Source
from salescoach.crm.headings import fold
from salescoach.crm.text import TextColumn, TextTable
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES

_PIPELINE = "Sales"
Row = Mapping[str, str]


def stated_or_found(
    pieces: Sequence[tuple[Source, TextTable]], mode: str, title: str
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Rows of the stage table, and its stages in order.

    InputError listing the stages found, in the mode "ask", and where no deal has a status to go by.
    """
    found = _found(pieces)
    names = tuple(dict.fromkeys(stage for _, stage in found))
    if mode == "ask" or (mode == "status" and not any(facts.statuses - {""} for facts in found.values())):
        raise InputError(
            f"{title} does not say which stages are won and which are lost. The stages in these files: "
            f"{', '.join(names)}. Say so once: put a file stage.csv with the columns pipeline, stage, order, kind "
            "(open, won or lost) and qualified beside the export, or write [stages] into a form of your own."
        )
    rows: list[Row] = []
    for pipeline in dict.fromkeys(pipeline for pipeline, _ in found):
        mine = [(stage, facts) for (own, stage), facts in found.items() if own == pipeline]
        kinds = [facts.kind if mode == "status" else "open" for _, facts in mine]
        rank = {"open": 0, "won": 1, "lost": 2}
        order = sorted(range(len(mine)), key=lambda place: (rank[kinds[place]], mine[place][1].chance, place))
        for number, place in enumerate(order, 1):
            rows.append({"pipeline": pipeline, "stage": mine[place][0], "order": str(number), "kind": kinds[place]})
    return tuple(rows), tuple(row["stage"] for row in rows)


class _Facts:
    """What the deals in one stage say of it."""

    def __init__(self) -> None:
        self.statuses: set[str] = set()
        self.chances: list[float] = []

    @property
    def kind(self) -> str:
        """won or lost when all its deals are; a stage nobody is in now is one that deals pass through."""
        return next(iter(self.statuses)) if len(self.statuses) == 1 and self.statuses <= {"won", "lost"} else "open"

    @property
    def chance(self) -> float:
        return median(self.chances) if self.chances else float("inf")


def _found(pieces: Sequence[tuple[Source, TextTable]]) -> dict[tuple[str, str], _Facts]:
    found: dict[tuple[str, str], _Facts] = {}
    pipelines: dict[str, str] = {}
    for source, text in sorted(pieces, key=lambda piece: piece[0].table != "opportunity"):
        deals = source.table == "opportunity"
        stages = _cells(source, text, "stage" if deals else "stage_to")
        ids = _cells(source, text, "deal_id")
        pipeline = _cells(source, text, "pipeline") if deals else [pipelines.get(deal, "") for deal in ids]
        usual = next(iter(pipelines.values()), _PIPELINE)
        statuses, chances = _cells(source, text, "status"), _cells(source, text, "probability")
        for row, stage in enumerate(stages):
            if stage:
                facts = found.setdefault((pipeline[row] or usual, stage), _Facts())
                pipelines.setdefault(ids[row], pipeline[row] or usual)
                if deals:
                    facts.statuses.add(statuses[row])
                    if statuses[row] == "open":  # a closed deal's chance is 0 or 1, whatever stage it is left in
                        facts.chances += _number(chances[row])
    return found


def _cells(source: Source, text: TextTable, name: str) -> list[str]:
    """The cells of a field as the form reads them; its constant, or nothing, when no column gives it."""
    heading = source.heading(name, text.header)
    if heading is None:
        return [source.constants.get(name, "")] * len(text.lines)
    column: TextColumn = text.columns[text.header.index(heading)]
    values = TABLES["opportunity"]["status"].values if name == "status" else ()
    known = {fold(value): value for value in values}
    known |= {fold(raw): canonical for raw, canonical in source.values.get(name, {}).items()}
    return [known.get(fold(cell), cell.strip()) for cell in column]


def _number(text: str) -> list[float]:
    try:
        return [float(text.strip(" %").replace(",", "."))]
    except ValueError:
        return []
