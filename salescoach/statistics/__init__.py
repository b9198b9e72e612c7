"""Estimates and their uncertainty: arrays in, arrays out, on scipy alone, no word of selling.

Shares with Wilson and Newcombe intervals, skewed means, random sums, survival with late entry,
homogeneity, and the control of false discoveries.
"""

from salescoach.statistics.intervals import (
    needed_n,
    newcombe,
    random_sum_limits,
    skewed_mean_factor,
    wilson,
    zero_count_limit,
)
from salescoach.statistics.multiplicity import (
    FALSE_DISCOVERY_RATE,
    chi_square_p,
    excess,
    heterogeneity,
    q_values,
)
from salescoach.statistics.survival import Survival, kaplan_meier, log_rank

__all__ = [
    "FALSE_DISCOVERY_RATE",
    "Survival",
    "chi_square_p",
    "excess",
    "heterogeneity",
    "kaplan_meier",
    "log_rank",
    "needed_n",
    "newcombe",
    "q_values",
    "random_sum_limits",
    "skewed_mean_factor",
    "wilson",
    "zero_count_limit",
]
