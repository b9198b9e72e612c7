"""What a good coach would not say: to wait for ever, a difference without a direction, two opinions at once."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_worked import REPS, ledger
from test_worked import organisation as coached
from tiny import organisation

from salescoach.coaching.deals_to_touch import asleep, deals_to_touch
from salescoach.coaching.said import agreed
from salescoach.coaching.worked import Worked
from salescoach.diagnosis.deal_risk import Lift
from salescoach.diagnosis.diagnose import RepDiagnosis
from salescoach.diagnosis.effect import Chain, Intervention, PersonEffect, Programme, programme_effect
from salescoach.diagnosis.findings import Answer, Finding, Line, Shown
from salescoach.diagnosis.priority import Judged
from salescoach.metrics.comparison import Comparison
from salescoach.report.diagnosis import driver_name
from salescoach.report.lead_words import reason_text
from salescoach.report.team import TeamPage
from salescoach.report.wording import Wording
from salescoach.report.worked import programmes_blocks, worked_blocks
from salescoach.resources import load_words
from salescoach.scoring.reasons import Reason
from salescoach.tables.data import SalesData

TODAY = date(2025, 6, 30)
nan = math.nan


def wording(code: str) -> Wording:
    return Wording(load_words(code), "TRY")


def line(needed: int, n: int) -> Line:
    """A number that it is too early to compare: *n* observations in four quarters, *needed* more to tell."""
    answer = Answer(0.3, n, 0.3 * n, n, 0.2, 0.4, None)
    beside = Comparison("too_early", 0.3, 0.3, 1.0, 0.7, 1.4, 0.5, 0.01, needed, 11, n=n)
    return Line("win_rate_count", "share", "up", True, answer, answer, beside)


@pytest.mark.parametrize("code", ["en", "tr"])
def test_nobody_is_told_to_wait_for_what_a_year_does_not_bring(code: str):
    """345 more at 29 a year are twelve years. Control: 60 more at 77 a year are named."""
    assert "345" not in wording(code).verdict(line(345, 29))
    assert wording(code).verdict(line(345, 29)) == load_words(code)("verdict.out_of_reach")
    assert "60" in wording(code).verdict(line(60, 77))


def after_coaching(needed: int, n: int, days: int) -> str:
    """The sentence about one person *days* after the start, *n* deals seen and *needed* more to tell."""
    effect = PersonEffect("cannot_tell", 0.2, 0.25, 0.22, 0.1, 0.34, 0.2, needed, 25, n)
    step = Intervention("R1", "win_rate", TODAY, TODAY, "lowest_metric", "", 0.2, TODAY)
    one = Worked(step, "", effect, Chain({"outcome": "cannot_tell"}, "outcome"), days)
    return worked_blocks([one], wording("en"))[1].items[0].detail


def test_whether_coaching_worked_is_not_put_off_for_years_either():
    """Thirty deals in a year: 648 more never come. Control: thirty in six weeks, and 100 more will."""
    assert "648" not in after_coaching(648, 30, 365)
    assert "100 more deals" in after_coaching(100, 30, 42)


@pytest.mark.parametrize(("size", "said"), [(0.16, "+16%"), (-0.28, "−28%"), (0.0, "0%")])
def test_a_difference_says_which_way_it_goes(size: float, said: str):
    """Control: a percentage alone reads as a share, "16%" of what?"""
    assert wording("en").shown(Shown(size, "change")) == said
    assert wording("en").shown(Shown(0.16, "share")) == "16%"


@pytest.mark.parametrize("code", ["en", "tr"])
@pytest.mark.parametrize("kind", ["strength", "tentative", "development", "hypothesis"])
def test_every_sentence_about_a_difference_carries_its_sign(code: str, kind: str):
    slots = {name: Shown(0.16, "change") for name in ("size", "low", "high")}
    texts = {"driver": Shown("size", "text"), "stage": Shown("", "text"), "family": Shown("size", "text")}
    counts = {"n": Shown(20, "count"), "observed": Shown(5e5, "money"), "expected": Shown(4e5, "money")}
    counts |= {"probability": Shown(0.91, "share")}
    said = wording(code).finding(Finding(kind, f"review.said.{kind}", "deal_size", 20, slots | texts | counts))  # type: ignore[arg-type]

    assert len(re.findall(r"\+%?16%?", said)) == 3


def open_deal(name: str, silent: int, **more: object) -> dict[str, object]:
    """An open deal on which nothing has happened for *silent* days, past its close date by one."""
    begun = TODAY - timedelta(days=silent + 10)
    return {"deal_id": name, "pipeline": "all", "created_at": begun, "amount": 100.0, "currency": "TRY",
            "expected_close": pd.Timestamp(TODAY - timedelta(days=1)), **more}  # fmt: skip


def touched(*deals: tuple[str, int]) -> SalesData:
    """Elif's open deals by name and days without activity; ``new`` was touched today."""
    rows = [
        open_deal(name, silent, last_activity_at=pd.Timestamp(TODAY - timedelta(days=silent)) + pd.Timedelta(hours=6))
        for name, silent in (*deals, ("new", 0))
    ]
    return organisation(rows, as_of=TODAY)


def test_deals_that_sleep_do_not_crowd_out_those_that_can_be_helped():
    """Half a year without a word: counted in one sentence. Control: three weeks without one is listed."""
    data = touched(("dead", 400), ("quiet", 21))
    listed = {deal.deal_id for deal in deals_to_touch(data, "elif", {}, {})}

    assert listed == {"quiet", "new"}
    assert (asleep(data, "elif").deals, asleep(data, "elif").amount) == (1, 100.0)


