"""Who buys: companies at home and abroad, the people there, and those lost again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import names, phrases
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.money import currency_of
from salescoach.synthetic.parameters import AMOUNT_SCALE, CURRENCIES, CURRENCY, SEGMENTS, Parameters
from salescoach.synthetic.people import MONTH_DAYS, People
from salescoach.synthetic.streams import Bools, Floats, Ints, lognormal
from salescoach.synthetic.view import View, chosen, numbered, table

_PER_COMPANY = 3  # most contacts; a small company has one
_ROLES = ("decision_maker", "champion", "evaluator")
_REVENUE_PER_HEAD = 40_000
_CONSENT_SHARE = 0.85


def account_ids(numbers: Ints, where: Bools | None = None) -> pd.Series:
    """Text column: ids of companies, missing where *where* is false."""
    return numbered("A", numbers, 6, where)


def contact_ids(numbers: Ints, where: Bools | None = None) -> pd.Series:
    """Text column: ids of the people who decide at companies, missing where *where* is false."""
    return numbered("C", numbers * _PER_COMPANY, 7, where)


def customers(numbers: Ints, segments: Ints, view: View, p: Parameters) -> list[tuple[str, str, str, str]]:
    """Name, industry, city and country of companies."""
    base = CURRENCIES.index(CURRENCY[view.language])
    paying = currency_of(numbers, p, base).tolist()
    return [
        names.customer(number, segment, view.language, "" if currency == base else CURRENCIES[currency])
        for number, segment, currency in zip(numbers.tolist(), segments.tolist(), paying, strict=True)
    ]


def first_bought(deals: Deals) -> Floats:
    """Per company number: when it first bought, ``inf`` = never."""
    first = np.full(int(deals.account.max(initial=0)) + 1, np.inf)
    np.minimum.at(first, deals.account[deals.won], deals.ended[deals.won])
    return first


def lost_again(deals: Deals, people: People, p: Parameters) -> Floats:
    """Per company number: when it stopped being a customer, ``inf`` = never.

    A share of the customers every month, smaller where the rep who won them serves well.
    """
    first = first_bought(deals)
    lost = np.full(len(first), np.inf)
    won = np.flatnonzero(deals.won)
    opening = won[deals.ended[won] == first[deals.account[won]]]
    if p.churn_per_month > 0:
        monthly = p.churn_per_month * np.exp(-people.service[deals.rep[opening]])
        stays = -np.log1p(-deals.draws["churn"][opening]) / monthly
        lost[deals.account[opening]] = deals.ended[opening] + MONTH_DAYS * stays
    return lost


def account(deals: Deals, rows: Ints, owner: Ints, people: People, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``account``: the companies of the deals at *rows*, each created with its first deal.

    *owner* has the present owner of each of these deals; the newest deal's looks after the company.
    """
    numbers, earliest, place = _companies(deals, rows)
    segments = deals.segment[earliest]
    made = customers(numbers, segments, view, p)
    owners = np.zeros(len(numbers), dtype=np.int64)
    owners[place] = owner  # in order of creation: the newest stays
    bought, gone = first_bought(deals)[numbers], lost_again(deals, people, p)[numbers]
    kind = np.where(view.seen(np.minimum(gone, 1e6)), 2, np.where(view.seen(np.minimum(bought, 1e6)), 1, 0))
    employees = headcount(numbers, segments)
    return table("account", {
        "account_id": account_ids(numbers),
        "name": [name for name, _, _, _ in made],
        "industry": [industry for _, industry, _, _ in made],
        "employees": employees,
        "annual_revenue": np.round(employees * _REVENUE_PER_HEAD * AMOUNT_SCALE[view.language]),
        "currency": [CURRENCY[view.language]] * len(numbers),
        "country": [country for _, _, _, country in made],
        "city": [city for _, _, city, _ in made],
        "domain": [_domain(name) for name, _, _, _ in made],
        "owner_id": chosen(people.ids, owners),
        "type": chosen(("prospect", "customer", "former"), kind),
        "segment": chosen(SEGMENTS, segments),
        "created_at": view.moments(deals.created[earliest]),
    })  # fmt: skip


def contact(deals: Deals, rows: Ints, owner: Ints, people: People, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``contact``: one person at a small company, two at a middle one, three at a large one."""
    numbers, earliest, place = _companies(deals, rows)
    made = customers(numbers, deals.segment[earliest], view, p)
    owners = np.zeros(len(numbers), dtype=np.int64)
    owners[place] = owner
    count = deals.segment[earliest] + 1
    company = np.repeat(np.arange(len(numbers)), count)
    turn = np.arange(len(company)) - np.repeat(np.cumsum(count) - count, count)
    number = numbers[company] * _PER_COMPANY + turn
    spoken = ["tr" if made[one][3] == "TR" else "en" for one in company.tolist()]
    people_there = [names.contact(one, language) for one, language in zip(number.tolist(), spoken, strict=True)]
    titles = [title for role in phrases.TITLES[view.language] for title in role]
    return table("contact", {
        "contact_id": numbered("C", number, 7),
        "account_id": account_ids(numbers[company]),
        "first_name": [given for given, _ in people_there],
        "last_name": [family for _, family in people_there],
        "title": chosen(titles, 2 * turn + number % 2),
        "email": [
            f"{names.ascii_letters(given)}.{names.ascii_letters(family)}@{_domain(made[one][0])}"
            for (given, family), one in zip(people_there, company.tolist(), strict=True)
        ],
        "owner_id": chosen(people.ids, owners[company]),
        "role": chosen(_ROLES, turn),
        "consent": (number * 7_919 % 1_000) / 1_000 < _CONSENT_SHARE,
    })  # fmt: skip


def headcount(numbers: Ints, segments: Ints) -> Ints:
    """Employees of companies: a fixed function of their number, since nothing depends on it."""
    uniform = (numbers * 7_919 % 1_000 + 0.5) / 1_000
    return np.maximum(lognormal(uniform, np.array([22, 160, 1_400])[segments], 0.6).astype(np.int64), 1)


def _companies(deals: Deals, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """Company numbers, the first deal of each, and the place of each row's company among them."""
    # Deals are in order of creation, so the first one found is the oldest.
    numbers, first, place = np.unique(deals.account[rows], return_index=True, return_inverse=True)
    return numbers, rows[first], place


def _domain(name: str) -> str:
    """Internet domain of a company: its name's first two words; .example never resolves."""
    return f"{'-'.join(names.ascii_letters(name).split()[:2])}.example"
