"""T6 and T7: coaching that does nothing, given to the lowest eight of thirty, judged as the ledger judges it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from scipy import special

from acceptance.figures import Figure, at_least, at_most
from salescoach.coaching.worked import person_verdict
from salescoach.diagnosis.effect import Intervention, programme_effect

PEOPLE, COACHED, RATE, SPREAD = 30, 8, 0.45, 0.25
EXITS = (20, 60)
"""Deals that left the stage, per person and side; unequal, as they are."""
SAID = 0.05  # one-sided, of the programme


def world(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Events ``k`` of ``n`` before and after, and who was coached; nothing has changed for anybody."""
    draw = np.random.default_rng(seed)
    rate = special.expit(special.logit(RATE) + SPREAD * draw.standard_normal(PEOPLE))
    sides = []
    for _ in range(2):
        n = draw.integers(*EXITS, PEOPLE)
        sides.append(pd.DataFrame({"k": draw.binomial(n, rate), "n": n}, index=[f"R{i:02}" for i in range(PEOPLE)]))
    lowest = np.argsort(np.argsort((sides[0]["k"] / sides[0]["n"]).to_numpy(), kind="stable"), kind="stable") < COACHED
    return sides[0], sides[1], lowest


def coaching(count: int) -> list[Figure]:
    """How often each way says that it worked."""
    moved, improved, ancova, differences = [], [], [], []
    for seed in range(1, count + 1):
        before, after, lowest = world(seed)
        coached = set(before.index[lowest])
        for rep in sorted(coached):
            one = Intervention(
                rep, "stage_1", date(2025, 4, 1), date(2025, 6, 1), "lowest_metric", "", 0.2, date(2025, 3, 1)
            )
            moved.append(person_verdict(one, before, after, coached).verdict == "moved")
            improved.append(after.at[rep, "k"] / after.at[rep, "n"] > before.at[rep, "k"] / before.at[rep, "n"])
        columns = [side[name].to_numpy(float) for side in (before, after) for name in ("k", "n")]
        ancova.append(programme_effect((columns[0], columns[1]), (columns[2], columns[3]), lowest).p < SAID)
        change = columns[2] / columns[3] - columns[0] / columns[1]
        error = np.sqrt(change[lowest].var(ddof=1) / COACHED + change[~lowest].var(ddof=1) / (PEOPLE - COACHED))
        t = (change[lowest].mean() - change[~lowest].mean()) / error
        differences.append(t > special.stdtrit(PEOPLE - 2, 1 - SAID))
    return [
        at_most("T6", "no effect, lowest coached: one person said to have moved", np.mean(moved), 0.13, len(moved)),
        at_least("T6", "naive: better than before", np.mean(improved), 0.60, len(improved)),
        at_most("T7", "no effect, lowest coached: programme said to work", np.mean(ancova), 0.075, len(ancova)),
        at_least("T7", "naive: difference in differences", np.mean(differences), 0.50, len(differences)),
    ]