def test_without_recorded_activity_no_deal_sleeps():
    """Silence in the record is none with the customer: everything would be dead where nobody records calls."""
    data = organisation([open_deal("old", 400)], as_of=TODAY)

    assert asleep(data, "elif").deals == 0
    assert [deal.deal_id for deal in deals_to_touch(data, "elif", {}, {})] == ["old"]


@pytest.mark.parametrize(("high", "reasons"), [(0.62, 1), (1.4, 2)])
def test_a_sign_that_meant_fewer_losses_here_is_no_reason_to_worry(high: float, reasons: int):
    """Deals whose amount was cut were lost less often in this organisation. Control: where that may be chance."""
    lifts = {"amount_cut": Lift(0.5, 0.4, high, 300, 70)}
    (deal,) = deals_to_touch(touched(), "elif", {"new": ("amount_cut",)}, lifts)

    assert len(deal.reasons) == reasons


def judged(driver: str, verdict: str) -> Judged:
    return Judged(driver, "", verdict, "none", 0.9, 0.7, 0.0, -0.28, -0.48, -0.01, -0.3, -0.5, 0.0, 6e5, 8e5, 27, 1e6,
                  1.0)  # type: ignore[arg-type]  # fmt: skip


def test_the_table_does_not_contradict_the_findings():
    """ "Cannot be told" beside "deal size is likely below" are two opinions. Control: a question is no finding yet."""
    alone = Comparison("too_early", 1e6, 1e6, 1.0, 0.5, 2.0, 0.5, 0.2, 140, 7, n=27)
    found, asked = (
        RepDiagnosis("R1", 7, drivers=(one,), findings=(one,))
        for one in (judged("size", "priority"), judged("size", "hypothesis"))
    )

    assert agreed(alone, "ads", found).verdict == "see_findings"
    assert agreed(alone, "win_rate_count", found).verdict == "too_early"
    assert agreed(alone, "ads", asked).verdict == "too_early"


def programmes(others: int) -> list[Programme]:
    """One hundred programmes that did nothing, among seven people of whom *others* were not coached."""
    draw, coached_ones = np.random.default_rng(4), np.arange(7) < 7 - others
    n = np.full(7, 30)
    return [programme_effect((draw.binomial(n, 0.4), n), (draw.binomial(n, 0.4), n), coached_ones) for _ in range(100)]


def test_one_person_to_compare_with_is_no_proof_that_a_programme_worked():
    """Six of seven coached, to no effect. Control: the interval alone says "it worked" of one in ten at least.

    Three coached beside four: the verdict errs no more often than its 95 % let it.
    """
    one, four = programmes(others=1), programmes(others=4)

    assert np.mean([found.low95 > 0 for found in one]) >= 0.1
    assert {found.verdict for found in one} == {"cannot_tell"}
    assert np.mean([found.verdict == "moved" for found in four]) <= 0.06


def test_a_programme_that_worked_is_still_said_to():
    draw = np.random.default_rng(1)
    wins = {rep: (int(draw.binomial(40, 0.25)), int(draw.binomial(40, 0.6 if place < 6 else 0.25)))
            for place, rep in enumerate(REPS)}  # fmt: skip
    _, table = programmes_blocks(ledger(coached(wins)).programmes, wording("en"))

    assert table.rows[0][-1].text == load_words("en")("worked.programme.moved")


@pytest.mark.parametrize("code", ["en", "tr"])
@pytest.mark.parametrize(("column", "value"), [("prior_won", 1.0), ("answered", 1.0), ("industry", "education")])
def test_a_reason_for_a_lead_reads_whatever_the_column_is_called(code: str, column: str, value: float | str):
    """ "Earlier wins of the company is 1": a verb agrees with a name only by luck, a colon always does."""
    said = reason_text(Reason(column, value, 0.5), load_words(code))

    assert ": " in said
    assert " is " not in said
    assert " = " not in said


@pytest.mark.parametrize("code", ["en", "tr"])
def test_a_driver_has_one_name_wherever_it_is_spoken_of(code: str):
    """Page and command line: "price kept after discounts" here and "share of the list price" there are one thing."""
    words = load_words(code)
    for driver in ("volume", "win_rate", "size", "discount", "speed"):
        assert driver_name(driver, "", words) == Wording(words, "TRY").driver(driver)
    assert driver_name("stage_2", "Offer", words) == Wording(words, "TRY").driver("stage_2", "Offer")
    for line in ("capacity", "mix", "flow", "conversion", "value", "chance"):
        assert driver_name(line, "", words) == words(f"review.gap.line.{line}")


@pytest.mark.parametrize("code", ["en", "tr"])
def test_what_a_gap_is_worth_is_counted_on_what_is_to_be_expected(code: str):
    """9 of last year's money and 18 of next year's seem to contradict each other unless the base is named."""
    words = load_words(code)

    assert {"gain", "gain_low", "gain_high", "base"} <= words.slots("review.said.what_if")


@pytest.mark.parametrize("code", ["en", "tr"])
def test_a_sum_has_no_interval_of_no_width(code: str):
    """The expected landing of a period that is over. Control: one with a width shows both limits."""
    team = TeamPage.__new__(TeamPage)
    object.__setattr__(team, "words", load_words(code))
    object.__setattr__(team, "facts", SimpleNamespace(currency="TRY"))
    over, running = (Answer(100.0, 30, 100.0, 1.0, low, high, None) for low, high in ((100.0, 100.0), (90.0, 120.0)))

    assert team._line("landing_range", over)[2].text == load_words(code)("brief.numbers.exact")
    assert "120" in team._line("landing_range", running)[2].text
