"""What customers answered after they bought: satisfaction soon after, recommendation a quarter later.

Both answers come from one feeling, which the rep's service shifts. Most customers do not answer, and
every invitation is written down, so that a response rate can be known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.customers import account_ids, contact_ids
from salescoach.synthetic.deal_tables import deal_ids
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats, Ints, lognormal, normal, pick
from salescoach.synthetic.view import View, chosen, numbered, table

IDS = ("S1", "S2")
_SENT_AFTER_DAYS = (7.0, 90.0)
_SCALES = ((1, 5), (0, 10))
CSAT_SHARES = np.array([0.04, 0.07, 0.15, 0.36, 0.38])  # of the answers 1 … 5 to a rep of average service
NPS_SHARES = np.array([0.01, 0.01, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.22, 0.20, 0.22])  # of 0 … 10
_CSAT, _NPS = np.cumsum(CSAT_SHARES)[:-1], np.cumsum(NPS_SHARES)[:-1]
_DELIVERED = 0.97
_COMMENT_SHARE = 0.4


def survey(language: str) -> pd.DataFrame:
    """Table ``survey``."""
    return table("survey", {
        "survey_id": list(IDS),
        "name": [name for _, name in phrases.SURVEYS[language]],
        "kind": [kind.lower() for kind, _ in phrases.SURVEYS[language]],
        "scale_min": [float(low) for low, _ in _SCALES],
        "scale_max": [float(high) for _, high in _SCALES],
        "cutoff_days": [30, 30],
        "denominator_rule": ["cohort", "cohort"],
    })  # fmt: skip


def invitations_and_responses(
    deals: Deals, owners: Ownership, people: People, view: View, p: Parameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``survey_invitation`` and ``survey_response``: two invitations per win, in order of deal."""
    won = np.flatnonzero(deals.won & view.created(deals.created) & view.seen(deals.closed))
    deal, kind = np.repeat(won, 2), np.tile([0, 1], len(won))
    sent = deals.ended[deal] + np.array(_SENT_AFTER_DAYS)[kind]
    asked = view.seen(sent)
    deal, kind, sent = deal[asked], kind[asked], sent[asked]
    draws = deals.draws
    luck = np.where(kind == 0, draws["csat_asked"][deal], draws["nps_asked"][deal])
    delivered = luck < _DELIVERED
    delay = lognormal(np.where(kind == 0, draws["csat_day"][deal], draws["nps_day"][deal]), 2.5, 1.0)
    answered = sent + np.minimum(delay, 60.0)
    rep = owners.at(deal, deals.ended[deal])
    score = _scores(deals, people, deal, kind, rep)
    answers = (luck < _DELIVERED * p.answer_share) & view.seen(answered)

    identity = {
        "survey_id": chosen(IDS, kind),
        "account_id": account_ids(deals.account[deal]),
        "contact_id": contact_ids(deals.account[deal]),
        "channel": chosen(("email",), np.zeros(len(deal), dtype=np.int64)),
        "deal_id": deal_ids(deal),
        "rep_id": chosen(people.ids, rep),
    }
    number = 2 * deal + kind
    ids = numbered("I", number, 6)
    invitations = table(
        "survey_invitation", {**identity, "invitation_id": ids, "sent_at": view.moments(sent), "delivered": delivered}
    )
    kept = {name: column[answers].reset_index(drop=True) for name, column in identity.items()}
    responses = table("survey_response", {
        **kept,
        "response_id": numbered("Y", number[answers], 6),
        "invitation_id": ids[answers].reset_index(drop=True),
        "sent_at": view.moments(sent[answers]),
        "answered_at": view.moments(answered[answers]),
        "score": score[answers],
        "language": [view.language] * int(answers.sum()),
        "comment": _comments(draws["comment"][deal[answers]], kind[answers], score[answers], view.language),
    })  # fmt: skip
    return invitations, responses


def _scores(deals: Deals, people: People, deal: Ints, kind: Ints, rep: Ints) -> Floats:
    """Answers: the customer's feeling, shifted by the rep's service, cut into the steps of the scale."""
    draws = deals.draws
    feeling = normal(draws["feeling"][deal]) + people.service[rep]
    csat = 0.9 * feeling + 0.44 * normal(draws["csat"][deal])  # .9² + .44² = 1: the shares above hold on average
    nps = 0.9 * feeling + 0.44 * normal(draws["nps"][deal])
    return np.where(
        kind == 0, 1.0 + np.searchsorted(normal(_CSAT), csat), 0.0 + np.searchsorted(normal(_NPS), nps)
    )  # fmt: skip


def _comments(uniform: Floats, kind: Ints, score: Floats, language: str) -> pd.Series:
    unhappy, neutral = np.where(kind == 0, 2, 6), np.where(kind == 0, 3, 8)
    mood = np.select([score <= unhappy, score <= neutral], [0, 1], 2)
    texts = phrases.COMMENTS[language]
    written = uniform < _COMMENT_SHARE
    place = pick(uniform / _COMMENT_SHARE % 1, len(texts[0]))
    return chosen([text for group in texts for text in group], mood * len(texts[0]) + place, written)
