"""Scorecards and goals: what managers saw of people's skills, and what was agreed about results."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from scipy.special import logit

from salescoach.synthetic import phrases
from salescoach.synthetic.deal_tables import deal_ids
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.people_tables import Staff
from salescoach.synthetic.quota_change import next_quarter, quarters
from salescoach.synthetic.streams import Floats, Ints, Streams, normal
from salescoach.synthetic.view import View, chosen, numbered, table

TEMPLATE = "SC1"
SELF_LENIENCY = 0.3  # people judge themselves a little better
_MIDDLE, _SPREAD = 3.0, 0.8
_UNSEEN = 0.05
_WORDS_NEEDED = (1.0, 5.0)  # lowest and highest points need evidence


def skills(people: People, p: Parameters) -> Floats:
    """Latent skill behind each competency in standard deviations: reps × competencies; 0 where all are equal."""

    def standard(values: Floats, sd: float) -> Floats:
        return values / sd if sd > 0 else np.zeros_like(values)

    stages = standard(people.stage_logit - logit(np.array(p.advance)), p.stage_sd)
    others = np.stack([
        standard(np.log(people.size), p.size_sd),
        -standard(np.log(people.discount), p.discount_sd),
        standard(people.service, p.service_sd),
        np.zeros(len(people)),
    ], axis=1)  # fmt: skip
    return np.concatenate([stages, others], axis=1)


def observation_and_answer(
    deals: Deals, people: People, staff: Staff, view: View, p: Parameters, streams: Streams
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``observation`` and ``answer``: calls scored by the team's manager, and once a quarter by the rep.

    Points are 3 + .8 × (ρ skill + √(1 − ρ²) chance of the person) + severity of the rater + noise of the call, whole
    points from 1 to 5.
    """
    items, firsts = len(phrases.COMPETENCIES), [view.days.number(first) for first in quarters(p)]
    turns = p.observations_per_quarter + 1  # the last one is the rep's own
    uniform = streams.series("scorecards", len(people), len(firsts) * turns + 1, 2 + 2 * items)
    persons, calls = uniform[:, 0, :items], uniform[:, 1:]
    time = np.repeat(np.array(firsts, dtype=np.float64), turns) + 4 + 80 * calls[:, :, 0]
    working = (time >= people.starts[:, None]) & (time < people.leaves[:, None])
    rep, call = np.nonzero(working & view.seen(time.ravel()).reshape(time.shape))
    own = call % turns == turns - 1
    team = people.team[rep]
    rater = p.rater_sd * np.array([float(streams.child("scorecards", 0, one).standard_normal())
                                   for one in range(len(staff.managers))])  # fmt: skip
    shift = np.where(own, SELF_LENIENCY, rater[team])
    rho = p.scorecard_correlation
    true = _SPREAD * (rho * skills(people, p) + np.sqrt(1 - rho**2) * normal(persons))
    noise = p.call_sd * normal(calls[rep, call, 2 : 2 + items])
    points = np.clip(np.round(_MIDDLE + true[rep] + shift[:, None] + noise), 1, 5)
    unseen = calls[rep, call, 2 + items :] < _UNSEEN
    number = (call // turns * len(people) + rep) * turns + call % turns  # quarter, rep, turn
    ids = numbered("H", number, 6)
    at = time[rep, call]
    about = _newest_deal(deals, rep, at)
    observation = table("observation", {
        "obs_id": ids,
        "template_id": [TEMPLATE] * len(rep),
        "version": [1] * len(rep),
        "rep_id": chosen(people.ids, rep),
        "observer_id": chosen((*people.ids, *staff.managers), np.where(own, rep, len(people) + team)),
        "occurred_at": view.moments(at),
        "subject_deal_id": deal_ids(np.maximum(about, 0), about >= 0),
        "is_self": own,
    })  # fmt: skip
    values = np.where(unseen, np.nan, points).ravel()
    place = np.tile(np.arange(items), len(rep))
    level = np.where(points.ravel() <= _WORDS_NEEDED[0], 0, 2)
    needed = np.isin(values, _WORDS_NEEDED)
    answer = table("answer", {
        "obs_id": ids.repeat(items).reset_index(drop=True),
        "item_id": chosen([f"SI{one + 1}" for one in range(items)], place),
        "competency_id": chosen(phrases.COMPETENCIES, place),
        "value": values,
        "na": unseen.ravel(),
        "evidence": chosen(phrases.SEEN[view.language], level, needed),
    })  # fmt: skip
    return observation, answer


def _newest_deal(deals: Deals, rep: Ints, time: Floats) -> Ints:
    """The last deal each rep created before a time; -1 without any."""
    wide = 1e6  # more days than any window has: keeps reps apart on one line of numbers
    line = deals.rep * wide + deals.created
    order = np.argsort(line, kind="stable")
    place = np.searchsorted(line[order], rep * wide + time) - 1
    found = order[np.maximum(place, 0)] if len(order) else np.zeros(len(rep), dtype=np.int64)
    return np.where((place >= 0) & (deals.rep[found] == rep), found, -1) if len(order) else found - 1


def goal(deals: Deals, owner: Ints, people: People, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``goal``: a win rate for every quarter, agreed before it, judged after it in a second version.

    *owner* has who owned each deal at its close. The baseline is the quarter before; without one there is no goal.
    """
    firsts = quarters(p)
    edges = np.array([view.days.number(first) for first in (*firsts, *([next_quarter(firsts[-1])] if firsts else []))])
    rate = _win_rates(deals, owner, edges, len(people))
    rows: list[tuple[object, ...]] = []
    for place in range(1, len(firsts)):
        said, judged = edges[place] - 5 + 0.3, edges[place + 1] + 5 + 0.3
        here = (people.starts <= edges[place - 1]) & (people.leaves > edges[place])
        for rep in np.flatnonzero(here & ~np.isnan(rate[:, place - 1])).tolist():
            goal_id = f"GO{people.ids[rep][1:]}-{firsts[place].isoformat()[:7]}"
            baseline = round(float(rate[rep, place - 1]), 4)
            target = round(min(baseline + 0.03, 0.9), 4)
            due = next_quarter(firsts[place]) - timedelta(days=1)
            common = (goal_id, people.ids[rep], baseline, target, firsts[place], due)
            rows.append((*common, 1, "signed", said))
            if people.leaves[rep] > judged and not np.isnan(rate[rep, place]):
                rows.append((*common, 2, "met" if rate[rep, place] >= target else "missed", judged))
    seen = view.seen(np.array([row[8] for row in rows], dtype=np.float64))
    rows = [row for row, known in zip(rows, seen.tolist(), strict=True) if known]
    columns = list(zip(*rows, strict=True)) or [()] * 9
    return table("goal", {
        "goal_id": list(columns[0]), "owner_id": list(columns[1]), "version": list(columns[6]),
        "kind": ["outcome"] * len(rows), "metric_id": ["win_rate"] * len(rows),
        "baseline": np.array(columns[2], dtype=np.float64), "target": np.array(columns[3], dtype=np.float64),
        "start": np.array(columns[4], dtype="datetime64[s]"), "due": np.array(columns[5], dtype="datetime64[s]"),
        "direction": ["up"] * len(rows), "status": list(columns[7]),
        "recorded_at": view.moments(np.array(columns[8], dtype=np.float64)),
    })  # fmt: skip


def _win_rates(deals: Deals, owner: Ints, edges: Ints, reps: int) -> Floats:
    """Won of closed deals per rep and quarter of the close; missing without any."""
    place = np.searchsorted(edges, np.floor(np.nan_to_num(deals.closed, nan=-1e6)), side="right") - 1
    counted = (place >= 0) & (place < len(edges) - 1)
    both = np.zeros((2, reps, max(len(edges) - 1, 1)))
    np.add.at(both[0], (owner[counted], place[counted]), 1)
    np.add.at(both[1], (owner[counted & deals.won], place[counted & deals.won]), 1)
    rate = np.divide(both[1], both[0], out=np.full(both[0].shape, np.nan), where=both[0] > 0)
    return np.asarray(rate, dtype=np.float64)
