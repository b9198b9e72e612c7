"""Figures: valid for plotly, honest about what is missing, and inert whatever a name says."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
from test_safe_html import PAYLOADS

from salescoach import charts
from salescoach.language import language

PACE_LABELS = {
    "title": "Bugüne kadar kapanan satış tutarı ve kota temposu",
    "rep": "Kapanan satış tutarı",
    "target": "Kotaya eşit tempo",
    "peers": "Akran grubu medyanı",
    "amount": "Kapanan satış tutarı (₺)",
    "today": "Veri tarihi",
    "empty": "Bu dönemde henüz kazanılan fırsat yok.",
}
TREND_LABELS = {
    "title": "Win rate by quarter",
    "rep": "Rep, with the 90% interval",
    "peers": "Peers, pooled",
    "share": "Win rate (count)",
    "n": "n",
    "empty": "No quarter has 5 or more closed deals yet.",
}
FIRST = date(2025, 10, 1)
DAYS = [FIRST + timedelta(days=i) for i in range(5)]


def pace(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "days": DAYS,
        "cumulative": [0.0, 100.0, 100.0, None, 250.0],
        "target": [50.0, 100.0, 150.0, 200.0, 250.0],
        "peers": [10.0, 20.0, 30.0, float("nan"), 50.0],
        "as_of": DAYS[-1],
        "tick_days": [(FIRST, "01.10.2025")],
        "labels": PACE_LABELS,
        "hover": ["a", "b", "c", "d", "e"],
        "language": "tr",
    }
    return charts.pace_figure(**(arguments | changes))


def trend(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "periods": ["Q1 2025", "Q2 2025", "Q3 2025"],
        "value": [0.42, None, 0.36],
        "low": [0.2, None, 0.22],
        "high": [0.67, None, 0.53],
        "n": [12, 3, 24],
        "counts": ["n 12", "n 3", "n 24"],
        "peers": [0.3, None, 0.31],
        "labels": TREND_LABELS,
        "hover": ["42%, n 12", "2 of 3 won", "36%, n 24"],
        "language": "en",
        "ticks": [(0, "0%"), (0.5, "50%"), (1, "100%")],
    }
    return charts.trend_figure(**(arguments | changes))


def named(figure: dict[str, Any], name: str) -> dict[str, Any]:
    (trace,) = [trace for trace in figure["data"] if trace.get("name") == name]
    return trace


EMPTY = {
    "no day": {"days": [], "cumulative": [], "target": None, "peers": None, "hover": []},
    "nothing known": {"cumulative": [None] * 5, "target": None, "peers": None},
}
FIGURES = {
    "pace": pace(),
    "pace alone": pace(target=None, peers=None),
    "pace in English, ticks given": pace(language="en", ticks=[(0.0, "₺0"), (200.0, "₺200")]),
    "trend": trend(),
    "trend without peers": trend(peers=[None] * 3),
    "nothing to draw": pace(**EMPTY["no day"]),
    "no value": trend(value=[None] * 3, peers=[None] * 3),
}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_plotly_accepts_the_figure_as_it_is(figure: dict[str, Any]) -> None:
    """Every property exists and has a legal value; nothing is added on the way through JSON."""
    checked = json.loads(go.Figure(data=figure["data"], layout=figure["layout"]).to_json())
    checked["layout"].pop("template", None)

    assert checked == json.loads(json.dumps({key: figure[key] for key in ("data", "layout")}, allow_nan=False))


def test_control_plotly_refuses_a_property_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="colour"):
        go.Figure(data=[{"type": "scatter", "line": {"colour": "red"}}])


def test_a_missing_amount_is_a_gap_and_not_a_zero() -> None:
    assert named(pace(), PACE_LABELS["rep"])["y"] == [0.0, 100.0, 100.0, None, 250.0]
    assert named(pace(), PACE_LABELS["peers"])["y"][3] is None


def test_control_zero_for_missing_would_be_seen() -> None:
    """The naive way draws a fall to 0 that never happened."""
    naive = [amount or 0.0 for amount in (0.0, 100.0, 100.0, None, 250.0)]

    assert named(pace(cumulative=naive), PACE_LABELS["rep"])["y"] != named(pace(), PACE_LABELS["rep"])["y"]


def test_nothing_is_known_after_the_data_date_but_the_quota() -> None:
    figure = pace(as_of=DAYS[1])

    assert named(figure, PACE_LABELS["rep"])["y"] == [0.0, 100.0, None, None, None]
    assert named(figure, PACE_LABELS["peers"])["y"] == [10.0, 20.0, None, None, None]
    assert named(figure, PACE_LABELS["target"])["y"] == [50.0, 100.0, 150.0, 200.0, 250.0]


def test_bookings_are_steps_up_to_a_line_at_the_data_date() -> None:
    figure = pace(as_of=DAYS[1])

    assert named(figure, PACE_LABELS["rep"])["line"]["shape"] == "hv"
    assert [(shape["x0"], shape["x1"]) for shape in figure["layout"]["shapes"]] == [("2025-10-02", "2025-10-02")]


def test_a_period_without_a_value_keeps_its_tick_and_has_no_point() -> None:
    figure = trend()

    points = [x for trace in figure["data"] if trace["mode"] == "markers" for x in trace["x"]]
    assert sorted(points) == [0, 2]
    assert figure["layout"]["xaxis"]["ticktext"][1] == "Q2<br>2025<br>n 3"


def test_few_observations_are_grey_and_hollow() -> None:
    """The difference is in the form too, for those who do not see the colour, and named in the legend."""
    figure = trend()

    few, enough = named(figure, "Rep, with the 90% interval, n &lt; 20"), named(figure, TREND_LABELS["rep"])
    assert (few["x"], few["marker"]["symbol"], few["marker"]["color"]) == ([0], "circle-open", charts.GREY)
    assert (enough["x"], enough["marker"]["symbol"], enough["marker"]["color"]) == ([2], "circle", charts.ACCENT)


@pytest.mark.parametrize(("n", "faint"), [(19, True), (20, False)])
def test_twenty_observations_are_enough(n: int, faint: bool) -> None:
    figure = trend(n=[n, n, n])

    assert {trace["marker"]["symbol"] == "circle-open" for trace in figure["data"] if trace["mode"] == "markers"} == {
        faint
    }


def test_the_bar_runs_from_the_low_to_the_high_limit() -> None:
    bar = named(trend(), TREND_LABELS["rep"])["error_y"]

    assert bar["array"] == pytest.approx([0.53 - 0.36])
    assert bar["arrayminus"] == pytest.approx([0.36 - 0.22])


def test_an_unknown_limit_gives_no_bar() -> None:
    bar = named(trend(low=[None] * 3, high=[None] * 3), TREND_LABELS["rep"])["error_y"]

    assert (bar["array"], bar["arrayminus"]) == ([None], [None])


def test_the_level_of_the_peers_is_broken_where_it_is_unknown() -> None:
    peers = named(trend(), TREND_LABELS["peers"])

    assert (peers["x"], peers["y"]) == ([-0.5, 0.5, 0.5, 1.5, 1.5, 2.5], [0.3, 0.3, None, None, 0.31, 0.31])


def test_points_are_not_joined() -> None:
    """A line between two quarters would claim a movement that the data do not carry."""
    assert {trace["mode"] for trace in trend()["data"] if "error_y" in trace} == {"markers"}


@pytest.mark.parametrize("case", EMPTY.values(), ids=EMPTY)
def test_nothing_to_draw_is_said_in_words(case: dict[str, Any]) -> None:
    figure = pace(**case)

    assert figure["data"] == []
    assert [note["text"] for note in figure["layout"]["annotations"]] == [PACE_LABELS["empty"]]


def test_zero_bookings_are_drawn() -> None:
    """0 is an answer: the line lies on the axis."""
    assert named(pace(cumulative=[0.0] * 5, target=None, peers=None), PACE_LABELS["rep"])["y"] == [0.0] * 5


@pytest.mark.parametrize(("code", "separators"), [("tr", ",."), ("en", ".,")])
def test_amounts_are_separated_as_the_language_does(code: str, separators: str) -> None:
    """plotly's own numbers agree with the language module's: the first sign is the decimal one."""
    figure = pace(language=code)

    assert figure["layout"]["separators"] == separators
    assert language(code).number(1234.5, 1) == f"1{separators[1]}234{separators[0]}5"


def test_dates_and_shares_are_the_callers_texts() -> None:
    """plotly.js would write English months, and the percent sign where Turkish does not put it."""
    assert pace()["layout"]["xaxis"]["ticktext"] == ["01.10.2025"]
    assert trend(ticks=[(0, "%0"), (0.25, "%25")])["layout"]["yaxis"]["ticktext"] == ["%0", "%25"]


def texts(value: object) -> list[str]:
    """Every string in a figure, however deep."""
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [str(key), *texts(inner)]]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def harmful(figure: dict[str, Any]) -> list[str]:
    """Texts in which plotly.js would find an element other than those that a figure itself writes."""
    return [text for text in texts(figure) if re.search(r"<(?!/?b>|br>)", text)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_text_cannot_bring_an_element_into_a_figure(payload: str) -> None:
    pace_labels, trend_labels = dict.fromkeys(PACE_LABELS, payload), dict.fromkeys(TREND_LABELS, payload)
    ticks = [(0.0, payload), (1.0, payload)]
    figures = [
        pace(labels=pace_labels, hover=[payload] * 5, tick_days=[(FIRST, payload)], ticks=ticks),
        trend(labels=trend_labels, hover=[payload] * 3, periods=[payload] * 3, ticks=ticks),
        pace(labels=pace_labels, **EMPTY["no day"]),
    ]

    assert [text for figure in figures for text in harmful(figure)] == []


def test_control_an_unescaped_label_is_found() -> None:
    assert harmful({"layout": {"title": {"text": f"<b>{PAYLOADS[6]}</b>"}}})


def test_a_long_title_is_broken_and_gets_its_room() -> None:
    short, long = pace(), pace(labels=PACE_LABELS | {"title": "Dönem başından veri tarihine kadar " * 3})

    assert long["layout"]["title"]["text"].count("<br>") == 3  # two inside the title, one before the unit
    assert long["layout"]["height"] > short["layout"]["height"]


def test_the_figure_takes_the_width_of_its_page() -> None:
    for figure in FIGURES.values():
        assert figure["layout"]["autosize"]
        assert "width" not in figure["layout"]
        assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"


def test_series_of_different_lengths_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        pace(cumulative=[1.0])
    with pytest.raises(ValueError, match="do not match"):
        trend(peers=[0.3])


@pytest.mark.parametrize("highest", [0.7, 9.0, 1_870_000.0, 2_000_000.0, 31_415_926.5])
def test_ticks_are_round_few_and_reach_the_top(highest: float) -> None:
    ticks = charts.round_ticks(highest)

    assert ticks[0] == 0
    assert ticks[-1] >= highest * 0.999
    assert 3 <= len(ticks) <= 6
