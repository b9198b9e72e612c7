"""What people learn: trainings whose effect fades, coaching programmes with a reason to choose and a true effect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from salescoach.synthetic.days import Days
from salescoach.synthetic.parameters import STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.plants import Programme
from salescoach.synthetic.streams import Bools, Floats, Ints, Streams, pick

COURSES = STAGES + 2  # one per stage, then one about the product and one about a tool, which move no stage


@dataclass(frozen=True)
class Trainings:
    """One row per training taken, ordered by rep and time."""

    rep: Ints
    course: Ints  # 0 … 3 teach stages 1 … 4
    assigned: Floats
    done: Floats  # inf = never finished
    reinforced: Bools
    grade: Floats


@dataclass(frozen=True)
class Learning:
    """Everything that shifts the stage logits of a rep for a while: one row per cause."""

    rep: Ints
    stage: Ints
    start: Floats
    until: Floats  # full effect up to then, halved every half-life afterwards
    effect: Floats
    half_life: float

    def lift(self, rep: Ints, time: Floats) -> Floats:
        """Logits added to each stage of deals of *rep*, decided at *time*: deals × 4."""
        lifted = np.zeros_like(time)
        for stage in range(STAGES):
            causes = np.flatnonzero((self.stage == stage) & (self.effect != 0))
            by_rep = np.searchsorted(self.rep[causes], np.arange(int(rep.max(initial=0)) + 2))
            low, high = by_rep[rep], by_rep[rep + 1]
            for turn in range(int((high - low).max(initial=0))):
                some = np.flatnonzero(low + turn < high)
                cause = causes[low[some] + turn]
                at = time[some, stage]
                faded = 0.5 ** (np.maximum(at - self.until[cause], 0) / self.half_life)
                lifted[some, stage] += np.where(at >= self.start[cause], self.effect[cause] * faded, 0.0)
        return lifted

    def coached(self, programme: Programme, reps: Ints, days: Days) -> Learning:
        """The same with a programme for *reps*."""
        count = len(reps)
        first = float(days.month_first(programme.month))
        after = float(days.month_first(programme.month + programme.months))
        more = (
            reps, np.full(count, programme.stage - 1), np.full(count, first), np.full(count, after),
            np.full(count, programme.effect_logit),
        )  # fmt: skip
        columns = (self.rep, self.stage, self.start, self.until, self.effect)
        joined = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        rep, stage, start, until, effect = (column[order] for column in joined)
        return replace(self, rep=rep, stage=stage, start=start, until=until, effect=effect)


def trainings_of(people: People, days: Days, p: Parameters, streams: Streams) -> Trainings:
    """At most one training per rep and half-year, finished within weeks by most."""
    halves = -(-p.months // 6)
    uniform = streams.series("trainings", len(people), halves, 6)
    first = np.array([days.month_first(6 * half) for half in range(halves + 1)])
    assigned = first[:-1] + uniform[:, :, 1] * np.diff(first)
    done = np.where(uniform[:, :, 4] < 0.88, assigned + 3 + 25 * uniform[:, :, 4] / 0.88, np.inf)
    taken = uniform[:, :, 0] < p.trainings_per_half_year
    taken &= (assigned >= people.starts[:, None]) & (assigned + 30 < people.leaves[:, None])
    rep, half = np.nonzero(taken)
    some = uniform[rep, half]
    return Trainings(
        rep, pick(some[:, 2], COURSES), assigned[rep, half], done[rep, half], some[:, 3] < p.reinforced_share,
        np.round(60 + 40 * some[:, 5]),
    )  # fmt: skip


def learning_of(trainings: Trainings, p: Parameters) -> Learning:
    """What the trainings do: their stage's logit rises on completion and falls back unless they are reinforced."""
    moves = (trainings.course < STAGES) & np.isfinite(trainings.done)
    until = np.where(trainings.reinforced, np.inf, trainings.done)[moves]
    effect = np.full(int(moves.sum()), p.training_logit)
    return Learning(
        trainings.rep[moves], trainings.course[moves], trainings.done[moves], until, effect, p.half_life_days
    )  # fmt: skip
