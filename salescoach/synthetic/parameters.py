"""What the demo organisation is made of: every number of the generator, as an argument.

Presets bundle them. The values are assumptions chosen to look plausible beside published surveys;
they make a test instrument, not evidence about real teams. Never computes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from salescoach.errors import UsageError
from salescoach.synthetic.plants import Plants

STAGES = 4
SEGMENTS = ("SMB", "MM", "ENT")
SOURCES = ("inbound", "outbound", "referral", "partner")

AMOUNT_SCALE = {"tr": 30.0, "en": 1.0}
"""Factor on every amount, per language: the medians 8k, 25k and 90k are in a hard currency; × 30 makes plausible ₺."""
CURRENCY = {"tr": "TRY", "en": "USD"}
CURRENCIES = ("TRY", "USD", "EUR")


@dataclass(frozen=True)
class Parameters:
    """Every assumption. Shares are 0 to 1, rates per month unless named otherwise, times in days."""

    # Organisation and people
    reps: int = 36
    months: int = 30
    start: date = date(2023, 7, 1)
    as_of: date = date(2025, 11, 28)
    team_size: int = 6
    teams_per_region: int = 3
    hired_share: float = 0.25
    hired_within_days: int = 548  # .6 of 30 months; a fixed length, so that more months move nobody's first day
    exits_per_year: float = 0.05  # nobody is hired in their place: a quarter a year would empty the teams
    exit_shape: float = 1.3
    territory_sd: float = 0.15
    ramp_months: float = 4.6
    ramp_sd: float = 0.72
    territory_moves_per_year: float = 0.06
    leave_days_per_year: float = 14.0  # working days, in blocks of five
    skill_correlation: float = 0.0
    sdrs_per_team: int = 1  # they find outbound deals for the team, and own none
    key_account_share: float = 0.0  # reps with the largest customers whose role is AM; 0 keeps one group of peers
    without_mail_share: float = 0.0  # people whose address the CRM does not hold

    # Latent skills, standard deviations between reps
    volume_sd: float = 0.15
    stage_sd: float = 0.25
    size_sd: float = 0.12
    speed_sd: float = 0.15
    discount_sd: float = 0.25
    optimism_sd: float = 0.15
    response_sd: float = 0.30
    service_sd: float = 0.35

    # Deals
    deals_per_month: float = 6.0
    growth_per_year: float = 0.0
    month_index: tuple[float, ...] = (0.92, 0.96, 1.05, 0.97, 1.00, 1.05, 0.95, 0.85, 1.06, 1.03, 1.04, 1.12)
    segment_mix: tuple[float, ...] = (0.45, 0.40, 0.15)
    segment_concentration: float = 8.0
    source_mix: tuple[float, ...] = (0.40, 0.35, 0.10, 0.15)
    source_concentration: float = 10.0
    advance: tuple[float, ...] = (0.60, 0.68, 0.72, 0.78)
    segment_logit: tuple[float, ...] = (0.20, 0.0, -0.20)
    source_logit: tuple[float, ...] = (0.15, -0.20, 0.35, 0.05)
    deal_sd: float = 0.30
    ramp_logit: float = -0.50
    contact_logit: float = 0.15
    contact_share: float = 0.60  # stage visits with two-way contact in their last 14 days
    miss_logit: float = -0.25
    dwell_days: tuple[tuple[float, ...], ...] = ((6, 7, 8, 6), (13, 16, 17, 13), (28, 36, 40, 32))
    dwell_sd: float = 0.65
    lost_dwell: float = 0.85
    zombie_share: float = 0.12
    hoarder_zombie_share: float = 0.60
    pull_share: float = 0.35
    close_estimate_sd: float = 0.20  # deal by deal, beside the rep's optimism: pessimists miss dates too
    amount_median: tuple[float, ...] = (8_000, 25_000, 90_000)
    amount_sd: float = 0.70
    discount_beta: tuple[float, float] = (2.2, 13.0)
    quarter_end_discount: float = 1.20
    deals_per_account: float = 2.5
    foreign_share: float = 0.15  # companies that pay in another currency than the organisation's
    lira_drift: float = 0.10  # yearly, log: what the other currencies gain against the lira
    inflation: float = 0.0  # yearly, log: of the price list
    transfer_share: float = 0.02  # deals handed to a team mate early on, beside those of people who leave
    split_share: float = 0.08
    second_line_share: float = 0.35
    mega_amount: float = 250_000  # in the currency of the medians
    never_paid: float = 0.03
    paid_late_days: float = 8.0  # median, after the 30 days of the invoice
    churn_per_month: float = 0.01

    # Leads (of the inbound deals)
    never_answered: float = 0.23
    response_hours: float = 1.5  # median, office hours
    response_log_sd: float = 3.0
    convert_logit: float = -1.0
    convert_per_log_hour: float = -0.20

    # Activities, quotas, customers
    calls_per_day: float = 12.0
    emails_per_day: float = 18.0
    meetings_per_day: float = 2.2
    activity_rate: float = 0.10
    system_email_share: float = 0.20
    quota_win_share: float = 0.22
    quota_stretch: float = 1.25
    quota_net_of_list: float = 0.86
    answer_share: float = 0.30

    # Forecasts and development
    forecast_noise: float = 0.12
    observations_per_quarter: int = 4
    scorecard_correlation: float = 0.55
    rater_sd: float = 0.30
    call_sd: float = 0.50
    trainings_per_half_year: float = 0.6
    training_logit: float = 0.15
    half_life_days: float = 60.0
    reinforced_share: float = 0.3

    # Plants that chance hands out: this share of the reps carries one weakness each
    planted_share: float = 0.0
    planted_drivers: tuple[str, ...] = ("volume", "stage_1", "stage_2", "stage_3", "stage_4", "size")
    planted_multiplier: float = 0.70

    dialect: str = "plain"  # how the files of an export are spelt, when nothing else is asked for
    plants: Plants = field(default_factory=Plants)


def rep_id(index: int) -> str:
    """Id of the rep at *index*, from 0.

    >>> rep_id(0), rep_id(35)
    ('R001', 'R036')
    """
    return f"R{index + 1:03d}"


def checked(parameters: Parameters) -> Parameters:
    """*parameters*, or an error that names the first value the generator cannot work with."""
    if parameters.reps < 1 or parameters.months < 1:
        raise UsageError(
            f"An organisation needs at least 1 rep and 1 month; asked for {parameters.reps} and {parameters.months}."
        )
    if parameters.start.day != 1:
        raise UsageError(f"The window starts on the first day of a month; {parameters.start.isoformat()} is not one.")
    if parameters.as_of < parameters.start:
        raise UsageError(
            f"as_of {parameters.as_of.isoformat()} lies before the window, which starts on "
            f"{parameters.start.isoformat()}: there would be nothing to show."
        )
    parameters.plants.check({rep_id(index) for index in range(parameters.reps)})
    return parameters
