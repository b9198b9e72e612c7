"""Everything that truly happens in the organisation, before anybody writes it down."""

from __future__ import annotations

from dataclasses import dataclass

from salescoach.synthetic.away import Leaves, leaves_of
from salescoach.synthetic.days import Days
from salescoach.synthetic.deals import Deals, drawn, simulate
from salescoach.synthetic.learning import Learning, Trainings, learning_of, trainings_of
from salescoach.synthetic.money import Rates
from salescoach.synthetic.owners import Ownership, ownership
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.plants import Programme
from salescoach.synthetic.programmes import selected
from salescoach.synthetic.response import Response
from salescoach.synthetic.response import response as response_of
from salescoach.synthetic.streams import Ints, Streams


@dataclass(frozen=True)
class World:
    """The sellers, what they learned, their deals and who owned them."""

    people: People
    response: Response
    currencies: Rates
    leaves: Leaves
    trainings: Trainings
    learning: Learning
    programmes: list[tuple[Programme, Ints]]  # with the positions of the reps coached
    deals: Deals
    owners: Ownership
    owner_at_close: Ints


def live(people: People, currencies: Rates, days: Days, p: Parameters, streams: Streams, scale: float) -> World:
    """The organisation's life.

    A programme that coaches the lowest has to see results first: the deals live once without it, then again with
    it and the same luck. What came before its start is the same both times.
    """
    response = response_of(people, p)
    trainings = trainings_of(people, days, p, streams)
    learning = learning_of(trainings, p)
    chance = drawn(people, response, days, p, streams)
    deals = simulate(chance, people, learning, response, days, p, currencies, scale)
    programmes: list[tuple[Programme, Ints]] = []
    for number, programme in enumerate(sorted(p.plants.programmes, key=lambda one: one.month)):
        if programme.month >= p.months:
            continue
        reps = selected(programme, number, deals, people, days, streams)
        programmes.append((programme, reps))
        learning = learning.coached(programme, reps, days)
        deals = simulate(chance, people, learning, response, days, p, currencies, scale)
    owners = ownership(deals, people, p)
    return World(
        people, response, currencies, leaves_of(people, days, p, streams), trainings, learning, programmes, deals,
        owners, owners.at_close(deals),
    )  # fmt: skip
