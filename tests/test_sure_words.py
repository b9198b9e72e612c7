"""A finding says how sure it is, a bottleneck is as sure as a finding, and what stands behind a page is folded away."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from salescoach.cli.diagnose import _finding as in_json
from salescoach.coaching.said import said_of
from salescoach.diagnosis.bottleneck import Bottleneck, StageState
from salescoach.diagnosis.diagnose import RepDiagnosis
from salescoach.diagnosis.drivers import gaps_of
from salescoach.diagnosis.gap import Decomposition, Line
from salescoach.diagnosis.priority import Judged, judged, silence
from salescoach.report.markdown import written as as_markdown
from salescoach.report.page import NO_CELL, Cell, Column, Fold, Section, Table, Text
from salescoach.report.plain import written
from salescoach.report.render import section_html
from salescoach.report.stages import Stages
from salescoach.report.wording import Wording
from salescoach.resources import load_words

nan = math.nan
FIELDS = ["driver", "verdict", "probability", "size", "low", "high", "evidence"]


def one(driver: str = "size", verdict: str = "priority", high: float = -0.02, probability: float = 0.87) -> Judged:
    return Judged(driver, "", verdict, "none", probability, 0.8, 0.0, -0.2, -0.35, high, -0.3, -0.5, 0.0, 6e5, 8e5, 27,
                  1e6, 1.0, ("D1", "D2"))  # type: ignore[arg-type]  # fmt: skip


def said(found: Judged, code: str) -> str:
    """The sentence about the only finding of one person."""
    person = RepDiagnosis("R1", 7, drivers=(found,), findings=(found,))
    unknown = SimpleNamespace(known=False, n=0)
    lines = dict.fromkeys(
        ("bookings", "attainment_pace", "quota_attainment"), SimpleNamespace(now=unknown, year=unknown)
    )
    (finding,) = said_of(person, lines, None, {})  # type: ignore[arg-type]
    return Wording(load_words(code), "TRY").finding(finding)


@pytest.mark.parametrize(("code", "sure", "open_"), [
    ("en", "more than 5% below: 87%", "also holds no difference"), ("tr", "aşma olasılığı: %87", "hiç fark olmamasını"),
])  # fmt: skip
def test_an_interval_that_holds_no_difference_is_said_beside_the_probability_of_the_gate(
    code: str, sure: str, open_: str
):
    """The gate asks 80 % on one side of 5 %; the 90 % interval may reach past zero. Control: where it does not."""
    assert sure in said(one(high=0.02), code)
    assert open_ in said(one(high=0.02), code)
    assert sure in said(one(), code)
    assert open_ not in said(one(), code)


@pytest.mark.parametrize(
    ("code", "calls", "calendar"), [("en", "three calls", "calendar"), ("tr", "görüşme", "takvim")]
)
def test_few_opportunities_are_looked_for_in_the_calendar_and_not_in_calls(code: str, calls: str, calendar: str):
    """A call that was not made cannot be listened to. Control: the size of a deal is heard in calls."""
    volume, size = (said(one(driver, "hypothesis"), code) for driver in ("volume", "size"))

    assert (calendar in volume, calls in volume) == (True, False)
    assert (calendar in size, calls in size) == (False, True)


def test_nothing_is_a_hundred_per_cent_sure():
    assert "below: 99%" in said(one(probability=0.9996), "en")


def test_a_finding_in_json_has_its_seven_fields():
    assert list(in_json(one())) == FIELDS


def test_what_is_never_judged_is_no_near_miss_either():
    """Where nobody is accused, a program must not read that somebody is slow with 97 % certainty."""
    slow, size = one("speed", "none", probability=0.97), one("size", "none", probability=0.2)

    assert silence((slow, size)) == (size,)
    assert silence((slow,)) == ()


def gaps(n: int) -> dict[str, object]:
    """Twelve people of whom the first has a clear gap, on *n* observations."""
    gap, rest = np.array([-0.9, *np.linspace(-0.05, 0.05, 11)]), np.full(12, 0.02)
    seen = np.array([n, *[40] * 11], dtype=float)
    return {"size": gaps_of("size", gap, rest, n=seen, observed=seen, expected=seen)}


@pytest.mark.parametrize(("n", "verdict"), [(4, "none"), (5, "priority")])
def test_fewer_than_five_observations_carry_no_judgement(n: int, verdict: str):
    (found,) = judged(gaps(n), 0, 1e6, {})  # type: ignore[arg-type]

    assert found.verdict == verdict


def state(driver: str, **more: object) -> StageState:
    known = StageState(driver, f"Stage {driver[-1]}", 76, 36 / 76, 51 / 76, 0.99, 0.95, 0.6, 0.5, 1.1, -3.7e6, 0)
    return replace(known, **more)  # type: ignore[arg-type]


def stages(*states: StageState, worst: str = "", findings: tuple[Judged, ...] = ()) -> Stages:
    line = Line("stage_1", "conversion", "Stage 1", -3.7e6, -5.7e6, -1.7e6, 76)
    gap = Decomposition("peers", 1e7, 2e7, -1e7, 1e7, (line,))
    found = RepDiagnosis("R1", 7, gap, findings, findings, bottleneck=Bottleneck(states, worst))
    return Stages(SimpleNamespace(diagnosis=found), Wording(load_words("en"), "TRY"))  # type: ignore[arg-type]


def test_the_bottleneck_is_named_with_its_money_interval_and_n():
    (text,) = stages(state("stage_1"), state("stage_2"), worst="stage_1").bottleneck()

    assert all(part in text.text for part in ("Stage 1", "−₺3.7M", "−₺5.7M to −₺1.7M", "90%", "n 76"))
    assert stages(state("stage_1"), state("stage_2")).bottleneck() == ()  # the control: none is one


def test_a_stage_shows_counts_below_five_and_says_how_many_more_would_tell():
    few = state("stage_1", exits=4, conversion=0.5, needed=56, throughput=0.8)
    many = state("stage_2", needed=40, slow_q=0.01, slower=1.6, queue=0.93)
    (fold,) = stages(few, many).fold()
    first, second = fold.blocks[0].rows  # type: ignore[union-attr]

    assert [cell.text for cell in first[1:3]] == ["2 of 4", NO_CELL]
    assert first[-1].text == load_words("en")("verdict.out_of_reach")
    assert (second[1].text, second[3].text) == ("47%", "76 / 80")
    assert "93%" in second[3].detail
    assert second[4].text == "Longer than the peers'"
    assert "40 more" in second[-1].text


def test_one_stage_alone_is_the_win_rate_and_has_no_table():
    assert stages(state("win_rate")).fold() == ()


def test_what_is_folded_is_on_the_page_and_in_every_other_form():
    """Closed on a screen; on paper the style sheet opens it (see the browser's test)."""
    table = Table("", (Column("Part"), Column("Amount")), [(Cell("Mix"), Cell("−₺5M")), (Cell("Time"), Cell(NO_CELL))])
    section = Section("gap", "Why", (Fold("Parts of it", (table, Text("A note."))),))

    assert "<details" in section_html(section)
    assert "<details open" not in section_html(section)
    for form in (section_html(section), written(section), as_markdown(section)):
        assert all(part in form for part in ("Parts of it", "Mix", "A note."))


def test_a_minus_stays_on_the_line_of_its_amount():
    """ "(−₺5M to −" at the end of a line reads as a gain of what stands on the next one."""
    drawn = section_html(Section("gap", "Why", (Text("−₺5M to −$2M, −3 to – 4"),)))

    assert "−\N{WORD JOINER}₺5M to −\N{WORD JOINER}$2M, −3 to – 4" in drawn
