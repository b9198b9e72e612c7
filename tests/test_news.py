"""What changed, held against what was due anyway: the season and the market cancel, and noise stays unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from acceptance.beds import EQUAL, bed

from salescoach.calendar import Calendar
from salescoach.diagnosis.alerts import Alert, Signal, alerts
from salescoach.diagnosis.news import Power, _counted, _shared, _waves, news, power, signals
from salescoach.report.methods import MethodsFacts, MethodsPage
from salescoach.report.news import news_blocks
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.synthetic import organisation
from salescoach.tables.data import SalesData

PEOPLE = [f"R{number}" for number in range(12)]
DAYS = np.tile([240.0, 30.0, 30.0], (12, 1))


def quiet(level: float = 40.0) -> np.ndarray:
    """Counts of twelve people in eight windows of the year before and the two newest, by chance alone."""
    return np.random.default_rng(5).poisson(level, (12, 10)).astype(float)


def told(table: np.ndarray) -> list[tuple[str, str]]:
    return [(one.signal.rep_id, one.tone) for one in alerts(_counted(PEOPLE, "begun", table, DAYS))]


def test_half_as_much_in_two_windows_is_told():
    table = quiet()
    table[3, -2:] = 15

    assert told(table) == [("R3", "warning")]


def test_half_as_much_in_one_window_is_not():
    table = quiet()
    table[3, -1] = 15

    assert told(table) == []


def test_what_all_others_did_too_is_no_news_about_anybody():
    """A slow season halves everybody. Beside the own past alone, everybody would be accused."""
    table = quiet()
    table[:, -2:] = np.round(table[:, -2:] / 2)
    usual = table[:, :-2].mean(axis=1)
    naive = 2 * (np.sqrt(table[:, -1]) - np.sqrt(usual))

    assert told(table) == []
    assert (naive < -2).mean() > 0.8


def test_counts_that_come_in_waves_have_to_change_more():
    """Batches of five scatter five times as far: what would be news of single events is not."""
    waves = np.random.default_rng(5).poisson(8, (12, 10)) * 5.0

    assert _waves(quiet()[:, :-2]) < 1.6
    assert _waves(waves[:, :-2]) > 3
    assert told(waves) == []


def test_a_share_won_that_falls_in_two_windows_is_told_beside_what_was_due():
    decided = np.full((12, 10), 40.0)
    won = np.full((12, 10), 16.0)
    won[4, -2:] = 2

    (found,) = alerts(_shared(PEOPLE, won, decided))
    assert (found.signal.rep_id, found.tone, found.signal.n) == ("R4", "warning", 40)
    assert found.signal.expected == pytest.approx(0.4, abs=0.01)


def test_few_decided_deals_say_nothing():
    won, decided = np.full((12, 10), 3.0), np.full((12, 10), 7.0)

    assert _shared(PEOPLE, won, decided) == []


@pytest.fixture(scope="module")
def calm() -> list[SalesData]:
    """Organisations in which nobody changes."""
    p = bed(months=18, as_of=bed().start + timedelta(days=540), **EQUAL)
    return [
        SalesData.build(
            organisation("diagnosis_bed", seed=seed, parameters=p, language="en").tables,
            as_of=p.as_of, calendar=Calendar(), currency="USD",
        )
        for seed in (1, 2)
    ]  # fmt: skip


def test_where_nobody_changes_nobody_is_told_so(calm):
    """Negative control: two deviations in the newest window would single out several."""
    looked = [one for data in calm for one in signals(data)]

    assert [news(data) for data in calm] == [{}, {}]
    assert len(looked) > 100
    assert sum(abs(one.z[-1]) > 2 for one in looked) >= 3


def test_z_is_what_it_says(calm):
    """Standardised: a deviation near 1 where nothing happens, else the gates mean something else."""
    z = np.array([one.z for data in calm for one in signals(data)])

    assert 0.75 < z.std() < 1.2
    assert abs(z.mean()) < 0.3


@pytest.mark.parametrize("code", ["tr", "en"])
def test_words_say_what_was_due(code):
    words = load_words(code)
    fell = Signal("R1", "won", "trend", (-3.0, -4.0), 0.05, 0.01, 0.12, 0.4, 40, "up")
    _, items, _, silence = news_blocks([Alert(fell, "warning", 0.01)], Wording(words, "TRY"))

    assert words.language.percent(0.4) in items.items[0].detail
    assert items.items[0].mark == words("news.tone.warning")
    better = Alert(replace(fell, z=(3.0, 4.0)), "positive", 0.01)
    assert news_blocks([better], Wording(words, "TRY"))[1].items[0].text != items.items[0].text
    assert silence.text == words("news.silence")
    assert [block.text for block in news_blocks([], Wording(words, "TRY"))[1:]] == [words("news.none"), silence.text]


def test_how_little_is_seen_is_counted_in_the_own_data(calm):
    """A number that stops is seen more often than one that halves; neither is always seen."""
    found = [one for data in calm for one in power(data)]
    seen = {
        how: sum(one.found for one in found if one.how == how) / sum(one.looked_at for one in found if one.how == how)
        for how in ("halved", "stopped")
    }

    assert {one.metric_id for one in found} == {"begun", "contacts", "won"}
    assert seen["halved"] < seen["stopped"] < 1
    assert all(0 <= one.found <= one.looked_at <= 30 for one in found)


@pytest.mark.parametrize("code", ["tr", "en"])
def test_the_methods_page_says_how_little(code):
    """Control: where nothing can be looked at, the page says that and no share."""
    words = load_words(code)
    facts = MethodsFacts((), "", "", (), float("nan"), (), None, (), "TRY", (Power("contacts", "halved", 3, 30),))
    shown, nothing = (
        MethodsPage(one, words, "Deneme", "", "", {}).alerts() for one in (facts, replace(facts, power=()))
    )

    assert [cell.text for cell in shown.blocks[0].rows[0][1:]] == ["30", "3", words.language.percent(0.1)]
    assert nothing.blocks[0].text == words("methods.nothing")
