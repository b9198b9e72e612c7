"""How every chart looks: colours, fonts, axes, ticks, and what stands where there is nothing to draw.

Never writes a number or a date itself: texts and ticks are arguments.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from salescoach.safe_html import printable

Figure = dict[str, Any]

# Seen against white and against a dark page; the two greys differ in dash, not only in tone.
ACCENT = "#0072b2"
GREY = "#7a828e"
INK = "#6b737f"
GRID = "rgba(128,136,148,0.22)"

FONT = (
    '-apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Liberation Sans", "Helvetica Neue", Arial, '
    "sans-serif"
)
_HEIGHT = 280
LINE_HEIGHT = 19  # height of a line of the title, in pixels
_TITLE_WIDTH = 50  # letters of a title that fit a phone
_SEPARATORS = {"tr": ",.", "en": ".,"}  # the decimal sign, then the thousands'


def round_ticks(highest: float, count: int = 4) -> tuple[float, ...]:
    """About *count* round steps from 0 to *highest* or just above it, for the ticks of an amount.

    >>> round_ticks(1_870_000)
    (0.0, 500000.0, 1000000.0, 1500000.0, 2000000.0)
    >>> round_ticks(0)
    (0.0,)
    """
    if not (math.isfinite(highest) and highest > 0):
        return (0.0,)
    power = 10.0 ** math.floor(math.log10(highest / count))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power * count >= highest * 0.999)
    return tuple(i * step for i in range(math.ceil(highest / step * 0.999) + 1))


def known(value: float | None) -> float | None:
    """JSON has no NaN, and a missing value is not 0: it is None, which plotly leaves out."""
    return float(value) if value is not None and math.isfinite(value) else None


def known_all(values: Sequence[float | None] | None, days: Sequence[date]) -> list[float | None]:
    """*values* as plotly takes them; nothing for every day when there are none."""
    return [None] * len(days) if values is None else [known(value) for value in values]


def any_known(*series: Sequence[float | None]) -> bool:
    """Some value of some series is there to be drawn."""
    return any(value is not None for values in series for value in values)


def as_label(text: str) -> str:
    """*text* for plotly.js, which reads a few HTML elements: here it stays text."""
    return html.escape(printable(text), quote=False).replace("\n", "<br>")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _TITLE_WIDTH) or [""]


def base_layout(title: str, unit: str, language: str) -> Figure:
    """Transparent and quiet; width follows the page. *unit* stands under the title, where it costs no width."""
    lines = _wrapped(title)
    height = _HEIGHT + LINE_HEIGHT * (len(lines) - 1)
    axis = {"automargin": True, "fixedrange": True, "zeroline": False, "ticks": "", "title": {"text": ""}}
    return {
        "autosize": True,
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 48 + LINE_HEIGHT * len(lines), "b": 0, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": INK},
        "separators": _SEPARATORS[language],
        "title": {
            # Not plotly's subtitle: it is placed by measuring the title, which is 0 high in a page not shown yet.
            "text": f"<b>{'<br>'.join(map(as_label, lines))}</b>" + (f"<br>{as_label(unit)}" if unit else ""),
            "font": {"size": 13},
            "x": 0,
            "xanchor": "left",
            "y": 1 - LINE_HEIGHT / height,  # where its first line stands; plotly puts the others below
            "yanchor": "bottom",
        },
        "xaxis": axis | {"showgrid": False, "showline": True, "linecolor": GRID, "linewidth": 1},
        "yaxis": axis | {"gridcolor": GRID, "gridwidth": 1},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "xref": "container", "y": 0, "yref": "container", "yanchor": "bottom"},
        "hovermode": "closest",
        "hoverdistance": 60,
        "dragmode": False,
        "hoverlabel": {"bgcolor": "#1d2733", "bordercolor": "#1d2733", "font": {"color": "#ffffff", "size": 12}},
    }


def as_figure(traces: list[Figure], layout: Figure) -> Figure:
    """The whole drawing, ready for plotly.js."""
    return {"data": traces, "layout": layout, "config": {"responsive": True, "displayModeBar": False}}


def empty_figure(labels: Mapping[str, str]) -> Figure:
    """A figure that says why there is nothing to see."""
    layout = base_layout(labels["title"], "", "en")
    lines = textwrap.wrap(labels["empty"], _TITLE_WIDTH)
    top = LINE_HEIGHT * len(_wrapped(labels["title"])) + 8
    layout |= {"height": top + LINE_HEIGHT * (len(lines) + 1), "showlegend": False}
    layout["margin"] |= {"l": 0, "t": top}
    layout["xaxis"] = layout["yaxis"] = {"visible": False, "fixedrange": True}
    layout["annotations"] = [
        {
            "text": "<br>".join(map(as_label, lines)),
            "showarrow": False,
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "top",
            "align": "left",
        }
    ]
    layout["title"]["y"] = 1 - LINE_HEIGHT / layout["height"]
    return as_figure([], layout)


def axis_ticks(ticks: Sequence[tuple[float, str]]) -> Figure:
    """Places and texts of the ticks of one axis; without any, plotly chooses."""
    if not ticks:
        return {}
    return {"tickvals": [place for place, _ in ticks], "ticktext": [as_label(text) for _, text in ticks]}


def span(drawn: Sequence[float], ticks: Sequence[tuple[float, str]]) -> list[float]:
    """From the lowest to the highest that is drawn or named, with room for a point on the edge."""
    places = [*drawn, *(place for place, _ in ticks)]
    low, high = min(places), max(places)
    room = (high - low) * 0.03
    return [low - room, high + room]


def plain_line(x: list[str], y: list[float | None], name: str, dash: str) -> Figure:
    """A grey line, told from others by its *dash*."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": as_label(name),
        "x": x,
        "y": y,
        "line": {"color": GREY, "width": 1.5, "dash": dash},
        "hoverinfo": "skip",
    }
