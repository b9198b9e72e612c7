"""Who is coached first, in words: a table of those who start now and those who wait."""

from __future__ import annotations

from collections.abc import Mapping

from salescoach.coaching.rollout import RollOut
from salescoach.report.page import Cell, Column, Table
from salescoach.words import Words


def rollout_table(found: RollOut, names: Mapping[str, str], words: Words) -> Table:
    """Two columns of names, each in the collation of the language."""

    def listed(reps: tuple[str, ...]) -> Cell:
        return Cell(", ".join(sorted((names[rep] for rep in reps), key=words.language.sort_key)) or "–")

    columns = (Column(words("rollout.now")), Column(words("rollout.later")))
    notes = (words("rollout.why"), words("rollout.write", seed=str(found.seed)))
    return Table(words("rollout.caption"), columns, ((listed(found.now), listed(found.later)),), notes)
