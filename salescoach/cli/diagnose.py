"""The command that says what each person's numbers allow to say."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salescoach.cli.common import DAY, LANGUAGE, as_json_option, print_json

if TYPE_CHECKING:
    from salescoach.diagnosis.diagnose import Diagnosis, RepDiagnosis
    from salescoach.diagnosis.priority import Judged
    from salescoach.diagnosis.whatif import RoadMap


@click.command(short_help="One thing worth working on per person, or that there is none.")
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--period", help="2025Q4, 2025-11, 2025, FY26Q1. Default: the quarter of the data.")
@click.option("--rep", "reps", multiple=True, help="Only this rep; may be repeated. Default: everybody who sells.")
@click.option(
    "--benchmark", default="peers", show_default=True, metavar="NAME",
    help="What the gap is measured to: peers, own_season (a year earlier), plan (the quota).",
)  # fmt: skip
@click.option(
    "--goal",
    type=click.FloatRange(min=0, min_open=True),
    metavar="AMOUNT",
    help="Also the deals, opportunities and meetings that bookings of this amount take at the own rates.",
)
@click.option("--as-of", **DAY, help="As known at the end of this day. Default: the day of the snapshot.")
@click.option("--language", type=LANGUAGE, help="Default: the organisation's.")
@as_json_option
def diagnose(
    workspace: Path, period: str | None, reps: tuple[str, ...], benchmark: Any, goal: float | None,
    as_of: datetime | None, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say what is worth working on, what goes well, and where the gap in bookings comes from.

    The twelve months up to the end of the period are looked at. Where the data carry no reliable gap, that is said.

    \b
    Example:
      salescoach diagnose our-team --period 2025Q3 --rep R009
      salescoach diagnose our-team --rep R009 --goal 2000000
    """
    from salescoach.diagnosis.diagnose import diagnose as diagnosed
    from salescoach.diagnosis.diagnose import meetings_held
    from salescoach.known import data_at
    from salescoach.report.diagnosis import section
    from salescoach.report.page import Section, Text
    from salescoach.report.plain import written
    from salescoach.report.road import needed_blocks
    from salescoach.report.wording import Wording
    from salescoach.resources import load_words
    from salescoach.workspace import Workspace

    home = Workspace.open(workspace)
    data = data_at(home, as_of.date() if as_of else None)
    span = data.calendar.period(period, data.as_of) if period else data.calendar.quarter_of(data.as_of)
    found = diagnosed(data, span, benchmark=benchmark, reps=reps or None)
    roads: dict[str, RoadMap | None] = {}
    if goal is not None:
        roads = {rep: found.road_map(rep, goal, meetings_held(data, found.span, rep)) for rep in found.reps}
    if as_json:
        print_json(_document(found, data.currency, roads))
        return
    words = load_words(language or home.organisation.language)
    write = words.language
    looked = words("diagnosis.span", start=write.date(found.span.start), end=write.date(found.span.last_day))
    click.echo(
        written(Section("diagnosis", words("diagnosis.title", period=write.period(span.label)), (Text(looked),)))
    )
    for rep in found.reps:
        said = section(found, rep, str(data.reps.at[rep, "full_name"]), data.currency, words)
        road = roads.get(rep)
        if road is not None:
            said = replace(said, blocks=(*said.blocks, *needed_blocks(road, Wording(words, data.currency))))
        elif goal is not None:
            said = replace(said, blocks=(*said.blocks, Text(words("road.none"))))
        click.echo(written(said))


def _document(found: Diagnosis, currency: str, roads: dict[str, RoadMap | None]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "period": found.period.label,
        "from": found.span.start.isoformat(),
        "to": found.span.last_day.isoformat(),
        "as_of": found.as_of.isoformat(),
        "benchmark": found.benchmark,
        "currency": currency,
        "reps": [_person(one) for one in found.reps.values()],
    }
    for person in document["reps"] if roads else ():
        road = roads[person["rep"]]
        person["road_map"] = asdict(road) if road else None
    plain: dict[str, Any] = _plain(document)
    return plain


def _person(one: RepDiagnosis) -> dict[str, Any]:
    from salescoach.diagnosis.priority import silence

    gap = one.gap
    return {
        "rep": one.rep_id,
        "na_reason": one.na_reason,
        "peers": one.peers_n,
        "decomposition": None if gap is None else asdict(gap),
        "findings": [_finding(judged) for judged in one.findings or silence(one.drivers)],
        "strengths": [{"verdict": good.praise} | _evidence(good, good.better) for good in one.strengths],
        "drivers": [{"verdict": judged.verdict, "praise": judged.praise} | _evidence(judged, judged.probability)
                    for judged in one.drivers],
        "bottleneck": one.bottleneck.driver or None if one.bottleneck else None,
        "what_if": {driver: asdict(effect) for driver, effect in one.what_if.items()},
    }  # fmt: skip


def _finding(judged: Judged) -> dict[str, Any]:
    """What is said of one driver; how it came about stands under the same name in ``drivers``."""
    return {
        "driver": judged.driver, "verdict": judged.verdict, "probability": judged.probability, "size": judged.size,
        "low": judged.low, "high": judged.high, "evidence": list(judged.evidence),
    }  # fmt: skip


def _evidence(judged: Judged, probability: float) -> dict[str, Any]:
    """Size and limits are relative: -0.2 is 20 % below what is expected on the same mix."""
    return {
        "driver": judged.driver, "stage": judged.stage, "probability": probability, "strict_probability": judged.strict,
        "size": judged.size, "low": judged.low, "high": judged.high, "raw": judged.raw, "raw_low": judged.raw_low,
        "raw_high": judged.raw_high, "n": judged.n, "observed": judged.observed, "expected": judged.expected,
        "gain": judged.gain, "evidence": list(judged.evidence),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """*value* for JSON: what is not known is null."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
