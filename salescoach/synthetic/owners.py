"""Who owned a deal when: its creator, and whoever inherited it when somebody left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salescoach.synthetic.deals import Deals
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats, Ints, pick

_WIDE = 1e6  # more days than any window has: keeps deals apart on one line of numbers


@dataclass(frozen=True)
class Ownership:
    """One row per deal and owner, ordered by deal and time; ``until`` is ``inf`` for the last owner."""

    deal: Ints
    owner: Ints
    since: Floats
    until: Floats

    def at(self, deal: Ints, time: Floats) -> Ints:
        """Owner of each deal at each time (its first owner before it existed)."""
        line = np.searchsorted(self.deal * _WIDE + self.since, deal * _WIDE + time, side="right") - 1
        first = np.searchsorted(self.deal, deal)
        return self.owner[np.maximum(line, first)]

    def at_close(self, deals: Deals) -> Ints:
        """Who owned each deal when it ended."""
        return self.at(np.arange(len(deals)), deals.ended)


def ownership(deals: Deals, people: People, p: Parameters) -> Ownership:
    """All owners of all deals: their creators, then whoever took them over."""
    owner = deals.rep.copy()
    rows = [(np.arange(len(deals)), owner.copy(), deals.created)]
    rows += _handed_over(deals, people, p, owner)
    rows += _inherited(deals, people, owner)
    deal, owners, since = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.lexsort((since, deal))
    deal, owners, since = deal[order], owners[order], since[order]
    until = np.full(len(deal), np.inf)
    same = deal[1:] == deal[:-1]
    until[:-1][same] = since[1:][same]
    return Ownership(deal, owners, since, until)


def _handed_over(deals: Deals, people: People, p: Parameters, owner: Ints) -> list[tuple[Ints, Ints, Floats]]:
    """Deals that a team mate took over during their first stage; *owner* is brought up to date."""
    draws = deals.draws
    when = deals.created + (0.2 + 0.6 * draws["transfer_day"]) * (deals.decided[:, 0] - deals.created)
    rows = []
    for deal in np.flatnonzero((draws["transfer"] < p.transfer_share) & (when < people.leaves[deals.rep])).tolist():
        present = people.working_at(when[deal])
        heirs = present[(people.team[present] == people.team[owner[deal]]) & (present != owner[deal])]
        if len(heirs):
            owner[deal] = heirs[int(draws["heir"][deal] * len(heirs))]
            rows.append((np.array([deal]), owner[[deal]], when[[deal]]))
    return rows


def _inherited(deals: Deals, people: People, owner: Ints) -> list[tuple[Ints, Ints, Floats]]:
    """A leaver's open deals go to team mates who sell that day, else to anyone who does.

    With nobody left to take it, a deal stays where it is.
    """
    over = np.where(deals.zombie, np.inf, deals.ended)
    rows = []
    for rep in np.argsort(people.leaves, kind="stable"):
        left = people.leaves[rep]
        if not np.isfinite(left):
            break
        open_deals = np.flatnonzero((owner == rep) & (deals.created < left) & (over > left))
        present = people.working_at(left)
        heirs = present[people.team[present] == people.team[rep]]
        heirs = heirs if len(heirs) else present
        if len(heirs) and len(open_deals):
            owner[open_deals] = heirs[pick(deals.draws["heir"][open_deals], len(heirs))]
            rows.append((open_deals, owner[open_deals], np.full(len(open_deals), left)))
    return rows
