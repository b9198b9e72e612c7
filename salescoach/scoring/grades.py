"""Grades A to D with cut-offs that are probabilities, fixed when a model is accepted.

A moving quantile would call the best tenth of bad leads "A"; a fixed probability says what it promises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.statistics import wilson

Array = npt.NDArray[np.float64]

LETTERS = ("A", "B", "C", "D")
_TOPS = (0.10, 0.30, 0.60)


@dataclass(frozen=True)
class GradeRecord:
    """What came of judged leads with one grade. ``low`` and ``high``: 90 % interval of ``came``."""

    grade: str
    n: int
    said: float
    came: float
    low: float
    high: float


@dataclass(frozen=True)
class Grades:
    """``cut_offs``: the least probability for A, B and C; below the last it is D."""

    cut_offs: tuple[float, ...]
    record: tuple[GradeRecord, ...]

    def letters(self, p: Array) -> npt.NDArray[np.object_]:
        """The grade of each probability.

        >>> Grades((0.5, 0.3, 0.1), ()).letters(np.array([0.6, 0.3, 0.05])).tolist()
        ['A', 'B', 'D']
        """
        places = np.searchsorted(-np.array(self.cut_offs), -p, side="left")
        return np.array(LETTERS, dtype=object)[places]


def grades_of(p: Array, won: Array, cut_offs: tuple[float, ...] | None = None) -> Grades:
    """Grades with *cut_offs*, and what came of the judged leads in each.

    When not given, they are the probabilities that the best tenth, three tenths and six tenths of the judged
    leads reached, to three decimals.
    """
    if cut_offs is None:
        cut_offs = tuple(round(float(np.quantile(p, 1 - top)), 3) for top in _TOPS)
    letters = Grades(cut_offs, ()).letters(p)
    return Grades(cut_offs, tuple(_record(letter, p[letters == letter], won[letters == letter]) for letter in LETTERS))


def _record(letter: str, p: Array, won: Array) -> GradeRecord:
    n, k = len(won), float(won.sum())
    low, high = wilson(k, n)
    nothing = float("nan")
    return GradeRecord(letter, n, float(p.mean()) if n else nothing, k / n if n else nothing, float(low), float(high))
