"""The team's page: it decides nothing by luck, ranks nobody, and says less the less it knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from salescoach.calendar import Elapsed, Period
from salescoach.coaching.allocation import Place, best_move
from salescoach.coaching.team import LINES, Decision, Member, TeamReview, Topic
from salescoach.coaching.team_flow import Source
from salescoach.diagnosis.findings import Answer, Shown
from salescoach.report.page import Table
from salescoach.report.team import TeamPage
from salescoach.resources import load_words

PLACES = (
    Place("inbound", 1000, 60, 6e6, 0.5),
    Place("partner", 500, 50, 4e6, 0.5),
    Place("referral", 200, 60, 6e6, 0.5),
)
QUARTER = Period("2025Q4", date(2025, 10, 1), date(2026, 1, 1))
NOTHING = Answer(float("nan"), 0, float("nan"), float("nan"), float("nan"), float("nan"), "no_exposure")
BELOW, ABOVE = Topic("volume", "", -0.24, -0.36, -0.10, 80), Topic("size", "", 0.2, 0.08, 0.35, 25)


# --- what moving could bring -----------------------------------------------------------------------------


def test_effort_goes_to_where_most_comes_back_and_never_empties_a_place():
    move = best_move("leads", PLACES)

    assert move is not None
    assert (move.origin, move.target) == ("inbound", "referral")
    assert move.units == 170  # a tenth of all, less than a fifth of what the origin has
    assert move.low < move.gain < move.high


def test_a_straight_line_would_promise_more():
    """Negative control: the average return of the best place, times what is moved there."""
    move = best_move("leads", PLACES)

    assert move is not None
    assert move.straight > move.high


def test_the_order_of_the_places_changes_nothing():
    assert best_move("leads", PLACES) == best_move("leads", PLACES[::-1])


def test_equal_places_that_differ_by_luck_give_no_reason_to_move():
    """The best of eight equals always looks better; only the naive gain believes it."""
    worth, naive = 0, 0
    for seed in range(20):
        wins = np.random.default_rng(seed).poisson(30, 8)
        places = [Place(str(i), 300, int(n), float(n) * 1e5, 0.5) for i, n in enumerate(wins) if n >= 20]
        move = best_move("money", places)
        assert move is not None
        worth += move.worth_it
        naive += move.straight > 0

    assert worth <= 4
    assert naive == 20


@pytest.mark.parametrize("places", [(), PLACES[:1], (PLACES[0], Place("fair", 100, 19, 9e9, 0.5))])
def test_without_two_places_of_twenty_wins_nothing_is_said(places: tuple[Place, ...]):
    assert best_move("hours", places) is None


# --- the page ------------------------------------------------------------------------------------------------


def facts(*members: Member) -> TeamReview:
    return TeamReview(
        team_id="", team="", small=False, people=len(members), period=QUARTER, year=QUARTER, elapsed=Elapsed(30, 60),
        currency="TRY", lines=dict.fromkeys(LINES, NOTHING), members=members, compared=True, steps=(), losses=(),
        sources=(), moves=(), stale=(0, 0, 0.0), decisions=(), programmes=(),
    )  # fmt: skip


def member(name: str, priority: Topic | None = None, strength: Topic | None = None) -> Member:
    return Member(name, name, False, priority, strength, None)


def page(review: TeamReview, code: str = "tr") -> TeamPage:
    return TeamPage(review, load_words(code), "Deneme", "31.12.2025", {})


def names(review: TeamReview, code: str) -> list[str]:
    return [row[0].text for block in page(review, code).people().blocks if isinstance(block, Table)
            for row in block.rows]  # fmt: skip


def test_people_stand_in_the_order_of_the_alphabet_whatever_their_numbers():
    team = [member("Zeynep", BELOW), member("Çiğdem", None, ABOVE), member("Cem", replace(BELOW, size=-0.5))]

    assert names(facts(*team), "tr") == ["Cem", "Çiğdem", "Zeynep"]
    assert names(facts(*team[::-1]), "tr") == ["Cem", "Çiğdem", "Zeynep"]


@pytest.mark.parametrize("code", ["en", "tr"])
def test_where_nothing_stands_out_nobody_is_named(code: str):
    section = page(facts(member("Elif"), member("Can")), code).people()

    assert load_words(code)("team.people_none") in [getattr(block, "text", "") for block in section.blocks]
    assert names(facts(member("Elif")), code) == []


@pytest.mark.parametrize("code", ["en", "tr"])
def test_what_explains_a_table_is_not_said_without_one(code: str):
    """Control: with somebody in the table it is."""
    note = load_words(code)("team.people_order")
    nobody, somebody = (page(facts(*team), code).people() for team in ([member("Elif")], [member("Can", BELOW)]))

    assert len(nobody.blocks) == 1
    assert [note in block.notes for block in somebody.blocks if isinstance(block, Table)] == [True]


@pytest.mark.parametrize("code", ["en", "tr"])
def test_where_no_lot_is_drawn_it_is_said_why(code: str):
    """Three people with a topic each are no four who share one. Control: where nobody has one there is no question."""
    why = load_words(code)("rollout.too_few", n=4)
    three, nobody = facts(*(member(name, BELOW) for name in ("Ali", "Can", "Elif"))), facts(member("Elif"))
    said = [[getattr(block, "text", "") for block in page(one, code).people().blocks] for one in (three, nobody)]

    assert [why in texts for texts in said] == [True, False]


def test_an_interval_on_both_sides_of_no_difference_is_shown_on_both_sides():
    """Control: limits without their signs would read 3% to 28%, a gap that is sure to be there."""
    across = replace(BELOW, size=-0.14, low=-0.28, high=0.03)
    table = next(
        block for block in page(facts(member("Can", across)), "en").people().blocks if isinstance(block, Table)
    )

    assert "about 14% below" in table.rows[0][1].detail
    assert "(−28% to +3%, n 80)" in table.rows[0][1].detail


def test_without_a_stage_history_nothing_is_drawn_and_it_is_said_once():
    written = page(facts(member("Elif")), "en")

    assert written.leak_figure() is None
    assert str(written.page()).count(load_words("en")("na.no_history")) == 1


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({"spent": 60.0}, ("₺20", "no lead recorded")),
        ({"spent": 60.0, "wins": 0}, ("no win yet", "no lead recorded")),
        ({"leads": 9, "handed_back": 4}, ("no cost entered", "4 of 9")),
    ],
)
def test_marketing_is_told_why_a_figure_is_not_there(changes: dict[str, float], cells: tuple[str, str]):
    partner = Source("partner", 10, 3, 0.3, 0.1, 0.6, 90.0, float("nan"), 0, 0, ())
    review = replace(facts(), sources=(replace(partner, **changes),))
    (row,) = page(review, "en").memos.marketing().blocks[0].rows

    assert (row[3].text, row[4].text) == cells


@pytest.mark.parametrize(("code", "said"), [("en", "n 2,296"), ("tr", "n 2.296")])
def test_a_chart_writes_its_counts_as_the_text_beside_it_does(code: str, said: str):
    assert page(facts(), code).wording.observations([2296, 7]) == [said, "n 7"]


@pytest.mark.parametrize("code", ["en", "tr"])
def test_a_team_without_anything_to_decide_is_told_so(code: str):
    assert page(facts(member("Elif")), code).digest().blocks[0].text == load_words(code)("team.digest.none")  # type: ignore[union-attr]


@pytest.mark.parametrize("code", ["en", "tr"])
@pytest.mark.parametrize(
    "kind", ["stage", "support", "move_leads", "move_hours", "move_money", "stale", "meetings", "losses"]
)
def test_every_decision_can_be_said_with_its_three_options(kind: str, code: str):
    text = ("stage", "driver", "reason", "origin", "target")
    slots = {name: Shown("volume", "text") for name in text} | {
        name: Shown(0.25, "share")
        for name in ("n", "all", "value", "low", "high", "before", "before_n", "lost", "units", "days", "share")
    }
    section = page(replace(facts(), decisions=(Decision(kind, slots),)), code).digest()

    assert len(section.blocks) == 3
    assert len(section.blocks[2].items) == 3  # type: ignore[union-attr]
