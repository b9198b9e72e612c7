"""A diagnosis in words: the parts of the gap, what is worth working on, what goes well. Decides nothing."""

from __future__ import annotations

import math
import re

from salescoach.diagnosis.diagnose import Diagnosis, RepDiagnosis
from salescoach.diagnosis.gap import Line
from salescoach.diagnosis.priority import MOST_SURE, Judged
from salescoach.metrics.contract import LEVEL
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.words import Words

_NUMBERED = re.compile(r"(stage|flow)_[0-9]+")


def driver_name(driver: str, stage: str, words: Words) -> str:
    """Name of a driver or line, with its stage where it has one."""
    kind = _NUMBERED.fullmatch(driver)
    if not kind:
        return words(f"diagnosis.driver.{driver}")
    text = words("diagnosis.driver.flow_step") if kind[1] == "flow" else words("diagnosis.driver.stage")
    return words("diagnosis.with_stage", text=text, stage=stage)


def finding_text(one: Judged, kind: str, words: Words) -> str:
    """The sentence of a finding or strength; *kind* is its verdict or praise."""
    asked = kind == "hypothesis" and one.driver == "volume"
    write, key = words.language, "diagnosis.finding.hypothesis_volume" if asked else f"diagnosis.finding.{kind}"
    sure = one.better if kind in ("strength", "tentative") else one.probability
    slots = {
        "driver": driver_name(one.driver, one.stage, words), "size": write.change(one.size),
        "low": write.change(one.low), "high": write.change(one.high), "n": write.number(one.n),
        "probability": write.percent(min(sure, MOST_SURE)),
    }  # fmt: skip
    return words(key, **{name: slots[name] for name in words.slots(key)})


def section(found: Diagnosis, rep_id: str, name: str, currency: str, words: Words) -> Section:
    """What may be said about one person: the good first, then the findings, then the gap in parts."""
    one, write = found.reps[rep_id], words.language
    title = f"{name} ({rep_id})" if name != rep_id else rep_id
    if one.na_reason:
        return Section(rep_id, title, (Text(words(f"diagnosis.na.{one.na_reason}")),))
    said = [Text(finding_text(good, good.praise, words)) for good in one.strengths]
    for finding in one.findings:
        said.append(Text(finding_text(finding, finding.verdict, words)))
        effect = one.what_if.get(finding.driver)
        if effect:
            value, low, high = (
                write.money_short(amount, currency) for amount in (effect.value, effect.low, effect.high)
            )
            said.append(Text(words(f"diagnosis.what_if_{effect.target}", value=value, low=low, high=high)))
            said.append(Text(words("diagnosis.association")))
    if not one.findings:
        said.append(Text(words("diagnosis.none")))
    return Section(rep_id, title, (*said, *_bottleneck(one, currency, words), *_gap(one, currency, words)))


def _bottleneck(one: RepDiagnosis, currency: str, words: Words) -> tuple[Text, ...]:
    """The stage that is the bottleneck, with its part of the gap to the peers; nothing when none is."""
    gap, found = one.gap, one.bottleneck
    if gap is None or gap.benchmark != "peers" or gap.na_reason or found is None or not found.driver:
        return ()
    line, write = gap.line(found.driver), words.language
    value, low, high = (write.money_short(amount, currency) for amount in (line.value, line.low, line.high))
    level = write.percent(LEVEL)
    said = words("stages.bottleneck", stage=line.stage, value=value, low=low, high=high, level=level, n=line.n)
    return (Text(said),)


def _gap(one: RepDiagnosis, currency: str, words: Words) -> tuple[Text | Table, ...]:
    gap, write = one.gap, words.language
    if gap is None:
        return ()
    if gap.na_reason:
        return (Text(words(f"diagnosis.na.{gap.na_reason}")),)
    amounts = {name: write.money_short(getattr(gap, name), currency) for name in ("actual", "reference", "gap")}
    columns = (
        Column(words("diagnosis.column.line")),
        Column(words("diagnosis.column.value"), align="right"),
        Column(words("diagnosis.column.interval"), align="right"),
        Column(words("diagnosis.column.n"), align="right"),
    )
    rows = tuple(_row(line, currency, words) for line in gap.lines)
    return (Table(words(f"diagnosis.gap_{gap.benchmark}", **amounts), columns, rows),)


def _row(line: Line, currency: str, words: Words) -> tuple[Cell, ...]:
    name, write = driver_name(line.driver, line.stage, words), words.language
    name = words("review.gap.within", part=name) if line.parent else name
    if not math.isfinite(line.value):
        return Cell(name), Cell(words(f"diagnosis.na.{line.na_reason}")), Cell(""), Cell(write.number(line.n))
    value, low, high = (write.money_short(amount, currency) for amount in (line.value, line.low, line.high))
    return Cell(name), Cell(value), Cell(write.range(low, high)), Cell(write.number(line.n))
