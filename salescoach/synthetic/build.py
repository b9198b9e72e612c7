"""The demo organisation, made of its parts: people, deals, what an export shows of them, and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from salescoach.errors import UsageError
from salescoach.synthetic import activity, deal_tables, leads, people_tables, phrases, plant, quota, survey
from salescoach.synthetic.days import TIMEZONE, days_of
from salescoach.synthetic.deals import simulate
from salescoach.synthetic.owners import ownership
from salescoach.synthetic.parameters import AMOUNT_SCALE, CURRENCY, Parameters, Plants, checked, only_known_reps
from salescoach.synthetic.parameters import preset as preset_parameters
from salescoach.synthetic.people import people as make_people
from salescoach.synthetic.response import response as make_response
from salescoach.synthetic.streams import Streams
from salescoach.synthetic.truth import truth as make_truth
from salescoach.synthetic.view import View
from salescoach.tables.schema import TABLES


@dataclass(frozen=True)
class SyntheticOrganisation:
    """Canonical tables as an export would hold them, what is really so, and the workspace's settings."""

    tables: dict[str, pd.DataFrame]
    truth: dict[str, object]
    settings: Mapping[str, str | int]


def organisation(
    preset: str = "default",
    *,
    seed: int = 1,
    reps: int | None = None,
    months: int | None = None,
    start: date | None = None,
    as_of: date | None = None,
    language: str = "tr",
    planted: Plants | None = None,
    parameters: Parameters | None = None,
) -> SyntheticOrganisation:
    """A sales organisation with known truth, the same one for the same arguments.

    Parameters
    ----------
    preset : str
        ``default`` (36 reps, 30 months), ``no_difference`` (all reps equal), ``small_team`` (8 reps, 12 months).
    seed : int
        All chance comes from it.
    reps, months, start, as_of : optional
        Size and window, and the last day the export sees; the preset's when not given.
    language : str
        ``tr`` or ``en``: of names, stages, texts; also the currency (TRY, USD) and the scale of amounts.
    planted : Plants, optional
        What to plant instead of the preset's; reps it names must exist.
    parameters : Parameters, optional
        Every assumption, instead of the preset's.

    Returns
    -------
    SyntheticOrganisation
        ``tables`` keyed by name, columns exactly the schema's (money in units of ``settings["currency"]``, moments
        naive UTC); ``truth`` ready for JSON; ``settings`` for the workspace.

    Raises
    ------
    UsageError
        For an unknown preset, language, driver or rep, or an impossible window.

    Examples
    --------
    >>> small = organisation("small_team")
    >>> int((small.tables["rep"]["role"] == "AE").sum()), small.settings["currency"]
    (8, 'TRY')
    """
    if language not in AMOUNT_SCALE:
        raise UsageError.unknown("language", language, AMOUNT_SCALE)
    p = parameters or preset_parameters(preset)
    sizes = {"reps": reps, "months": months, "start": start, "as_of": as_of}
    p = replace(p, **{name: value for name, value in sizes.items() if value is not None})  # type: ignore[arg-type]
    p = checked(replace(p, plants=planted or only_known_reps(p.plants, p.reps)))
    tables, told = _made(p, preset, seed, language)
    settings: dict[str, str | int] = {
        "name": phrases.ORGANISATION[language],
        "language": language,
        "currency": CURRENCY[language],
        "timezone": TIMEZONE,
        "fiscal_year_start_month": 1,
        "week_start": 1,
        "holiday_calendar": "TR",
    }
    return SyntheticOrganisation(tables, told, settings)


def _made(p: Parameters, preset: str, seed: int, language: str) -> tuple[dict[str, pd.DataFrame], dict[str, object]]:
    scale = AMOUNT_SCALE[language]
    streams = Streams(seed)
    days = days_of(p.start, max(p.as_of, p.start + timedelta(days=31 * p.months)))
    view = View(days, days.number(p.as_of) + 1, days.month_first(p.months), language)
    people = make_people(p, streams)
    response = make_response(people, p)
    deals = simulate(people, response, days, p, streams, scale)
    owners = ownership(deals, people)
    incoming = leads.leads(deals, people, response, days, p, streams)
    work = activity.activities(deals, owners, people, days, p, streams)

    shown = deal_tables.shown(deals, owners, view, activity.last_human(work, view, deals))
    invitations, responses = survey.invitations_and_responses(deals, owners, people, view, p)
    tables = {
        **people_tables.tables(people, view, p),
        "account": deal_tables.account(shown, view),
        "product": deal_tables.product(p, language, scale),
        "stage": deal_tables.stage(language),
        "opportunity": deal_tables.opportunity(shown, people, view, leads.lead_ids(incoming, shown, view)),
        "stage_history": deal_tables.stage_history(shown, view),
        "owner_history": deal_tables.owner_history(shown, owners, people, view),
        "lead": leads.lead(incoming, people, view),
        "activity": activity.activity(work, deals, people, view),
        "quota": quota.quota(people, view, p, scale),
        "survey": survey.survey(language),
        "survey_invitation": invitations,
        "survey_response": responses,
    }
    tables = {name: _whole(name, tables[name]) for name in TABLES if name in tables}
    tables, planted = plant.plant(tables, view, p, streams)
    never_thinned = int((work.fateful & view.created(work.time)).sum())
    told = make_truth(
        preset, seed, language, scale, p, people, deals, owners, view, planted, tables, never_thinned
    )  # fmt: skip
    return tables, told


def _whole(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """*table* with every column of the schema, in its order; what the generator does not make is missing."""
    absent = {field.name: None for field in TABLES[name].fields if field.name not in table}
    return table.assign(**absent)[list(TABLES[name].names)]
