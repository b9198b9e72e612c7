"""Did coaching work: by a ledger that was written before, beside what would have come without any action."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from acceptance.coaching import world

from salescoach.calendar import Calendar
from salescoach.coaching.worked import FEWEST_DEALS, Ledger, interventions, ledger, person_verdict
from salescoach.diagnosis.effect import Intervention, person_effect
from salescoach.report.methods import MethodsFacts, MethodsPage
from salescoach.report.page import Table
from salescoach.report.wording import Wording
from salescoach.report.worked import programmes_blocks, worked_blocks
from salescoach.resources import load_words
from salescoach.tables.data import SalesData

START = date(2025, 4, 1)
REPS = [f"R{number:02}" for number in range(20)]


def organisation(
    wins: dict[str, tuple[int, int]], each: int = 40, recorded: date | None = None, **row: object
) -> SalesData:
    """*each* deals decided in the half year before :data:`START` and after it; *wins* of them won, else ten.

    R00 to R05 are coached.
    """
    deals = []
    for rep in REPS:
        for side, won in enumerate(wins.get(rep, (10, 10))):
            for number in range(each):
                day = START + timedelta(days=(4 * number if side else -1 - 4 * number) * 40 // each)
                deals.append((f"D{len(deals)}", rep, "won" if number < won else "lost", day))
    made = pd.DataFrame(deals, columns=["deal_id", "owner_id", "status", "closed_at"])
    closed = pd.to_datetime(made["closed_at"])
    made = made.assign(
        stage=made["status"], amount=100.0, currency="TRY", created_at=closed - pd.Timedelta(days=20), closed_at=closed
    )
    stages = pd.DataFrame(
        {"pipeline": "default", "stage": ["open", "won", "lost"], "order": [1, 2, 3], "kind": ["open", "won", "lost"]}
    )
    people = pd.DataFrame({"rep_id": REPS, "full_name": REPS, "role": "AE"})
    rows = pd.DataFrame({
        "intervention_id": [f"I{rep}" for rep in REPS[:6]], "rep_id": REPS[:6], "driver": "win_rate",
        "metric_id": "win_rate_count", "start": pd.Timestamp(START), "hypothesis": "asks more", "expected_effect": 0.3,
        "selection_reason": "lowest_metric", "recorded_at": pd.Timestamp(recorded or START - timedelta(days=7)),
    })  # fmt: skip
    tables = {"opportunity": made, "stage": stages, "rep": people, "intervention": rows.assign(**row)}
    return SalesData.build(tables, as_of=date(2025, 10, 1), calendar=Calendar(), currency="TRY")


def verdict(found: Ledger, rep: str = "R00") -> str:
    return found.people[rep][0].effect.verdict


def test_who_was_lowest_and_came_back_has_not_been_moved_by_coaching():
    """From 5 to 10 of 40, what everybody has: it was due anyway. A plain before and after says "doubled"."""
    others = {rep: (7 + 2 * number % 7, 12 - number % 5) for number, rep in enumerate(REPS[6:])}
    found = ledger(organisation(others | dict.fromkeys(REPS[:6], (5, 10))))

    assert verdict(found) in ("no_sign", "cannot_tell")
    assert found.people["R00"][0].effect.after == 2 * found.people["R00"][0].effect.before
    assert found.programmes[0].effect.low95 < 0 < found.programmes[0].effect.high95


def test_the_fall_of_those_who_had_been_lucky_is_not_taken_for_the_market():
    """The lowest eight of thirty are coached, to no effect: about one in ten may be said to have moved.

    Control: held against the plain change of the others, who were the lucky ones and fell, it is one in six.
    """
    moved, plain = [], []
    for seed in range(1, 61):
        before, after, lowest = world(seed)
        share = [float(side["k"][~lowest].sum() / side["n"][~lowest].sum()) for side in (before, after)]
        everybody = before["k"].to_numpy(), before["n"].to_numpy()
        for rep in before.index[lowest]:
            one = Intervention(rep, "stage_1", START, START, "lowest_metric", "", 0.2, START)
            moved.append(person_verdict(one, before, after, set(before.index[lowest])).verdict == "moved")
            sides = [(int(side.at[rep, "k"]), int(side.at[rep, "n"])) for side in (before, after)]
            plain.append(person_effect(*sides, one.effect, everybody, share[1] - share[0]).verdict == "moved")

    assert np.mean(moved) <= 0.13
    assert np.mean(plain) > 0.14


def test_the_usual_comparisons_stand_beside_ours_for_what_they_claim():
    """The lowest six go from 5 to 10 of 40, the others from 12 to 12: 12.5 points by both naive ways, by hand."""
    found = ledger(organisation(dict.fromkeys(REPS[6:], (12, 12)) | dict.fromkeys(REPS[:6], (5, 10)))).programmes[0]

    assert found.effect.before_after == pytest.approx(0.125)
    assert found.effect.differences == pytest.approx(0.125)


@pytest.mark.parametrize("code", ["en", "tr"])
def test_the_methods_page_holds_the_programmes_on_record_to_all_three_ways(code: str):
    """Control: without an intervention on record it has no such table."""
    programmes = ledger(organisation({})).programmes
    facts = MethodsFacts((), "", "", (), float("nan"), (), None, programmes, "TRY")
    words = load_words(code)
    shown, nothing = (
        MethodsPage(one, words, "Deneme", "", "", {}).effect() for one in (facts, replace(facts, programmes=()))
    )

    assert [block.caption for block in shown.blocks if isinstance(block, Table)] == [words("methods.own.caption")]
    assert [block for block in nothing.blocks if isinstance(block, Table)] == []
    assert nothing.blocks[0].text == words("methods.effect.too_few", n=12)  # type: ignore[union-attr]


@pytest.mark.parametrize("code", ["en", "tr"])
def test_the_methods_page_says_how_many_people_the_mix_model_takes(code: str):
    """Nine people are compared and have no mix model: "the data do not carry this" would not say what is missing."""
    facts, words = MethodsFacts((), "", "", (), float("nan"), (), None, (), "TRY"), load_words(code)
    written = MethodsPage(facts, words, "Deneme", "", "", {})

    assert written.mix().blocks[0].text == words("methods.mix.too_few", n=10)  # type: ignore[union-attr]
    assert written.mix_figure().description == words("methods.mix.too_few", n=10)


def test_a_true_effect_is_seen_in_the_programme_and_in_the_person():
    draw = np.random.default_rng(1)
    wins = {rep: (int(draw.binomial(40, 0.25)), int(draw.binomial(40, 0.6 if place < 6 else 0.25)))
            for place, rep in enumerate(REPS)}  # fmt: skip
    found = ledger(organisation(wins))

    assert verdict(found) == "moved"
    assert found.programmes[0].effect.low95 > 0
    assert (found.programmes[0].effect.coached, found.programmes[0].effect.others) == (6, 14)


def test_what_everybody_did_is_no_effect_of_coaching():
    """All others rose as well: the market, not the coaching."""
    found = ledger(organisation(dict.fromkeys(REPS, (10, 20))))

    assert verdict(found) == "no_sign"
    assert found.programmes[0].effect.effect == pytest.approx(0.0, abs=1e-9)


def test_what_was_written_afterwards_only_describes():
    late = ledger(organisation({"R00": (10, 30)}, recorded=START + timedelta(days=30)))

    assert verdict(late) == "descriptive_only"
    assert not late.programmes[0].registered


def test_few_deals_are_no_verdict_either_way():
    """Eight deals, none won: a normal curve would already say "worse"."""
    found = ledger(organisation(dict.fromkeys(REPS, (4, 4)) | {"R00": (4, 0)}, each=FEWEST_DEALS - 12))

    assert verdict(found) == "cannot_tell"


def test_a_row_that_nobody_knew_yet_is_not_in_the_ledger():
    data = organisation({}, recorded=date(2025, 10, 2))

    assert interventions(data) == ()
    assert ledger(data) == Ledger({}, ())


def test_the_chain_stops_where_nothing_is_recorded():
    assert ledger(organisation({})).people["R00"][0].chain.stops_at == "action"


def test_the_page_says_where_the_chain_stops():
    """Nothing is on record of what was agreed: that is where to look. Control: what worked needs no such hint."""
    draw = np.random.default_rng(1)
    wins = {rep: (int(draw.binomial(40, 0.25)), int(draw.binomial(40, 0.6 if place < 6 else 0.25)))
            for place, rep in enumerate(REPS)}  # fmt: skip
    hint = load_words("en")("worked.stops_at", link=load_words("en")("worked.link.action"))
    still, worked = (
        worked_blocks(ledger(organisation(won)).people["R00"], Wording(load_words("en"), "TRY"))[1].items[0].detail
        for won in ({}, wins)
    )

    assert hint in still
    assert hint not in worked


def test_a_topic_that_cannot_be_counted_has_no_verdict():
    assert ledger(organisation({}, driver="size")).people == {}


@pytest.mark.parametrize("code", ["tr", "en"])
@pytest.mark.parametrize("wins", [{"R00": (10, 30)}, {"R00": (10, 0)}, {"R00": (0, 10)}])
def test_it_is_said_in_words(code, wins):
    found, wording = ledger(organisation(wins)), Wording(load_words(code), "TRY")
    _, items, _ = worked_blocks(found.people["R00"], wording)
    _, table = programmes_blocks(found.programmes, wording)

    assert wording.words("verdict." + verdict(found)) == items.items[0].mark
    assert table.rows[0][1].text == "6 / 14"
    assert worked_blocks((), wording) == ()
    assert programmes_blocks((), wording) == ()
