"""What a chart draws is what the page says: the same value, the same interval, on an organisation with every trap."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

import salescoach as sc
from salescoach import synthetic
from salescoach.crm.importer import import_export
from salescoach.known import data_at
from salescoach.report.gap import Gap
from salescoach.report.page import Fold, Section, Table
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.review import RepReview
from salescoach.workspace import Workspace


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[RepReview]]:
    """Everybody's review in a small organisation with splits, wins undone, duplicates and other currencies."""
    folder = tmp_path_factory.mktemp("charts")
    made = synthetic.organisation("small_team", seed=3)
    synthetic.write(made, folder / "export")
    home = Workspace.create(folder / "ws", **made.settings)
    as_of = synthetic.PRESETS["small_team"].as_of
    import_export(folder / "export", home, as_of=as_of, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    return home, [sc.open_review(home, rep=rep, language="en") for rep in data_at(home).sellers]


def table(section: Section) -> Table:
    """The first table of *section*, folded away or not."""
    shown = [part for block in section.blocks for part in (block.blocks if isinstance(block, Fold) else [block])]
    return next(block for block in shown if isinstance(block, Table))


def test_the_bookings_chart_ends_where_the_number_stands(reviews):
    """To the last lira, and as it is written. Control: deals won, whole to their owner, give another sum for some."""
    home, found = reviews
    data = data_at(home)
    apart = 0
    for review in found:
        number, curve = review.facts.lines["bookings"].now, review.charts[0].figure["data"][0]
        value = number.value if number.known else 0.0
        own = data.won_in(review.facts.period)
        apart += abs(own.loc[own["owner_id"] == review.facts.rep_id, "amount"].sum() - value) > 1

        assert curve["y"][-1] == pytest.approx(value, abs=0.01)
        if number.known:
            assert curve["hovertext"][-1].endswith(table(review.numbers).rows[0][1].text)
            assert table(review.numbers).rows[0][1].text in review.charts[0].description
    assert apart > 0


def test_the_win_rate_chart_ends_with_the_value_and_the_interval_of_the_table(reviews):
    """Control: the quarter before is another number for most."""
    _, found = reviews
    shown = [review for review in found if review.facts.lines["win_rate_count"].now.known]
    for review in shown:
        number, trend = review.facts.lines["win_rate_count"].now, review.facts.trend

        assert (trend.value[-1], trend.low[-1], trend.high[-1], trend.n[-1]) == (
            pytest.approx(number.value), pytest.approx(number.low), pytest.approx(number.high), number.n
        )  # fmt: skip
        row = table(review.numbers).rows[2]
        low, high = row[2].text.split("–")
        assert f"{row[1].text} ({low}–{high}), n {row[3].text}" in review.charts[2].description
    assert len(shown) >= 4
    assert any(one.facts.trend.value[-2] != one.facts.trend.value[-1] for one in shown)


def test_the_waterfall_draws_the_amounts_and_intervals_of_its_table(reviews):
    """Bar by bar; it begins and ends with the sums of the sentence above. Control: without *chance* it would not."""
    _, found = reviews
    wording = Wording(load_words("en"), found[0].facts.currency)
    drawn = [(review, Gap(review.facts, wording)) for review in found if review.charts[1] is not None]
    for review, gap in drawn:
        whole = review.facts.diagnosis.gap
        lines = gap.lines(whole)
        said = {row[0].text.removeprefix("– "): row for row in table(review.gap).rows}

        assert whole.reference + sum(line.value for line in lines) == pytest.approx(whole.actual)
        assert whole.reference + sum(line.value for line in lines[:-1]) != pytest.approx(whole.actual)
        for line in lines:
            row = said[gap.name(line)]
            assert f"{gap.name(line)}: {row[1].text}" in review.charts[1].description
            assert row[1].text == wording.value(line.value, "money")
            if line.low != line.high:
                assert row[2].text == f"{wording.value(line.low, 'money')} to {wording.value(line.high, 'money')}"
    assert len(drawn) >= 4


def test_a_line_with_parts_stands_above_them_and_is_their_sum(reviews):
    """Control: a line without parts has none below it."""
    _, found = reviews
    for review in found:
        whole = review.facts.diagnosis.gap
        if whole is None or whole.na_reason:
            continue
        names = [row[0].text for row in table(review.gap).rows]
        stages = [line.value for line in whole.lines if line.parent == "conversion" and math.isfinite(line.value)]
        at = names.index(load_words("en")("review.gap.line.conversion"))

        assert [name.startswith("– ") for name in names[at : at + 1 + len(stages)]] == [False] + [True] * len(stages)
        assert whole.line("conversion").value == pytest.approx(sum(stages))
        assert not names[1].startswith("– ")


def test_a_page_writes_the_currency_on_one_side_of_the_amounts(reviews):
    """₺660 beside 139 bin ₺ reads as a slip. Control: amounts in full would stand the other way round."""
    home, _ = reviews
    page = sc.open_review(home, rep=data_at(home).sellers[0], language="tr").html()

    assert "bin\N{NO-BREAK SPACE}₺" in page
    assert not any(f"₺{digit}" in page for digit in "123456789")
    assert load_words("tr").language.money(660, "TRY").startswith("₺6")
