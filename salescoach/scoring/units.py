"""Columns in which one figure does not mean the same in every row: minutes beside hours, lira beside euro, thousands
beside ones.

As texts such cells would be as many levels, as numbers a wrong scale. Which it is only a person can say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.scoring.encoding import is_text
from salescoach.scoring.names import Names

Array = npt.NDArray[np.float64]

_WORD = r"[^\W\d_]+\.?|[$€₺£¥]|[uU][sS]\$"
_WRITTEN = re.compile(rf"(?P<before>{_WORD})?\s*[-+]?[0-9][0-9.,'\s]*(?P<after>{_WORD})?")
_NEARLY_ALL, _SOME, _FEWEST = 0.9, 0.02, 5
_THOUSAND = (0.5, 2.0)
_SEVERAL = 10


def unit_of(text: str, units: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The units that the word beside a number may name; none for a bare number; None for another text.

    >>> units = {"min": ("time 1",), "dk": ("time 1",), "m": ("size 1", "length 2")}
    >>> unit_of("12 dk.", units), unit_of("1.5m", units), unit_of("12", units), unit_of("12 A", units)
    (('time 1',), ('size 1', 'length 2'), (), None)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    word = (found["before"] or found["after"] or "").rstrip(".").casefold()
    return units.get(word) if word else ()


def mixed_units(column: pd.Series, names: Names) -> float | None:
    """Share of the filled cells that are not in the most frequent unit; None when the column has one scale."""
    if is_text(column):
        return _mixed_texts(column, names.units)
    return _thousands(column.to_numpy(dtype=float))


def _mixed_texts(column: pd.Series, units: Mapping[str, tuple[str, ...]]) -> float | None:
    counts = column.value_counts()
    least = max(_FEWEST, _SOME * float(counts.sum()))
    rows: dict[tuple[str, ...], float] = {}
    for text, count in counts[counts > 0].items():
        unit = unit_of(str(text), units)
        if unit is not None:
            rows[unit] = rows.get(unit, 0.0) + float(count)
    written = sum(rows.values())
    often = [unit for unit, count in rows.items() if count >= least]
    if written < _NEARLY_ALL * counts.sum() or not any(often) or len(often) < 2:
        return None
    kinds = [{name.split()[0] for name in unit} for unit in often if unit]
    # Units of different kinds are no scale that anybody could convert: such cells are codes.
    return 1 - max(rows.values()) / written if set.intersection(*kinds) else None


def _thousands(values: Array) -> float | None:
    """The smaller part of two heaps of numbers of which one is a thousand times the other, with nothing between."""
    known = np.sort(values[np.isfinite(values) & (values > 0)])
    if len(known) < 2 * _SEVERAL:
        return None
    logs = np.log10(known)
    cut = int(np.argmax(np.diff(logs))) + 1
    low, high = known[:cut], known[cut:]
    gap = logs[cut] - logs[cut - 1]
    apart = gap >= 1 and gap > max(np.ptp(logs[:cut]), np.ptp(logs[cut:])) / 2
    if not apart or min(len(np.unique(low)), len(np.unique(high))) < _SEVERAL:
        return None
    alike = _THOUSAND[0] <= float(np.median(high) / np.median(low)) / 1000 <= _THOUSAND[1]
    share = min(len(low), len(high)) / len(known)
    return share if alike and share >= _SOME else None
