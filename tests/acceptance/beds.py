"""Organisations with known truth, diagnosed: one row per person, to be counted by the harness and the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salescoach.calendar import Calendar, Period
from salescoach.diagnosis.diagnose import Diagnosis, diagnose
from salescoach.diagnosis.drivers import SHORT
from salescoach.synthetic import Parameters, organisation
from salescoach.synthetic.presets import preset
from salescoach.tables.data import SalesData

DRIVERS = ("volume", "stage_1", "stage_2", "stage_3", "stage_4", "size")
"""What the beds plant, and what counts: speed and discount do not differ there."""
EQUAL = {"volume_sd": 0.0, "stage_sd": 0.0, "size_sd": 0.0, "planted_share": 0.0}


def bed(**changes: object) -> Parameters:
    """The diagnosis bed of 30 people and twelve months, every deal followed to its end."""
    p = preset("diagnosis_bed")
    months = int(changes.get("months", p.months))  # type: ignore[call-overload]
    return replace(p, **({"as_of": p.start + timedelta(days=30 * months + 365)} | changes))  # type: ignore[arg-type]


def built(p: Parameters, seed: int, kind: str = "diagnosis_bed") -> tuple[SalesData, Period, dict[str, object]]:
    """One organisation, the stretch that is looked at, and what is true about it."""
    made = organisation(kind, seed=seed, parameters=p, language="en")
    data = SalesData.build(made.tables, as_of=p.as_of, calendar=Calendar(), currency="USD")
    return data, Period("whole", p.start, p.as_of + timedelta(days=1)), made.truth


def people(p: Parameters, seed: int) -> pd.DataFrame:
    """One row per person: what was planted, what was named, how large it truly is, and the naive ways beside it."""
    data, span, truth = built(p, seed)
    return judged(diagnose(data, span, span=span, use_scorecards=False), truth, seed)


def both(p: Parameters, seed: int) -> pd.DataFrame:
    """The rows of :func:`people` without and with scorecards (column ``scored``), of an organisation made once."""
    data, span, truth = built(p, seed)
    return pd.concat([
        judged(diagnose(data, span, span=span, use_scorecards=scored), truth, seed).assign(scored=scored)
        for scored in (False, True)
    ])  # fmt: skip


def judged(found: Diagnosis, truth: dict[str, object], seed: int) -> pd.DataFrame:
    """The rows of one diagnosis."""
    planted = {row["row_id"]: row["detail"] for row in truth["planted"] if row["anomaly"] == "driver"}  # type: ignore[attr-defined]
    raw = naive(found)
    rows = []
    for rep, one in found.reps.items():
        true = truth["reps"][rep]["effects_log"]  # type: ignore[index]
        order = [judged for judged in one.drivers if judged.driver in DRIVERS]
        said = [judged for judged in one.findings if judged.verdict == "priority"]
        first = order[0].driver
        worst = str(raw["gap"].loc[rep].idxmin())
        adjusted = {judged.driver: judged.raw for judged in order}
        worst_adjusted = min(adjusted, key=adjusted.__getitem__)
        named = said[0].driver if said else ""
        effect = found.what_if(rep, first)
        rows.append(
            {
                "seed": seed, "rep": rep, "planted": planted.get(rep, ""),
                "first": first, "second": order[1].driver, "named": named,
                "hypothesis": any(judged.verdict == "hypothesis" for judged in one.findings),
                "true_named": true.get(named, np.nan), "true_first": true[first],
                "promised": relative(-np.log1p(order[0].size)), "capped": effect.capped if effect else np.nan,
                "rank_first": str(raw["rank"].loc[rep].idxmin()), "raw_first": worst,
                "raw_speaks": bool(raw["gap"].loc[rep].min() < np.log(0.8)), "true_raw": true[worst],
                "raw_promised": relative(-float(raw["gap"].loc[rep, worst])),
                "adjusted_first": worst_adjusted, "adjusted_speaks": bool(adjusted[worst_adjusted] < -0.2),
                "one_prior": any(judged.probability > 0.8 for judged in order),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def relative(log_gap: float) -> float:
    """What closing a log gap would add, as a share; nothing where there is none."""
    return float(max(np.expm1(log_gap), 0.0))


def naive(found: Diagnosis) -> dict[str, pd.DataFrame]:
    """What dashboards do: raw rates beside those of the others, and the rank of each among all."""
    any_rep = next(iter(found.reps))
    gaps, _ = found.gaps(any_rep)  # type: ignore[misc]
    role = next(iter(found._roles.values()))
    seen = role.seen
    values = {"volume": seen.created / seen.days}
    for place, driver in enumerate(seen.steps):
        values[driver] = (seen.advances[:, place] + 0.5) / (seen.exits[:, place] + 1)
    values["size"] = np.where(seen.wins > 0, seen.win_value / np.where(seen.wins > 0, seen.wins, 1), np.nan)
    table = pd.DataFrame({name: values[name] for name in DRIVERS if name in gaps}, index=list(seen.people))
    usual = (table.sum() - table) / (len(table) - 1)
    return {"rank": table.rank(pct=True), "gap": np.log((table / usual).clip(lower=0.01))}


def short(true: pd.Series) -> pd.Series:
    """True gaps that are material (more than 10 % below)."""
    return true < np.log(0.9)


def trivial(true: pd.Series) -> pd.Series:
    """True gaps that are smaller than 5 %, or none."""
    return true > SHORT


def first_day() -> date:
    """First day of the bed."""
    return preset("diagnosis_bed").start
