"""What the CRM shows of the people: reps, those who help them and lead them, who was where when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.synthetic import names, phrases
from salescoach.synthetic.parameters import SEGMENTS, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Bools, Floats, Ints
from salescoach.synthetic.view import View, numbered, table

_STAFF_SINCE = -900  # days: managers and SDRs were there before the window
_RAMP_MONTHS = 18
RAMP_CURVE = "RC1"


@dataclass(frozen=True)
class Staff:
    """Everybody beside the sellers: managers of teams, heads of regions, SDRs. Team and region by position."""

    team_ids: list[str]
    region_ids: list[str]
    region_of: Ints  # of each team
    managers: list[str]  # of teams
    heads: list[str]  # of regions
    sdrs: list[str]
    sdr_team: Ints


def staff_of(people: People, p: Parameters) -> Staff:
    """The staff of an organisation of these sellers."""
    teams = int(people.team.max()) + 1
    regions = -(-teams // p.teams_per_region)
    leaders = numbered("M", np.arange(teams + regions), 2).tolist()
    sdr_team = np.repeat(np.arange(teams), p.sdrs_per_team)
    return Staff(
        team_ids=numbered("T", np.arange(teams), 2).tolist(), region_ids=numbered("B", np.arange(regions), 2).tolist(),
        region_of=np.arange(teams) // p.teams_per_region, managers=leaders[:teams], heads=leaders[teams:],
        sdrs=numbered("S", np.arange(len(sdr_team)), 2).tolist(), sdr_team=sdr_team,
    )  # fmt: skip


def tables(people: People, staff: Staff, view: View, p: Parameters) -> dict[str, pd.DataFrame]:
    """Tables ``team``, ``rep``, ``territory``, ``assignment``, ``ramp_curve``.

    Somebody hired after the export is not in them.
    """
    here = np.flatnonzero(people.hired < view.cut)
    rep = _rep(people, staff, here, view, p)
    return {
        "team": _team(staff, view),
        "rep": rep,
        "territory": _territory(people, staff, here, view),
        "assignment": _assignment(people, rep, here, view),
        "ramp_curve": _ramp_curve(p),
    }


def _team(staff: Staff, view: View) -> pd.DataFrame:
    return table("team", {
        "team_id": staff.region_ids + staff.team_ids,
        "name": [names.region(number, view.language) for number in range(len(staff.region_ids))]
        + [names.team(number, view.language) for number in range(len(staff.team_ids))],
        "parent_team_id": [None] * len(staff.region_ids) + [staff.region_ids[region] for region in staff.region_of],
        "manager_id": staff.heads + staff.managers,
    })  # fmt: skip


def _rep(people: People, staff: Staff, here: Ints, view: View, p: Parameters) -> pd.DataFrame:
    """Sellers first, then team managers, heads of regions and SDRs."""
    language, team = view.language, people.team[here]
    leaders = len(staff.managers) + len(staff.heads)
    others = leaders + len(staff.sdrs)
    heads = [staff.heads[region] for region in staff.region_of]
    bosses: list[str | None] = [
        *(staff.managers[place] for place in team), *heads, *[None] * len(staff.heads),
        *(staff.managers[place] for place in staff.sdr_team),
    ]  # fmt: skip
    in_team = [
        *(staff.team_ids[place] for place in team), *staff.team_ids, *staff.region_ids,
        *(staff.team_ids[place] for place in staff.sdr_team),
    ]  # fmt: skip
    region = [
        *staff.region_of[team], *staff.region_of, *range(len(staff.heads)), *staff.region_of[staff.sdr_team]
    ]  # fmt: skip
    numbers = [*here.tolist(), *(len(people) + number for number in range(others))]
    full_names = [names.person(number, language) for number in numbers]
    left = np.where(people.leaves < view.cut, people.leaves, np.nan)[here]
    ended = np.concatenate([left, np.full(others, np.nan)])
    since = np.full(others, _STAFF_SINCE)
    mails = pd.Series([names.mail(*one, language) for one in zip(full_names, numbers, strict=True)], dtype="str")
    return table("rep", {
        "rep_id": [*(people.ids[rep] for rep in here), *staff.managers, *staff.heads, *staff.sdrs],
        "full_name": full_names,
        "email": mails.where(~_without_mail(numbers, p)),
        "role": [*_roles(people, here, p), *["Manager"] * leaders, *["SDR"] * len(staff.sdrs)],
        "segment": [*(SEGMENTS[place] for place in people.segments[here].argmax(axis=1)), *[None] * others],
        "team_id": in_team,
        "manager_id": bosses,
        "region": [names.region(int(number), language) for number in region],
        "hire_date": view.days.dates(np.concatenate([people.hired[here], since])),
        "start_date": view.days.dates(np.concatenate([people.starts[here], since])),
        "end_date": view.days.dates(ended),
        "is_active": np.isnan(ended),
        "language": [language] * len(numbers),
    })  # fmt: skip


def _without_mail(numbers: Sequence[int], p: Parameters) -> Bools:
    luck = (np.array(numbers) * 617 % 1_000 + 0.5) / 1_000
    return np.asarray(luck < p.without_mail_share, dtype=np.bool_)


def _roles(people: People, here: Ints, p: Parameters) -> list[str]:
    """AE, and AM for those with the largest customers when the organisation tells them apart."""
    large = people.segments[:, SEGMENTS.index("ENT")]
    keys = set(np.argsort(-large, kind="stable")[: round(p.key_account_share * len(people))].tolist())
    return ["AM" if rep in keys else "AE" for rep in here.tolist()]


def _territory(people: People, staff: Staff, here: Ints, view: View) -> pd.DataFrame:
    """One area per region and per rep, and a second for each rep who moved. ``potential`` is an index around 1."""
    moved = here[people.moved[here] < view.cut]
    regions, spots = len(staff.region_ids), np.concatenate([here, moved])
    region = staff.region_of[people.team[spots]]
    word = phrases.TERRITORY[view.language]
    potential = np.concatenate([people.territory[here], people.territory_after[moved]])
    return table("territory", {
        "territory_id": [*numbered("G", np.arange(regions), 2), *_areas(people, here), *_areas(people, moved, "b")],
        "name": [names.region(number, view.language) for number in range(regions)]
        + [f"{word} {number + 1}" for number in here.tolist()]
        + [f"{word} {number + 1} B" for number in moved.tolist()],
        "parent_id": [None] * regions + [f"G{number + 1:02d}" for number in region.tolist()],
        "manager_id": staff.heads + [staff.managers[place] for place in people.team[spots]],
        "potential": np.round(np.concatenate([np.full(regions, np.nan), potential]), 2),
    })  # fmt: skip


def _areas(people: People, reps: Ints, version: str = "a") -> list[str]:
    return [f"K{people.ids[rep][1:]}{version}" for rep in reps.tolist()]


def _assignment(people: People, rep: pd.DataFrame, here: Ints, view: View) -> pd.DataFrame:
    """One row per person, and another from the day somebody got a new territory."""
    sellers = len(here)
    moved = np.flatnonzero(people.moved[here] < np.minimum(view.cut, people.leaves[here]))
    since = people.moved[here][moved]
    rows = np.concatenate([np.arange(len(rep)), moved])
    first = rep["hire_date"].to_numpy(dtype="datetime64[s]")[rows]
    last = rep["end_date"].to_numpy(dtype="datetime64[s]")[rows]
    first[len(rep) :] = view.days.dates(since)
    last[moved] = view.days.dates(since)
    areas = pd.Series([*_areas(people, here), *[None] * (len(rep) - sellers), *_areas(people, here[moved], "b")])
    of_person = rep.iloc[rows].reset_index(drop=True)
    return table("assignment", {
        **{name: of_person[name] for name in ("rep_id", "team_id", "manager_id", "role", "segment")},
        "territory_id": areas,
        "fte_pct": np.ones(len(rows)),
        "ramp_curve_id": pd.Series([RAMP_CURVE] * len(rows), dtype="str").where(rows < sellers),
        "reason": pd.Series([phrases.MOVED[view.language]] * len(rows), dtype="str").where(
            np.arange(len(rows)) >= len(rep)
        ),
        "valid_from": first,
        "valid_to": last,
    }).sort_values(["rep_id", "valid_from"], kind="stable", ignore_index=True)  # fmt: skip


def _ramp_curve(p: Parameters) -> pd.DataFrame:
    """What the organisation expects of new people: the usual ramp, at the end of each month."""
    months = np.arange(1, _RAMP_MONTHS + 1)
    return table("ramp_curve", {
        "ramp_curve_id": [RAMP_CURVE] * len(months),
        "month_index": months,
        "productivity": np.round(ramp(months.astype(np.float64), p.ramp_months), 3),
    })  # fmt: skip


def ramp(months: Floats, to_ninety_percent: float) -> Floats:
    """Share of full productivity after *months* of selling, when 90 % takes *to_ninety_percent*."""
    return np.asarray(1 - np.exp(-2.3 * months / to_ninety_percent), dtype=np.float64)
