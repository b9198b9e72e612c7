"""Figures as plain dicts for plotly.js: numbers and finished texts in, a drawing out.

Never draws a missing value as 0, never colours a person good or bad: one accent for the rep, grey for everything it
is held against, and no meaning that rests on colour alone. Pure, without plotly, deterministic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from salescoach.charts.frame import (
    ACCENT,
    GREY,
    GRID,
    INK,
    LINE_HEIGHT,
    Figure,
    any_known,
    as_figure,
    as_label,
    axis_ticks,
    base_layout,
    empty_figure,
    known,
    known_all,
    plain_line,
    span,
)

FEWEST_PLAIN = 20
"""Below this many observations a value is drawn grey and hollow."""


def pace_figure(
    days: Sequence[date],
    cumulative: Sequence[float | None],
    *,
    target: Sequence[float | None] | None,
    peers: Sequence[float | None] | None,
    as_of: date,
    tick_days: Sequence[tuple[date, str]],
    labels: Mapping[str, str],
    hover: Sequence[str],
    language: str,
    ticks: Sequence[tuple[float, str]] = (),
) -> Figure:
    """Bookings to date as a step line, beside what was due by each day and what peers had.

    Parameters
    ----------
    days, cumulative, hover : of one length
        Days in order, the amount booked by the end of each (None or NaN when unknown), its text.
    target, peers : like *cumulative*, or None
        Part of the quota due by each day; median of the peers. Days after *as_of* are drawn only for the target.
    tick_days, ticks : pairs of a place and its text
        For the two axes. Without *ticks* plotly writes the amounts, with the separators of *language*.
    labels : ``title, rep, target, peers, amount, today, empty``

    Examples
    --------
    >>> labels = dict(title="Bookings", rep="Elif", target="Pace", peers="Peers", amount="₺", today="Today", empty="-")
    >>> figure = pace_figure([date(2025, 1, 1), date(2025, 1, 2)], [None, 5.0], target=None, peers=None,
    ...                      as_of=date(2025, 1, 2), tick_days=[], labels=labels, hover=["", "5"], language="en")
    >>> figure["data"][0]["y"]
    [None, 5.0]
    """
    booked = [known(amount) if day <= as_of else None for day, amount in zip(days, cumulative, strict=True)]
    due = known_all(target, days)
    median = [amount if day <= as_of else None for day, amount in zip(days, known_all(peers, days), strict=True)]
    if not any_known(booked, due, median):
        return empty_figure(labels)
    x = [day.isoformat() for day in days]
    traces = _steps(x, booked, labels["rep"], [as_label(line) for line in hover])
    if any_known(due):
        traces.append(plain_line(x, due, labels["target"], "solid"))
    if any_known(median):
        traces.append(plain_line(x, median, labels["peers"], "dot"))
    layout = base_layout(labels["title"], labels["amount"], language)
    layout["xaxis"] |= _days_axis(days, as_of, tick_days)
    layout["yaxis"] |= {"rangemode": "tozero", "tickformat": ",.0f"} | axis_ticks(ticks)
    layout["shapes"] = [_upright(as_of)]
    layout["annotations"] = [_upright_label(days, as_of, labels["today"])]
    return as_figure(traces, layout)


def trend_figure(
    periods: Sequence[str],
    value: Sequence[float | None],
    low: Sequence[float | None],
    high: Sequence[float | None],
    n: Sequence[int],
    *,
    counts: Sequence[str],
    peers: Sequence[float | None],
    labels: Mapping[str, str],
    hover: Sequence[str],
    language: str,
    ticks: Sequence[tuple[float, str]],
) -> Figure:
    """A share per period: a point with its interval and its n, beside the peers' share.

    A period without a value keeps its place on the axis and has no point; one with fewer than 20
    observations is grey and hollow. Points are not joined: a line would claim a movement.

    Parameters
    ----------
    periods, value, low, high, n, counts, peers, hover : of one length
        Names of the periods; share, its limits, peers' share (None or NaN when unknown); observations, and how they
        are written; texts.
    ticks : pairs of a share and its text
        The axis runs at least from the first to the last.
    labels : ``title, rep, peers, share, n, empty``

    Examples
    --------
    >>> labels = dict(title="Win rate", rep="Elif", peers="Peers", share="Share", n="n", empty="-")
    >>> figure = trend_figure(["Q1", "Q2"], [None, 0.5], [None, 0.3], [None, 0.7], [0, 24], counts=["n 0", "n 24"],
    ...                       peers=[None, None], hover=["", ""], labels=labels, language="en",
    ...                       ticks=[(0, "0%"), (1, "100%")])
    >>> figure["data"][0]["x"], figure["layout"]["xaxis"]["ticktext"]
    ([1], ['Q1<br>n 0', 'Q2<br>n 24'])
    """
    rows = list(zip(map(known, value), map(known, low), map(known, high), n, map(as_label, hover), strict=True))
    beside = [known(share) for share in peers]
    names = [_period_label(period, count) for period, count in zip(periods, counts, strict=True)]
    if len(beside) != len(rows) or len(names) != len(rows):
        raise ValueError(f"{len(rows)} values, {len(names)} periods and {len(beside)} values of peers do not match.")
    if not any_known([row[0] for row in rows], beside):
        return empty_figure(labels)
    few = f"{labels['n']} < {FEWEST_PLAIN}"
    firm = [(i, row) for i, row in enumerate(rows) if row[0] is not None and row[3] >= FEWEST_PLAIN]
    faint = [(i, row) for i, row in enumerate(rows) if row[0] is not None and row[3] < FEWEST_PLAIN]
    traces = [_points(firm, labels["rep"], faint=False)] if firm else []
    if faint:
        traces.append(_points(faint, f"{labels['rep']}, {few}", faint=True))
    if any_known(beside):
        traces.append(_levels(beside, labels["peers"]))
    layout = base_layout(labels["title"], labels["share"], language)
    layout["xaxis"] |= {
        "range": [-0.5, len(rows) - 0.5],
        "tickangle": 0,
        "tickvals": list(range(len(rows))),
        "ticktext": names,
    }
    drawn = [share for row in rows for share in row[:3] if share is not None] + [s for s in beside if s is not None]
    layout["yaxis"] |= {"range": span(drawn, ticks)} | axis_ticks(ticks)
    return as_figure(traces, layout)


def gap_figure(
    names: Sequence[str],
    ends: tuple[float, float],
    parts: Sequence[tuple[float, float, float]],
    *,
    labels: Mapping[str, str],
    hover: Sequence[str],
    language: str,
    ticks: Sequence[tuple[float, str]],
) -> Figure:
    """From a benchmark to what was booked, part by part from top to bottom, each with its interval.

    Parameters
    ----------
    names : of the benchmark, each part, and the result, in this order
    ends : the benchmark and the result
    parts : value, low and high of each part; they add up to the difference of the ends
    labels : ``title, amount, empty``; ``hover``: a text for each of *names*

    Examples
    --------
    >>> labels = {"title": "Gap", "amount": "₺", "empty": "-"}
    >>> figure = gap_figure(["Peers", "Mix", "Elif"], (10.0, 7.0), [(-3.0, -4.0, -1.0)], labels=labels,
    ...                     hover=["", "", ""], language="en", ticks=[])
    >>> figure["data"][0]["base"], figure["data"][0]["x"]
    ([0.0, 10.0, 0.0], [10.0, -3.0, 7.0])
    """
    if not all(math.isfinite(value) for value in ends):
        return empty_figure(labels)
    base, length, low, high = [0.0], [ends[0]], [0.0], [0.0]
    at = ends[0]
    for value, lowest, highest in parts:
        base.append(at)
        length.append(value)
        low.append(max(value - lowest, 0.0))
        high.append(max(highest - value, 0.0))
        at += value
    base, length, low, high = [*base, 0.0], [*length, ends[1]], [*low, 0.0], [*high, 0.0]
    colours = [GREY, *["rgba(122,130,142,0.55)"] * len(parts), ACCENT]
    bars = {
        "type": "bar", "orientation": "h", "base": base, "x": length, "y": list(range(len(names))), "width": 0.62,
        "marker": {"color": colours}, "hoverinfo": "text", "hovertext": [as_label(text) for text in hover],
        "error_x": {"type": "data", "symmetric": False, "array": high, "arrayminus": low, "color": INK,
                    "thickness": 1.5, "width": 3},
    }  # fmt: skip
    layout = base_layout(labels["title"], labels["amount"], language)
    layout |= {"height": 130 + 26 * len(names), "showlegend": False}
    layout["margin"] |= {"b": 8}
    layout["title"]["y"] = 1 - LINE_HEIGHT / layout["height"]
    layout["yaxis"] |= {
        "autorange": "reversed", "showgrid": False, "tickvals": list(range(len(names))),
        "ticktext": [as_label(name) for name in names],
    }  # fmt: skip
    layout["xaxis"] |= {"showgrid": True, "gridcolor": GRID} | axis_ticks(ticks)
    return as_figure([bars], layout)


def payout_figure(
    curve: Sequence[tuple[float, float]],
    here: tuple[float, float],
    *,
    labels: Mapping[str, str],
    hover: Sequence[str],
    ticks: Sequence[tuple[float, str]],
    language: str,
) -> Figure:
    """What a bonus plan pays (up) at each share of the quota (across), and where one result lies on it.

    *labels*: ``title, unit, plan, here``; *hover* one text for each point of *curve*, *ticks* of the share.
    """
    line = plain_line([str(share) for share, _ in curve], [paid for _, paid in curve], labels["plan"], "solid")
    line |= {"x": [share for share, _ in curve], "hovertext": [as_label(text) for text in hover], "hoverinfo": "text"}
    spot = {
        "type": "scatter", "mode": "markers", "x": [here[0]], "y": [here[1]], "name": as_label(labels["here"]),
        "marker": {"color": ACCENT, "size": 11, "symbol": "diamond"}, "hoverinfo": "name",
    }  # fmt: skip
    layout = base_layout(labels["title"], labels["unit"], language)
    layout["xaxis"] |= {"rangemode": "tozero"} | axis_ticks(ticks)
    layout["yaxis"] |= {"rangemode": "tozero", "tickformat": ",.0f"}
    return as_figure([line, spot], layout)


# --- what is drawn -------------------------------------------------------------------------------


def _steps(x: list[str], y: list[float | None], name: str, hover: list[str]) -> list[Figure]:
    """The accented line, and a mark where it ends."""
    line = plain_line(x, y, name, "solid") | {
        "line": {"shape": "hv", "color": ACCENT, "width": 2.5},
        "cliponaxis": False,  # a line at 0 keeps its whole width
        "hoverinfo": "text",
        "hovertext": hover,
    }
    last = max((i for i, amount in enumerate(y) if amount is not None), default=None)
    if last is None:
        return [line]
    marker = {"color": ACCENT, "size": 9}
    end = {"type": "scatter", "mode": "markers", "x": [x[last]], "y": [y[last]], "marker": marker}
    return [line, end | {"showlegend": False, "cliponaxis": False, "hoverinfo": "skip"}]


_Row = tuple[float | None, float | None, float | None, int, str]


def _points(rows: Sequence[tuple[int, _Row]], name: str, *, faint: bool) -> Figure:
    """Points with their intervals; hollow and grey when *faint*. An unknown limit gives no bar on its side."""

    def arm(value: float | None, limit: float | None) -> float | None:
        return abs(value - limit) if value is not None and limit is not None else None

    return {
        "type": "scatter",
        "mode": "markers",
        "name": as_label(name),
        "x": [i for i, _ in rows],
        "y": [row[0] for _, row in rows],
        "cliponaxis": False,  # a point at 0% or 100% is a whole point
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [arm(row[0], row[2]) for _, row in rows],
            "arrayminus": [arm(row[0], row[1]) for _, row in rows],
            "color": GREY if faint else ACCENT,
            "thickness": 2,
            "width": 0,
        },
        "marker": {
            "size": 9,
            "symbol": "circle-open" if faint else "circle",
            "color": GREY if faint else ACCENT,
            "line": {"width": 2 if faint else 0, "color": GREY if faint else ACCENT},
        },
        "hoverinfo": "text",
        "hovertext": [row[4] for _, row in rows],
    }


def _levels(shares: Sequence[float | None], name: str) -> Figure:
    """A level from edge to edge of each period, broken where it is unknown."""
    x: list[float] = []
    y: list[float | None] = []
    for i, share in enumerate(shares):
        x += [i - 0.5, i + 0.5]
        y += [share, share]
    return plain_line([], y, name, "dot") | {"x": x}


def _period_label(period: str, count: str) -> str:
    """A word per line, so that eight quarters fit a phone without being turned."""
    return "<br>".join(as_label(line) for line in (*period.split(), count))


def _days_axis(days: Sequence[date], as_of: date, tick_days: Sequence[tuple[date, str]]) -> Figure:
    ends = [*days, as_of, *(day for day, _ in tick_days)]
    first, last = min(ends), max(ends)
    room = timedelta(days=max((last - first).days * 0.015, 0.5))
    return {
        "type": "date",
        "range": [_moment(first, -room), _moment(last, room)],
        "tickvals": [day.isoformat() for day, _ in tick_days],
        "ticktext": [as_label(text) for _, text in tick_days],
    }


def _moment(day: date, shift: timedelta) -> float:
    """Milliseconds since 1970, which is how plotly.js counts on an axis of dates."""
    return ((day - date(1970, 1, 1)) + shift) / timedelta(milliseconds=1)


def _upright(as_of: date) -> Figure:
    x = as_of.isoformat()
    line = {"color": GREY, "width": 1, "dash": "dash"}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": line}


def _upright_label(days: Sequence[date], as_of: date, text: str) -> Figure:
    """Above the line, turned to the side with more room."""
    late = not days or (as_of - days[0]) > (days[-1] - days[0]) / 2
    return {
        "text": as_label(text),
        "showarrow": False,
        "x": as_of.isoformat(),
        "xanchor": "right" if late else "left",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "font": {"size": 11},
    }
