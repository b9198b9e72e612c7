"""Targets that need no sixty organisations: T8, T9, T10, T12 and T13, each with the naive way that fails."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from acceptance.beds import bed, built
from acceptance.figures import Figure, at_least, at_most
from salescoach.calendar import Calendar
from salescoach.crm.importer import import_export
from salescoach.crm.issues import Issue
from salescoach.diagnosis.diagnose import Diagnosis, diagnose
from salescoach.statistics import kaplan_meier
from salescoach.synthetic import PRESETS, organisation, write
from salescoach.tables.data import SalesData
from salescoach.tables.schema import TABLES
from salescoach.workspace import Workspace

MATERIAL = -0.10
MONEY = ("amount", "amount_at", "list_price", "unit_price", "total", "cost")


def closing(seed: int) -> list[Figure]:
    """T8: lines add up to the difference, stages to their parent; neither currency nor order of rows matters."""
    p = bed()
    made = organisation("diagnosis_bed", seed=seed, parameters=p, language="en")
    data, span, _ = built(p, seed)
    found = diagnose(data, span, span=span)
    mixed = {
        name: table.assign(**{column: table[column] * 40 for column in MONEY if column in table}).sample(
            frac=1, random_state=seed
        )
        for name, table in made.tables.items()
    }
    again = SalesData.build(mixed, as_of=p.as_of, calendar=Calendar(), currency="USD")
    scaled = diagnose(again, span, span=span)
    parts = [_parts(found, rep) for rep in found.reps]
    apart = max(
        abs(line.value * 40 - other.value) / abs(found.reps[rep].gap.gap)
        for rep in found.reps
        for line, other in zip(found.reps[rep].gap.lines, scaled.reps[rep].gap.lines, strict=True)
        if np.isfinite(line.value)
    )
    n = len(parts)
    return [
        at_most("T8", "lines add up to the difference (relative error)", max(part[0] for part in parts), 1e-9, n),
        at_most("T8", "children add up to their parent (relative error)", max(part[1] for part in parts), 1e-9, n),
        at_most("T8", "currency and order of rows (relative change)", apart, 1e-9, n),
        at_least("T8", "naive: one factor at a time (relative error)", max(part[2] for part in parts), 0.01, n),
    ]


def _parts(found: Diagnosis, rep: str) -> tuple[float, float, float]:
    """Relative errors of closing, of nesting, and of changing one factor at a time, for one person."""
    gap = found.reps[rep].gap
    known = {line.driver: line for line in gap.lines if np.isfinite(line.value)}
    top = sum(line.value for line in known.values() if not line.parent)
    nested = [
        abs(parent.value - sum(line.value for line in known.values() if line.parent == parent.driver))
        for parent in known.values()
        if any(line.parent == parent.driver for line in known.values())
    ]
    parts = found._roles[next(iter(found._roles))].parts
    logs = parts.mean[list(found.reps).index(rep)]
    singly = gap.reference * np.expm1(logs).sum()
    model = gap.reference * np.expm1(logs.sum())
    scale = abs(gap.gap)
    return abs(top - gap.gap) / scale, max(nested) / scale, abs(singly - model) / scale


def cycle(seeds: range) -> list[Figure]:
    """T9: the median of Kaplan and Meier under 70 % growth; "created in the window and over" is the naive way."""
    ours, naive = [], []
    for seed in seeds:
        draw = np.random.default_rng(seed)
        days = np.arange(1100)
        starts = np.repeat(days, draw.poisson(3 * 1.7 ** (days / 365 - 2)))
        middle = np.log(np.where(draw.random(len(starts)) < 0.25, 75, 55))
        lasting = np.maximum(np.exp(middle + draw.normal(0, 0.6, len(starts))).round(), 1)
        first, stop = 800, 980
        seen = (starts < stop) & (starts + lasting >= first)
        leave = np.minimum(starts + lasting, stop)[seen] - starts[seen]
        entry = np.maximum(first - starts[seen], 0) - 0.5
        median = kaplan_meier(leave, (starts + lasting < stop)[seen], entry).median()[0]
        truth = float(np.median(lasting))
        ours.append(median / truth - 1)
        naive.append(float(np.median(lasting[(starts >= first) & (starts + lasting < stop)])) / truth - 1)
    return [
        at_most("T9", "cycle under 70 % growth: bias", abs(float(np.mean(ours))), 0.03, len(ours)),
        at_most("T9", "naive: created in the window and over, bias", float(np.mean(naive)), -0.10, len(naive)),
    ]


def simpson(seeds: range) -> list[Figure]:
    """T10: who sells where it is hard looks bad by the raw win rate, and is not named for it."""
    p = PRESETS["simpson"]
    rep = p.plants.hard_territory
    raw, named = [], []
    for seed in seeds:
        data, span, _ = built(p, seed, "simpson")
        closed = data.closed_in(span)
        won = (closed["status"] == "won").groupby(closed["owner_id"]).mean()
        raw.append(won[rep] / won.drop(rep).median() - 1 < MATERIAL)
        found = diagnose(data, span, span=span, use_scorecards=False).reps[rep]
        stages = [one for one in found.drivers if one.driver.startswith("stage_")]
        named.append(any(one.verdict == "priority" for one in stages))
    return [
        at_most("T10", "hard territory: named for a stage", float(np.mean(named)), 0.25, len(named)),
        at_least("T10", "naive: raw win rate a tenth below the others'", float(np.mean(raw)), 0.60, len(raw)),
    ]


def anomalies(seed: int) -> list[Figure]:
    """T12: every planted row is listed under its rule; a loader that checks keys and needed cells misses most."""
    made = organisation("default", seed=seed)
    wanted = [row for row in made.truth["planted"] if str(row["check"]).startswith("D")]
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export"
        write(made, export)
        home = Workspace.create(Path(folder) / "ws", **made.settings)
        report = import_export(export, home, as_of=PRESETS["default"].as_of)
        tables = {path.stem: pd.read_csv(path, dtype=str) for path in export.glob("*.csv")}
    listed = {(issue.rule, one) for issue in report.issues for one in _about(issue, tables)}
    ours = float(np.mean([(row["check"], row["row_id"]) in listed for row in wanted]))
    loaded = _loader_notices(tables)
    naive = float(np.mean([(row["table"], row["row_id"]) in loaded for row in wanted]))
    return [
        at_least("T12", "planted anomalies listed by their row", ours, 1.0, len(wanted)),
        at_most("T12", "naive: a loader of keys and needed cells notices", naive, 0.40, len(wanted)),
    ]


def _about(issue: Issue, tables: Mapping[str, pd.DataFrame]) -> tuple[str, str]:
    """Id of the row that an issue is about, and of its owner."""
    rows = tables[issue.table]
    place = issue.row - 2  # of lines that count from 1, the first of which holds the headings
    return str(rows.iloc[place, 0]) if 0 <= place < len(rows) else "", issue.owner_id


def _loader_notices(tables: Mapping[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """Table and id of the rows with a key that is there already, or without a cell that must be there."""
    found = set()
    for name, rows in tables.items():
        table = TABLES[name]
        needed = [field.name for field in table.fields if field.required and field.name in rows]
        bad = rows.duplicated(list(table.key)) | rows[needed].isna().any(axis=1)
        found |= {(name, str(one)) for one in rows.loc[bad].iloc[:, 0]}
    return found


def speed(seed: int) -> list[Figure]:
    """T13: CPU seconds of the diagnosis of 36 people, the best of three; their data are there already.

    The naive way asks for each person anew, which fits everything 36 times.
    """
    p = replace(bed(), reps=36)
    taken = []
    for _ in range(3):
        data, span, _truth = built(p, seed)
        taken.append(_seconds(lambda data=data, span=span: diagnose(data, span, span=span)))
    data, span, _truth = built(p, seed)
    one = _seconds(lambda: diagnose(data, span, span=span, reps=data.sellers[:1]))
    return [
        at_most("T13", "diagnosis of 36 people (CPU seconds)", min(taken), 1.0, 36),
        at_least("T13", "naive: each of them anew (CPU seconds)", one * p.reps, 5.0, 36),
    ]


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds that *work* takes."""
    began = time.process_time()
    work()
    return time.process_time() - began
