"""How a lead ended: the texts of one column as won, lost or still open. Asks where the words do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.errors import InputError
from salescoach.scoring.names import Names, value_key

_SHOWN = 8


@dataclass(frozen=True)
class Outcome:
    """1 won, 0 lost, nan open; and which values were read as what, with their rows."""

    won: npt.NDArray[np.float64]
    values: dict[str, dict[str, int]]


def outcome_of(
    texts: npt.NDArray[np.object_], names: Names, *, column: str, won: Sequence[str] = (), lost: Sequence[str] = (),
    both: bool = True,
) -> Outcome:  # fmt: skip
    """Read the outcome column. *won* and *lost* are the declared values; the usual words decide without them.

    A value on neither side is a lead that is still open; when only one side is declared, all other filled
    cells are the other one. InputError with the values that are there when the words do not decide; unless *both*
    sides have to occur, as for training, a side may be absent and so may its declared values.

    >>> from salescoach.scoring.names import NameList
    >>> none = NameList.of([])
    >>> names = Names(frozenset({"won"}), frozenset({"lost"}), frozenset(), none, none, none, none)
    >>> outcome_of(np.array(["Won", "Lost", "Engaging"], dtype=object), names, column="stage").won.tolist()
    [1.0, 0.0, nan]
    """
    codes, uniques = pd.factorize(texts)
    counts = np.bincount(codes, minlength=len(uniques))
    seen = {str(text).strip(): int(count) for text, count in zip(uniques, counts, strict=True)}
    if not both and won and lost:
        sides = dict.fromkeys(seen, "open") | dict.fromkeys(won, "won") | dict.fromkeys(lost, "lost")
    else:
        sides = _sides(seen, names, column, tuple(won), tuple(lost))
    number = {"won": 1.0, "lost": 0.0, "open": np.nan}
    values = np.array([number[sides[str(text).strip()]] for text in uniques], dtype=float)[codes]
    told: dict[str, dict[str, int]] = {"won": {}, "lost": {}, "open": {}}
    for text, count in sorted(seen.items(), key=lambda item: -item[1]):
        told[sides[text]][text] = count
    for side in ("won", "lost"):
        if both and not told[side]:
            raise InputError(f"no row is {side}. {_there(seen)} State its values with --{side}.", column=column)
    return Outcome(values, told)


def _sides(
    seen: dict[str, int], names: Names, column: str, won: tuple[str, ...], lost: tuple[str, ...]
) -> dict[str, str]:
    for value in (*won, *lost):
        if value not in seen:
            raise InputError(f"has no value '{value}'. {_there(seen)}", column=column)
    filled = [text for text in seen if text]
    sides = dict.fromkeys(seen, "open")
    if won or lost:
        sides |= dict.fromkeys(won, "won") | dict.fromkeys(lost, "lost")
        if not (won and lost):
            other = "lost" if won else "won"
            sides |= {text: other for text in filled if text not in (*won, *lost)}
        return sides
    sides |= _negated(filled)
    for text in filled:
        key = value_key(text)
        if text.startswith("-"):
            continue  # minus one is no yes
        if key in names.won:
            sides[text] = "won"
        elif key in names.lost:
            sides[text] = "lost"
    found = {sides[text] for text in filled}
    if found in ({"won"}, {"lost"}):
        return sides  # clear, but of one kind: the caller says so
    # 0 and 1 among other numbers are a count or a code, not an answer of yes and no.
    counted = "open" in found and all(text.isdigit() for text in filled if sides[text] != "open")
    if not {"won", "lost"} <= found or counted:
        raise InputError(f"it is not clear which value means won. {_there(seen)} State it: --won VALUE.", column=column)
    return sides


def _negated(filled: list[str]) -> dict[str, str]:
    """Two values of which one is the other with "not" before it: subscribed and not subscribed."""
    keys = {value_key(text): text for text in filled}
    for key, text in keys.items():
        if len(filled) == 2 and f"not {key}" in keys:
            return {text: "won", keys[f"not {key}"]: "lost"}
    return {}


def _there(seen: dict[str, int]) -> str:
    most = sorted(seen.items(), key=lambda item: -item[1])
    shown = ", ".join(f"'{text[:40]}' ({count:,} rows)" for text, count in most[:_SHOWN])
    more = f" and {len(most) - _SHOWN} other values" if len(most) > _SHOWN else ""
    return f"It holds {shown}{more}."
