"""What may be said about a rep: little, the good first, and silence with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from salescoach.calendar import Elapsed
from salescoach.diagnosis.findings import MOST_FINDINGS, Answer, Finding, Line, findings, pace_now, pace_status
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import Comparison
from salescoach.report.wording import Wording
from salescoach.resources import load_words

NAN = float("nan")
HALF = Elapsed(30.0, 60.0)
DONE = Elapsed(60.0, 60.0)

VALUES = {
    "win_rate_count": (0.30, 0.24, 0.37), "ads": (90_000.0, 70_000.0, 120_000.0),
    "cycle_resolution": (50.0, 42.0, 61.0), "quota_attainment": (0.40, 0.25, 0.60),
    "attainment_pace": (0.80, 0.50, 1.20), "bookings": (400_000.0, 250_000.0, 600_000.0),
}  # fmt: skip


def known(metric_id: str, n: int = 60) -> Answer:
    value, low, high = VALUES[metric_id]
    return Answer(value, n, 400_000.0, 1_000_000.0, low, high, None)


def missing(reason: str = "missing_field", n: int = 0) -> Answer:
    return Answer(NAN, n, NAN, NAN, NAN, NAN, reason)


def compared(verdict: str, ratio: float = 1.0, width: float = 1.1, **more: object) -> Comparison:
    usual = Comparison(
        verdict=verdict, peers=0.28, expected=0.29, ratio=ratio, low=ratio / width, high=ratio * width, q=0.01,
        spread_p=0.001, needed=40, peers_n=11,
    )  # fmt: skip
    return replace(usual, **more)


def lines(comparisons: dict[str, Comparison], **answers: Answer) -> dict[str, Line]:
    """A rep with sixty observations of everything, compared as given."""
    return {
        metric_id: Line(
            metric_id,
            METRICS[metric_id].unit,
            METRICS[metric_id].better,
            METRICS[metric_id].estimate,
            answers.get(metric_id, known(metric_id)),
            answers.get(metric_id, known(metric_id)),
            comparisons.get(metric_id),
        )
        for metric_id in VALUES
    }


def said(comparisons: dict[str, Comparison], elapsed: Elapsed = HALF, **answers: Answer) -> tuple[Finding, ...]:
    return findings(lines(comparisons, **answers), elapsed, {"win_rate_count": ("D1", "D2"), "bookings": ("D1",)})


def keys(found: tuple[Finding, ...]) -> list[str]:
    return [finding.key.removeprefix("review.finding.") for finding in found]


def kinds(found: tuple[Finding, ...]) -> list[str]:
    return [finding.kind for finding in found]


ABOVE, BELOW = compared("signal_above", 1.5), compared("signal_below", 0.6)
ALIKE = compared("no_difference", 1.0, 1.05)

# Each shape of a review that findings can have.
CASES: dict[str, tuple[Finding, ...]] = {
    "strength and weakness": said({"win_rate_count": ABOVE, "ads": BELOW}),
    "slow": said({"win_rate_count": ALIKE, "cycle_resolution": ABOVE}),
    "tentative and hypothesis": said(
        {"win_rate_count": compared("too_early", 1.4, 1.5), "ads": compared("too_early", 0.7, 1.5)}
    ),
    "reps_alike": said({"win_rate_count": replace(ALIKE, spread_p=0.26)}),
    "too_early": said({"win_rate_count": compared("too_early", 1.0, 1.5)}),
    "no_comparison": said({"win_rate_count": compared("not_compared", 0.5)}),
    "no_reliable_gap": said({"win_rate_count": ALIKE}),
    "no quota": said({}, attainment_pace=missing(), quota_attainment=missing()),
    "final": said({"win_rate_count": ALIKE}, DONE),
    "nothing at all": findings(
        lines({}, **{metric_id: missing("no_exposure") for metric_id in VALUES}), Elapsed(0.0, 60.0), {}
    ),
    "won earlier": findings(
        lines({}) | {"bookings": replace(lines({})["bookings"], now=missing("no_exposure"))}, HALF, {}
    ),
    "met": said({}, quota_attainment=Answer(1.8, 6, 11e6, 6e6, 0.6, 5.4, None)),
    **{
        f"pace {status}": said({}, attainment_pace=Answer(1.0, 60, 1.0, 1.0, low, high, None))
        for status, low, high in (
            ("ahead", 1.1, 1.5), ("behind", 0.5, 0.9), ("on", 0.95, 1.05), ("unclear", 0.7, 1.6),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_at_most_three_and_the_good_first(found):
    order = {kind: i for i, kind in enumerate("strength tentative fact development hypothesis none context".split())}

    assert len(found) <= MOST_FINDINGS == 3
    assert kinds(found) == sorted(kinds(found), key=order.__getitem__)


def test_with_everything_to_say_three_are_left():
    found = said({"win_rate_count": ABOVE, "ads": BELOW, "cycle_resolution": ABOVE})

    assert kinds(found) == ["strength", "development", "context"]


def test_one_point_to_develop_is_enough():
    """Control: two metrics are below, and the page would have room for both."""
    found = said({"win_rate_count": BELOW, "ads": BELOW}, attainment_pace=missing(), quota_attainment=missing())

    assert kinds(found) == ["fact", "development"]


def test_without_a_strength_there_is_something_achieved():
    found = said({"win_rate_count": BELOW})

    assert kinds(found)[:2] == ["fact", "development"]
    assert keys(found)[0] == "won_deals"
    assert found[0].slots["n"].value == 60


def test_what_was_won_earlier_in_the_year_counts_when_this_period_has_nothing():
    assert keys(CASES["won earlier"])[0] == "won_deals_year"


@pytest.mark.parametrize("reason", ["reps_alike", "too_early", "no_comparison", "no_reliable_gap"])
def test_silence_gives_its_reason(reason):
    found = CASES[reason]

    assert keys(found)[1] == reason
    assert found[1].kind == "none"


def test_a_likely_gap_is_a_question_and_never_a_judgement():
    found = CASES["tentative and hypothesis"]

    assert keys(found)[:2] == ["strength_tentative", "hypothesis"]
    assert (found[0].driver, found[1].driver) == ("win_rate", "deal_size")


def test_where_the_reps_do_not_differ_no_gap_is_even_guessed():
    """Control: the same gap, in an organisation whose reps do differ, is a hypothesis."""
    gap = compared("too_early", 0.6, 1.3)

    assert "hypothesis" in keys(said({"win_rate_count": gap}))
    assert keys(said({"win_rate_count": replace(gap, spread_p=0.26)}))[1] == "reps_alike"


@pytest.mark.parametrize("verdict", ["signal_below", "too_early"])
def test_deciding_quickly_is_never_praised(verdict):
    """Deals that are lost quickly make the cycle short, too. Control: the same verdict on the other side counts."""
    short = said({"win_rate_count": ALIKE, "cycle_resolution": compared(verdict, 0.4)})
    long = said({"win_rate_count": ALIKE, "cycle_resolution": compared(verdict.replace("below", "above"), 2.5)})

    assert not {"strength", "tentative"} & set(kinds(short))
    assert "cycle" not in [finding.driver for finding in short]
    assert "cycle" in [finding.driver for finding in long if finding.kind in ("development", "hypothesis")]


def test_a_rep_who_is_not_compared_is_neither_praised_nor_blamed():
    found = said({metric_id: compared("not_compared", 0.3) for metric_id in ("win_rate_count", "ads")})

    assert keys(found)[:2] == ["won_deals", "no_comparison"]


def test_evidence_goes_with_the_number():
    assert said({"win_rate_count": BELOW})[1].evidence == ("D1", "D2")


# --- the pace --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "low", "high", "status"),
    [
        (1.30, 1.05, 1.60, "ahead"),
        (0.70, 0.50, 0.95, "behind"),
        (1.00, 0.93, 1.08, "on"),
        (0.60, 0.30, 1.20, "unclear"),
        (1.40, 0.90, 2.10, "unclear"),
        (1.00, 0.50, 2.00, "unclear"),
    ],
)
def test_the_pace_is_judged_by_its_interval(value, low, high, status):
    assert pace_status(Answer(value, 20, 1.0, 1.0, low, high, None)) == status


def test_a_value_far_below_the_pace_is_not_behind_when_chance_could_do_it():
    """Control: by its value alone the rep with three large deals would be called behind."""
    few = Answer(0.60, 3, 1.0, 1.0, 0.2, 1.6, None)

    assert few.value < 0.9
    assert pace_status(few) == "unclear"
    assert pace_status(missing()) == "unclear"


def test_a_complete_period_is_not_at_any_pace():
    found = CASES["final"]

    assert keys(found)[-1] == "pace_final"


def test_who_has_met_the_quota_is_behind_nothing():
    """Eleven of six million booked, by six deals. Control: the interval of the pace alone calls it unclear."""
    pace, booked = Answer(1.6, 6, 1.0, 1.0, 0.6, 5.4, None), Answer(1.8, 6, 11e6, 6e6, 0.6, 5.4, None)

    assert pace_now(pace, booked, HALF) == "met"
    assert pace_now(pace, replace(booked, value=0.9), HALF) == pace_status(pace) == "unclear"
    assert pace_now(pace, booked, DONE) == "final"


def test_without_a_quota_there_is_no_pace():
    assert "context" not in kinds(CASES["no quota"])


# --- in words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["tr", "en"])
@pytest.mark.parametrize("found", CASES.values(), ids=CASES)
def test_every_finding_can_be_said_in_both_languages(found, code):
    words = load_words(code)
    wording = Wording(words, "TRY")
    for finding in found:
        assert words.has(finding.key)
        sentence = wording.finding(finding)
        assert "{" not in sentence
        assert "nan" not in sentence.lower().split()
        assert words.has(f"review.finding.kind.{finding.kind}")


def test_the_cases_cover_every_kind_of_sentence():
    """So that the test above cannot pass by leaving one out."""
    seen = {key for found in CASES.values() for key in keys(found)}

    assert seen >= {
        *"signal_above signal_below strength_tentative hypothesis won_deals won_deals_year".split(),
        *"reps_alike too_early no_comparison no_reliable_gap".split(),
        *"pace_ahead pace_on pace_behind pace_unclear pace_final pace_met".split(),
    }


def test_a_sentence_carries_value_interval_and_n():
    sentence = Wording(load_words("en"), "TRY").finding(said({"win_rate_count": BELOW})[1])

    for part in ("Win rate (count)", "30%", "24%–37%", "n 60", "29%"):
        assert part in sentence


def test_no_expected_value_shows_the_peers_instead():
    finding = said({"win_rate_count": replace(BELOW, expected=np.nan)})[1]

    assert finding.slots["peers"].value == 0.28
