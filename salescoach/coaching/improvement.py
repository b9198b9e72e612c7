"""Improving how the team works: a cycle of plan, do, check, act; experiments with a rule for stopping; decisions.

What is tried is written down before it begins, with the number that decides and when to look. Looking every week and
stopping at the first good one finds effects that are not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from salescoach.coaching.remarks import Remark, Slot, block, good, note, warning
from salescoach.diagnosis.findings import Shown
from salescoach.metrics import METRICS
from salescoach.statistics import needed_per_side, newcombe

Phase = Literal["plan", "do", "check", "act", "closed"]
PHASES: tuple[Phase, ...] = ("plan", "do", "check", "act", "closed")
Outcome = Literal["running", "better", "worse", "no_sign", "too_early"]


@dataclass(frozen=True)
class Cycle:
    """One round of improvement; every part is what people wrote in that phase."""

    title: str
    heard: str = ""
    change: str = ""
    owner: str = ""
    started: date | None = None
    result: str = ""
    decision: str = ""
    review_on: date | None = None
    phase: Phase = "plan"

    @property
    def phase_title(self) -> str:
        """Key of the word for the phase."""
        return f"voice.phase.{self.phase}"


def next_phase(cycle: Cycle, to: Phase) -> tuple[Remark, ...]:
    """What stands in the way of moving *cycle* on to phase *to*; nothing: it may go. No phase is skipped.

    Back to the plan is always possible: what was learnt may change it.
    """
    if to == "plan" and cycle.phase != "closed":
        return ()
    if cycle.phase == "closed" or PHASES.index(to) != PHASES.index(cycle.phase) + 1:
        return (block("voice.cycle.order"),)
    wanted: dict[Phase, tuple[tuple[bool, Remark], ...]] = {
        "do": (
            (bool(cycle.heard.strip()), block("voice.cycle.no_feedback")),
            (bool(cycle.change.strip()), block("voice.cycle.no_change")),
            (bool(cycle.owner.strip()), block("voice.cycle.no_owner")),
        ),
        "check": ((cycle.started is not None, block("voice.cycle.not_started")),),
        "act": ((bool(cycle.result.strip()), block("voice.cycle.no_result")),),
        "closed": (
            (bool(cycle.decision.strip()), block("voice.cycle.no_decision")),
            (cycle.review_on is not None, block("voice.cycle.no_review")),
        ),
    }
    return tuple(remark for there, remark in wanted[to] if not there)


@dataclass(frozen=True)
class Experiment:
    """A card written before the trial begins.

    Attributes
    ----------
    base : share before, 0 to 1
    change : relative change hoped for, .2 = 20 % more; below 0 where less is better
    start, stop : first day, and the day on which it is looked at, whatever has come by then
    """

    hypothesis: str
    metric_id: str
    base: float
    change: float
    start: date
    stop: date
    recorded: date

    @property
    def needed(self) -> int:
        """Observations on each side to see the change: one-sided at 5 %, as its direction stands here, power 80 %.

        >>> Experiment("", "win_rate_count", 0.45, 0.2, date(2026, 4, 1), date(2026, 7, 1), date(2026, 3, 30)).needed
        381
        """
        return needed_per_side(self.base, self.base * (1 + self.change), one_sided=True)


def card_lacks(card: Experiment, expected: float) -> tuple[Remark, ...]:
    """What the card lacks, or that by its last day too little will have been seen.

    Parameters
    ----------
    expected : observations of the smaller side that are to be expected from the first to the last day
    """
    found: list[Remark] = []
    if not card.hypothesis.strip():
        found.append(block("voice.experiment.no_hypothesis"))
    metric = METRICS.get(card.metric_id)
    if metric is None or metric.unit != "share":
        found.append(block("voice.experiment.no_share", metric=card.metric_id))
    if card.stop <= card.start:
        found.append(block("voice.experiment.backwards", stop=card.stop))
    if card.recorded > card.start:
        found.append(warning("voice.experiment.late", day=card.recorded))
    if not (0 < card.base < 1 and card.change != 0 and 0 < card.base * (1 + card.change) < 1):
        return (*found, block("voice.experiment.no_effect"))
    if expected < card.needed:
        found.append(warning("voice.experiment.small", n=round(expected), needed=card.needed))
    return tuple(found)


@dataclass(frozen=True)
class Result:
    """What a trial says: the difference tried less usual, in points, with its 90 % interval."""

    outcome: Outcome
    difference: float
    low: float
    high: float
    n: tuple[int, int]
    said: Remark


def experiment_result(card: Experiment, tried: tuple[int, int], usual: tuple[int, int], as_of: date) -> Result:
    """The verdict on *card*: events and observations of both sides, looked at once, on the day that was agreed.

    Before that day, and before both sides have what is needed, it is running, whatever the numbers look like. On the
    day, an interval (Newcombe's, 90 %) off 0 is an answer; one around 0 is "no sign" only if enough was seen.
    """
    (k1, n1), (k0, n0) = tried, usual
    missing = float("nan")
    enough = min(n1, n0) >= card.needed
    if as_of < card.stop and not enough:
        said = note("voice.result.running", n=min(n1, n0), needed=card.needed, stop=card.stop)
        return Result("running", missing, missing, missing, (n1, n0), said)
    if min(n1, n0) == 0:
        return Result("too_early", missing, missing, missing, (n1, n0), note("voice.result.nothing"))
    low, high = newcombe(k1, n1, k0, n0)
    difference = k1 / n1 - k0 / n0
    way = 1 if card.change > 0 else -1
    slots: dict[str, Slot] = {
        "low": Shown(low * 100, "ratio"),
        "high": Shown(high * 100, "ratio"),
        "n": n1,
        "n_usual": n0,
    }
    if (low if way > 0 else -high) > 0:
        return Result("better", difference, low, high, (n1, n0), Remark("voice.result.better", "good", slots))
    if (high if way > 0 else -low) < 0:
        return Result("worse", difference, low, high, (n1, n0), Remark("voice.result.worse", "warning", slots))
    if enough:
        return Result("no_sign", difference, low, high, (n1, n0), Remark("voice.result.no_sign", "note", slots))
    more = card.needed - min(n1, n0)
    return Result(
        "too_early", difference, low, high, (n1, n0), Remark("voice.result.too_early", "note", slots | {"more": more})
    )


@dataclass(frozen=True)
class Decision:
    """An adjustment that was decided: why, what is expected of it, and when it is looked at again."""

    adjustment: str
    reason: str
    expected: str
    made_by: str
    made: date
    review_on: date | None
    metric_id: str = ""
    outcome: str = ""


def decision_lacks(decision: Decision, as_of: date) -> tuple[Remark, ...]:
    """What an entry of the decision log lacks, and whether it waits to be looked at again."""
    found: list[Remark] = []
    if not decision.adjustment.strip():
        found.append(block("voice.decision.no_adjustment"))
    if not decision.reason.strip():
        found.append(block("voice.decision.no_reason"))
    if not decision.expected.strip():
        found.append(block("voice.decision.no_effect"))
    if not decision.made_by.strip():
        found.append(block("voice.decision.no_author"))
    if decision.review_on is None:
        found.append(block("voice.decision.no_review"))
    elif decision.review_on <= decision.made:
        found.append(block("voice.decision.backwards", day=decision.review_on))
    elif decision.review_on <= as_of and not decision.outcome.strip():
        found.append(warning("voice.decision.due", day=decision.review_on))
    if decision.metric_id and decision.metric_id not in METRICS:
        found.append(block("voice.decision.no_metric", metric=decision.metric_id))
    return tuple(found) or (good("voice.decision.whole"),)


def due_reviews(decisions: Sequence[Decision], as_of: date) -> tuple[Decision, ...]:
    """Decisions that wait to be looked at again on *as_of*, the longest waiting first."""
    waiting = [
        one for one in decisions if one.review_on is not None and one.review_on <= as_of and not one.outcome.strip()
    ]
    return tuple(sorted(waiting, key=lambda one: (one.review_on or as_of, one.adjustment)))
