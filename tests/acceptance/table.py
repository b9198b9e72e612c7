"""What the table of numbers calls a difference: each metric's own test, and what is left where the diagnosis agrees."""

from __future__ import annotations

import numpy as np
import pandas as pd

from acceptance.beds import built
from acceptance.figures import Figure, at_least, at_most
from salescoach.coaching.four_quarters import yearly
from salescoach.coaching.said import agreed
from salescoach.diagnosis.diagnose import diagnose
from salescoach.synthetic import Parameters

METRICS = ("win_rate_count", "ads")
NOTICEABLE = 0.05


def rows(p: Parameters, seed: int) -> pd.DataFrame:
    """One row per person and metric: what its test alone says, what the page says, and what is true (log ratio)."""
    data, span, truth = built(p, seed)
    found, numbers = diagnose(data, span, span=span), yearly(data, span)
    made = []
    for rep, one in found.reps.items():
        effects = truth["reps"][rep]["effects_log"]  # type: ignore[index]
        true = {"win_rate_count": sum(effects[f"stage_{stage}"] for stage in range(1, 5)), "ads": effects["size"]}
        for metric in METRICS:
            alone = numbers[rep][metric].comparison
            shown = agreed(alone, metric, one)
            if alone is None or shown is None:
                continue
            made.append(
                {
                    "seed": seed, "rep": rep, "metric": metric, "true": true[metric],
                    "alone": _side(alone.verdict), "shown": _side(shown.verdict),
                }
            )  # fmt: skip
    return pd.DataFrame(made)


def _side(verdict: str) -> int:
    return {"signal_above": 1, "signal_below": -1}.get(verdict, 0)


def singled_out(equal: pd.DataFrame, planted: pd.DataFrame) -> list[Figure]:
    """Where all are equal, who is singled out; where people differ, whether what is named is there and is kept.

    The control is a test: on Maven each metric alone praises two of thirty agents who are alike.
    """
    nobody = float((equal.groupby(["seed", "rep"])["shown"].agg(lambda side: (side != 0).any())).mean())
    alone, said = planted[planted["alone"] != 0], planted[planted["shown"] != 0]
    there = float((said["true"] * said["shown"] > np.log1p(NOTICEABLE)).mean())
    return [
        at_most("T3", "no difference: the table singles somebody out", nobody, 0.02, len(equal) // len(METRICS)),
        at_least("T2", "a difference that the table names is there", there, 0.80, len(said)),
        at_least("T2", "differences that the diagnosis lets stand", len(said) / len(alone), 0.90, len(alone)),
    ]
