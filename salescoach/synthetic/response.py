"""How long leads wait for an answer, and what waiting costs.

Office hours to the first answer are log-normal per rep; the chance that an answered lead becomes a
deal falls with their logarithm; a lead never answered never becomes one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats, Ints, normal

_SHORTEST, _LONGEST = 1 / 60, 15 * 9.0  # office hours
_GRID = 64


@dataclass(frozen=True)
class Response:
    """The model for every rep; ``convert`` is each rep's share of leads that become deals."""

    convert: Floats
    usual: float  # the same share at the usual speed of answering
    _weights: Floats  # reps × grid: cumulative share of converted leads by rank of response time
    _parameters: Parameters
    _factor: Floats

    @property
    def relative(self) -> Floats:
        """How many inbound deals a rep gets for one that a rep of the usual speed gets."""
        return self.convert / self.usual

    def hours(self, rep: Ints, rank: Floats) -> Floats:
        """Office hours to the answer, for answered leads of *rep* at that rank."""
        return _hours(self._parameters, self._factor[rep], rank)

    def hours_of_converted(self, rep: Ints, rank: Floats, within: Floats) -> Floats:
        """The same for leads known to have become a deal: quick answers are over-represented among them."""
        cell = np.minimum((self._weights[rep] < rank[:, None]).sum(axis=1), _GRID - 1)
        return self.hours(rep, (cell + within) / _GRID)

    def converts(self, hours: Floats) -> Floats:
        """Probability that a lead answered after *hours* becomes a deal."""
        return _converts(self._parameters, hours)


def response(people: People, parameters: Parameters) -> Response:
    """The response model of these reps."""
    ranks = (np.arange(_GRID) + 0.5) / _GRID
    chance = _converts(parameters, _hours(parameters, people.response[:, None], ranks[None, :]))
    usual = _converts(parameters, _hours(parameters, np.ones(1), ranks)).mean()
    answered = 1 - parameters.never_answered
    return Response(
        convert=answered * chance.mean(axis=1),
        usual=float(answered * usual),
        _weights=np.cumsum(chance, axis=1) / chance.sum(axis=1, keepdims=True),
        _parameters=parameters,
        _factor=people.response,
    )


def _hours(p: Parameters, factor: Floats, rank: Floats) -> Floats:
    hours = p.response_hours * factor * np.exp(p.response_log_sd * normal(rank))
    return np.clip(hours, _SHORTEST, _LONGEST)


def _converts(p: Parameters, hours: Floats) -> Floats:
    log_hours = np.log(hours / p.response_hours)
    return np.asarray(expit(p.convert_logit + p.convert_per_log_hour * log_hours), dtype=np.float64)
