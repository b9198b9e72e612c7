"""Estimates and their uncertainty: arrays in, arrays out, on scipy alone, no word of selling.

``intervals`` and ``resampling`` for one number, ``sample_size`` for how much must be seen, ``survival`` and
``competing`` for durations, ``compound`` for sums still to come, ``shrinkage`` and ``normal_grid`` for best estimates
of many units at once, ``mix``, ``decomposition``, ``funnel``, ``ranks`` and ``multiplicity`` for comparing them,
``agreement`` for those who judge.
"""

from salescoach.statistics.agreement import (
    intraclass_correlation,
    intraclass_limits,
    kappa,
    kappa_limits,
)
from salescoach.statistics.competing import Incidence, cumulative_incidence, cumulative_incidence_counts
from salescoach.statistics.compound import Sizes, chance_of_sum
from salescoach.statistics.decomposition import Flow, flow, lmdi, log_mean, shapley
from salescoach.statistics.funnel import between_variance, binomial_quantile, funnel_limits, winsorised_dispersion
from salescoach.statistics.intervals import (
    geometric_mean,
    mean_limits,
    net_share,
    newcombe,
    poisson_rate,
    random_sum_limits,
    skewed_mean_factor,
    wilson,
    zero_count_limit,
)
from salescoach.statistics.many_curves import Curves, cumulative_incidences, kaplan_meiers
from salescoach.statistics.mix import Expected, expected_without, kitagawa, standardised_rate
from salescoach.statistics.mix_values import ExpectedValues, expected_values_without
from salescoach.statistics.multiplicity import (
    FALSE_DISCOVERY_RATE,
    chi_square_p,
    excess,
    heterogeneity,
    q_values,
)
from salescoach.statistics.normal_grid import GapPosterior, gap_posterior, limited_translation, tailed_posterior
from salescoach.statistics.ranks import Ranks, ranks
from salescoach.statistics.resampling import ratio_limits
from salescoach.statistics.sample_size import (
    effect_size,
    needed_for_reliability,
    needed_n,
    needed_per_side,
    reliability,
    spread_on_shares,
    without_action,
)
from salescoach.statistics.shrinkage import RatePosterior, beta_binomial_log, james_stein, rate_posterior
from salescoach.statistics.survival import Survival, kaplan_meier, kaplan_meier_counts
from salescoach.statistics.survival_groups import log_rank, log_rank_each, median_of_others

__all__ = [
    "FALSE_DISCOVERY_RATE",
    "Curves",
    "Expected",
    "ExpectedValues",
    "Flow",
    "GapPosterior",
    "Incidence",
    "Ranks",
    "RatePosterior",
    "Sizes",
    "Survival",
    "beta_binomial_log",
    "between_variance",
    "binomial_quantile",
    "chance_of_sum",
    "chi_square_p",
    "cumulative_incidence",
    "cumulative_incidence_counts",
    "cumulative_incidences",
    "effect_size",
    "excess",
    "expected_values_without",
    "expected_without",
    "flow",
    "funnel_limits",
    "gap_posterior",
    "geometric_mean",
    "heterogeneity",
    "intraclass_correlation",
    "intraclass_limits",
    "james_stein",
    "kaplan_meier",
    "kaplan_meier_counts",
    "kaplan_meiers",
    "kappa",
    "kappa_limits",
    "kitagawa",
    "limited_translation",
    "lmdi",
    "log_mean",
    "log_rank",
    "log_rank_each",
    "mean_limits",
    "median_of_others",
    "needed_for_reliability",
    "needed_n",
    "needed_per_side",
    "net_share",
    "newcombe",
    "poisson_rate",
    "q_values",
    "random_sum_limits",
    "ranks",
    "rate_posterior",
    "ratio_limits",
    "reliability",
    "shapley",
    "skewed_mean_factor",
    "spread_on_shares",
    "standardised_rate",
    "tailed_posterior",
    "wilson",
    "winsorised_dispersion",
    "without_action",
    "zero_count_limit",
]
