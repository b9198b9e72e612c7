"""Who is coached first when there is time for half: the wait-list, by lot within each team.

Those who wait are the fairest comparison there is: nobody chose them, so what they gain by themselves is what the
others would have gained, too. The lot is tied to the day of the data, not drawn until it pleases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from salescoach.diagnosis.effect import roll_out
from salescoach.errors import UsageError
from salescoach.tables.data import SalesData

FEWEST = 4
"""People, before waiting tells anything."""


@dataclass(frozen=True)
class RollOut:
    """Who starts now and who waits, by rep id in alphabetical order; ``seed``: the lot that decided."""

    now: tuple[str, ...]
    later: tuple[str, ...]
    seed: int


def rollout(data: SalesData, reps: Sequence[str] = (), *, seed: int | None = None) -> RollOut:
    """Half of *reps* by lot within their teams; of everybody who sells and is still there when none is given.

    Parameters
    ----------
    seed : of the lot; the day of the data as a number (20251128) when not given, so that the same data give the same

    Raises
    ------
    UsageError
        For somebody who is no rep, and for fewer than :data:`FEWEST` people.
    """
    for rep in reps:
        data.rep(rep)
    people = sorted(set(reps)) or [rep for rep in sorted(data.sellers) if _there(data, rep)]
    if len(people) < FEWEST:
        raise UsageError(
            f"A lot among {len(people)} people tells nothing: at least {FEWEST} are needed. "
            "With fewer, coach them all, and look at behaviour and scorecards rather than at results."
        )
    teams = {rep: str(data.reps.at[rep, "team_id"]) for rep in people}
    lot = int(f"{data.as_of:%Y%m%d}") if seed is None else seed
    now = tuple(sorted(roll_out(people, teams, seed=lot)))
    return RollOut(now, tuple(rep for rep in people if rep not in now), lot)


def _there(data: SalesData, rep: str) -> bool:
    left: Any = data.reps.at[rep, "end_date"]
    return bool(pd.isna(left)) or left.date() > data.as_of
