"""The demo organisation, made of its parts: people, deals, what an export shows of them, and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from salescoach.errors import UsageError
from salescoach.synthetic import (
    activity,
    away,
    context,
    customers,
    deal_lines,
    deal_tables,
    forecast,
    leads,
    meetings,
    people_tables,
    phrases,
    plant,
    quota,
    scorecards,
    survey,
)  # fmt: skip
from salescoach.synthetic import work as work_tables
from salescoach.synthetic.days import TIMEZONE, days_of
from salescoach.synthetic.money import fx_rate, rates_of
from salescoach.synthetic.parameters import AMOUNT_SCALE, CURRENCY, Parameters, checked, rep_id
from salescoach.synthetic.people import people as make_people
from salescoach.synthetic.people import with_weaknesses
from salescoach.synthetic.people_tables import staff_of
from salescoach.synthetic.plants import Plants
from salescoach.synthetic.presets import preset as preset_parameters
from salescoach.synthetic.streams import Streams
from salescoach.synthetic.truth import Told
from salescoach.synthetic.truth import truth as make_truth
from salescoach.synthetic.view import View
from salescoach.synthetic.world import World, live
from salescoach.tables.schema import TABLES


@dataclass(frozen=True)
class SyntheticOrganisation:
    """Canonical tables as an export would hold them, what is really so, and the workspace's settings."""

    tables: dict[str, pd.DataFrame]
    truth: dict[str, object]
    settings: Mapping[str, str | int]
    dialect: str = "plain"


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
        ``default`` (36 reps, 30 months), ``no_difference`` (all reps equal), ``small_team`` (8 reps, 12 months), or
        another of ``PRESETS``.
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
    known = {rep_id(index) for index in range(p.reps)}
    p = checked(replace(p, plants=planted or p.plants.without_unknown(known)))
    streams = Streams(seed)
    p = with_weaknesses(p, streams)
    tables, told = _made(p, streams, language)
    settings: dict[str, str | int] = {
        "name": phrases.ORGANISATION[language],
        "language": language,
        "currency": CURRENCY[language],
        "timezone": TIMEZONE,
        "fiscal_year_start_month": 1,
        "week_start": 1,
        "holiday_calendar": "TR",
    }
    return SyntheticOrganisation(tables, make_truth(told, tables, p, preset, seed), settings, p.dialect)


def tables_of(p: Parameters, streams: Streams, language: str) -> dict[str, pd.DataFrame]:
    """The canonical tables alone, for who does not ask what is true."""
    return _made(with_weaknesses(p, streams), streams, language)[0]


def _made(p: Parameters, streams: Streams, language: str) -> tuple[dict[str, pd.DataFrame], Told]:
    scale = AMOUNT_SCALE[language]
    days = days_of(p.start, max(p.as_of, p.start + timedelta(days=31 * p.months)))
    view = View(days, days.number(p.as_of) + 1, days.month_first(p.months), language)
    currencies = rates_of(days, p, streams, language)
    people = make_people(p, streams)
    world = live(people, currencies, days, p, streams, scale)
    incoming = leads.leads(world.deals, people, world.response, days, p, streams)
    work = activity.activities(world.deals, world.owners, world.leaves, people, days, p, streams)
    shown = deal_tables.shown(world.deals, world.owners, view, activity.last_human(work, view, world.deals))

    tables = {
        **_of_people(world, view, p, streams),
        **_of_customers(world, shown, incoming, view, p),
        **_of_deals(world, shown, incoming, work, view, p, scale),
    }
    tables["theme_code"] = context.theme_code(tables["survey_response"], tables["opportunity"], view)
    tables = {name: tables[name] for name in TABLES}
    tables, planted = plant.plant(tables, view, p, streams)
    return tables, Told(world, view, planted, int((work.fateful & view.created(work.time)).sum()))


def _of_people(world: World, view: View, p: Parameters, streams: Streams) -> dict[str, pd.DataFrame]:
    """Who is there, what they work and cost, what was asked of them, what they said and learned."""
    people, staff, deals = world.people, staff_of(world.people, p), world.deals
    observation, answer = scorecards.observation_and_answer(deals, people, staff, view, p, streams)
    held = meetings.meetings_of(people, world.leaves, view, p, streams)
    return {
        **people_tables.tables(people, staff, view, p),
        "leave": away.leave(world.leaves, people, view),
        "time_use": work_tables.time_use(people, world.leaves, view, p, streams),
        "cost": work_tables.cost(deals, world.owner_at_close, people, view, p),
        "quota": quota.quota(people, view, p, AMOUNT_SCALE[view.language]),
        "forecast_submission": forecast.forecast_submission(deals, world.owners, people, view, p, streams),
        "fx_rate": fx_rate(world.currencies, view, p),
        "seasonal_index": context.seasonal_index(p),
        "context_event": context.context_event(people, world.programmes, view, p),
        **meetings.tables(held, people, staff, view),
        "goal": scorecards.goal(deals, world.owner_at_close, people, view, p),
        "observation": observation,
        "answer": answer,
        "intervention": context.intervention(world.programmes, people, view),
        "course": context.course(view),
        "training_completion": context.training_completion(world.trainings, people, view),
    }


def _of_customers(
    world: World, shown: deal_tables.Shown, incoming: leads.Leads, view: View, p: Parameters
) -> dict[str, pd.DataFrame]:
    """Companies, the people there, leads, and what was asked and answered."""
    deals, rows, people = world.deals, shown.rows, world.people
    invitations, responses = survey.invitations_and_responses(deals, world.owners, people, view, p)
    return {
        "account": customers.account(deals, rows, shown.owner, people, view, p),
        "contact": customers.contact(deals, rows, shown.owner, people, view, p),
        "lead": leads.lead(incoming, people, view, p),
        "survey": survey.survey(view.language),
        "survey_invitation": invitations,
        "survey_response": responses,
    }


def _of_deals(
    world: World, shown: deal_tables.Shown, incoming: leads.Leads, work: activity.Activities, view: View,
    p: Parameters, scale: float,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Deals and what hangs on them."""
    people = world.people
    return {
        "product": deal_tables.product(p, view.language, scale),
        "stage": deal_tables.stage(view.language),
        "opportunity": deal_tables.opportunity(shown, people, view, p, leads.lead_ids(incoming, shown, view)),
        "stage_history": deal_tables.stage_history(shown, world.owners, people, view),
        "owner_history": deal_tables.owner_history(shown, world.owners, people, view),
        "split": deal_lines.split(shown, people, staff_of(people, p).sdrs, view, p),
        "line_item": deal_lines.line_item(shown),
        "invoice": deal_lines.invoice(shown, view, p),
        "activity": activity.activity(work, world.deals, people, view),
        "exit_criterion": deal_lines.exit_criterion(shown, view),
    }
