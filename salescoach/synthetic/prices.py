"""What a deal is worth: seats of one or two products at list prices, and what is taken off.

A deal's amount is made of its lines, so that lines, list prices, discount and amount always agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from salescoach.synthetic.days import Days
from salescoach.synthetic.money import Rates, currency_of
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Draws, Floats, Ints, lognormal, pick

SEATS = 20  # in a deal of median size
_PREMIUM = 1.5  # price of a segment's second product over its first
_LATE_DAYS = 14


@dataclass(frozen=True)
class Prices:
    """Deals × 2 lines where two-dimensional; the second line has quantity 0 where there is none."""

    currency: Ints
    rate: Floats  # of the organisation's currency, on the day of creation
    product: Ints
    quantity: Ints
    price: Floats  # of one seat, in the deal's currency
    discount: Floats

    @property
    def list_amount(self) -> Floats:
        """Amount before discount, in the deal's currency."""
        return np.asarray((self.quantity * self.price).sum(axis=1), dtype=np.float64)


def catalogue(p: Parameters, scale: float) -> Floats:
    """Price of a seat of the six products: two per segment, small to large, in the organisation's currency."""
    return np.asarray(np.repeat(np.array(p.amount_median), 2) * np.tile([1.0, _PREMIUM], 3) * scale / SEATS, np.float64)


def priced(
    draws: Draws, people: People, days: Days, p: Parameters, rates: Rates, scale: float, *,
    segment: Ints, account: Ints, created: Floats, ended: Floats,
) -> Prices:  # fmt: skip
    """Lines and discounts. Prices are those of the list on the day of creation, in the company's currency."""
    rep = draws.rep
    wanted = lognormal(draws["amount"], np.array(p.amount_median)[segment] * scale * people.size[rep], p.amount_sd)
    dear = pick(draws["product"] ** (1 / people.list_mix[rep]), 2)
    product = np.stack([2 * segment + dear, 2 * segment + 1 - dear], axis=1)
    second = np.where(draws["second_line"] < p.second_line_share, 0.2 + 0.3 * draws["second_share"], 0.0)
    seat = catalogue(p, scale)[product]
    quantity = np.round(wanted[:, None] * np.stack([1 - second, second], axis=1) / seat).astype(np.int64)
    quantity[:, 0] = np.maximum(quantity[:, 0], 1)

    currency = currency_of(account, p, rates.base)
    rate = rates.at(currency, created)
    price = seat * (np.exp(p.inflation * created / 365) / rate)[:, None]
    price = np.where((currency == rates.base)[:, None], np.round(price), np.round(price, 2))

    _, quarter_end = days.quarter(ended)
    late = np.where(quarter_end - ended <= _LATE_DAYS, p.quarter_end_discount, 1.0)
    asked = betaincinv(*p.discount_beta, draws["discount"]) * people.discount[rep] * late
    discount = np.asarray(np.round(np.minimum(asked, 0.5), 4), dtype=np.float64)
    return Prices(currency, rate, product, quantity, price, discount)
