"""What people do, and what becomes of it. Leading indicators: never compared, never a target by themselves."""

from __future__ import annotations

import numpy as np

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, open_now, remembered, watched
from salescoach.metrics.contract import CLOSERS, OPENERS, Metric, answers, reasons
from salescoach.metrics.curves import everyone_by, median_of
from salescoach.metrics.events import DAYS_A_MONTH, human, last_contact, surely, two_way_until_now, workdays
from salescoach.metrics.expressions import col, count, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.spread import rates, ratios
from salescoach.metrics.tally import Rows, in_memory
from salescoach.metrics.told import Told, some
from salescoach.tables.data import SalesData

TOUCH_DAYS = 14
_MEETINGS = ("meeting", "demo", "visit")
_TWO_WAY = "two_way"
_DOERS = (*OPENERS, "CSM")


def dials(data: SalesData, period: Period) -> Rows:
    """Calls of *period* whose outcome is known; ``event`` marks those in which somebody was reached."""
    calls = human(data, period).filter(col("type") == "call", col("outcome").is_in(["connected", "no_answer"]))
    return calls.with_columns(event=col("outcome") == "connected")


def mails(data: SalesData, period: Period) -> Rows:
    """E-mails of *period*: ``sent`` by the rep, ``replied`` by the customer; a sent one may itself say so."""
    rows = human(data, period).filter(col("type") == "email")
    return rows.with_columns(
        sent=~surely(col("direction") == "in"), replied=surely(col("outcome") == "replied")
    )  # fmt: skip


def appointments(data: SalesData, period: Period) -> Rows:
    """Meetings of *period* that were held (``event``) or to which nobody came; those called off are left out."""
    rows = human(data, period).filter(col("type").is_in(list(_MEETINGS)), col("outcome").is_in(["held", "no_show"]))
    return rows.with_columns(event=col("outcome") == "held")


def worked(data: SalesData, period: Period) -> Rows:
    """Deals watched in *period*: ``touches``, human activities for the deal in it, and ``months`` it was open."""
    named = human(data, period).filter(~col("deal_id").is_null())
    touches = beside_deals(data, in_memory(named.summed("deal_id", touches=count())))
    deals = watched(data, period).join(touches, on="deal_id", how="left")
    none = col("touches").is_null()
    return deals.with_columns(
        touches=when(none).then(lit(0.0)).otherwise(col("touches")), months=col("open_days") / DAYS_A_MONTH
    )


