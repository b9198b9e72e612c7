"""The road to a goal in words: what it takes in all and each week, and where the person stands on the way."""

from __future__ import annotations

from salescoach.coaching.goal_set import Road, weekly
from salescoach.diagnosis.whatif import LEVEL, Needed, RoadMap
from salescoach.report.metric_parts import part_name
from salescoach.report.metric_values import value_cells
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.report.wording import Wording


def road_section(road: Road, wording: Wording) -> Section | None:
    """What *road* says; None where it says nothing."""
    blocks: list[Text | Table] = []
    if road.needed is not None:
        blocks += needed_blocks(road.needed, wording, road.working_days)
    elif road.wanted:
        blocks.append(Text(wording.words("road.none"), tone="muted"))
    if len(road.indicators):
        blocks.append(_indicators(road, wording))
    return Section("road", wording.words("road.title"), tuple(blocks)) if blocks else None


def needed_blocks(needed: RoadMap, wording: Wording, working_days: float = 0.0) -> list[Text | Table]:
    """Deals, opportunities and meetings that a goal in money takes; for each week where there is time left."""
    words = wording.words
    steps = {"deals": needed.deals, "opportunities": needed.opportunities, "meetings": needed.meetings}
    columns = [Column(words("road.what")), Column(words("road.in_all"), "right")]
    if working_days > 0:
        columns.append(Column(words("road.each_week"), "right"))
    columns.append(Column(words("label.n"), "right"))
    rows = [_row(name, step, wording, working_days) for name, step in steps.items() if step is not None]
    goal = wording.value(needed.goal, "money")
    notes = [words("road.association")]
    if needed.meetings is None:
        notes.append(words("road.no_meetings"))
    level = words.language.percent(LEVEL)
    return [Table(words("road.caption", goal=goal, level=level), tuple(columns), tuple(rows), tuple(notes))]


def _row(name: str, step: Needed, wording: Wording, working_days: float) -> tuple[Cell, ...]:
    words = wording.words
    cells = [Cell(words(f"road.{name}")), _counted(step, wording)]
    if working_days > 0:
        cells.append(_counted(weekly(step, working_days), wording))
    return (*cells, Cell(words.language.number(step.n)))


def _counted(step: Needed, wording: Wording) -> Cell:
    """Whole numbers where there are many of it, one decimal where there are few."""
    write = wording.words.language
    digits = 0 if step.value >= _MANY else 1
    low, value, high = (write.number(one, digits) for one in (step.low, step.value, step.high))
    return Cell(value, detail=write.range(low, high))


_MANY = 20


def _indicators(road: Road, wording: Wording) -> Table:
    words = wording.words
    columns = (
        Column(words("label.metric")), Column(words("metrics.value"), "right"),
        Column(words("metrics.interval", level=wording.level), "right"), Column(words("label.n"), "right"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(words(f"metric.{row['metric_id']}.name"), detail=part_name(row["metric_id"], row["part"], words)),
            *value_cells(row, wording),
        )
        for _, row in road.indicators.iterrows()
    )
    return Table(words("road.on_the_way"), columns, rows)
