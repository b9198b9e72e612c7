"""Named bundles of parameters: the demo, and the test beds of the statistics. Never computes anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from salescoach.errors import UsageError
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.plants import Driver, Plants, Programme

_DEMO = Plants(
    drivers=(Driver("R009", "stage_3", 0.70), Driver("R020", "volume", 0.65)),
    programmes=(
        Programme(stage=2, month=12, months=3, count=4, reason="lowest_metric", effect_logit=0.0),
        Programme(stage=4, month=18, months=3, count=6, reason="random", effect_logit=0.35),
    ),
    cherry_picker="R016",
    hard_territory="R028",
    zombie_hoarder="R033",
    sandbagger="R012",
    optimist="R023",
    discounter="R030",
    stuffer="R035",
    quota_change="R005",
    survey_gap=date(2024, 9, 1),
    mistakes={
        "duplicate_row": 4, "same_id_other_content": 2, "closed_before_created": 2, "negative_amount": 3,
        "future_activity": 5, "missing_currency": 2, "probable_duplicate": 2, "merged_deal": 2, "orphan_account": 2,
        "orphan_activity": 2, "reopened_win": 2, "splits_not_one": 2, "equal_times": 3, "close_expected_too_early": 1,
    },
)  # fmt: skip
_SMALL = Plants(
    drivers=(Driver("R002", "stage_3", 0.70), Driver("R005", "volume", 0.65)),
    programmes=(Programme(stage=2, month=6, months=3, count=2, reason="lowest_metric", effect_logit=0.0, before=5),),
    hard_territory="R007",
    zombie_hoarder="R004",
    quota_change="R003",
    survey_gap=date(2025, 3, 1),
    mistakes={
        "duplicate_row": 2, "same_id_other_content": 1, "closed_before_created": 1, "negative_amount": 1,
        "future_activity": 2, "missing_currency": 1, "probable_duplicate": 1, "merged_deal": 1, "orphan_account": 1,
        "orphan_activity": 1, "reopened_win": 1, "splits_not_one": 1, "equal_times": 1,
    },
)  # fmt: skip

_NO_DIFFERENCE = Parameters(
    # Territory too is equal: the product cannot know it, so it would be a true difference in volume. Trainings
    # and territory moves would make people differ for a while.
    territory_sd=0, volume_sd=0, stage_sd=0, size_sd=0, speed_sd=0, discount_sd=0, optimism_sd=0, response_sd=0,
    service_sd=0, training_logit=0, territory_moves_per_year=0,
)  # fmt: skip

_BED = Parameters(
    # Nothing but mix, chance and skill: no seasons, no ramp, nobody comes or goes, no dates missed.
    reps=30, months=12, start=date(2024, 1, 1), as_of=date(2025, 12, 31), hired_share=0, exits_per_year=0,
    territory_sd=0, territory_moves_per_year=0, leave_days_per_year=0, month_index=(1.0,) * 12, ramp_logit=0,
    deal_sd=0, contact_logit=0, miss_logit=0, pull_share=0, transfer_share=0, foreign_share=0, training_logit=0,
    segment_mix=(0.4, 0.4, 0.2), segment_concentration=7.5, speed_sd=0, discount_sd=0, optimism_sd=0, response_sd=0,
    zombie_share=0,
)  # fmt: skip

PRESETS = {
    "default": Parameters(plants=_DEMO),
    "no_difference": _NO_DIFFERENCE,
    "high_dispersion": Parameters(volume_sd=0.25, stage_sd=0.40, size_sd=0.20),
    "small_team": Parameters(reps=8, months=12, start=date(2024, 12, 1), hired_within_days=219, plants=_SMALL),
    "growth": Parameters(growth_per_year=0.70),
    "simpson": Parameters(plants=Plants(hard_territory="R028")),
    "diagnosis_bed": replace(_BED, planted_share=0.4),
    # One stage at 45 %, about 40 decisions per rep in each half; the eight lowest are coached, to no effect.
    "coaching_bed": replace(
        _BED, deals_per_month=6.8, advance=(0.45, 0.68, 0.72, 0.78), volume_sd=0, size_sd=0,
        segment_logit=(0.0, 0.0, 0.0), source_logit=(0.0, 0.0, 0.0, 0.0),
        plants=Plants(programmes=(Programme(1, 6, 6, 8, "lowest_metric", 0.0),)),
    ),
    "turkish_sme": Parameters(
        reps=12, months=24, start=date(2024, 1, 1), hired_within_days=438, foreign_share=0.25, lira_drift=0.38,
        inflation=0.40, without_mail_share=0.5, dialect="cp1254",
        plants=replace(_SMALL, survey_gap=date(2025, 3, 1)),
    ),
}  # fmt: skip


def preset(name: str) -> Parameters:
    """The named bundle of parameters.

    >>> preset("small_team").reps
    8
    """
    if name not in PRESETS:
        raise UsageError.unknown("preset", name, PRESETS)
    return PRESETS[name]