@remembered
def touched(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of``; ``event`` marks those with a two-way contact in the last 14 days."""
    deals = open_now(data, period).join(last_contact(data, period), on="deal_id", how="left")
    return deals.with_columns(event=surely(col("contact") > day_number(data.as_of) - TOUCH_DAYS))


@remembered
def engaged(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of`` with ``contacts``: how many people there have had a two-way contact with us."""
    people = two_way_until_now(data, period).filter(~col("contact_id").is_null()).unique(["deal_id", "contact_id"])
    counted = in_memory(people.summed("deal_id", contacts=count()))
    deals = open_now(data, period).join(beside_deals(data, counted), on="deal_id", how="left")
    none = col("contacts").is_null()
    return deals.with_columns(contacts=when(none).then(lit(0.0)).otherwise(col("contacts")))


def _volume(ask: Question) -> Told:
    """Human activities / working days; exact Poisson limits (Garwood 1936)."""
    return rates(ask.groups, ask.tally(ask.once(human))["n"], ask.added(ask.once(workdays)))


def _mix(ask: Question) -> Told:
    """Human activities of a type, and two-way ones, / all of them; Wilson's interval."""
    rows = ask.once(human).with_columns(two_way=surely(col("direction") == _TWO_WAY))
    total, cells = ask.tally(rows, two_way=col("two_way")), ask.cells(rows, "type")
    types = [str(name) for place, name in enumerate(cells.values[1]) if (cells.codes[1] == place).any()]
    by_type = ask.by_part(cells, types)["n"].reshape(len(ask.groups), len(types))
    parts = [*types, _TWO_WAY]
    hits = np.column_stack([by_type, total["two_way"]]).ravel()
    return share(everyone_by(ask, parts), hits, np.repeat(total["n"], len(parts)))


def _connect(ask: Question) -> Told:
    """connected / (connected + not answered); Wilson's interval."""
    sums = ask.tally(ask.once(dials), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _reply(ask: Question) -> Told:
    """replies, at most one for each e-mail sent, / e-mails sent; Wilson's interval."""
    sums = ask.tally(ask.once(mails), sent=col("sent"), replied=col("replied"))
    return share(sums.index, np.minimum(sums["replied"], sums["sent"]), sums["sent"])


def _show(ask: Question) -> Told:
    """held / (held + nobody came); Wilson's interval."""
    sums = ask.tally(ask.once(appointments), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _per_deal(ask: Question) -> Told:
    """Human activities for deals / months these were open; limits over deals by the delta method."""
    top, bottom = col("touches"), col("months")
    sums = ask.tally(ask.once(worked), top=top, bottom=bottom, top2=top**2, bottom2=bottom**2, both=top * bottom)
    return ratios(sums)


def _touch(ask: Question) -> Told:
    """open deals with a two-way contact in the last 14 days / open deals."""
    sums = ask.tally(ask.once(touched), event=col("event"))
    return answers(
        value=sums["event"] / some(sums["n"]), n=sums["n"], numerator=sums["event"],
        denominator=sums["n"], na_reason=reasons(sums.index, not_applicable=ask.over), index=sums.index,
    )  # fmt: skip


def _contacts(ask: Question) -> Told:
    """Median number of people with a two-way contact over open deals."""
    nobody = bool(ask.data.table("activity")["contact_id"].isna().all())
    found = median_of(ask, ask.once(engaged), "contacts")
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"],
        na_reason=reasons(found.index, missing_field=nobody, not_applicable=ask.over), index=found.index,
    )  # fmt: skip


_EXCLUDED = "automatic activities, planned ones, and those of people who do not sell"
VOLUME = Metric(
    metric_id="activity_volume",
    version=1,
    unit="rate",
    better="context",
    population="human activities",
    time="held in the period; working days up to as_of, without leave",
    exclusions=_EXCLUDED,
    null_rule="no activity or no working day: no_exposure",
    source="Pipedrive, Atrium",
    min_n=1,
    calculate=_volume,
    observe=human,
    tables=("activity",),
    roles=_DOERS,
)
MIX = Metric(
    metric_id="activity_mix",
    version=1,
    unit="share",
    better="context",
    population="human activities, by type; two_way = the customer took part",
    time="held in the period",
    exclusions=_EXCLUDED,
    null_rule="fewer than 5: below_min_n",
    source="Pipedrive, Atrium",
    min_n=5,
    calculate=_mix,
    observe=human,
    tables=("activity",),
    roles=_DOERS,
)
CONNECT = Metric(
    metric_id="connect_rate",
    version=1,
    unit="share",
    better="up",
    population="calls whose outcome is known",
    time="held in the period",
    value="1 if somebody was reached",
    exclusions=_EXCLUDED,
    null_rule="fewer than 5: below_min_n",
    min_n=5,
    calculate=_connect,
    observe=dials,
    family="share",
    tables=("activity",),
    roles=_DOERS,
)
REPLY = Metric(
    metric_id="reply_rate",
    version=1,
    unit="share",
    better="up",
    population="e-mails sent by a person",
    time="sent, or replied to, in the period",
    value="1 for each reply, at most one for each e-mail sent",
    exclusions=_EXCLUDED,
    null_rule="fewer than 5: below_min_n",
    min_n=5,
    calculate=_reply,
    observe=mails,
    family="share",
    tables=("activity",),
    roles=_DOERS,
)
SHOW = Metric(
    metric_id="show_rate",
    version=1,
    unit="share",
    better="up",
    population="meetings, demos and visits that were held or to which nobody came",
    time="held in the period",
    value="1 if held",
    exclusions=f"{_EXCLUDED}; meetings called off or moved",
    null_rule="fewer than 5: below_min_n",
    min_n=5,
    calculate=_show,
    observe=appointments,
    family="share",
    tables=("activity",),
    roles=_DOERS,
)
PER_DEAL = Metric(
    metric_id="activities_per_opp",
    version=1,
    unit="rate",
    better="context",
    population="deals open for a day of the period",
    time="during the period, up to as_of",
    value="human activities for the deal; months it was open",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="no open month: no_exposure; one deal: below_min_n",
    min_n=2,
    calculate=_per_deal,
    observe=worked,
    tables=("activity",),
    fields=("started",),
    roles=CLOSERS,
)
TOUCH = Metric(
    metric_id="opp_touch",
    version=1,
    unit="share",
    better="up",
    population="open deals",
    time="state at as_of",
    value="1 with a two-way contact in the last 14 days",
    null_rule="none open: no_exposure; period over: not_applicable",
    min_n=1,
    calculate=_touch,
    observe=touched,
    estimate=False,
    tables=("activity",),
    roles=CLOSERS,
)
CONTACTS = Metric(
    metric_id="multithreading",
    version=1,
    unit="count",
    better="up",
    population="open deals; a deal without a contact counts with 0",
    time="state at as_of",
    value="people with a two-way contact",
    null_rule="activities name no contact: missing_field; none open: no_exposure; period over: not_applicable",
    min_n=1,
    calculate=_contacts,
    observe=engaged,
    estimate=False,
    tables=("activity",),
    roles=CLOSERS,
)
METRICS = (VOLUME, MIX, CONNECT, REPLY, SHOW, PER_DEAL, TOUCH, CONTACTS)
