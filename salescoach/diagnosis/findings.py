"""What a rep's numbers allow us to say: at most three findings, each with its evidence.

Facts only: a finding names a key of the word catalogue and the values for its slots; how a value is
written is the language's business. Nothing here ranks people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd
from scipy import special

from salescoach.calendar import Elapsed
from salescoach.metrics.comparison import Comparison
from salescoach.metrics.verdicts import in_reach

MOST_FINDINGS = 3
_LIKELY = 0.60  # probability from which a gap is worth collecting evidence about, not more
_NOTICEABLE = 0.05  # relative difference that a person could notice at all
_ON_PACE = 0.10  # around the pace due, "on pace"

Unit = Literal[
    "share", "change", "money", "days", "ratio", "times", "count", "p", "metric", "text", "reason", "place"
]  # fmt: skip
Kind = Literal["strength", "tentative", "fact", "development", "hypothesis", "none", "context"]


@dataclass(frozen=True)
class Shown:
    """A value on its way into a sentence, with the unit that decides how it is written."""

    value: float | str
    unit: Unit


@dataclass(frozen=True)
class Answer:
    """What a metric says about one rep and one stretch of time."""

    value: float
    n: int
    numerator: float
    denominator: float
    low: float
    high: float
    na_reason: str | None
    warnings: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """True when there is a value to show."""
        return self.na_reason is None


def answer_of(rows: pd.DataFrame) -> Answer:
    """The first of the answers *rows* of a metric, which has the columns of the contract."""
    row = rows.iloc[0]
    reason = row["na_reason"]
    return Answer(
        *(float(row["value"]), int(row["n"]), float(row["numerator"]), float(row["denominator"])),
        *(float(row["low"]), float(row["high"]), reason if pd.notna(reason) else None),
        warnings=row["warnings"],
    )


@dataclass(frozen=True)
class Line:
    """One metric of one rep: in the period, over the last four quarters, and beside the peers.

    One quarter of one person is mostly chance, so ``comparison`` is about the four quarters that end
    with the period; it is missing for a metric that is not compared.
    """

    metric_id: str
    unit: str
    better: str
    estimate: bool
    now: Answer
    year: Answer
    comparison: Comparison | None


@dataclass(frozen=True)
class Finding:
    """One thing that may be said about a rep. ``driver`` names the playbook that goes with it."""

    kind: Kind
    key: str
    driver: str
    n: int
    slots: Mapping[str, Shown] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()


DRIVERS = {"win_rate_count": "win_rate", "ads": "deal_size", "cycle_resolution": "cycle"}
NEVER_A_STRENGTH = ("cycle_resolution",)  # deals that are lost quickly make it short, too


def findings(
    lines: Mapping[str, Line], elapsed: Elapsed, evidence: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """The findings of one rep, a strength first, at most :data:`MOST_FINDINGS`.

    Parameters
    ----------
    lines : the rep's numbers by metric id, with comparisons where there are any
    elapsed : working time of the period that has passed
    evidence : ids of the deals each metric rests on over the last four quarters

    Notes
    -----
    A signal needs the three gates of :func:`salescoach.metrics.comparison.compare`. Where a gap is
    only likely, it is a hypothesis: a reason to listen to calls, not a judgement. Where nothing can
    be said, that is said.
    """
    compared = [line for line in lines.values() if line.comparison and line.metric_id in DRIVERS and line.year.known]
    praised = [line for line in compared if line.metric_id not in NEVER_A_STRENGTH]
    good = [_signal(line, evidence) for line in praised if _side(line) > 0]
    bad = [_signal(line, evidence) for line in compared if _side(line) < 0]
    said: list[Finding] = good[:1] or _tentative(praised, lines, evidence)
    said += bad[:1] or _likely_gap(compared, evidence) or [silence(compared)]
    said += pace(lines, elapsed)
    return tuple(said[:MOST_FINDINGS])


def _side(line: Line) -> int:
    """+1 for a signal in the better direction, -1 in the other, 0 for none."""
    comparison = line.comparison
    if comparison is None or not comparison.signal:
        return 0
    higher = comparison.verdict == "signal_above"
    return 1 if higher == (line.better == "up") else -1


def _slots(line: Line) -> dict[str, Shown]:
    unit: Unit = line.unit  # type: ignore[assignment]
    shown = {
        "metric": Shown(line.metric_id, "metric"),
        "value": Shown(line.year.value, unit),
        "low": Shown(line.year.low, unit),
        "high": Shown(line.year.high, unit),
        "n": Shown(line.year.n, "count"),
    }
    if line.comparison:
        reference = line.comparison.expected if math.isfinite(line.comparison.expected) else line.comparison.peers
        shown["peers"] = Shown(reference, unit)
    return shown


def _signal(line: Line, evidence: Mapping[str, tuple[str, ...]]) -> Finding:
    assert line.comparison is not None
    above = line.comparison.verdict == "signal_above"
    return Finding(
        kind="strength" if _side(line) > 0 else "development",
        key="review.finding.signal_above" if above else "review.finding.signal_below",
        driver=DRIVERS[line.metric_id],
        n=line.year.n,
        slots=_slots(line),
        evidence=evidence.get(line.metric_id, ()),
    )


def _better_by(line: Line, factor: float) -> float:
    """Probability that the true value is better than expected by more than *factor* (negative: worse)."""
    comparison = line.comparison
    if comparison is None or not math.isfinite(comparison.ratio) or comparison.verdict == "not_compared":
        return 0.0
    centre = math.log(comparison.ratio)
    se = (math.log(comparison.high) - math.log(comparison.low)) / (2 * float(special.ndtri(0.95)))
    if not se > 0:
        return 0.0
    sign = 1.0 if line.better == "up" else -1.0
    z = (sign * centre - math.log1p(factor)) / se
    return float(special.ndtr(z if factor >= 0 else -z))


def _may_differ(line: Line) -> bool:
    """The reps of the organisation differ in this metric at all, and this rep has enough of it."""
    comparison = line.comparison
    return comparison is not None and comparison.spread_p < 0.05 and comparison.verdict not in ("not_compared",)


def _tentative(
    compared: list[Line], lines: Mapping[str, Line], evidence: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """A strength that may be chance, said so; else what was achieved, as a plain fact."""
    likely = [line for line in compared if _may_differ(line) and _better_by(line, _NOTICEABLE) > _LIKELY]
    if likely:
        best = max(likely, key=lambda line: _better_by(line, _NOTICEABLE))
        return [
            Finding(
                "tentative",
                "review.finding.strength_tentative",
                DRIVERS[best.metric_id],
                best.year.n,
                _slots(best),
                evidence.get(best.metric_id, ()),
            )
        ]
    return achieved(lines, evidence)


def achieved(lines: Mapping[str, Line], evidence: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    """Deals won in the period, else in the year, as a plain fact; nothing when there are none."""
    for won, key in ((lines["bookings"].now, "won_deals"), (lines["bookings"].year, "won_deals_year")):
        if won.known and won.n:
            slots = {"n": Shown(won.n, "count"), "value": Shown(won.value, "money")}
            ids = evidence.get("bookings" if key == "won_deals" else "ads", ())
            return [Finding("fact", f"review.finding.{key}", "general", won.n, slots, ids)]
    return []


def _likely_gap(compared: list[Line], evidence: Mapping[str, tuple[str, ...]]) -> list[Finding]:
    likely = [line for line in compared if _may_differ(line) and _better_by(line, -_NOTICEABLE) > _LIKELY]
    if not likely:
        return []
    worst = max(likely, key=lambda line: _better_by(line, -_NOTICEABLE))
    return [
        Finding("hypothesis", "review.finding.hypothesis", DRIVERS[worst.metric_id], worst.year.n, _slots(worst),
                evidence.get(worst.metric_id, ()))
    ]  # fmt: skip


def silence(compared: list[Line]) -> Finding:
    """Nothing stands out: because the reps do not differ, because n is small, or because all is alike."""
    rate = next((line for line in compared if line.metric_id == "win_rate_count"), None)
    if rate is None or rate.comparison is None or rate.comparison.verdict == "not_compared":
        return Finding("none", "review.finding.no_comparison", "general", rate.year.n if rate else 0)
    comparison = rate.comparison
    if comparison.spread_p >= 0.05:
        slots = {"metric": Shown(rate.metric_id, "metric"), "p": Shown(comparison.spread_p, "p"),
                 "reps": Shown(comparison.peers_n + 1, "count")}  # fmt: skip
        return Finding("none", "review.finding.reps_alike", "general", rate.year.n, slots)
    if comparison.verdict == "too_early" and comparison.needed > 0:
        slots = {"metric": Shown(rate.metric_id, "metric"), "n": Shown(rate.year.n, "count"),
                 "k": Shown(comparison.needed, "count")}  # fmt: skip
        key = "too_early" if in_reach(comparison.needed, rate.year.n) else "out_of_reach"
        return Finding("none", f"review.finding.{key}", "general", rate.year.n, slots)
    return Finding("none", "review.finding.no_reliable_gap", "general", rate.year.n)


def pace_status(pace: Answer) -> str:
    """``ahead``, ``on``, ``behind`` or ``unclear``, from the interval of the pace, not its value."""
    if not pace.known:
        return "unclear"
    if pace.low > 1:
        return "ahead"
    if pace.high < 1:
        return "behind"
    return "on" if pace.low >= 1 - _ON_PACE and pace.high <= 1 + _ON_PACE else "unclear"


def pace_now(due: Answer, attainment: Answer, elapsed: Elapsed) -> str:
    """``final``, ``met`` (nothing is left to keep pace with), or :func:`pace_status`."""
    if elapsed.complete:
        return "final"
    return "met" if attainment.known and attainment.value >= 1 else pace_status(due)


def pace(lines: Mapping[str, Line], elapsed: Elapsed) -> list[Finding]:
    """Where the period stands against its quota; nothing without one."""
    due, attainment = lines["attainment_pace"].now, lines["quota_attainment"].now
    if not (due.known and attainment.known):
        return []
    slots = {
        "attainment": Shown(attainment.value, "share"),
        "bookings": Shown(attainment.numerator, "money"),
        "quota": Shown(attainment.denominator, "money"),
        "elapsed": Shown(elapsed.share, "share"),
        "low": Shown(attainment.low, "share"),
        "high": Shown(attainment.high, "share"),
        "n": Shown(attainment.n, "count"),
    }
    status = pace_now(due, attainment, elapsed)
    return [Finding("context", f"review.finding.pace_{status}", "volume", attainment.n, slots)]
