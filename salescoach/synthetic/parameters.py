"""What the demo organisation is made of: every number of the generator, as an argument.

Presets bundle them. The values are assumptions chosen to look plausible beside published surveys;
they make a test instrument, not evidence about real teams. Never computes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from salescoach.errors import UsageError

SEGMENTS = ("SMB", "MM", "ENT")
SOURCES = ("inbound", "outbound", "referral", "partner")
DRIVERS = ("volume", "stage_1", "stage_2", "stage_3", "stage_4", "size", "speed", "discount", "response")

AMOUNT_SCALE = {"tr": 30.0, "en": 1.0}
"""Factor on every amount, per language: the medians 8k, 25k and 90k are in a hard currency; × 30 makes plausible ₺."""
CURRENCY = {"tr": "TRY", "en": "USD"}


@dataclass(frozen=True)
class Driver:
    """A weakness (or strength) planted in one rep: the driver is its base × *multiplier*, whatever the rep's luck.

    For a stage the multiplier acts on the probability to advance, for the others on the rate, the amount, the
    dwell times, the discount or the response time.
    """

    rep_id: str
    driver: str
    multiplier: float


@dataclass(frozen=True)
class Plants:
    """What is put into the organisation on purpose, to be found again.

    Reps are named by id; an empty text means nobody. Counts are upper bounds: an anomaly is planted in a fixed
    month of the window, and only once its deal is long closed, so that a longer window adds some and moves none.
    """

    drivers: tuple[Driver, ...] = ()
    cherry_picker: str = ""
    hard_territory: str = ""
    zombie_hoarder: str = ""
    quota_change: str = ""
    quota_change_quarter: date = date(2025, 7, 1)
    duplicates: int = 0
    conflicting_ids: int = 0
    closed_before_created: int = 0
    negative_amounts: int = 0
    future_activities: int = 0

    @property
    def rep_ids(self) -> tuple[str, ...]:
        """Reps whose behaviour is planted: always tenured, and they never leave."""
        named = (self.cherry_picker, self.hard_territory, self.zombie_hoarder)
        return tuple(driver.rep_id for driver in self.drivers) + tuple(rep for rep in named if rep)


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
    exits_per_year: float = 0.05
    exit_shape: float = 1.3
    territory_sd: float = 0.15
    ramp_months: float = 4.6
    ramp_sd: float = 0.72

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

    plants: Plants = field(default_factory=Plants)


_DEMO = Plants(
    drivers=(Driver("R009", "stage_3", 0.70), Driver("R020", "volume", 0.65)),
    cherry_picker="R016",
    hard_territory="R028",
    zombie_hoarder="R033",
    quota_change="R005",
    duplicates=4,
    conflicting_ids=2,
    closed_before_created=2,
    negative_amounts=3,
    future_activities=5,
)
_SMALL = Plants(
    drivers=(Driver("R002", "stage_3", 0.70), Driver("R005", "volume", 0.65)),
    hard_territory="R007",
    zombie_hoarder="R004",
    quota_change="R003",
    duplicates=2,
    conflicting_ids=1,
    closed_before_created=1,
    negative_amounts=1,
    future_activities=2,
)

PRESETS = {
    "default": Parameters(plants=_DEMO),
    # Territory too is equal: the product cannot know it, so it would be a true difference in volume.
    "no_difference": Parameters(
        territory_sd=0, volume_sd=0, stage_sd=0, size_sd=0, speed_sd=0,
        discount_sd=0, optimism_sd=0, response_sd=0, service_sd=0,
    ),
    "small_team": Parameters(reps=8, months=12, start=date(2024, 12, 1), hired_within_days=219, plants=_SMALL),
}  # fmt: skip


def preset(name: str) -> Parameters:
    """The named bundle of parameters.

    >>> preset("small_team").reps
    8
    """
    if name not in PRESETS:
        raise UsageError.unknown("preset", name, PRESETS)
    return PRESETS[name]


def rep_id(index: int) -> str:
    """Id of the rep at *index*, from 0.

    >>> rep_id(0), rep_id(35)
    ('R001', 'R036')
    """
    return f"R{index + 1:03d}"


def only_known_reps(plants: Plants, reps: int) -> Plants:
    """*plants* without those meant for reps that a smaller organisation does not have."""
    known = {rep_id(index) for index in range(reps)}

    def kept(rep: str) -> str:
        return rep if rep in known else ""

    return replace(
        plants,
        drivers=tuple(driver for driver in plants.drivers if driver.rep_id in known),
        cherry_picker=kept(plants.cherry_picker),
        hard_territory=kept(plants.hard_territory),
        zombie_hoarder=kept(plants.zombie_hoarder),
        quota_change=kept(plants.quota_change),
    )


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
    for driver in parameters.plants.drivers:
        if driver.driver not in DRIVERS:
            raise UsageError.unknown("driver", driver.driver, DRIVERS)
        if driver.multiplier <= 0:
            raise UsageError(f"The multiplier of {driver.rep_id} is {driver.multiplier}; it must be above 0.")
    known = {rep_id(index) for index in range(parameters.reps)}
    for rep in (*parameters.plants.rep_ids, parameters.plants.quota_change):
        if rep and rep not in known:
            raise UsageError.unknown("rep to plant in", rep, sorted(known))
    return parameters
