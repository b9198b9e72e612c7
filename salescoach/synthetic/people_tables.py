"""What the CRM shows of the people: reps and managers, their teams, who was where when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import names
from salescoach.synthetic.parameters import SEGMENTS, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.view import View, numbered, table

_MANAGERS_SINCE = -900  # days: managers were there before the window


def tables(people: People, view: View, p: Parameters) -> dict[str, pd.DataFrame]:
    """Tables ``team``, ``rep`` and ``assignment``. Somebody hired after the export is not in them."""
    language = view.language
    here = np.flatnonzero(people.hired < view.cut)
    teams = int(people.team.max()) + 1
    regions = -(-teams // p.teams_per_region)
    team_ids, region_ids = numbered("T", np.arange(teams), 2).tolist(), numbered("B", np.arange(regions), 2).tolist()
    managers = numbered("M", np.arange(teams + regions), 2).tolist()  # team managers first, then heads of regions
    region_of = np.arange(teams) // p.teams_per_region

    team = table("team", {
        "team_id": region_ids + team_ids,
        "name": [names.region(number, language) for number in range(regions)]
        + [names.team(number, language) for number in range(teams)],
        "parent_team_id": [None] * regions + [region_ids[region] for region in region_of],
        "manager_id": managers[teams:] + managers[:teams],
    })  # fmt: skip

    left = np.where(people.leaves < view.cut, people.leaves, np.nan)[here]
    boss = [managers[team] for team in people.team[here]]
    heads = [managers[teams + region] for region in region_of]
    bosses: list[str | None] = [*heads, *[None] * regions]
    in_team = [*[team_ids[team] for team in people.team[here]], *team_ids, *region_ids]
    in_region = [*region_of[people.team[here]], *region_of, *range(regions)]
    numbers = [*here.tolist(), *(len(people) + number for number in range(len(managers)))]
    full_names = [names.person(number, language) for number in numbers]
    hired = np.concatenate([people.hired[here], np.full(len(managers), _MANAGERS_SINCE)])
    ended = np.concatenate([left, np.full(len(managers), np.nan)])
    ids = [*(people.ids[rep] for rep in here), *managers]
    roles = ["AE"] * len(here) + ["Manager"] * len(managers)
    segment = [*(SEGMENTS[place] for place in people.segments[here].argmax(axis=1)), *[None] * len(managers)]
    rep = table("rep", {
        "rep_id": ids,
        "full_name": full_names,
        "email": [names.mail(name, number, language) for name, number in zip(full_names, numbers, strict=True)],
        "role": roles,
        "segment": segment,
        "team_id": in_team,
        "manager_id": boss + bosses,
        "region": [names.region(int(number), language) for number in in_region],
        "hire_date": view.days.dates(hired),
        "start_date": view.days.dates(np.concatenate([people.starts[here], np.full(len(managers), _MANAGERS_SINCE)])),
        "end_date": view.days.dates(ended),
        "is_active": np.isnan(ended),
        "language": [language] * len(ids),
    })  # fmt: skip
    assignment = table("assignment", {
        "rep_id": ids,
        "team_id": in_team,
        "manager_id": boss + bosses,
        "role": roles,
        "segment": segment,
        "fte_pct": np.ones(len(ids)),
        "valid_from": view.days.dates(hired),
        "valid_to": view.days.dates(ended),
    })  # fmt: skip
    return {"team": team, "rep": rep, "assignment": assignment}
