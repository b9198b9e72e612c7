"""What figures must come out near, where the model gives them in closed form.

Chance, missed close dates, ramps, leave and the cut of an export move the measured figures away from these; each
entry says what it leaves out.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from salescoach.synthetic.parameters import SEGMENTS, SOURCES, STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats
from salescoach.synthetic.survey import CSAT_SHARES, NPS_SHARES

_NODES = 24


def win_probability(p: Parameters, stage_logit: Floats) -> Floats:
    """Probability to win a new deal, segments × sources, for somebody with these stage logits.

    Integrates over the deals' own chance and over two-way contact; without missed dates, ramp and trainings.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    customer = np.array(p.segment_logit)[:, None] + np.array(p.source_logit)
    at = customer[:, :, None, None] + p.deal_sd * nodes[:, None] + stage_logit
    touched = p.contact_share * expit(at + p.contact_logit * (1 - p.contact_share))
    untouched = (1 - p.contact_share) * expit(at - p.contact_logit * p.contact_share)
    return np.asarray(((touched + untouched).prod(axis=3) * weights).sum(axis=2), dtype=np.float64)


def expected(people: People, p: Parameters, scale: float) -> dict[str, object]:
    """The figures, by name, ready for JSON."""
    average = win_probability(p, logit(np.array(p.advance)))
    list_value = np.array(p.amount_median) * scale * np.exp(p.amount_sd**2 / 2)
    alpha, beta = p.discount_beta
    activities = p.calls_per_day + p.emails_per_day + p.meetings_per_day
    own = [win_probability(p, people.stage_logit[rep]) for rep in range(len(people))]
    usual = np.outer(p.segment_mix, p.source_mix)
    return {
        # Of the average rep, no date missed.
        "win_probability": {
            segment: dict(zip(SOURCES, np.round(row, 4).tolist(), strict=True))
            for segment, row in zip(SEGMENTS, average, strict=True)
        },
        "stage_advance": np.round(expit(logit(np.array(p.advance))), 4).tolist()[:STAGES],
        # Of every rep on the average mix: what a perfect mix adjustment would show.
        "win_probability_of_rep": {
            rep: round(float((chance * usual).sum()), 4) for rep, chance in zip(people.ids, own, strict=True)
        },
        # A month, full productivity, no season.
        "deals_per_month_of_rep": {
            rep: round(float(p.deals_per_month * volume * potential), 3)
            for rep, volume, potential in zip(people.ids, people.volume, people.territory, strict=True)
        },
        "mean_list_value": dict(zip(SEGMENTS, np.round(list_value, 2).tolist(), strict=True)),  # before size skills
        "mean_discount": round(alpha / (alpha + beta), 4),  # of the average rep, away from quarter ends
        "response_rate": p.answer_share,  # of delivered invitations, once all answers are in
        "csat": round(float(CSAT_SHARES[3:].sum()), 4),  # of the average rep
        "nps": round(float(NPS_SHARES[9:].sum() - NPS_SHARES[:7].sum()), 4),
        "leads_never_answered": p.never_answered,
        "split_share": p.split_share,
        "never_paid": p.never_paid,
        "system_activity_share": round(p.emails_per_day / activities * p.system_email_share, 4),
    }
