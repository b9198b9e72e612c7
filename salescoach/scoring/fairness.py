"""How leads of each segment, region or owner fare: are they chosen as often, and does what is said of them come?

About leads, not about the people who work them: no owner is ranked, and a group of fewer than five is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.scoring.drift import Calibration, calibration
from salescoach.statistics import wilson

Array = npt.NDArray[np.float64]

FEWEST_SHOWN = 5


@dataclass(frozen=True)
class GroupRecord:
    """Leads with one value of one column.

    ``selected`` is the share at or above the cut-off with its 90 % interval, ``all_selected`` that of all leads;
    ``calibration`` compares wins with what was expected.
    """

    column: str
    value: str
    n: int
    selected: float
    selected_low: float
    selected_high: float
    all_selected: float
    calibration: Calibration

    @property
    def differs(self) -> bool:
        """Chance alone does not explain how seldom or how often these leads are chosen."""
        return not self.selected_low <= self.all_selected <= self.selected_high


def group_records(segments: dict[str, pd.Series], p: Array, won: Array, cut_off: float) -> list[GroupRecord]:
    """Selection and calibration by each value of each column in *segments*, in order of the alphabet.

    *p* nan: the lead was not judged and is not counted. *cut_off*: from which probability a lead is chosen.
    """
    known = np.isfinite(p)
    overall = float((p[known] >= cut_off).mean()) if known.any() else float("nan")
    found = []
    for column in sorted(segments):
        codes = segments[column].cat.codes.to_numpy()
        for code, value in sorted(enumerate(map(str, segments[column].cat.categories)), key=lambda pair: pair[1]):
            rows = known & (codes == code)
            n = int(rows.sum())
            if n < FEWEST_SHOWN:
                continue
            taken = int((p[rows] >= cut_off).sum())
            low, high = wilson(taken, n)
            found.append(
                GroupRecord(
                    column, value, n, taken / n, float(low), float(high), overall, calibration(won[rows], p[rows])
                )
            )
    return found
